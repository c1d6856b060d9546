import { kwhFromWMs, thsHoursFromThsMs } from "@hashwatt/protocol/units";
import { holdMs } from "../rollup/hold.js";
import {
  HELD_QUANTITIES,
  type HeldQuantity,
  type RawRow,
  type RawSeriesQuery,
  type RawSeriesStep,
} from "./store.js";

/** Time-weighted sum of one quantity. */
class Weighted {
  ms = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  add(value: number | null, ms: number): void {
    if (value === null) return;
    this.ms += ms;
    this.sum += value * ms;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  get mean(): number | null {
    return this.ms > 0 ? this.sum / this.ms : null;
  }
}

type Step = Record<HeldQuantity, Weighted> & { coveredMs: number };

const emptyStep = (): Step => ({
  coveredMs: 0,
  hashrateThs: new Weighted(),
  powerW: new Weighted(),
  inletTempC: new Weighted(),
  boardTempC: new Weighted(),
  chipTempC: new Weighted(),
  fanRpm: new Weighted(),
});

/**
 * Steps of one rig, by index `floor(ms / stepMs)`. `rows` are sorted by time; those without an algorithm are of the query's where
 * `assumed`.
 */
function rigSteps(rows: readonly RawRow[], query: RawSeriesQuery, assumed: boolean): Map<number, Step> {
  const { algo, fromMs, toMs, stepMs, quantities = HELD_QUANTITIES } = query;
  const steps = new Map<number, Step>();
  for (const [i, row] of rows.entries()) {
    const nextMs = rows[i + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const endMs = Math.min(row.atMs + holdMs(row.status, row.intervalMs), nextMs, toMs);
    if (algo !== undefined && row.algo !== algo && !(assumed && row.algo === null)) continue;
    for (let at = Math.max(row.atMs, fromMs); at < endMs; ) {
      const index = Math.floor(at / stepMs);
      const until = Math.min(endMs, (index + 1) * stepMs);
      let step = steps.get(index);
      if (!step) {
        step = emptyStep();
        steps.set(index, step);
      }
      step.coveredMs += until - at;
      for (const name of quantities) step[name].add(row[name], until - at);
      at = until;
    }
  }
  return steps;
}

/**
 * Steps of a history computed row by row: the definition that every store's own way must match. `rows` hold the query's
 * rigs from at least 5 minutes before `fromMs`, sorted by rig and time.
 */
export function rawSeriesOf(rows: readonly RawRow[], query: RawSeriesQuery): RawSeriesStep[] {
  const totals = new Map<number, { rigs: Step[] }>();
  const assumed = query.assumed && new Set(query.assumed);
  for (let start = 0; start < rows.length; ) {
    let end = start;
    while (end < rows.length && rows[end]!.rig === rows[start]!.rig) end++;
    const own = rows.slice(start, end);
    for (const [index, step] of rigSteps(own, query, assumed?.has(own[0]!.rig) ?? true)) {
      const total = totals.get(index);
      if (total) total.rigs.push(step);
      else totals.set(index, { rigs: [step] });
    }
    start = end;
  }
  return [...totals]
    .sort(([a], [b]) => a - b)
    .map(([index, { rigs }]) => foldRigs(index * query.stepMs, rigs));
}

function foldRigs(atMs: number, rigs: readonly Step[]): RawSeriesStep {
  const total = emptyStep();
  let hashrateThs: number | null = null;
  let powerW: number | null = null;
  for (const step of rigs) {
    total.coveredMs += step.coveredMs;
    for (const name of HELD_QUANTITIES) {
      const [into, from] = [total[name], step[name]];
      into.ms += from.ms;
      into.sum += from.sum;
      into.min = Math.min(into.min, from.min);
      into.max = Math.max(into.max, from.max);
    }
    if (step.hashrateThs.mean !== null) hashrateThs = (hashrateThs ?? 0) + step.hashrateThs.mean;
    if (step.powerW.mean !== null) powerW = (powerW ?? 0) + step.powerW.mean;
  }
  const low = (of: Weighted) => (of.ms > 0 ? of.min : null);
  const high = (of: Weighted) => (of.ms > 0 ? of.max : null);
  return {
    atMs,
    reportingRigs: rigs.length,
    coveredMs: total.coveredMs,
    hashCoveredMs: total.hashrateThs.ms,
    powerCoveredMs: total.powerW.ms,
    thsHours: thsHoursFromThsMs(total.hashrateThs.sum, 1),
    kwh: kwhFromWMs(total.powerW.sum, 1),
    hashrateThs,
    hashrateThsMin: low(total.hashrateThs),
    hashrateThsMax: high(total.hashrateThs),
    powerW,
    powerWMin: low(total.powerW),
    powerWMax: high(total.powerW),
    inletTempC: total.inletTempC.mean,
    boardTempC: total.boardTempC.mean,
    boardTempCMax: high(total.boardTempC),
    chipTempC: total.chipTempC.mean,
    chipTempCMax: high(total.chipTempC),
    fanRpm: total.fanRpm.mean,
  };
}
