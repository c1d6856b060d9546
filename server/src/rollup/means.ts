import type { RollupRow } from "./row.js";

/** Digits that an energy or a work keeps: a nanojoule of a bucket; more would be noise that does not compress. */
const DIGITS = 9;
const POWERS = Array.from({ length: 40 }, (_, i) => 10 ** i);

/** Digits of a mean that is worked out from those. */
export const MEAN_DIGITS = 7;

/** `value` to nine (or so many) significant digits. */
export function significant(value: number, digits = DIGITS): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const places = digits - 1 - Math.floor(Math.log10(Math.abs(value)));
  if (places < 0 || places >= POWERS.length) return Number(value.toPrecision(digits));
  return Math.round(value * POWERS[places]!) / POWERS[places]!;
}

/** `value` to a thousandth: a mean temperature or rpm is not known better. */
export const thousandths = (value: number): number => Math.round(value * 1000) / 1000;

/** Mean hashrate over the time it was known; undefined when it never was. */
export function meanThs({
  thsHours,
  hashCoveredMs,
}: Pick<RollupRow, "thsHours" | "hashCoveredMs">): number | undefined {
  return hashCoveredMs > 0 ? significant((thsHours * 3.6e6) / hashCoveredMs, MEAN_DIGITS) : undefined;
}

/** Mean power over the time it was known; undefined when it never was. */
export function meanW({
  kwh,
  powerCoveredMs,
}: Pick<RollupRow, "kwh" | "powerCoveredMs">): number | undefined {
  return powerCoveredMs > 0 ? significant((kwh * 3.6e9) / powerCoveredMs, MEAN_DIGITS) : undefined;
}
