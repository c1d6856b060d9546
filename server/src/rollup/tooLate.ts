import { BUCKET_MS } from "./row.js";

/** Told when no more have come for so long, or after the second at the latest, ms. */
const QUIET_MS = 300_000;
const MOST_MS = 3_600_000;

/** What a late reading needs beside it and was dropped: raw samples of its time, or the 5-minute rows of its hour. */
export type Gone = "raw" | "fine";

const GONE = { raw: "the raw samples beside them", fine: "the 5-minute rows of their hour" } as const;
const ADVICE = {
  raw: "raise store.rawDays or store.maxDiskGb, so that raw samples are kept until such readings come",
  fine: "raise store.rollupDays or store.maxDiskGb, so that rows of 5 minutes are kept until such readings come",
} as const;

/** Rows that lack readings for one reason. */
class Gathered {
  #rows = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;
  #firstMs = 0;
  #lastMs = 0;

  constructor(private readonly gone: Gone) {}

  add(rows: number, startMs: number, nowMs: number): void {
    if (this.#rows === 0) this.#firstMs = nowMs;
    this.#lastMs = nowMs;
    this.#rows += rows;
    this.#fromMs = Math.min(this.#fromMs, startMs);
    this.#toMs = Math.max(this.#toMs, startMs + BUCKET_MS);
  }

  take(nowMs: number, ends: boolean): string | undefined {
    const isDue = ends || nowMs - this.#lastMs >= QUIET_MS || nowMs - this.#firstMs >= MOST_MS;
    if (this.#rows === 0 || !isDue) return undefined;
    const [from, to] = [this.#fromMs, this.#toMs].map((ms) => new Date(ms).toISOString());
    const text = `${this.#rows} sums of a rig over 5 minutes, from ${from} to ${to}, lack readings that came after ${GONE[this.gone]} were dropped: what these showed is in no sum and no price; ${ADVICE[this.gone]}`;
    this.#rows = 0;
    this.#fromMs = Number.POSITIVE_INFINITY;
    this.#toMs = Number.NEGATIVE_INFINITY;
    return text;
  }
}

/** Rows of 5 minutes that readings came too late for, gathered until there is one sentence to say of them. */
export class TooLate {
  readonly #gathered: Readonly<Record<Gone, Gathered>> = {
    raw: new Gathered("raw"),
    fine: new Gathered("fine"),
  };
  /** All of this run. */
  total = 0;

  /** So many rows of the bucket that begins at `startMs`, since `gone` was dropped. */
  add(rows: number, startMs: number, nowMs: number, gone: Gone): void {
    if (rows === 0) return;
    this.total += rows;
    this.#gathered[gone].add(rows, startMs, nowMs);
  }

  /** The sentences that are due. `ends`: what there is, for the process ends. */
  take(nowMs: number, ends = false): string[] {
    return Object.values(this.#gathered).flatMap((each) => each.take(nowMs, ends) ?? []);
  }
}
