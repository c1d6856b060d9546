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

/** Sums of cells by start, rig and algorithm; the keys of each in arrays of numbers, of which nothing is left to collect. */
export class Sums {
  /** Of each start the place of each rig's first algorithm. */
  readonly #byStart = new Map<number, Map<number, number>>();
  #columns: Float64Array;
  readonly #startOf: number[] = [];
  readonly #rigOf: number[] = [];
  readonly #algoOf: number[] = [];
  /** The place of the same rig's next algorithm; -1 of its last. */
  readonly #nextOf: number[] = [];
  #startMs = Number.NaN;
  #rigs = new Map<number, number>();

  /** The place of the rig that was asked for last with its first algorithm at that start. */
  first = 0;

  /** Has room for so many at first. Without `columns` there are places alone, and nothing is added. */
  constructor(
    capacity: number,
    private readonly columns = true,
  ) {
    this.#columns = new Float64Array(columns ? WIDTH * capacity : 0);
  }

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
    let place = first;
    while (this.#algoOf[place] !== algo) {
      const next = this.#nextOf[place]!;
      if (next < 0) {
        const made = this.#make(startMs, rig, algo);
        this.#nextOf[place] = made;
        return made;
      }
      place = next;
    }
    return place;
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
    for (let place = 0; place < this.#startOf.length; place++)
      yield {
        startMs: this.#startOf[place]!,
        rig: this.#rigOf[place]!,
        algo: this.#algoOf[place]!,
        at: place * WIDTH,
        columns: this.#columns,
      };
  }

  clear(): void {
    this.#byStart.clear();
    for (const list of [this.#startOf, this.#rigOf, this.#algoOf, this.#nextOf]) list.length = 0;
    this.#startMs = Number.NaN;
  }

  #goTo(startMs: number): void {
    const rigs = this.#byStart.get(startMs) ?? new Map<number, number>();
    this.#byStart.set(startMs, rigs);
    this.#startMs = startMs;
    this.#rigs = rigs;
  }

  #make(startMs: number, rig: number, algo: number): number {
    const place = this.#startOf.push(startMs) - 1;
    this.#rigOf.push(rig);
    this.#algoOf.push(algo);
    this.#nextOf.push(-1);
    if (!this.columns) return place;
    const end = (place + 1) * WIDTH;
    if (end > this.#columns.length) this.#columns = larger(this.#columns, end);
    this.#columns.set(NONE, place * WIDTH);
    return place;
  }
}
