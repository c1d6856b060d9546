import type { SiteLine } from "@hashwatt/protocol/ledger";
import type { TimeRange } from "../rates/slot.js";
import type { LedgerStore } from "../store/state/ledger.js";
import type { Pricer } from "./pricer.js";

/** Tells what a site owes as a whole: demand charges and fixed costs of whole billing periods, those that are not over included. */
export interface SiteCharges {
  /** The lines of every period that touches the range, each with the amount and the time of the whole period. */
  lines(site: string, range: TimeRange): Promise<SiteLine[]>;
}

type Timed = Pick<SiteLine, "amountMicro" | "fromMs" | "toMs">;

/** The part of a line that falls into a range, by time: whole units, so that the parts of neighbouring ranges add up to that of all. Null where none does, or nobody knows the amount. */
export function shareOf({ amountMicro, fromMs, toMs }: Timed, range: TimeRange): number | null {
  if (amountMicro === null || !touches({ fromMs, toMs }, range)) return null;
  const upTo = (ms: number): number =>
    Math.round((amountMicro * (Math.max(fromMs, Math.min(toMs, ms)) - fromMs)) / (toMs - fromMs));
  return upTo(range.toMs) - upTo(range.fromMs);
}

const touches = (a: TimeRange, b: TimeRange): boolean =>
  Math.max(a.fromMs, b.fromMs) < Math.min(a.toMs, b.toMs);

/** What a site owes as a whole in [fromMs, toMs). */
export class OwedLines {
  static readonly NONE = new OwedLines([], { fromMs: 0, toMs: 0 });
  /** By their start: of years of lines a stretch looks at those around it. */
  readonly #sorted: readonly SiteLine[];
  readonly #longestMs: number;

  /** `within`: all of the time, beyond which nothing is owed. */
  constructor(
    readonly lines: readonly SiteLine[],
    readonly within: TimeRange,
  ) {
    this.#sorted = [...lines].sort((a, b) => a.fromMs - b.fromMs);
    this.#longestMs = lines.reduce((ms, { fromMs, toMs }) => Math.max(ms, toMs - fromMs), 0);
  }

  /** The part of a line that falls into all of the time. */
  shareOf(line: SiteLine): number | null {
    return shareOf(line, this.within);
  }

  /** The parts of all lines that fall into a stretch; null where none does. */
  sharesOf(stretch: { startMs: number; endMs: number }): number | null {
    const range = this.#clipped(stretch);
    let sum: number | null = null;
    for (const line of this.#near(range)) {
      const share = shareOf(line, range);
      if (share !== null) sum = (sum ?? 0) + share;
    }
    return sum;
  }

  /** Whether a line that nobody knows the amount of falls into a stretch: what all is taken off of is then not known. */
  owesUnknown(stretch: { startMs: number; endMs: number }): boolean {
    const range = this.#clipped(stretch);
    return this.#near(range).some((line) => line.amountMicro === null && touches(line, range));
  }

  /** All lines that touch a range, and few others. */
  #near({ fromMs, toMs }: TimeRange): readonly SiteLine[] {
    const first = this.#firstFrom(fromMs - this.#longestMs);
    return this.#sorted.slice(first, Math.max(first, this.#firstFrom(toMs)));
  }

  /** The place of the first line that begins at an instant or later. */
  #firstFrom(ms: number): number {
    let [before, at] = [0, this.#sorted.length];
    while (before < at) {
      const middle = (before + at) >> 1;
      if (this.#sorted[middle]!.fromMs < ms) before = middle + 1;
      else at = middle;
    }
    return at;
  }

  #clipped({ startMs, endMs }: { startMs: number; endMs: number }): TimeRange {
    return { fromMs: Math.max(startMs, this.within.fromMs), toMs: Math.min(endMs, this.within.toMs) };
  }
}

/** What {@link owedLines} asks. */
export interface OwedParts {
  charges: SiteCharges;
  ledger: Pick<LedgerStore, "span">;
  pricer: Pick<Pricer, "pricedToMs">;
}

/**
 * What a site owes of a range as far as its ledger reaches. The charges of hours that are yet to come or to be priced, or that were before
 * the ledger began, would stand against earnings of which it has none.
 */
export async function owedLines(
  { charges, ledger, pricer }: OwedParts,
  site: string,
  range: TimeRange,
): Promise<OwedLines> {
  const toMs = Math.min(range.toMs, pricer.pricedToMs(site) ?? range.fromMs);
  const lines = toMs > range.fromMs ? await charges.lines(site, { fromMs: range.fromMs, toMs }) : [];
  const begun = lines.length ? await ledger.span(site) : undefined;
  if (!begun) return OwedLines.NONE;
  const within = { fromMs: Math.max(range.fromMs, begun.fromMs), toMs };
  return new OwedLines(
    lines.filter((line) => touches(line, within)),
    within,
  );
}
