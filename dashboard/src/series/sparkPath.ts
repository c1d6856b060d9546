/** The smallest share of its size that a line's range spans, so that noise does not look like change. */
const LEAST_SPAN = 0.04;

/**
 * An SVG path through `values` in a box of 100 × 20: evenly spaced, broken where a value is unknown, a lone value as a short
 * dash. Empty when nothing is known. `zeroY` is where 0 lies if the range crosses it.
 */
export function sparkPath(values: readonly (number | null)[]): { d: string; zeroY?: number } {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { d: "" };
  let low = known[0]!;
  let high = low;
  for (const value of known) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const least = Math.max(Math.abs(low), Math.abs(high)) * LEAST_SPAN || 1;
  if (high - low < least) {
    const middle = (low + high) / 2;
    low = middle - least / 2;
    high = middle + least / 2;
  }
  const x = (at: number) => ((at * 100) / Math.max(1, values.length - 1)).toFixed(1);
  const y = (value: number) => 19 - ((value - low) / (high - low)) * 18;
  let d = "";
  values.forEach((value, at) => {
    if (value === null) return;
    const begins = at === 0 || values[at - 1] === null;
    const ends = at === values.length - 1 || values[at + 1] === null;
    d += `${begins ? "M" : "L"}${x(at)} ${y(value).toFixed(1)}`;
    if (begins && ends) d += "h.6";
  });
  return low < 0 && high > 0 ? { d, zeroY: y(0) } : { d };
}
