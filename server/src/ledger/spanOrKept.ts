import type { TimeRange } from "../rates/slot.js";
import type { PricerOptions } from "./pricerOptions.js";

/**
 * How far the ledger of a site goes; undefined before it has begun. Where that cannot be read, all of what is kept until `pricedToMs`: of a change
 * that nobody says a second time too much is looked at rather than nothing.
 */
export async function spanOrKept(
  { state, keepMs, clock }: Pick<PricerOptions, "state" | "keepMs" | "clock">,
  site: string,
  pricedToMs: number | undefined,
): Promise<TimeRange | undefined> {
  try {
    return await state.ledger.span(site);
  } catch {
    // The same store says so to whoever prices what is looked at.
    return pricedToMs === undefined ? undefined : { fromMs: clock.nowMs() - keepMs, toMs: pricedToMs };
  }
}
