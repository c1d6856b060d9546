import type { Limit, RigLimits } from "../fleet/rigView.js";

/** One reading of a sensor counts for this long: a baseline is of hours, not of polls. */
const EVERY_MS = 300_000;
/** Eight hours: long enough for a median that a hot hour does not move, short enough to follow the seasons. */
const KEPT = 96;
/** Half an hour of mining before a rig is judged by itself. */
export const BASELINE_AFTER = 6;
/** Degrees above its own median at which a rig departs from itself. */
export const BASELINE_MARGIN_C = 10;

const SENSORS = ["chip", "board"] as const;
type Sensor = (typeof SENSORS)[number];

interface Learned {
  nextMs: number;
  temps: Record<Sensor, number[]>;
  limits: RigLimits;
}

/** Temperatures of a rig that is mining, °C; absent = not reported. */
export type Temps = Partial<Record<Sensor, number>>;

/** What each rig's own sensors usually say, for rigs of which no stated or sourced limit is known. */
export class Baselines {
  readonly #learned = new Map<number, Learned>();

  /** Takes in temperatures of a rig that is mining, at most every five minutes, and returns its limits so far. */
  learn(rig: number, temps: Temps, atMs: number): RigLimits {
    let learned = this.#learned.get(rig);
    if (!learned) {
      learned = { nextMs: Number.NEGATIVE_INFINITY, temps: { chip: [], board: [] }, limits: {} };
      this.#learned.set(rig, learned);
    }
    if (atMs < learned.nextMs) return learned.limits;
    learned.nextMs = atMs + EVERY_MS;
    const limits: RigLimits = {};
    for (const sensor of SENSORS) {
      const kept = learned.temps[sensor];
      const temp = temps[sensor];
      if (temp !== undefined) {
        kept.push(temp);
        if (kept.length > KEPT) kept.shift();
      }
      const limit = limitFrom(kept);
      if (limit) limits[sensor] = limit;
    }
    learned.limits = limits;
    return limits;
  }

  limits(rig: number): RigLimits {
    return this.#learned.get(rig)?.limits ?? {};
  }

  /** Forgets a rig that is gone. */
  drop(rig: number): void {
    this.#learned.delete(rig);
  }
}

function limitFrom(temps: readonly number[]): Limit | undefined {
  if (temps.length < BASELINE_AFTER) return undefined;
  const sorted = [...temps].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  const hours = Math.round((temps.length * EVERY_MS) / 360_000) / 10;
  return {
    limitC: median + BASELINE_MARGIN_C,
    source: `baseline (its own median of ${Math.round(median * 10) / 10} °C in ${hours} h, plus ${BASELINE_MARGIN_C})`,
    name: "own baseline",
  };
}
