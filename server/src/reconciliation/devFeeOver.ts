import type { Rates } from "../rates/rates.js";
import type { TimeRange } from "../rates/slot.js";

/**
 * The share of a site's hash that firmwares took for their makers over a range, 0–1: what was measured, as the site's mean by hashrate, and
 * `set` for the time in which nothing was.
 */
export function devFeeOver(
  rates: Pick<Rates, "poolFactor">,
  site: string,
  range: TimeRange,
  set: number,
): number {
  const { fromMs, toMs } = range;
  const mean = rates.poolFactor(site, "sha256", range, "mean");
  let [taken, knownMs] = [0, 0];
  for (const before of rates.poolFactor(site, "sha256", range, "before"))
    for (const after of mean) {
      const from = Math.max(before.startMs, after.startMs, fromMs);
      const ms = Math.min(before.endMs, after.endMs, toMs) - from;
      if (ms <= 0 || !(before.value > 0)) continue;
      taken += (1 - after.value / before.value) * ms;
      knownMs += ms;
    }
  return toMs > fromMs ? (taken + set * (toMs - fromMs - knownMs)) / (toMs - fromMs) : set;
}
