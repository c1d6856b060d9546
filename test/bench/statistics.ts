/** The value that `q` (0–1) of the sorted values do not exceed; throws on an empty list. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
  if (value === undefined) throw new Error("no values to take a quantile of");
  return value;
}

/** The middle value; of two middle ones their mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (!sorted.length) throw new Error("no values to take a median of");
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Median of the quotients of values measured in pairs: the machine's speed at that moment cancels out. */
export const pairedRatio = (ours: readonly number[], floors: readonly number[]): number =>
  median(ours.map((value, i) => value / floors[i]!));
