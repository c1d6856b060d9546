import { START } from "@hashwatt/server/fixtures/startIngest";
import { type SimulatedPath, startPath } from "../support/simulatedPath.js";
import { serve } from "./worker.js";

/** A day of a fleet, lived through slice by slice on a clock that is wound on. */
export interface DayRun {
  rigs: number;
  intervalMs: number;
}

/** What one slice cost, and what bare parsing of the very same replies does. */
export interface Slice {
  readings: number;
  replies: number;
  bytes: number;
  pathUs: number;
  parseUs: number;
}

const HOUR_MS = 3_600_000;
let path: SimulatedPath | undefined;
let intervalMs = 0;
/** Texts since the last turn of the floor. */
let texts: string[] = [];

const usedUs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return user + system;
};

serve({
  begin(run: DayRun) {
    intervalMs = run.intervalMs;
    path = startPath({
      ...{ rigs: run.rigs, seed: "day", scenario: "steady", startMs: START, intervalMs },
      pricePerKwh: 0.06,
      heardText: (text) => texts.push(text),
    });
  },
  /**
   * Lives on for so long. What raw samples are older than two hours is dropped, as a store does after days. The floor takes its turn
   * after each round of readings, so that nothing of what is held for it grows old in the memory that the path works in.
   */
  async live(ms: number): Promise<Slice> {
    if (!path) throw new Error("no day has begun");
    const { counts, server } = path;
    const before = counts.readings;
    const slice: Slice = { readings: 0, replies: 0, bytes: 0, pathUs: 0, parseUs: 0 };
    let started = process.cpuUsage();
    for (let at = 0; at < ms; at += intervalMs) {
      await path.step();
      if (at + intervalMs >= ms) await server.telemetry.dropBefore(path.nowMs() - 2 * HOUR_MS);
      slice.pathUs += usedUs(started);
      parse(slice);
      started = process.cpuUsage();
    }
    slice.readings = counts.readings - before;
    return slice;
  },
});

/** The floor: parses what was heard since its last turn, and forgets it. */
function parse(slice: Slice): void {
  const started = process.cpuUsage();
  let kept: unknown;
  for (const text of texts) kept = JSON.parse(text);
  slice.parseUs += usedUs(started);
  if (kept === undefined) throw new Error("no rig has answered");
  slice.replies += texts.length;
  for (const text of texts) slice.bytes += text.length;
  texts = [];
}
