import { BUCKET_MS } from "./row.js";

/** Told when no more have come for so long, or after the second at the latest, ms. */
const QUIET_MS = 300_000;
const MOST_MS = 3_600_000;

/** Rows of 5 minutes that readings came too late for, gathered until there is one sentence to say of them. */
export class TooLate {
  #rows = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;
  #firstMs = 0;
  #lastMs = 0;
  /** All of this run. */
  total = 0;

  /** So many rows of the bucket that begins at `startMs`. */
  add(rows: number, startMs: number, nowMs: number): void {
    if (rows === 0) return;
    if (this.#rows === 0) this.#firstMs = nowMs;
    this.#lastMs = nowMs;
    this.#rows += rows;
    this.total += rows;
    this.#fromMs = Math.min(this.#fromMs, startMs);
    this.#toMs = Math.max(this.#toMs, startMs + BUCKET_MS);
  }

  /** The sentence that is due; undefined when none is. `ends`: what there is, for the process ends. */
  take(nowMs: number, ends = false): string | undefined {
    const isDue = ends || nowMs - this.#lastMs >= QUIET_MS || nowMs - this.#firstMs >= MOST_MS;
    if (this.#rows === 0 || !isDue) return undefined;
    const [from, to] = [this.#fromMs, this.#toMs].map((ms) => new Date(ms).toISOString());
    const text = `${this.#rows} sums of a rig over 5 minutes, from ${from} to ${to}, lack readings that came after the raw samples beside them were dropped: what these showed is in no sum and no price; raise store.rawDays or store.maxDiskGb, so that raw samples are kept until such readings come`;
    this.#rows = 0;
    this.#fromMs = Number.POSITIVE_INFINITY;
    this.#toMs = Number.NEGATIVE_INFINITY;
    return text;
  }
}
