import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { evidenceSchema, sampleSchema } from "@hashwatt/protocol/sample";
import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, it } from "vitest";
import { AgentError } from "./agentError.js";
import { A12, chips, HOME, home, json, mm, POOLS, stats, VERSION } from "./fixtures/avalonReplies.js";
import { fixture, onlyTcp, type Script, scriptedLink } from "./fixtures/scriptedLink.js";
import type { Reading } from "./reading.js";
import { readRig } from "./readRig.js";
import { newRigSession } from "./rigSession.js";
import { toEvidence, toSample } from "./toSample.js";

const S19 = fixture("antminer-s19pro.json");
const M50 = fixture("whatsminer-m50s.json");
const text = (reply: { members: object }) => JSON.stringify(reply.members);
const AVALON: Script = {
  version: JSON.stringify(VERSION),
  stats: text(stats(mm({ ...A12, PVT_T0: undefined, PVT_T1: undefined, PVT_T2: undefined }))),
  summary: JSON.stringify({ SUMMARY: [{ Elapsed: 9000, "MHS av": 8e7, Accepted: 900, Rejected: 2 }] }),
  pools: JSON.stringify(POOLS),
};
const AVALON_HOME: Script = {
  ...AVALON,
  version: text(json({ VERSION: [{ PROD: "Avalon Q" }] })),
  stats: text(home(HOME, { HBinfo: `'HB0':{PVT_T0[${chips(160, 60)}] MW0[${chips(160, 500)}]}` })),
};
const START = Date.UTC(2026, 0, 1);

/** A rig and the agent's session with it. */
function talk(script: Script, options: { joins?: boolean; key?: string } = {}) {
  const link = scriptedLink(script, options);
  const clock = fakeClock(START);
  const session = newRigSession("192.0.2.1", 4028);
  const read = async () => (await readRig(session, onlyTcp(link), clock)).reading;
  return { link, clock, session, read };
}

/** Every leaf of `cut` must be one of `whole`; lists are whole or absent. Returns the path that is not. */
function invented(cut: unknown, whole: unknown, path = ""): string | undefined {
  if (cut === undefined) return undefined;
  if (typeof cut !== "object" || cut === null)
    return Object.is(cut, whole) ? undefined : `${path}: ${cut} for ${whole}`;
  if (typeof whole !== "object" || whole === null) return `${path}: present for ${whole}`;
  if (Array.isArray(cut) && cut.length !== (whole as unknown[]).length) return `${path}: ${cut.length} long`;
  for (const key in cut) {
    const wrong = invented(cut[key as never], whole[key as never], `${path}.${key}`);
    if (wrong) return wrong;
  }
  return undefined;
}

/** Cuts the reply of each question in turn at every byte and compares what is read with the whole reading. */
async function cutEverywhere(
  script: Script,
  joins: boolean,
  most = Number.POSITIVE_INFINITY,
): Promise<{ cuts: number; readings: number }> {
  const whole = await talk(script, { joins }).read();
  const commands = new Set<string>();
  const probe = talk(script, { joins });
  probe.link.wire = (reply, command) => {
    commands.add(command);
    return reply;
  };
  await probe.read();
  let cuts = 0;
  let readings = 0;
  for (const victim of commands) {
    for (let end = 1, length = 2; end < length; end += Math.max(1, Math.floor(length / most))) {
      const { link, read } = talk(script, { joins });
      link.wire = (reply, command) => {
        if (command !== victim) return reply;
        length = reply.text.length;
        return { text: reply.text.slice(0, end).trim(), nul: false };
      };
      cuts++;
      try {
        const wrong = invented(await read(), whole);
        expect(wrong && `${victim} cut at ${end}: ${wrong}`).toBeUndefined();
        readings++;
      } catch (error) {
        if (!(error instanceof AgentError)) throw error;
        expect(["truncated", "garbled", "rejected", "unsupported"]).toContain(error.code);
      }
    }
  }
  return { cuts, readings };
}

describe("a reading cut at every byte yields no value that the whole does not", () => {
  it.each([
    ["an Antminer, joined", S19, true],
    ["an Antminer, one by one", S19, false],
    ["a Whatsminer, joined", M50, true],
    ["a Whatsminer, one by one", M50, false],
    ["an Avalon, joined", AVALON, true],
    ["an Avalon for the home, one by one", AVALON_HOME, false],
    [
      "an Antminer with the missing commas of old firmwares",
      { ...S19, stats: S19.stats!.replace("},{", "}{") },
      false,
    ],
    [
      "a sleeping Antminer",
      {
        ...S19,
        summary: S19.summary!.replace(/"SUMMARY":\[.*\],"id"/, '"SUMMARY":[],"id"'),
        stats: S19.stats!.replace(/"STATS":\[.*\],"id"/, '"STATS":[],"id"'),
      },
      true,
    ],
  ] as [string, Script, boolean][])(
    "%s",
    async (_, script, joins) => {
      const { cuts, readings } = await cutEverywhere(script, joins);
      expect(cuts).toBeGreaterThan(1_000);
      // Refusing everything would pass too; replies that lose only what is of no account must still be read.
      expect(readings).toBeGreaterThan(100);
    },
    60_000,
  );
});

/** A small seeded generator (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const BYTES = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "-",
  "0",
  "9",
  "e",
  "\\",
  "\u0000",
  "\n",
  "ÿ",
  " ",
  "|",
  "=",
];

function garble(text: string, random: () => number): string {
  const chars = [...text];
  const times = 1 + Math.floor(random() * 8);
  for (let i = 0; i < times; i++) {
    const at = Math.floor(random() * chars.length);
    const byte = BYTES[Math.floor(random() * BYTES.length)]!;
    const kind = random();
    if (kind < 0.5) chars[at] = byte;
    else if (kind < 0.7) chars.splice(at, 1 + Math.floor(random() * 40));
    else if (kind < 0.9) chars.splice(at, 0, byte.repeat(1 + Math.floor(random() * 3)));
    else chars.splice(at, 0, ...chars.slice(at, at + 60));
  }
  return chars.join("");
}

function mustBePublishable(reading: Reading, about: string): void {
  const sample = sampleSchema.safeParse(
    JSON.parse(JSON.stringify(toSample("rig", reading, START, 5_000, 3))),
  );
  expect(sample.success ? undefined : `${about}: ${sample.error.message}`).toBeUndefined();
  const evidence = evidenceSchema.safeParse(
    JSON.parse(JSON.stringify(toEvidence("192.0.2.1", 4028, reading))),
  );
  expect(evidence.success ? undefined : `${about}: ${evidence.error.message}`).toBeUndefined();
}

describe("a reading of changed bytes", () => {
  it.each([
    ["an Antminer", S19, true],
    ["an Antminer, one by one", S19, false],
    ["a Whatsminer", M50, false],
    ["an Avalon", AVALON, false],
  ] as [string, Script, boolean][])(
    "never crashes and stays inside the bounds: %s",
    async (_, script, joins) => {
      let readings = 0;
      for (let seed = 1; seed <= 500; seed++) {
        const random = seeded(seed);
        const { link, read } = talk(script, { joins });
        link.wire = (reply) => ({ text: garble(reply.text, random).trim() || "?", nul: random() < 0.5 });
        try {
          mustBePublishable(await read(), `seed ${seed}`);
          readings++;
        } catch (error) {
          if (!(error instanceof AgentError)) throw error;
        }
      }
      expect(readings).toBeGreaterThan(15);
    },
    60_000,
  );

  it("takes bounded time over a huge reply made of nothing but quotes and braces", async () => {
    const { link, read } = talk(S19);
    const texts = ['"', '{"', '" ', "[,", '{"a":', "\\", '"a"b'].map(
      (piece) => `{${piece.repeat(1_000_000 / piece.length)}`,
    );
    // A number that goes on for long and is none in the end; a text of blanks that are not at its end.
    texts.push(
      `{"STATUS":[${"9".repeat(1_000_000)}x]}`,
      `{"STATUS":[{"STATUS":"E","Msg":"a${" ".repeat(1_000_000)}b"}]}`,
    );
    for (const text of texts) {
      link.wire = () => ({ text, nul: false });
      const before = process.cpuUsage().user;
      await expect(read()).rejects.toBeInstanceOf(AgentError);
      expect(process.cpuUsage().user - before).toBeLessThan(5_000_000);
    }
  });
});

const CORPUS = process.env.HASHWATT_CORPUS;
describe.runIf(CORPUS !== undefined && existsSync(CORPUS))("captures of the corpus", () => {
  const files = CORPUS
    ? readdirSync(CORPUS).filter((name) => /\.json$/.test(name) && name !== "index.json")
    : [];
  it.each(files)(
    "%s is read inside the bounds and cut nowhere to a lie",
    async (name) => {
      const capture = JSON.parse(readFileSync(join(CORPUS!, name), "utf8"));
      const responses = Object.entries((capture.responses ?? {}) as Record<string, unknown>);
      const script = Object.fromEntries(
        responses.map(([command, reply]) => [
          command,
          typeof reply === "string" ? reply : JSON.stringify(reply),
        ]),
      );
      const { read } = talk(script, { joins: false });
      let reading: Reading;
      try {
        reading = await read();
      } catch (error) {
        // Over the cgminer API alone it says too little, or speaks another.
        if (error instanceof AgentError) return;
        throw error;
      }
      mustBePublishable(reading, name);
      await cutEverywhere(script, false, 40);
    },
    120_000,
  );
});
