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

/** Least squares: how much `y` grows with one of `x`; throws where all points lie at one `x`. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  let [above, below] = [0, 0];
  for (const point of points) {
    above += (point[0] - x) * (point[1] - y);
    below += (point[0] - x) ** 2;
  }
  if (!(below > 0)) throw new Error("no spread of points to lay a line through");
  return above / below;
}
