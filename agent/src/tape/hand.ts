import type { Heard } from "../links/tap.js";
import type { Span } from "./changes.js";
import { withoutSecrets } from "./withoutSecrets.js";

/** An exchange that was heard, and what may be kept of the answer: header lines (`headLength` bytes), then the body. */
export interface Held extends Span {
  readonly heard: Heard;
  readonly headLength: number;
}

const NOTHING: readonly Buffer[] = [];

/**
 * What was heard since it was emptied last. Replies are compared with those before them many at a time: one by one, between
 * polls, the same takes twice as long, for the processor has forgotten code and guesses each time.
 */
export class Hand {
  #held: Held[] = [];
  #length = 0;
  #bytes!: Buffer;
  #view!: DataView;

  constructor(size: number) {
    this.#grow(size);
  }

  /** Takes an exchange, or says false where it is full. It takes any when it is empty. */
  take(heard: Heard): boolean {
    const { pieces, headers } = withoutSecrets(heard);
    let headLength = 0;
    for (let i = 0; i + 1 < headers.length; i += 2)
      headLength += headers[i]!.length + headers[i + 1]!.length + 4;
    let length = headLength;
    for (const piece of pieces) length += piece.length;
    const from = this.#length;
    if (from + length > this.#bytes.length) {
      if (this.#held.length) return false;
      this.#grow(length);
    }
    const to = write(headers, pieces, this.#bytes, from);
    // The pieces are the link's, which reads into them again.
    heard.pieces = NOTHING;
    this.#held.push({ heard, headLength, bytes: this.#bytes, view: this.#view, from, to });
    this.#length = to;
    return true;
  }

  /** What it holds, in the order in which it was heard. Valid until the next {@link take}. */
  empty(): readonly Held[] {
    const held = this.#held;
    this.#held = [];
    this.#length = 0;
    return held;
  }

  #grow(size: number): void {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** Header lines and body, from `at`; returns where they end. */
function write(headers: readonly string[], pieces: readonly Buffer[], into: Buffer, at: number): number {
  let end = at;
  for (let i = 0; i + 1 < headers.length; i += 2)
    end += into.write(`${headers[i]}: ${headers[i + 1]}\r\n`, end, "latin1");
  for (const piece of pieces) {
    into.set(piece, end);
    end += piece.length;
  }
  return end;
}
