import type { LedgerFigures, SiteLine } from "@hashwatt/protocol/ledger";
import type { Cell } from "../economics/ledgerCell.js";
import type { LedgerSums } from "../store/state/ledger.js";
import { addSums, ledgerFigures } from "./figures.js";
import { owesUnknown, sharesOf } from "./siteCharges.js";
import type { Stretch } from "./stretches.js";

/** Sums of rows by algorithm, sorted by start, and rigs × time of each, by their starts. */
export interface HeldRows {
  /** To be gone through once. */
  sums: Iterable<LedgerSums>;
  spans: ReadonlyMap<number, number>;
}

/** The figures of rows, with their shares in the site's own lines, one row after another, and what they add up to. */
export class LedgerFold {
  readonly #sums = new Map<string, Cell>();
  readonly #shares: readonly (number | null)[][];
  #spanMs = 0;
  #lines: number | null = null;
  #loaded: number | null = null;
  #loadedMs = 0;
  #isDone = false;

  constructor(
    private readonly stretches: readonly Stretch[],
    private readonly held: HeldRows,
    private readonly lines: readonly SiteLine[],
  ) {
    this.#shares = lines.map((line) => sharesOf(line, stretches));
  }

  /** To be gone through once. */
  *rows(): Generator<{ row: Stretch; figures: LedgerFigures }> {
    const { stretches, held, lines } = this;
    const sums = held.sums[Symbol.iterator]();
    let next = sums.next();
    for (const [i, row] of stretches.entries()) {
      const own = new Map<string, Cell>();
      for (; !next.done && next.value.startMs === row.startMs; next = sums.next())
        own.set(next.value.algo, next.value.sums);
      addSums(this.#sums, own);
      const spanMs = held.spans.get(row.startMs) ?? 0;
      this.#spanMs += spanMs;
      const known = ledgerFigures(own, spanMs, sumOf(this.#shares.map((share) => share[i] ?? null)));
      const figures = owesUnknown(lines, row) ? withoutLoaded(known) : known;
      this.#lines = plus(this.#lines, figures.siteLinesMicro);
      this.#loaded = plus(this.#loaded, figures.loadedProfitMicro);
      this.#loadedMs += figures.coverage.loadedMs;
      yield { row, figures };
    }
    this.#isDone = true;
  }

  /** The part of a line that falls into all rows together. */
  sharesOf(line: number): number | null {
    return sumOf(this.#shares[line]!);
  }

  /** What all rows add up to. */
  totals(): LedgerFigures {
    const whole = ledgerFigures(this.sums, this.#spanMs, this.#lines);
    // A row of which it is not known takes its share of the site's lines with it.
    const coverage = { ...whole.coverage, loadedMs: this.#loadedMs };
    return { ...whole, loadedProfitMicro: this.#loaded, coverage };
  }

  /** By algorithm. */
  get sums(): ReadonlyMap<string, Cell> {
    if (!this.#isDone) for (const _ of this.rows());
    return this.#sums;
  }
}

const plus = (a: number | null, b: number | null): number | null => (b === null ? a : (a ?? 0) + b);

const withoutLoaded = (figures: LedgerFigures): LedgerFigures => ({
  ...figures,
  loadedProfitMicro: null,
  coverage: { ...figures.coverage, loadedMs: 0 },
});

/** Sums what is known; null where nothing is. */
export const sumOf = (amounts: readonly (number | null)[]): number | null =>
  amounts.reduce<number | null>(plus, null);
