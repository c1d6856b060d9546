import { isUtf8 } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import { AgentError } from "@hashwatt/agent/agentError";
import { contractReading } from "@hashwatt/agent/cli/contractReading";
import { describeReading } from "@hashwatt/agent/cli/describeReading";
import { onlyTcp, type Script, scriptedLink } from "@hashwatt/agent/fixtures/scriptedLink";
import type { RawReply } from "@hashwatt/agent/links/tcp";
import type { Reading } from "@hashwatt/agent/reading";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession, type RigSession } from "@hashwatt/agent/rigSession";
import { toEvidence, toSample } from "@hashwatt/agent/toSample";
import { evidenceSchema, sampleSchema } from "@hashwatt/protocol/sample";
import { fakeClock } from "@hashwatt/protocol/time";
import { mutate, Seeded } from "../mutators.js";
import { LIVE_CHARACTERS } from "../nasty.js";
import { type RealRig, realRigs } from "../realReplies.js";
import { type Input, type Outcome, promised, type Surface, Violation } from "../surface.js";
import { oddValues } from "../values.js";

const START = Date.UTC(2026, 0, 1);
/** Codes that a rig's answer may be refused with. */
const CODES: ReadonlySet<string> = new Set([
  "refused",
  "unreachable",
  "timeout",
  "reset",
  "tooLarge",
  "empty",
  "truncated",
  "garbled",
  "rejected",
  "unsupported",
  "loginRefused",
  "http",
]);

/** Throws unless a reading is inside its bounds, can travel as it is, and is text for whoever prints it. */
export function mustBeWithinBounds(reading: Reading): void {
  for (const [what, schema, value] of [
    ["sample", sampleSchema, toSample("rig", reading, START, 5_000, 3)],
    ["evidence", evidenceSchema, toEvidence("192.0.2.1", 4028, reading)],
  ] as const) {
    const travelled: unknown = JSON.parse(JSON.stringify(value));
    const parsed = schema.safeParse(travelled);
    promised(parsed.success, `${what} outside its bounds: ${parsed.error?.message}`);
    promised(isDeepStrictEqual(parsed.data, travelled), `${what} holds what the contract does not know`);
  }
  const { boards = [], pools = [] } = reading;
  promised(new Set(boards.map(({ slot }) => slot)).size === boards.length, "two boards in one slot");
  const lines = describeReading(reading);
  promised(!LIVE_CHARACTERS.test(lines), `a reading that steers the terminal: ${JSON.stringify(lines)}`);
  const printed = 1 + [...lines].filter((char) => char === "\n").length;
  promised(
    printed <= 14 + boards.length + pools.length + (reading.faults?.length ?? 0),
    "a text of a rig made a line",
  );
  JSON.stringify(contractReading(reading));
}

/** What became of a reading: inside its bounds, or refused by an error of a known code. */
export async function judged(read: () => Promise<Reading>): Promise<Outcome> {
  let reading: Reading;
  try {
    reading = await read();
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    if (!CODES.has(error.code)) throw new Violation(`a rig was refused with ${error.code}: ${error.message}`);
    return { kind: "refused", code: error.code, reason: error.message };
  }
  mustBeWithinBounds(reading);
  return { kind: "accepted" };
}

/** What a link makes of bytes: the text before the first NUL; UTF-8 or else Latin-1. */
function heard(bytes: Buffer): RawReply {
  const end = bytes.indexOf(0);
  const taken = end < 0 ? bytes : bytes.subarray(0, end);
  const text = taken.toString(isUtf8(taken) ? "utf8" : "latin1").trim();
  if (!text) throw new AgentError("empty", "192.0.2.1:4028 answered nothing");
  return { text, nul: end >= 0 };
}

/** Chooses a rig and which of its answers is changed, and changes it; `*` changes all of them alike. */
export function hostileAnswer(
  rigs: readonly RealRig[],
  odd: readonly unknown[],
  chance: Seeded,
  asked: (rig: number) => readonly string[] | undefined = () => undefined,
) {
  const rig = chance.whole(0, rigs.length - 1);
  const commands = asked(rig) ?? Object.keys(rigs[rig]!.replies);
  const victim = chance.next() < 0.1 ? "*" : chance.of(commands);
  // Sometimes it answers another question, or as another rig.
  const stranger = chance.next() < 0.1 ? chance.of(rigs) : rigs[rig]!;
  const answers = chance.next() < 0.1 ? Object.keys(stranger.replies) : victim === "*" ? commands : [victim];
  const real = stranger.replies[chance.of(answers)] ?? rigs[rig]!.replies[commands[0]!]!;
  const { bytes, how } = mutate(Buffer.from(`${real}\0`), chance, odd);
  return { bytes, about: { rig: String(rig), name: rigs[rig]!.name, victim, how } };
}

/** Replies as they come out of a link, to the real reader and decoders: for volume, without sockets. */
export const rigReply: Surface = {
  name: "rig-reply",
  parallel: 1,
  async start(seed) {
    const rigs = await realRigs();
    const odd = oddValues(seed);
    const clock = fakeClock(START);
    const reader = (
      script: Script,
      joins: boolean,
      session: RigSession,
      wire?: (reply: RawReply, command: string) => RawReply,
    ) => {
      const link = scriptedLink(script, { joins });
      if (wire) link.wire = wire;
      return async () => (await readRig(session, onlyTcp(link), clock)).reading;
    };
    // Most of a rig's polls are those of one that is known: it is asked little, and what it told before is remembered.
    const known: (RigSession | undefined)[] = [];
    for (const { replies } of rigs) {
      const session = newRigSession("192.0.2.1", 4028);
      const { kind } = await judged(reader(replies, true, session));
      known.push(kind === "accepted" ? session : undefined);
    }
    const polled = (rig: number): string[] | undefined =>
      known[rig]?.dialect?.questions.flatMap((question) =>
        question.over === "tcp" && question.everyMs === 0 ? [question.command] : [],
      );
    /** As the agent met the rig: for the first time, or as one it knows. */
    const sessionOf = ({ rig, known: isKnown }: Input["about"]): RigSession => {
      const before = known[Number(rig)];
      if (isKnown !== "true" || !before) return newRigSession("192.0.2.1", 4028);
      return { ...before, askedMs: [...before.askedMs] };
    };
    return {
      make(index) {
        const chance = new Seeded(seed * 1_000_003 + index);
        const isKnown = chance.next() < 0.7;
        const { bytes, about } = hostileAnswer(rigs, odd, chance, isKnown ? polled : undefined);
        return { bytes, about: { ...about, known: String(isKnown), joins: String(chance.next() < 0.5) } };
      },
      give({ bytes, about }) {
        const { replies } = rigs[Number(about.rig)]!;
        const wire = (reply: RawReply, command: string): RawReply =>
          about.victim === "*" || command.split("+").includes(about.victim!) ? heard(bytes) : reply;
        // A joined answer is changed inside, as one whole, where only one of its parts is meant.
        const joined = about.joins === "true";
        if (!joined || about.victim === "*") return judged(reader(replies, joined, sessionOf(about), wire));
        const changed = {
          ...replies,
          [about.victim!]: bytes.toString(isUtf8(bytes) ? "utf8" : "latin1").replace(/\0.*$/s, ""),
        };
        return judged(reader(changed, true, sessionOf(about)));
      },
      async good() {
        for (const [rig, { replies }] of rigs.entries()) {
          if (!known[rig]) continue;
          const { kind } = await judged(reader(replies, true, newRigSession("192.0.2.1", 4028)));
          promised(kind === "accepted", "a good rig is not read any more");
        }
        promised(known.filter(Boolean).length > 3, "hardly a rig is read");
      },
      async close() {},
    };
  },
};
