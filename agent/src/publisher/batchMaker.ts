import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { BATCH } from "@hashwatt/protocol/topics";
import { packBody } from "./envelope.js";

/** Room behind the samples for what closes a batch. */
const TAIL_BYTES = 128;
/** A character of a string takes at most so many bytes of UTF-8. */
const UTF8_MAX = 3;

/** A batch that is ready to be kept. */
export interface MadeBatch {
  samples: number;
  /** Stamps of its oldest and newest sample; undefined where it has none. */
  oldestMs: number | undefined;
  newestMs: number | undefined;
  body: Buffer;
}

/**
 * A batch in the making: the tail of its JSON (`"boot":…` to the end) grows in one buffer, since thousands of strings that live
 * for a tenth of a second are what a garbage collector likes least. All of its samples are stamped by one state of the clock.
 */
export class BatchMaker {
  #bytes: Buffer = Buffer.allocUnsafe(BATCH.maxBytes + 64 * 1024);
  #length = 0;
  #rigs: string[] = [];
  #rigsLength = 0;
  #oldestMs = Number.POSITIVE_INFINITY;
  #newestMs = Number.NEGATIVE_INFINITY;
  #samples = 0;
  /** Wall clock minus monotonic clock, and correction of the stamps, when the batch began. */
  skewMs = 0;
  correctionMs = 0;
  /** Whether the offset was known that the stamps are corrected by: at the stamping, not when the batch is closed. */
  offsetKnown = false;

  /** @param boot id of the run that makes the batches */
  constructor(private readonly boot: string) {}

  get samples(): number {
    return this.#samples;
  }

  /** Begins a batch under this state of the clock. */
  begin(skewMs: number, correctionMs: number, offsetKnown: boolean): void {
    this.#length = 0;
    this.#rigs = [];
    this.#rigsLength = 0;
    this.#samples = 0;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    this.#newestMs = Number.NEGATIVE_INFINITY;
    this.skewMs = skewMs;
    this.correctionMs = correctionMs;
    this.offsetKnown = offsetKnown;
    this.#write(`"boot":"${this.boot}","samples":[`);
  }

  /** The sample as it will travel, its stamp corrected. */
  encode(sample: Sample): string {
    const { correctionMs } = this;
    return JSON.stringify(
      correctionMs === 0 ? sample : { ...sample, atMs: Math.max(0, sample.atMs + correctionMs) },
    );
  }

  /** Whether another `length` characters stay within the size of a batch. */
  fits(length: number): boolean {
    return this.#length + this.#rigsLength + length <= BATCH.maxBytes;
  }

  /** Adds what `encode` made of `sample`, and the evidence that goes with it. */
  add(sample: Sample, json: string, evidence: Evidence | undefined): void {
    if (this.#samples++) this.#write(",");
    this.#write(json);
    if (evidence) {
      // A rig that changes twice within a batch: of two equal keys the later counts.
      const pair = `${JSON.stringify(sample.rig)}:${JSON.stringify(evidence)}`;
      this.#rigs.push(pair);
      this.#rigsLength += pair.length + 1;
    }
    const atMs = sample.atMs + this.correctionMs;
    if (atMs < this.#oldestMs) this.#oldestMs = atMs;
    if (atMs > this.#newestMs) this.#newestMs = atMs;
  }

  /** Closes the batch, made at `monoMs`; `begin` starts the next. */
  take(monoMs: number, gzip: boolean): MadeBatch {
    const rigs = this.#rigs.length ? `,"rigs":{${this.#rigs.join(",")}}` : "";
    this.#write(`]${rigs},"monoMs":${Math.round(monoMs)}}`);
    const any = this.#samples > 0;
    return {
      samples: this.#samples,
      oldestMs: any ? this.#oldestMs : undefined,
      newestMs: any ? this.#newestMs : undefined,
      body: packBody(this.#bytes.subarray(0, this.#length), gzip),
    };
  }

  #write(text: string): void {
    const room = this.#length + text.length * UTF8_MAX + TAIL_BYTES;
    if (room > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], room * 2);
    this.#length += this.#bytes.write(text, this.#length);
  }
}
