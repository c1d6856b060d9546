const MAX_MS = 60_000;

/** Any number of durations in little memory: counted by the tenth of a millisecond, up to a minute. */
export class Ages {
  readonly #counts = new Uint32Array(MAX_MS * 10 + 1);
  #count = 0;
  #maxMs = 0;

  add(ms: number): void {
    this.#counts[Math.max(0, Math.min(MAX_MS * 10, Math.round(ms * 10)))]!++;
    this.#count++;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
  }

  /** Quantiles in ms; undefined of none. */
  get summary(): AgeSummary | undefined {
    if (!this.#count) return undefined;
    return { count: this.#count, p50: this.#at(0.5), p99: this.#at(0.99), max: this.#maxMs };
  }

  #at(q: number): number {
    const wanted = Math.ceil(q * this.#count);
    let at = 0;
    for (let seen = this.#counts[0]!; seen < wanted; seen += this.#counts[at]!) at++;
    return at / 10;
  }
}

export interface AgeSummary {
  count: number;
  p50: number;
  p99: number;
  max: number;
}
