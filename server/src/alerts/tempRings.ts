/** °C are kept in steps of this: finer than any sensor, and two bytes hold ±327 °C. */
const STEPS_PER_C = 100;
const MOST_STEPS = 32_767;

/**
 * The last temperatures of many sensors, in one piece of memory: as lists of their own those of ten thousand rigs grew to tens of
 * megabytes within their first eight hours. A ring is known by the number that {@link open} gave.
 */
export class TempRings {
  #steps = new Int16Array(0);
  #counts = new Uint32Array(0);
  readonly #free: number[] = [];
  #opened = 0;
  readonly #sorted: Int16Array;

  /** `size`: so many of each sensor are kept. */
  constructor(private readonly size: number) {
    this.#sorted = new Int16Array(size);
  }

  /** A ring with nothing in it yet. */
  open(): number {
    const ring = this.#free.pop() ?? this.#opened++;
    if (ring >= this.#counts.length) this.#grow(Math.ceil((ring + 1) * 1.25));
    this.#counts[ring] = 0;
    return ring;
  }

  /** The ring is another's from now on. */
  close(ring: number): void {
    this.#free.push(ring);
  }

  /** Takes in a temperature, °C, in place of the oldest where all are there. */
  push(ring: number, tempC: number): void {
    const steps = Math.max(-MOST_STEPS, Math.min(MOST_STEPS, Math.round(tempC * STEPS_PER_C)));
    this.#steps[ring * this.size + (this.#counts[ring]! % this.size)] = steps;
    this.#counts[ring]!++;
  }

  /** How many temperatures are there. */
  count(ring: number): number {
    return Math.min(this.#counts[ring]!, this.size);
  }

  /** Their median, °C; NaN of none. */
  median(ring: number): number {
    const from = ring * this.size;
    const count = this.count(ring);
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#steps.subarray(from, from + count));
    sorted.sort();
    const middle = count >> 1;
    const steps = count % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
    return steps / STEPS_PER_C;
  }

  #grow(rings: number): void {
    const steps = new Int16Array(rings * this.size);
    steps.set(this.#steps);
    this.#steps = steps;
    const counts = new Uint32Array(rings);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}
