import { CELL_AMOUNTS, CELL_TIMES } from "./ledgerCell.js";

/** Columns of a cell, amounts before times, in the order of their lists. */
export const CELL_COLUMNS = [...CELL_AMOUNTS, ...CELL_TIMES];
const WIDTH = CELL_COLUMNS.length;
const NONE = Float64Array.from(CELL_COLUMNS, (_, i) => (i < CELL_AMOUNTS.length ? Number.NaN : 0));
/** Sums of cells by start, one below another in `columns`. */
export interface BookedSums {
  startMs: number;
  rig: number;
  /** As `HourBook.algo` gave it. */
  algo: number;
  /** Where its columns begin, and the array that they are in until something else is added. */
  at: number;
  columns: Float64Array;
}

/** The same values with room for at least so many. */
export function larger(values: Float64Array, least: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(Math.max(least, values.length * 2));
  grown.set(values);
  return grown;
}

/** Sums of cells by start, rig and algorithm. */
export class Sums {
  /** Of each start the place of each rig's first algorithm. */
  readonly #byStart = new Map<number, Map<number, number>>();
  #columns = new Float64Array(WIDTH * 1_024);
  readonly #keys: { startMs: number; rig: number; algo: number; next: number }[] = [];
  #startMs = Number.NaN;
  #rigs = new Map<number, number>();

  /** The place of the rig that was asked for last with its first algorithm at that start. */
  first = 0;

  /** The place of these sums; they are made where they are new. */
  of(startMs: number, rig: number, algo: number): number {
    if (startMs !== this.#startMs) this.#goTo(startMs);
    const first = this.#rigs.get(rig);
    if (first === undefined) {
      this.first = this.#make(startMs, rig, algo);
      this.#rigs.set(rig, this.first);
      return this.first;
    }
    this.first = first;
    for (let place = first; ; ) {
      const sums = this.#keys[place]!;
      if (sums.algo === algo) return place;
      if (sums.next < 0) {
        sums.next = this.#make(startMs, rig, algo);
        return sums.next;
      }
      place = sums.next;
    }
  }

  /** What is unknown adds nothing, and to no coverage. */
  add(place: number, cell: Float64Array): void {
    const base = place * WIDTH;
    const columns = this.#columns;
    for (let i = 0; i < WIDTH; i++) {
      const amount = cell[i]!;
      if (Number.isNaN(amount)) continue;
      const held = columns[base + i]!;
      columns[base + i] = Number.isNaN(held) ? amount : held + amount;
    }
  }

  *all(): Generator<BookedSums> {
    for (const [place, { startMs, rig, algo }] of this.#keys.entries())
      yield { startMs, rig, algo, at: place * WIDTH, columns: this.#columns };
  }

  clear(): void {
    this.#byStart.clear();
    this.#keys.length = 0;
    this.#startMs = Number.NaN;
  }

  #goTo(startMs: number): void {
    const rigs = this.#byStart.get(startMs) ?? new Map<number, number>();
    this.#byStart.set(startMs, rigs);
    this.#startMs = startMs;
    this.#rigs = rigs;
  }

  #make(startMs: number, rig: number, algo: number): number {
    const place = this.#keys.push({ startMs, rig, algo, next: -1 }) - 1;
    if ((place + 1) * WIDTH > this.#columns.length)
      this.#columns = larger(this.#columns, (place + 1) * WIDTH);
    this.#columns.set(NONE, place * WIDTH);
    return place;
  }
}
