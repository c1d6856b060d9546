import type { SiteRecord } from "../../store/state/state.js";
import { changedRange } from "../putSlots.js";
import { poolFactors, type RateTables } from "../registry.js";
import { bestSlots, type TimeRange } from "../slot.js";
import { poolAlgo } from "./pool.js";

/** Where what pools leave of a hashprice differs between two sets of terms, of any algorithm that has one; undefined where nowhere. */
export function poolChange(
  site: SiteRecord,
  [before, after]: readonly [RateTables, RateTables],
  range: TimeRange,
): TimeRange | undefined {
  const pools = [before, after].flatMap(({ terms }) => terms?.get(site.site)?.pools ?? []);
  const changed = [...new Set(["sha256", ...pools.map(poolAlgo)])].flatMap((algo) => {
    const slotsOf = (tables: RateTables) => bestSlots(poolFactors(site, tables, algo), range);
    return changedRange(slotsOf(before), slotsOf(after)) ?? [];
  });
  if (!changed.length) return undefined;
  return {
    fromMs: Math.min(...changed.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...changed.map(({ toMs }) => toMs)),
  };
}
