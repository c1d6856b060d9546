/*
 * Numbers as JSON prints them. A simulated fleet prints some hundred numbers with every poll, most of them rounded, and the shortest
 * digits of a fraction cost three times what those of two whole numbers do.
 */

/** Larger ones are not exact in hundredths. */
const MOST = 1e15;
/** Whole numbers up to here are printed at once. */
const SMALL = 2 ** 30;
const MILLION = 1e6;

/**
 * The same text in one piece. What was put together from parts stays a tree of them until it is read, and would be walked anew with
 * every reply that it is a part of.
 */
export const inOnePiece = (text: string): string => Buffer.from(text).toString();

/** `.25` for 25, `.5` for 50, nothing for 0. */
const HUNDREDTHS = Array.from({ length: 100 }, (_, i) => String(i / 100).slice(1));
/** `.25` for 25, `.50` for 50. */
const BOTH_DIGITS = Array.from({ length: 100 }, (_, i) => (i / 100).toFixed(2).slice(1));
const TENTHS = HUNDREDTHS.filter((_, i) => i % 10 === 0);

/** Any number; `null` for one that JSON does not know. */
export const numberText = (value: number): string => (Number.isFinite(value) ? `${value}` : "null");

/** A whole number. */
export function wholeText(value: number): string {
  if (value < SMALL || value >= MOST || !Number.isInteger(value)) return numberText(value);
  const millions = Math.floor(value / MILLION);
  return `${millions}${`${value - millions * MILLION + MILLION}`.slice(1)}`;
}

/** Rounded to two decimals, and printed with as many as it has then. */
export function hundredthsText(value: number): string {
  const hundredths = Math.round(value * 100);
  if (!(hundredths >= 0 && hundredths < MOST)) return numberText(hundredths / 100);
  const whole = Math.floor(hundredths / 100);
  return `${wholeText(whole)}${HUNDREDTHS[hundredths - whole * 100]}`;
}

/** Rounded to two decimals, and printed with both. */
export function twoDigitsText(value: number): string {
  const hundredths = Math.round(value * 100);
  if (!(hundredths >= 0 && hundredths < MOST)) return (hundredths / 100).toFixed(2);
  const whole = Math.floor(hundredths / 100);
  return `${wholeText(whole)}${BOTH_DIGITS[hundredths - whole * 100]}`;
}

/** Rounded to one decimal. */
export function tenthsText(value: number): string {
  const tenths = Math.round(value * 10);
  if (!(tenths >= 0 && tenths < MOST)) return numberText(tenths / 10);
  const whole = Math.floor(tenths / 10);
  return `${wholeText(whole)}${TENTHS[tenths - whole * 10]}`;
}
