import type { Format, Maybe, Shown } from "../format.js";
import { UNKNOWN } from "../format.js";

const MICRO = 1e6;
const SAT = 1e3;
const BTC = 1e11;

const scaled = (value: Maybe, by: number): number | null =>
  value === null || value === undefined ? null : value / by;

/** Millionths of a currency unit as an amount. */
export const moneyOf = (micro: Maybe): number | null => scaled(micro, MICRO);
/** mWh as kWh. */
export const kwhOf = (mwh: Maybe): number | null => scaled(mwh, MICRO);
/** mg as kg. */
export const kgOf = (mg: Maybe): number | null => scaled(mg, MICRO);

/** Thousandths of a satoshi: in BTC from a thousandth on, else in satoshis. */
export function bitcoin(format: Format, msat: Maybe): Shown {
  if (msat === null || msat === undefined) return { text: UNKNOWN, unit: "" };
  return Math.abs(msat) >= BTC / 1_000
    ? { text: format.number(msat / BTC), unit: "BTC" }
    : { text: format.number(msat / SAT), unit: "sat" };
}

export const joined = ({ text, unit }: Shown): string => (unit ? `${text} ${unit}` : text);
