import { setImmediate } from "node:timers/promises";
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
  /** Records into this folder beside reading; the same in every run of one process that records. */
  tape?: string;
}

let plain: RigLinks | undefined;
let taped: RigLinks | undefined;
let recorder: Recorder | undefined;
/** Writes what the tape has in hand, which it does by itself a second after it came. */
let writeTape: (() => void) | undefined;
const tapeClock: Clock = {
  ...systemClock,
  after(_, run) {
    writeTape = run;
    return { cancel() {}, [Symbol.dispose]() {} };
  },
};
/** Ways to the rigs, with a tape and without one. */
function linksFor(tape: string | undefined): RigLinks {
  const open = (tap?: Recorder) =>
    openRigLinks(systemClock, {}, new AbortController().signal, undefined, undefined, tap);
  if (tape === undefined) {
    plain ??= open();
    return plain;
  }
  recorder ??= startRecorder({
    folder: tape,
    clock: tapeClock,
    log: pino({ level: "warn" }),
    version: "bench",
  });
  taped ??= open(recorder);
  return taped;
}
const rigs = new Map<string, { session: RigSession; clock: Clock & { ms: number } }>();

function rigAt(host: string, port: number, isTaped: boolean) {
  const key = `${host}:${port}${isTaped ? " taped" : ""}`;
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
          const { session, clock } = rigAt(host, port, tape !== undefined);
          while (performance.now() < until) {
            const { reading } = await readRig(session, ways, clock);
            if (reading.boards?.length !== 3) throw new Error("a reading came without its boards");
            clock.ms += stepMs;
            rounds++;
          }
        }),
      );
      writeTape?.();
      writeTape = undefined;
      await setImmediate();
      return rounds;
    });
    return { rounds: value, cpuUs, wallMs };
  },
  /** What was recorded so far. */
  recorded: () => recorder?.stats(),
});
