import { AlgoNames } from "./accumulator.js";
import type { RollupRow, Spread } from "./row.js";

const SUMS = [
  "rig",
  "startMs",
  "stepMs",
  "samples",
  "coveredMs",
  "miningMs",
  "hashCoveredMs",
  "thsHours",
  "powerCoveredMs",
  "kwh",
] as const;
const SPREADS = ["hashrateThs", "powerW", "inletTempC", "boardTempC", "chipTempC", "fanRpm"] as const;
const GAINS = ["accepted", "rejected", "stale", "acceptedDiff"] as const;
const SOURCES = 5;
const START = SUMS.indexOf("startMs");
const ALGO = SUMS.length;
const BY_SOURCE = ALGO + 1;
const SPREAD = BY_SOURCE + SOURCES;
const GAIN = SPREAD + 3 * SPREADS.length;
const WIDTH = GAIN + GAINS.length;
/** Rows of one piece of memory. */
const PIECE = 512;

const orNaN = (value: number | undefined): number => value ?? Number.NaN;
const orAbsent = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

/**
 * Rows that wait to be written, as numbers: every rig closes its bucket within seconds of the others, and 10,000 rows as objects
 * would be 15 MB every 5 minutes.
 */
export class ClosedRows {
  readonly #algos = new AlgoNames();
  #pieces: Float64Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(row: RollupRow): void {
    const at = this.#size % PIECE;
    if (at === 0 && this.#size / PIECE === this.#pieces.length)
      this.#pieces.push(new Float64Array(PIECE * WIDTH));
    this.#write(this.#size++, row);
  }

  /** Takes at most `limit` rows that begin before `beforeMs`, of those that came last. */
  take(beforeMs: number, limit: number): RollupRow[] {
    const taken: RollupRow[] = [];
    for (let i = this.#size - 1; i >= 0 && taken.length < limit; i--) {
      const [piece, offset] = this.#placeOf(i);
      if (piece[offset + START]! >= beforeMs) continue;
      taken.push(this.#read(piece, offset));
      const [last, from] = this.#placeOf(--this.#size);
      if (i !== this.#size) piece.set(last.subarray(from, from + WIDTH), offset);
    }
    this.#pieces.length = Math.ceil(this.#size / PIECE);
    return taken.reverse();
  }

  /** All of them, as they came but for those in the places of others that were taken. */
  *[Symbol.iterator](): Generator<RollupRow> {
    for (let i = 0; i < this.#size; i++) yield this.#read(...this.#placeOf(i));
  }

  #placeOf(i: number): [Float64Array, number] {
    return [this.#pieces[Math.floor(i / PIECE)]!, (i % PIECE) * WIDTH];
  }

  #write(i: number, row: RollupRow): void {
    const [a, offset] = this.#placeOf(i);
    SUMS.forEach((name, n) => {
      a[offset + n] = row[name];
    });
    a[offset + ALGO] = this.#algos.idOf(row.algo ?? null);
    for (let n = 0; n < SOURCES; n++) a[offset + BY_SOURCE + n] = row.kwhBySource[n] ?? 0;
    SPREADS.forEach((name, n) => {
      const at = offset + SPREAD + 3 * n;
      const spread = row[name];
      a[at] = orNaN(spread?.min);
      a[at + 1] = orNaN(spread?.mean);
      a[at + 2] = orNaN(spread?.max);
    });
    GAINS.forEach((name, n) => {
      a[offset + GAIN + n] = orNaN(row[name]);
    });
  }

  #read(a: Float64Array, offset: number): RollupRow {
    const value = (name: (typeof SUMS)[number]): number => a[offset + SUMS.indexOf(name)]!;
    const algo = this.#algos.nameOf(a[offset + ALGO]!);
    const row: RollupRow = {
      rig: value("rig"),
      startMs: value("startMs"),
      stepMs: value("stepMs"),
      ...(algo !== undefined && { algo }),
      samples: value("samples"),
      coveredMs: value("coveredMs"),
      miningMs: value("miningMs"),
      hashCoveredMs: value("hashCoveredMs"),
      thsHours: value("thsHours"),
      powerCoveredMs: value("powerCoveredMs"),
      kwh: value("kwh"),
      kwhBySource: Array.from(a.subarray(offset + BY_SOURCE, offset + BY_SOURCE + SOURCES)),
    };
    SPREADS.forEach((name, n) => {
      const [min, mean, max] = a.subarray(offset + SPREAD + 3 * n) as unknown as [number, number, number];
      if (!Number.isNaN(mean)) row[name] = { min, mean, max } satisfies Spread;
    });
    GAINS.forEach((name, n) => {
      const gain = orAbsent(a[offset + GAIN + n]!);
      if (gain !== undefined) row[name] = gain;
    });
    return row;
  }
}
