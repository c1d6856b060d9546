import type { Format } from "../format.js";

/**
 * Writes amounts of one table in as few figures as tell them apart: in thousands where the largest has more than three digits. The sign stands
 * apart, so that it stays where there is no room for figures.
 */
export function compactAmounts(
  format: Format,
  most: number,
): (amount: number) => { sign: string; digits: string } {
  const thousands = most >= 9_995;
  const by = thousands ? 1_000 : 1;
  const size = most / by;
  const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : size >= 0.01 ? 3 : 4;
  return (amount) => {
    const text = format.number(Math.abs(amount) / by, decimals);
    return { sign: amount < 0 ? "−" : amount > 0 ? "+" : "", digits: thousands ? `${text}k` : text };
  };
}
