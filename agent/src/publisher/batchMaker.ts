import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { BATCH } from "@hashwatt/protocol/topics";

/** Samples on their way into a batch, as JSON; all stamped by one state of the clock. */
export class BatchMaker {
  #samples: string[] = [];
  #rigs: string[] = [];
  #bytes = 0;
  #oldestMs = Number.POSITIVE_INFINITY;
  #newestMs = Number.NEGATIVE_INFINITY;
  /** Wall clock minus monotonic clock, and correction of the stamps, when the batch began. */
  skewMs = 0;
  correctionMs = 0;

  get samples(): number {
    return this.#samples.length;
  }

  /** Begins a batch under this state of the clock. */
  begin(skewMs: number, correctionMs: number): void {
    this.#samples = [];
    this.#rigs = [];
    this.#bytes = 0;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    this.#newestMs = Number.NEGATIVE_INFINITY;
    this.skewMs = skewMs;
    this.correctionMs = correctionMs;
  }

  /** The sample as it will travel, its stamp corrected. */
  encode(sample: Sample): string {
    const { correctionMs } = this;
    return JSON.stringify(
      correctionMs === 0 ? sample : { ...sample, atMs: Math.max(0, sample.atMs + correctionMs) },
    );
  }

  /** Whether another `bytes` stay within the size of a batch. */
  fits(bytes: number): boolean {
    return this.#bytes + bytes <= BATCH.maxBytes;
  }

  /** Adds what `encode` made of `sample`, and the evidence that goes with it. */
  add(sample: Sample, json: string, evidence: Evidence | undefined): void {
    this.#samples.push(json);
    this.#bytes += json.length + 1;
    if (evidence) {
      const pair = `${JSON.stringify(sample.rig)}:${JSON.stringify(evidence)}`;
      // A rig that changes twice within a batch: of two equal keys the later counts.
      this.#rigs.push(pair);
      this.#bytes += pair.length + 1;
    }
    const atMs = sample.atMs + this.correctionMs;
    if (atMs < this.#oldestMs) this.#oldestMs = atMs;
    if (atMs > this.#newestMs) this.#newestMs = atMs;
  }

  /** What was collected; `begin` starts the next. */
  take(): {
    samples: string[];
    rigs: string[];
    oldestMs: number | undefined;
    newestMs: number | undefined;
  } {
    const any = this.#samples.length > 0;
    return {
      samples: this.#samples,
      rigs: this.#rigs,
      oldestMs: any ? this.#oldestMs : undefined,
      newestMs: any ? this.#newestMs : undefined,
    };
  }
}
