import type { Rates } from "../rates/rates.js";
import { meanOver, type Slot, slotAt } from "../rates/slot.js";
import type { SiteFacts } from "./facts.js";

const HOUR_MS = 3_600_000;
const PAST_MS = 30 * 24 * HOUR_MS;
const AHEAD_MS = 24 * HOUR_MS;
/** The last thirty days are looked at again this often. */
const PAST_EVERY_MS = HOUR_MS;
/** Of the last thirty days so much must be known. */
const LEAST_MS = 7 * 24 * HOUR_MS;

/** What rules ask of a site's prices and its carbon. */
export type PriceFacts = Pick<SiteFacts, "prices" | "pastPrices" | "carbonNow" | "carbonMean"> & {
  pastMs: number;
};

/** Prices ahead and behind; what lies behind is taken from `before` while that is young. */
export function priceFacts(
  rates: Pick<Rates, "slots">,
  site: string,
  nowMs: number,
  before: PriceFacts | undefined,
): PriceFacts {
  const prices = rates.slots(site, "price", { fromMs: nowMs, toMs: nowMs + AHEAD_MS });
  const carbon = slotAt(rates.slots(site, "carbon", { fromMs: nowMs, toMs: nowMs + 1 }), nowMs)?.value;
  if (before && nowMs - before.pastMs < PAST_EVERY_MS) return { ...before, prices, carbonNow: carbon };
  const past = { fromMs: nowMs - PAST_MS, toMs: nowMs };
  return {
    prices,
    pastPrices: spread(rates.slots(site, "price", past), past),
    carbonNow: carbon,
    carbonMean: meanOver(rates.slots(site, "carbon", past), past),
    pastMs: nowMs,
  };
}

/** 95th percentile and median by time; undefined where less than a week is known. */
function spread(
  slots: readonly Slot[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): SiteFacts["pastPrices"] {
  const parts = slots
    .map(({ startMs, endMs, value }) => ({ value, ms: Math.min(endMs, toMs) - Math.max(startMs, fromMs) }))
    .filter(({ ms }) => ms > 0)
    .sort((a, b) => a.value - b.value);
  const all = parts.reduce((sum, { ms }) => sum + ms, 0);
  if (all < LEAST_MS) return undefined;
  const at = (share: number): number => {
    let sum = 0;
    for (const { value, ms } of parts) {
      sum += ms;
      if (sum >= share * all) return value;
    }
    return parts.at(-1)!.value;
  };
  return { p95: at(0.95), median: at(0.5) };
}
