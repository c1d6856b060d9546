import { openRigLinks, type RigLinks } from "@hashwatt/agent/links/rigLinks";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession, type RigSession } from "@hashwatt/agent/rigSession";
import { type Recorder, startRecorder } from "@hashwatt/agent/tape/recorder";
import { type Clock, systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { cpuOf, serve } from "./worker.js";

/**
 * The agent's reading path in a loop: link, questions, decoding. For each rig the clock moves on by `stepMs` with every
 * reading, so that what is asked once a minute or an hour has its true share.
 */
export interface ReadRun {
  port: number;
  hosts: string[];
  stepMs: number;
  ms: number;
  /** Records into this folder beside reading; the same in every run of one process. */
  tape?: string;
}

let links: RigLinks | undefined;
let recorder: Recorder | undefined;
function linksFor(tape: string | undefined): RigLinks {
  if (!links) {
    const log = pino({ level: "warn" });
    if (tape !== undefined)
      recorder = startRecorder({ folder: tape, clock: systemClock, log, version: "bench" });
    links = openRigLinks(systemClock, {}, new AbortController().signal, undefined, undefined, recorder);
  }
  return links;
}
const rigs = new Map<string, { session: RigSession; clock: Clock & { ms: number } }>();

function rigAt(host: string, port: number) {
  const key = `${host}:${port}`;
  let rig = rigs.get(key);
  if (!rig) {
    const clock = { ...systemClock, ms: 1, monoMs: () => clock.ms };
    rig = { session: newRigSession(host, port), clock };
    rigs.set(key, rig);
  }
  return rig;
}

serve({
  async run({ port, hosts, stepMs, ms, tape }: ReadRun) {
    const ways = linksFor(tape);
    const { value, cpuUs, wallMs } = await cpuOf(async () => {
      const until = performance.now() + ms;
      let rounds = 0;
      await Promise.all(
        hosts.map(async (host) => {
          const { session, clock } = rigAt(host, port);
          while (performance.now() < until) {
            const { reading } = await readRig(session, ways, clock);
            if (reading.boards?.length !== 3) throw new Error("a reading came without its boards");
            clock.ms += stepMs;
            rounds++;
          }
        }),
      );
      return rounds;
    });
    return { rounds: value, cpuUs, wallMs };
  },
  /** What was recorded so far. */
  recorded: () => recorder?.stats(),
});
