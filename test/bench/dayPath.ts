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
/** Texts of the slice, for the floor. */
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
  /** Lives on for so long. What raw samples are older than two hours is dropped, as a store does after days. */
  async live(ms: number): Promise<Slice> {
    if (!path) throw new Error("no day has begun");
    const { counts, server } = path;
    const before = counts.readings;
    texts = [];
    const started = process.cpuUsage();
    for (let at = 0; at < ms; at += intervalMs) await path.step();
    await server.telemetry.dropBefore(path.nowMs() - 2 * HOUR_MS);
    const pathUs = usedUs(started);
    const parsing = process.cpuUsage();
    let bytes = 0;
    let kept: unknown;
    for (const text of texts) {
      kept = JSON.parse(text);
      bytes += text.length;
    }
    const parseUs = usedUs(parsing);
    if (kept === undefined) throw new Error("no rig has answered");
    const slice = { readings: counts.readings - before, replies: texts.length, bytes, pathUs, parseUs };
    texts = [];
    return slice;
  },
});
