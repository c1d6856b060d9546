import type { NetworkSnapshot } from "../../bundledData.js";
import type { RateSource } from "../slot.js";
import { btcPerPhDay, subsidyBtc } from "./formula.js";

/**
 * Hashprice in `currency` per PH/s and day from a dated snapshot, valid from its date on; before it nothing is known.
 * `btcPrice` is the price of one BTC in that currency.
 */
export function snapshotHashprice(snapshot: NetworkSnapshot, currency: string, btcPrice: number): RateSource {
  const value =
    btcPerPhDay({
      difficulty: snapshot.difficulty,
      subsidyBtc: subsidyBtc(snapshot.height),
      ...(snapshot.feesBtc !== undefined && { feesBtc: snapshot.feesBtc }),
    }) * btcPrice;
  const slot = {
    startMs: snapshot.asOfMs,
    endMs: Number.POSITIVE_INFINITY,
    value,
    source: snapshot.source,
    note: `1 BTC = ${btcPrice} ${currency}, difficulty ${snapshot.difficulty}, block ${snapshot.height}; ${snapshot.note}`,
    asOfMs: snapshot.asOfMs,
  };
  return {
    kind: "hashprice",
    id: "snapshot",
    unit: `${currency}/PH/day`,
    slots: ({ toMs }) => (toMs > slot.startMs ? [slot] : []),
  };
}
