import type { LedgerFactor } from "@hashwatt/protocol/ledger";
import { BEFORE_DEV_FEE } from "../rates/hashprice/revenueSeries.js";
import type { Rates } from "../rates/rates.js";
import type { Slot, TimeRange } from "../rates/slot.js";

/** What prices sites. */
export interface FactorSlots {
  /** The slots of a factor over a range. */
  slots(site: string, factor: LedgerFactor, range: TimeRange): readonly Slot[];
  /**
   * Hashprices of other algorithms than SHA-256 over a range, in the site's currency, and what their own pools leave, by name; and what
   * pools leave of SHA-256 before the firmware's fee, for the time in which this is measured by rig.
   */
  otherFactors(site: string, range: TimeRange): ReadonlyMap<string, readonly Slot[]>;
  /** Whether the site has energy contracted for at any time, so that its market-based factor hangs on what it draws. */
  isContracted(site: string): boolean;
  /** Market-based carbon of what is drawn in a range, kg; undefined where a factor is not known. */
  marketKg(site: string, range: TimeRange, loadKwh: number): number | undefined;
}

/** What prices the ledger, from the rates of sites. The pool factor is that of rigs whose firmware's fee is not measured. */
export const factorSlots = (
  rates: Pick<Rates, "slots" | "otherFactors" | "poolFactor" | "terms" | "marketCarbon">,
): FactorSlots => ({
  slots: (site, factor, range) =>
    factor === "poolFactor"
      ? rates.poolFactor(site, "sha256", range, "set")
      : rates.slots(site, factor, range),
  otherFactors(site, range) {
    const others = rates.otherFactors(site, range);
    const before = rates.poolFactor(site, "sha256", range, "before");
    return before.length ? others.set(BEFORE_DEV_FEE, before) : others;
  },
  isContracted: (site) => (rates.terms(site).contracts?.length ?? 0) > 0,
  marketKg: (site, range, loadKwh) => rates.marketCarbon(site, range, loadKwh)?.kgCo2,
});
