import type { Bill } from "@hashwatt/protocol/settings";
import { feederRows } from "../metering/feeders.js";
import type { SiteRollupRow } from "../rollup/row.js";
import type { StateStore } from "../store/state/state.js";
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
  state: Pick<StateStore, "siteRollups">,
  site: string,
  range: TimeRange & { stepMs: number },
  overhead: readonly Slot[] = [],
): Promise<SiteEnergy> {
  const metered = byStart(await state.siteRollups({ ...range, ...feederRows(site) }));
  const ofRigs = byStart(await state.siteRollups({ ...range, site }));
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

type Sums = Pick<SiteRollupRow, "kwh" | "powerCoveredMs" | "rigMs">;

/** Rows of all algorithms in one, by start: energy of different ones may be added. */
function byStart(rows: readonly SiteRollupRow[]): Map<number, Sums> {
  const sums = new Map<number, Sums>();
  for (const { startMs, kwh, powerCoveredMs, rigMs } of rows) {
    const held = sums.get(startMs);
    if (!held) sums.set(startMs, { kwh, powerCoveredMs, rigMs });
    else {
      held.kwh += kwh;
      held.powerCoveredMs += powerCoveredMs;
      held.rigMs += rigMs;
    }
  }
  return sums;
}
