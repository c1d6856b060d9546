/** Round numbers between `low` and `high`, as few as possible but at least three. */
export function roundSteps(low: number, high: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(span));
  for (const times of [5, 2, 1, 0.5, 0.2, 0.1]) {
    const step = power * times;
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    if (last - first >= 2) return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
  }
  return [low, high];
}
