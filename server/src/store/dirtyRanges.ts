/** Stretches that are kept apart at most; beyond it the nearest two become one, with what lies between. */
const MAX_RANGES = 400;

/** A stretch of steps, `toMs` not in it. */
export type Range = [fromMs: number, toMs: number];

/** A set of steps of one length as few stretches of time, bounded in size: it may come to hold more than was put in, never less. */
export class DirtyRanges {
  /** Ascending, apart from each other. */
  #ranges: Range[] = [];

  constructor(private readonly stepMs: number) {}

  /** Steps in it. */
  get size(): number {
    return this.#ranges.reduce((sum, [fromMs, toMs]) => sum + (toMs - fromMs) / this.stepMs, 0);
  }

  get ranges(): Range[] {
    return this.#ranges.map(([fromMs, toMs]) => [fromMs, toMs]);
  }

  has(startMs: number): boolean {
    return this.#ranges.some(([fromMs, toMs]) => startMs >= fromMs && startMs < toMs);
  }

  /** Puts in every step from `fromMs` to `toMs`. */
  add(fromMs: number, toMs: number): void {
    if (!(toMs > fromMs)) return;
    let merged: Range = [fromMs, toMs];
    const others: Range[] = [];
    for (const range of this.#ranges)
      if (range[1] < merged[0] || range[0] > merged[1]) others.push(range);
      else merged = [Math.min(range[0], merged[0]), Math.max(range[1], merged[1])];
    others.push(merged);
    this.#ranges = others.sort((a, b) => a[0] - b[0]);
    while (this.#ranges.length > MAX_RANGES) this.#mergeNearest();
  }

  #mergeNearest(): void {
    let [nearest, gap] = [1, Number.POSITIVE_INFINITY];
    for (let i = 1; i < this.#ranges.length; i++) {
      const between = this.#ranges[i]![0] - this.#ranges[i - 1]![1];
      if (between < gap) [nearest, gap] = [i, between];
    }
    this.#ranges[nearest - 1]![1] = this.#ranges[nearest]![1];
    this.#ranges.splice(nearest, 1);
  }

  /** Takes out at most `most` neighbouring steps, the newest there are; undefined when it is empty. */
  takeNewest(most: number): Range | undefined {
    const last = this.#ranges.pop();
    if (!last) return undefined;
    const fromMs = Math.max(last[0], last[1] - most * this.stepMs);
    if (fromMs > last[0]) this.#ranges.push([last[0], fromMs]);
    return [fromMs, last[1]];
  }

  /** Takes out everything before an instant. */
  dropBefore(beforeMs: number): void {
    const startMs = Math.ceil(beforeMs / this.stepMs) * this.stepMs;
    this.#ranges = this.#ranges.flatMap(([fromMs, toMs]): Range[] =>
      toMs <= startMs ? [] : [[Math.max(fromMs, startMs), toMs]],
    );
  }
}
