import type { KnownRig } from "./fold.js";
import type { RollupRow, SiteRollupRow } from "./row.js";

/** The algorithm of a rig that never told. Rigs of it are counted, and draw power; their rates add up to nothing known. */
export const UNKNOWN_ALGO = "unknown";

const SOURCES = 5;
const SUMS = ["coveredMs", "miningMs", "powerCoveredMs", "kwh", "hashCoveredMs", "thsHours"] as const;
const [COVERED, MINED, POWERED, KWH, HASHED, HASHES] = [0, 1, 2, 3, 4, 5];
const WIDTH = SUMS.length + SOURCES;

/**
 * Folds the rows of one bucket into one per site and algorithm, as they come. `known` are all rigs: one without a row adds to
 * `rigMs` and nothing to coverage. Rows of unknown rigs are left out. Sums are made in the order of the rigs, so that the same rows
 * give the same figures in whatever order they came.
 */
export class SiteFold {
  readonly #known: readonly KnownRig[];
  readonly #startMs: number;
  readonly #stepMs: number;
  readonly #places = new Map<number, number>();
  readonly #numbers: Float64Array;
  readonly #algos: (string | undefined)[] = [];

  constructor(known: Iterable<KnownRig>, startMs: number, stepMs: number) {
    this.#known = [...known];
    this.#startMs = startMs;
    this.#stepMs = stepMs;
    this.#known.forEach(({ rig }, place) => {
      this.#places.set(rig, place);
    });
    this.#numbers = new Float64Array(this.#known.length * WIDTH).fill(Number.NaN);
  }

  /** Takes rows of the bucket; of a rig's several the last stands. */
  add(rows: readonly RollupRow[]): void {
    for (const row of rows) {
      const place = this.#places.get(row.rig);
      if (place === undefined) continue;
      SUMS.forEach((name, n) => {
        this.#numbers[place * WIDTH + n] = row[name];
      });
      for (let n = 0; n < SOURCES; n++)
        this.#numbers[place * WIDTH + SUMS.length + n] = row.kwhBySource[n] ?? 0;
      this.#algos[place] = row.algo;
    }
  }

  rows(): SiteRollupRow[] {
    const totals = new Map<string, SiteRollupRow>();
    const unsold = new Set<SiteRollupRow>();
    this.#known.forEach((rig, place) => {
      const row = this.#numbers.subarray(place * WIDTH, (place + 1) * WIDTH);
      const has = !Number.isNaN(row[COVERED]!);
      if (!has && rig.firstSeenMs >= this.#startMs + this.#stepMs) return;
      const algo = this.#algos[place] ?? rig.algo ?? UNKNOWN_ALGO;
      const key = `${rig.site} ${algo}`;
      let total = totals.get(key);
      if (!total) {
        total = emptySite(rig.site, algo, this.#startMs, this.#stepMs);
        totals.set(key, total);
      }
      total.rigMs += this.#stepMs;
      const told = algo !== UNKNOWN_ALGO;
      if (rig.nominalThs === undefined || !told) unsold.add(total);
      else total.nominalThs = (total.nominalThs ?? 0) + rig.nominalThs;
      if (!has) return;
      total.coveredMs += row[COVERED]!;
      total.miningMs += row[MINED]!;
      total.powerCoveredMs += row[POWERED]!;
      total.kwh += row[KWH]!;
      for (let n = 0; n < SOURCES; n++) total.kwhBySource[n]! += row[SUMS.length + n]!;
      if (told) {
        total.hashCoveredMs += row[HASHED]!;
        total.thsHours += row[HASHES]!;
        total.hashSpanMs = Math.max(total.hashSpanMs, row[HASHED]!);
      }
      total.powerSpanMs = Math.max(total.powerSpanMs, row[POWERED]!);
    });
    for (const total of unsold) delete total.nominalThs;
    return [...totals.values()];
  }
}

/** The folds of several buckets of one length; one that gets no row costs nothing until it is asked for. */
export class SiteFolds {
  readonly #known: (atMs: number) => Iterable<KnownRig>;
  readonly #stepMs: number;
  readonly #folds: Map<number, SiteFold | undefined>;

  /** Buckets from `fromMs` to `toMs`; `known` are the rigs at their sites of an instant. */
  constructor(known: (atMs: number) => Iterable<KnownRig>, stepMs: number, fromMs: number, toMs: number) {
    this.#known = known;
    this.#stepMs = stepMs;
    this.#folds = new Map();
    for (let at = fromMs; at < toMs; at += stepMs) this.#folds.set(at, undefined);
  }

  get starts(): number[] {
    return [...this.#folds.keys()];
  }

  /** Takes a row; false when its bucket is none of these. */
  add(row: RollupRow): boolean {
    const { startMs } = row;
    if (!this.#folds.has(startMs)) return false;
    const fold = this.#folds.get(startMs) ?? this.#make(startMs);
    this.#folds.set(startMs, fold);
    fold.add([row]);
    return true;
  }

  rows(startMs: number): SiteRollupRow[] {
    return (this.#folds.get(startMs) ?? this.#make(startMs)).rows();
  }

  #make(startMs: number): SiteFold {
    return new SiteFold(this.#known(startMs), startMs, this.#stepMs);
  }
}

/** A row of a site of which nothing is known yet. */
export const emptySite = (site: string, algo: string, startMs: number, stepMs: number): SiteRollupRow => ({
  site,
  algo,
  startMs,
  stepMs,
  rigMs: 0,
  coveredMs: 0,
  miningMs: 0,
  hashCoveredMs: 0,
  hashSpanMs: 0,
  thsHours: 0,
  powerCoveredMs: 0,
  powerSpanMs: 0,
  kwh: 0,
  kwhBySource: [0, 0, 0, 0, 0],
});
