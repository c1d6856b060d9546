import type { LedgerFigures } from "@hashwatt/protocol/ledger";
import type { Cell } from "../economics/ledgerCell.js";
import type { LedgerSums } from "../store/state/ledger.js";
import { addSums, ledgerFigures } from "./figures.js";
import { OwedLines } from "./siteCharges.js";
import type { Stretch } from "./stretches.js";

/** Sums of stretches by algorithm, sorted by start, and rigs × time of each, by their starts. */
export interface HeldRows {
  /** To be gone through once. */
  sums: Iterable<LedgerSums>;
  spans: ReadonlyMap<number, number>;
}

/** A row, and what it is put together from. */
export interface PartedRow {
  row: Stretch;
  /** In order and without a gap; one that is the row itself where the site owes nothing as a whole. */
  parts: readonly Pick<Stretch, "startMs" | "endMs">[];
}

/**
 * The figures of rows, with their shares in the site's own lines, one row after another, and what they add up to. A part of which no
 * fully loaded profit is known takes its share of these lines with it: parts of the same length come to the same, whatever the rows.
 */
export class LedgerFold {
  readonly #sums = new Map<string, Cell>();
  #spanMs = 0;
  #lines: number | null = null;
  #loaded: number | null = null;
  #loadedMs = 0;
  #isDone = false;

  /** `held` has the sums of every part. */
  constructor(
    private readonly stretches: readonly PartedRow[],
    private readonly held: HeldRows,
    private readonly owed = OwedLines.NONE,
  ) {}

  /** To be gone through once. */
  *rows(): Generator<{ row: Stretch; figures: LedgerFigures }> {
    const sums = this.held.sums[Symbol.iterator]();
    let next = sums.next();
    const own = new Map<string, Cell>();
    for (const { row, parts } of this.stretches) {
      own.clear();
      const told: LedgerFigures[] = [];
      for (const part of parts) {
        const cells = parts.length === 1 ? own : new Map<string, Cell>();
        for (; !next.done && next.value.startMs === part.startMs; next = sums.next())
          cells.set(next.value.algo, next.value.sums);
        told.push(this.#figuresOf(part, cells));
        if (cells !== own) addSums(own, cells);
      }
      const figures = told.length === 1 ? told[0]! : joined(told, own);
      addSums(this.#sums, own);
      this.#spanMs += figures.coverage.spanMs;
      this.#lines = plus(this.#lines, figures.siteLinesMicro);
      this.#loaded = plus(this.#loaded, figures.loadedProfitMicro);
      this.#loadedMs += figures.coverage.loadedMs;
      yield { row, figures };
    }
    this.#isDone = true;
  }

  #figuresOf(part: PartedRow["parts"][number], cells: ReadonlyMap<string, Cell>): LedgerFigures {
    const spanMs = this.held.spans.get(part.startMs) ?? 0;
    const known = ledgerFigures(cells, spanMs, this.owed.sharesOf(part));
    return this.owed.owesUnknown(part) ? withLoaded(known, null, 0) : known;
  }

  /** What all rows add up to. */
  totals(): LedgerFigures {
    const whole = ledgerFigures(this.sums, this.#spanMs, this.#lines);
    return withLoaded(whole, this.#loaded, this.#loadedMs);
  }

  /** By algorithm. */
  get sums(): ReadonlyMap<string, Cell> {
    if (!this.#isDone) for (const _ of this.rows());
    return this.#sums;
  }
}

/** The figures of a row that is put together from parts. */
function joined(parts: readonly LedgerFigures[], cells: ReadonlyMap<string, Cell>): LedgerFigures {
  const ms = (of: "spanMs" | "loadedMs") => parts.reduce((sum, { coverage }) => sum + coverage[of], 0);
  const lines = sumOf(parts.map(({ siteLinesMicro }) => siteLinesMicro));
  const loaded = sumOf(parts.map(({ loadedProfitMicro }) => loadedProfitMicro));
  return withLoaded(ledgerFigures(cells, ms("spanMs"), lines), loaded, ms("loadedMs"));
}

/** Figures with the fully loaded profit of those parts of theirs of which it is known. */
export const withLoaded = (
  figures: LedgerFigures,
  loadedProfitMicro: number | null,
  loadedMs: number,
): LedgerFigures => ({
  ...figures,
  loadedProfitMicro,
  coverage: { ...figures.coverage, loadedMs },
});

const plus = (a: number | null, b: number | null): number | null => (b === null ? a : (a ?? 0) + b);

/** Sums what is known; null where nothing is. */
export const sumOf = (amounts: readonly (number | null)[]): number | null =>
  amounts.reduce<number | null>(plus, null);
