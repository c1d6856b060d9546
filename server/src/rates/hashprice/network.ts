import { older, overlap, together } from "../overlap.js";
import type { RateSeries } from "../rateSeries.js";
import type { RateSource } from "../slot.js";
import { btcPerPhDay, subsidyBtc } from "./formula.js";

/** Series that the hashprice is computed from. Fees are the mean of a block over the last 144, in BTC. */
export const NETWORK_SERIES = {
  difficulty: "network/difficulty",
  height: "network/height",
  fees: "network/feesBtc",
} as const;

/** Said beside a hashprice that has no fees in it. */
export const SUBSIDY_ONLY = "block subsidy only, transaction fees not known";

/** BTC per PH/s and day from the network's own figures; unknown where difficulty or height is. */
export function networkHashprice(series: Pick<RateSeries, "slots">): RateSource {
  return {
    kind: "hashpriceBtc",
    id: "network",
    unit: "BTC/PH/day",
    slots: (range) =>
      overlap(
        [NETWORK_SERIES.difficulty, NETWORK_SERIES.height, NETWORK_SERIES.fees].map((name) =>
          series.slots(name, range),
        ),
        ([difficulty, height, fees]) => {
          if (!difficulty || !height) return undefined;
          return {
            value: btcPerPhDay({
              difficulty: difficulty.value,
              subsidyBtc: subsidyBtc(height.value),
              ...(fees && { feesBtc: fees.value }),
            }),
            source: together([difficulty.source, height.source, fees?.source], ", ")!,
            note: `${fees ? `fees ${fees.value} BTC a block` : SUBSIDY_ONLY}, difficulty ${difficulty.value}, block ${height.value}`,
            asOfMs: older(difficulty.asOfMs, height.asOfMs),
          };
        },
      ),
  };
}

/**
 * Hashprices that somebody quotes, fees included: series under `prefix`, the first by name that knows a moment. Nothing is added to
 * them.
 */
export function quotedHashprice(
  series: Pick<RateSeries, "slots" | "names">,
  kind: "hashprice" | "hashpriceBtc",
  unit: string,
): RateSource[] {
  return series.names(`${kind}/`).map((name) => ({
    kind,
    id: name,
    unit,
    slots: (range) => series.slots(name, range),
  }));
}
