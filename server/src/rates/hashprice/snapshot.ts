import type { NetworkSnapshot } from "../../bundledData.js";
import type { RateSource } from "../slot.js";
import { btcPerPhDay, subsidyBtc } from "./formula.js";
import { SUBSIDY_ONLY } from "./network.js";

/** BTC per PH/s and day from a dated snapshot, from its date on. */
export function snapshotHashpriceBtc(snapshot: NetworkSnapshot): RateSource {
  const slot = {
    startMs: snapshot.asOfMs,
    endMs: Number.POSITIVE_INFINITY,
    value: btcOf(snapshot),
    source: snapshot.source,
    note: `${feesNote(snapshot)}, difficulty ${snapshot.difficulty}, block ${snapshot.height}; ${snapshot.note}`,
    asOfMs: snapshot.asOfMs,
  };
  return {
    kind: "hashpriceBtc",
    id: "snapshot",
    unit: "BTC/PH/day",
    slots: ({ toMs }) => (toMs > slot.startMs ? [slot] : []),
  };
}

const btcOf = ({ difficulty, height, feesBtc }: NetworkSnapshot): number =>
  btcPerPhDay({ difficulty, subsidyBtc: subsidyBtc(height), ...(feesBtc !== undefined && { feesBtc }) });

const feesNote = ({ feesBtc }: NetworkSnapshot): string =>
  feesBtc === undefined ? SUBSIDY_ONLY : `fees ${feesBtc} BTC a block`;

/**
 * Hashprice in `currency` per PH/s and day from a dated snapshot, valid from its date on; before it nothing is known.
 * `btcPrice` is the price of one BTC in that currency.
 */
export function snapshotHashprice(snapshot: NetworkSnapshot, currency: string, btcPrice: number): RateSource {
  const slot = {
    startMs: snapshot.asOfMs,
    endMs: Number.POSITIVE_INFINITY,
    value: btcOf(snapshot) * btcPrice,
    source: snapshot.source,
    note: `${feesNote(snapshot)}; 1 BTC = ${btcPrice} ${currency}, difficulty ${snapshot.difficulty}, block ${snapshot.height}; ${snapshot.note}`,
    asOfMs: snapshot.asOfMs,
  };
  return {
    kind: "hashprice",
    id: "snapshot",
    unit: `${currency}/PH/day`,
    slots: ({ toMs }) => (toMs > slot.startMs ? [slot] : []),
  };
}
