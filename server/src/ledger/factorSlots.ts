import type { LedgerFactor } from "@hashwatt/protocol/ledger";
import { needsLoad } from "../rates/carbon/needsLoad.js";
import { BEFORE_DEV_FEE } from "../rates/hashprice/revenueSeries.js";
import type { DevFeeIn } from "../rates/pools/pool.js";
import type { Rates } from "../rates/rates.js";
import type { Slot, TimeRange } from "../rates/slot.js";
import type { DevFeeStore } from "../store/state/devFees.js";

/** What prices sites. */
export interface FactorSlots {
  /** The slots of a factor over a range. */
  slots(site: string, factor: LedgerFactor, range: TimeRange): readonly Slot[];
  /** What pools leave of SHA-256 as the mean of the site's rigs, with what their firmwares take. */
  poolMean(site: string, range: TimeRange): readonly Slot[];
  /**
   * Hashprices of other algorithms than SHA-256 over a range, in the site's currency, and what their own pools leave, by name; and what
   * pools leave of SHA-256 before the firmware's fee, for the time in which this is measured by rig.
   */
  otherFactors(site: string, range: TimeRange): ReadonlyMap<string, readonly Slot[]>;
  /** Whether the site has energy contracted for at any time, so that its market-based factor hangs on what it draws. */
  isContracted(site: string): boolean;
  /** Whether what contracts supply in a range can be matched only with a load that is known. */
  needsLoad(site: string, range: TimeRange): boolean;
  /** Market-based carbon of what is drawn in a range, kg; undefined where a factor is not known. */
  marketKg(site: string, range: TimeRange, loadKwh: number): number | undefined;
}

/**
 * What prices the ledger, from the rates of sites. Since firmwares' fees are kept by rig the pool factor is that of rigs whose fee is not
 * measured; before, it is the mean of the site, with which those hours were priced.
 */
export const factorSlots = (
  rates: Pick<Rates, "slots" | "otherFactors" | "poolFactor" | "terms" | "marketCarbon" | "supplies">,
  devFees: Pick<DevFeeStore, "sinceMs">,
): FactorSlots => ({
  slots(site, factor, range) {
    if (factor !== "poolFactor") return rates.slots(site, factor, range);
    const pool = (devFeeIn: DevFeeIn) => (part: TimeRange) =>
      rates.poolFactor(site, "sha256", part, devFeeIn);
    return parted(range, devFees.sinceMs, pool("mean"), pool("set"));
  },
  poolMean: (site, range) => rates.poolFactor(site, "sha256", range, "mean"),
  otherFactors(site, range) {
    const others = rates.otherFactors(site, range);
    const before = parted(
      range,
      devFees.sinceMs,
      () => [],
      (part) => rates.poolFactor(site, "sha256", part, "before"),
    );
    return before.length ? others.set(BEFORE_DEV_FEE, before) : others;
  },
  isContracted: (site) => (rates.terms(site).contracts?.length ?? 0) > 0,
  needsLoad: (site, range) => needsLoad(rates, site, range),
  marketKg: (site, range, loadKwh) => rates.marketCarbon(site, range, loadKwh)?.kgCo2,
});

/** Slots over a range, of which those of `until` hold before an instant and those of `since` from it on. */
function parted(
  { fromMs, toMs }: TimeRange,
  atMs: number,
  until: (part: TimeRange) => Slot[],
  since: (part: TimeRange) => Slot[],
): Slot[] {
  if (atMs <= fromMs) return since({ fromMs, toMs });
  if (atMs >= toMs) return until({ fromMs, toMs });
  return [
    ...until({ fromMs, toMs: atMs }).map((slot) => ({ ...slot, endMs: Math.min(slot.endMs, atMs) })),
    ...since({ fromMs: atMs, toMs }).map((slot) => ({ ...slot, startMs: Math.max(slot.startMs, atMs) })),
  ];
}
