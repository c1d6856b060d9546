const DECIMAL = /^([+-]?)(\d{1,12})(?:\.(\d+))?$/;

/**
 * A decimal number as an integer of its `decimals`-th place, digit by digit: 0.00049968 with 11 is 49,968,000. What lies beyond the last place
 * is rounded half up. Undefined for another text, or for more than an integer holds exactly.
 */
export function fixedOf(text: string, decimals: number): number | undefined {
  const match = DECIMAL.exec(text.trim());
  if (!match) return undefined;
  const [, sign, whole, fraction = ""] = match;
  const kept = fraction.slice(0, decimals).padEnd(decimals, "0");
  const up = Number(fraction[decimals] ?? "0") >= 5 ? 1 : 0;
  const value = Number(BigInt(`${whole}${kept}`)) + up;
  if (!Number.isSafeInteger(value)) return undefined;
  return sign === "-" && value !== 0 ? -value : value;
}

/** Decimals of thousandths of a satoshi in a bitcoin. */
export const MSAT_DECIMALS = 11;
/** Decimals of millionths of a currency unit. */
export const MONEY_DECIMALS = 6;
