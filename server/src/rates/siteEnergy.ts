import type { Bill } from "@hashwatt/protocol/settings";
import { feederRows } from "../metering/feeders.js";
import { HOUR_MS } from "../rollup/row.js";
import type { SiteColumns, StateStore } from "../store/state/state.js";
import { meanOver, type Slot, type TimeRange } from "./slot.js";
import type { EnergyInterval } from "./tariffs/bill.js";

/** A step of which the meters cover less is the rigs' to say. */
const LEAST_METERED = 0.9;

/** What a site has drawn, and what says so. */
export interface SiteEnergy {
  intervals: EnergyInterval[];
  basis: Bill["basis"];
  /** What the rigs' energy was multiplied by for what a site draws beside its plugs, over all of it; null where it was not. */
  overhead: number | null;
}

/**
 * Energy of a site over a range, in steps of `stepMs` (5 minutes or an hour): of its meters where they cover a step, else of all rigs,
 * multiplied by `overhead` where that is known. A step that is known to nobody is left out.
 */
export async function siteEnergy(
  state: Pick<StateStore, "siteColumns">,
  site: string,
  range: TimeRange & { stepMs: number },
  overhead: readonly Slot[] = [],
): Promise<SiteEnergy> {
  const query = {
    fromMs: range.fromMs,
    toMs: range.toMs,
    hoursToMs: range.stepMs === HOUR_MS ? range.toMs : range.fromMs,
    columns: ["kwh", "powerCoveredMs", "rigMs"] as const,
  };
  const metered = byStart(await state.siteColumns({ ...query, ...feederRows(site) }));
  const ofRigs = byStart(await state.siteColumns({ ...query, site }));
  const intervals: EnergyInterval[] = [];
  let [meters, rigs, plugKwh, drawnKwh] = [0, 0, 0, 0];
  let isMultiplied = false;
  for (const startMs of [...new Set([...metered.keys(), ...ofRigs.keys()])].sort((a, b) => a - b)) {
    const meter = metered.get(startMs);
    const own = ofRigs.get(startMs);
    const byMeter = meter && meter.powerCoveredMs >= LEAST_METERED * range.stepMs;
    const row = byMeter || !own ? meter! : own;
    const coverage = row === meter ? row.powerCoveredMs / range.stepMs : row.powerCoveredMs / row.rigMs;
    const endMs = startMs + range.stepMs;
    let { kwh } = row;
    if (row === meter) meters++;
    else {
      rigs++;
      const factor = overhead.length ? meanOver(overhead, { fromMs: startMs, toMs: endMs }) : undefined;
      if (factor !== undefined) isMultiplied = true;
      plugKwh += kwh;
      kwh *= factor ?? 1;
      drawnKwh += kwh;
    }
    if (coverage > 0) intervals.push({ startMs, endMs, kwh, coverage: Math.min(1, coverage) });
  }
  const multiplied = isMultiplied && plugKwh > 0 ? drawnKwh / plugKwh : null;
  return {
    intervals,
    overhead: multiplied,
    basis: meters === 0 ? "rigs" : rigs === 0 ? "meter" : "meter and rigs",
  };
}

interface Sums {
  kwh: number;
  powerCoveredMs: number;
  rigMs: number;
}

/** Rows of all algorithms in one, by start: energy of different ones may be added. */
function byStart({ startMs, columns }: SiteColumns): Map<number, Sums> {
  const [kwh, powerCoveredMs, rigMs] = columns as [Float64Array, Float64Array, Float64Array];
  const sums = new Map<number, Sums>();
  for (const [i, at] of startMs.entries()) {
    const held = sums.get(at);
    if (!held) sums.set(at, { kwh: kwh[i]!, powerCoveredMs: powerCoveredMs[i]!, rigMs: rigMs[i]! });
    else {
      held.kwh += kwh[i]!;
      held.powerCoveredMs += powerCoveredMs[i]!;
      held.rigMs += rigMs[i]!;
    }
  }
  return sums;
}
