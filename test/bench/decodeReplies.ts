import { existsSync } from "node:fs";
import { askRig } from "@hashwatt/agent/askRig";
import type { Dialect, Facts } from "@hashwatt/agent/dialects/dialect";
import type { Question } from "@hashwatt/agent/dialects/questions";
import { avalonScript } from "@hashwatt/agent/fixtures/avalonReplies";
import { type Played, playedLinks } from "@hashwatt/agent/fixtures/playedRig";
import { fixture } from "@hashwatt/agent/fixtures/scriptedLink";
import { readRig } from "@hashwatt/agent/readRig";
import { parseBody, parseReply, type Reply } from "@hashwatt/agent/replies/reply";
import { newRigSession } from "@hashwatt/agent/rigSession";
import { systemClock } from "@hashwatt/protocol/time";
import { readCaptures } from "@hashwatt/simulator/captures/captureFile";
import { webRigs } from "../fuzz/webRigs.js";
import { cpuOf, serve } from "./worker.js";

/** What the bench is told of a dialect: its replies as the floor can parse them, one a question of a reading. */
export interface Decoded {
  dialect: string;
  /** Rigs whose replies these are. */
  rigs: number;
  texts: string[];
}

/** Decodes the readings of a dialect over and over for `ms`. */
export interface DecodeRun {
  dialect: string;
  ms: number;
}

interface Told {
  question: Question;
  text: string;
}
interface Rig {
  dialect: Dialect;
  facts: Facts;
  told: Told[];
}

const rigs = new Map<string, Rig[]>();
const NOTHING_DAMAGED: ReadonlySet<string> = new Set();

/** The captures that HASHWATT_CORPUS names, else what the project brings along itself. */
function sources(): Played[] {
  const folder = process.env.HASHWATT_CORPUS;
  if (folder !== undefined && existsSync(folder))
    return readCaptures(folder).map(({ transport, responses, http }) => ({ transport, responses, http }));
  const tcp = (responses: Record<string, string>): Played => ({ transport: "cgminer-tcp", responses });
  const written = webRigs()
    .filter(({ tcp: api }) => api === undefined)
    .map(
      ({ v3, routes }): Played => ({
        transport: v3 ? "whatsminer-v3-tcp" : "http",
        responses: { ...v3 },
        http: { routes: { ...routes } },
      }),
    );
  return [
    ...["antminer-s19pro.json", "whatsminer-m50s.json"].map((name) => tcp(fixture(name))),
    tcp(avalonScript()),
    ...written,
  ];
}

/** What a rig answers to the questions of each reading, once it is known and nothing else is due. */
async function readingOf(played: Played): Promise<Rig | undefined> {
  const session = newRigSession("192.0.2.1", 4028, { httpPort: 80, v3Port: 4433 });
  const links = playedLinks(played);
  await readRig(session, links, systemClock, true);
  const { dialect, facts } = session;
  if (!dialect) return undefined;
  const told: Told[] = [];
  for (const question of dialect.questions) {
    if (question.everyMs > 0) continue;
    try {
      told.push({ question, text: (await askRig(session, links, question, systemClock.monoMs())).text });
    } catch {
      // A question that this rig does not answer costs no decoding.
    }
  }
  return { dialect, facts, told };
}

const read = ({ question, text }: Told): Reply =>
  question.over === "tcp" ? parseReply(text, true) : parseBody(text, false);

/** The reply as the floor can parse it: as it is, or what was read of it as JSON where it has the faults of old firmwares. */
function plain(told: Told): string {
  if (told.text.startsWith("STATUS=")) return told.text;
  try {
    JSON.parse(told.text);
    return told.text;
  } catch {
    return JSON.stringify(read(told).members);
  }
}

function decodeOnce({ dialect, facts, told }: Rig): number {
  const by: Record<string, Reply> = {};
  let known = facts;
  for (const one of told) {
    const reply = read(one);
    by[one.question.name] = reply;
    known = dialect.learn(known, one.question.name, reply);
  }
  return dialect.decode({ by, damaged: NOTHING_DAMAGED }, known).status.length;
}

serve({
  async open(): Promise<Decoded[]> {
    for (const source of sources()) {
      const rig = await readingOf(source);
      if (!rig?.told.length) continue;
      decodeOnce(rig);
      const own = rigs.get(rig.dialect.id);
      if (own) own.push(rig);
      else rigs.set(rig.dialect.id, [rig]);
    }
    return [...rigs].map(([dialect, own]) => ({
      dialect,
      rigs: own.length,
      texts: own.flatMap(({ told }) => told.map(plain)),
    }));
  },
  async run({ dialect, ms }: DecodeRun) {
    const own = rigs.get(dialect);
    if (!own) throw new Error(`no rig is read by ${dialect}`);
    const { value, cpuUs } = await cpuOf(async () => {
      const until = performance.now() + ms;
      let replies = 0;
      let kept = 0;
      while (performance.now() < until)
        for (const rig of own) {
          kept += decodeOnce(rig);
          replies += rig.told.length;
        }
      if (kept === 0) throw new Error("nothing was decoded");
      return replies;
    });
    return { replies: value, cpuUs };
  },
});
