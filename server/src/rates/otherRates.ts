import { perThHour } from "./hashprice/formula.js";
import type { SiteRates } from "./rates.js";
import { isStale } from "./siteInputs.js";
import type { Slot } from "./slot.js";

/**
 * What algorithms other than SHA-256 earn now, by the names of their series, and which of these figures are older than a day. `leftOf`: the
 * share of it that the pool leaves.
 */
export function otherRates(
  hashprices: ReadonlyMap<string, Slot>,
  leftOf: (series: string) => number,
  nowMs: number,
): Pick<SiteRates, "otherPerThH" | "otherStale"> {
  if (!hashprices.size) return {};
  const perThH = new Map<string, number>();
  const stale = new Set<string>();
  for (const [series, slot] of hashprices) {
    perThH.set(series, perThHour(slot.value * leftOf(series)));
    if (isStale("hashprice", slot, nowMs)) stale.add(series);
  }
  return { otherPerThH: perThH, ...(stale.size > 0 && { otherStale: stale }) };
}
