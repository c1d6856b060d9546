/** When the unacknowledged batches of the live stream were made, for as long as they count as young. */
export class LiveAges {
  /** Times of the batches `#fromSeq`, `#fromSeq + 1`, … from index `#head`. */
  #madeMs: number[] = [];
  #head = 0;
  #fromSeq = 1;

  /** Batches older than `maxAgeMs` are forgotten and count as infinitely old, which bounds what is held. */
  constructor(private readonly maxAgeMs: number) {}

  /** Notes that batch `seq` was made at `monoMs`; sequences come without holes. */
  add(seq: number, monoMs: number): void {
    if (this.#head === this.#madeMs.length) this.#fromSeq = seq;
    this.#madeMs.push(monoMs);
    this.#trim((madeMs) => monoMs - madeMs > this.maxAgeMs);
  }

  /** Age of batch `seq` in ms; Infinity when it is no longer held. */
  of(seq: number, monoMs: number): number {
    const madeMs = seq < this.#fromSeq ? undefined : this.#madeMs[this.#head + seq - this.#fromSeq];
    return madeMs === undefined ? Number.POSITIVE_INFINITY : monoMs - madeMs;
  }

  /** Batches before `seq` are of no interest any more. */
  forget(seq: number): void {
    this.#trim(() => this.#fromSeq < seq);
  }

  clear(): void {
    this.#madeMs = [];
    this.#head = 0;
    this.#fromSeq = 1;
  }

  #trim(gone: (madeMs: number) => boolean): void {
    while (this.#head < this.#madeMs.length && gone(this.#madeMs[this.#head]!)) {
      this.#head++;
      this.#fromSeq++;
    }
    // Cut in large pieces: shifting one by one would move the whole array each time.
    if (this.#head > 256 && this.#head * 2 > this.#madeMs.length) {
      this.#madeMs.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
