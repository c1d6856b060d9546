/** One live reading for a chart: the time it holds for and its fields; null = unknown. */
export interface LivePoint {
  atMs: number;
  values: Readonly<Record<string, number | null>>;
}

/**
 * The newest readings of one scope since the page opened. Bounded: the oldest goes first, by then the fetched history
 * covers its time.
 */
export class LiveTail {
  readonly #points: LivePoint[] = [];
  readonly #most: number;

  constructor(most = 3_600) {
    this.#most = most;
  }
  /** The readings, oldest first. */
  get points(): readonly LivePoint[] {
    return this.#points;
  }
  /** Adds a reading; one that is no newer than the last is a repetition and is left out. */
  push(point: LivePoint): void {
    const last = this.#points.at(-1);
    if (last && point.atMs <= last.atMs) return;
    this.#points.push(point);
    // Cut in blocks, so that a full tail does not move all of its points with every reading.
    if (this.#points.length > this.#most * 1.1) this.#points.splice(0, this.#points.length - this.#most);
  }
}
