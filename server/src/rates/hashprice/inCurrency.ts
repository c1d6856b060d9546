import { FRESH_MS, newest, whileFresh } from "../freshFirst.js";
import { overlap, together } from "../overlap.js";
import type { RateSeries } from "../rateSeries.js";
import { fillGaps, type RateSource, type Slot, type TimeRange, timesSlots } from "../slot.js";

/**
 * Slots of the price of one BTC in a currency: its own where a source tells it, else that in USD × units per USD. Where
 * neither is of today, the first counts unless it is a day older than the other.
 */
export function btcPrice(
  series: Pick<RateSeries, "slots">,
  currency: string,
  fx: (range: TimeRange) => Slot[],
  range: TimeRange,
): Slot[] {
  const own = series.slots(`btc/${currency}`, range);
  if (currency === "USD") return own;
  const [usd, perUsd] = [series.slots("btc/USD", range), fx(range)];
  const fresh = fillGaps(whileFresh(own), timesSlots(whileFresh(usd), perUsd));
  return fillGaps(fresh, newest([own, timesSlots(usd, perUsd)], FRESH_MS));
}

/** A hashprice in BTC as one in a currency, by the price of BTC in it. */
export function inCurrency(
  btc: RateSource,
  currency: string,
  price: (range: TimeRange) => Slot[],
): RateSource {
  return {
    kind: "hashprice",
    id: btc.id,
    unit: `${currency}/PH/day`,
    slots: (range) =>
      overlap([btc.slots(range), price(range)], ([earned, paid]) => {
        if (!earned || !paid) return undefined;
        return {
          value: earned.value * paid.value,
          source: together([...earned.source.split(" × "), ...paid.source.split(" × ")], " × ")!,
          note: [earned.note, `1 BTC = ${paid.value} ${currency}`, paid.note].filter(Boolean).join("; "),
          // The older of the two, for both are markets'.
          asOfMs:
            earned.asOfMs === null || paid.asOfMs === null ? null : Math.min(earned.asOfMs, paid.asOfMs),
        };
      }),
  };
}
