import type { Heard } from "../links/tap.js";
import { CHANGES_SLACK, writeChanges } from "./changes.js";
import {
  ABOUT,
  CHANGED,
  CREDENTIALS,
  CUT,
  DOOR,
  EXCHANGE,
  EXCHANGE_HEAD,
  HELD,
  NONE,
  OUTCOMES,
  QUESTION,
  REMEMBERED,
  REMEMBERED_HEAD,
} from "./format.js";
import type { Held } from "./hand.js";
import { type Named, Names } from "./names.js";
import { MOST_REPLY_BYTES, Replies } from "./replies.js";

/** Each has one: an outcome that is not in the list does not compile. */
const CODE_OF = new Map<(typeof OUTCOMES)[number], number>(OUTCOMES.map((outcome, code) => [outcome, code]));

/** What a question is called on the tape. */
const asked = ({ over, request, body, secrecy, tls }: Heard): object =>
  over === "http"
    ? { over, request, body, ...(secrecy === "login" && { login: true }), ...(tls && { tls }) }
    : { over, request };

/** One block while it is being filled. */
export class Block {
  exchanges = 0;
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = 0;
  /** Bytes of replies with their headers, and those of replies that stand in it whole. */
  replyBytes = 0;
  wholeBytes = 0;
  #length = 0;
  #number = 0;
  #bytes: Buffer;
  #spare: Buffer | undefined;
  readonly #doors = new Names<number>(200_000);
  readonly #questions = new Names<string>(20_000);
  readonly #replies = new Replies();

  constructor(private readonly size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
  }

  get length(): number {
    return this.#length;
  }

  /** How often {@link forget} was called: what is written builds on nothing that was written in an earlier life. */
  get life(): number {
    return this.#replies.life;
  }

  /** What comes builds on nothing that was written before: it begins a file, or what was written is lost. */
  forget(): void {
    this.#replies.forget();
  }

  /** Says who records; the first thing on a file. */
  about(what: object): void {
    this.#name(ABOUT, 0, Buffer.from(JSON.stringify(what)));
  }

  /** Writes an exchange that began at `offsetMs`. */
  add(held: Held, offsetMs: number): void {
    const { heard, headLength, from, to } = held;
    const { address, port, over, request, body, secrecy, tls } = heard;
    if (this.#doors.isFull || this.#questions.isFull) {
      this.#doors.forget();
      this.#questions.forget();
      this.#replies.drop();
    }
    const door = this.#doors.get(address, port) ?? this.#doors.add(address, port, { address, port });
    const kind = over === "http" ? `${secrecy === "login"}${tls === true}${body ?? ""}` : over;
    const question = this.#questions.get(request, kind) ?? this.#questions.add(request, kind, asked(heard));
    const length = to - from;
    const isRepeated = heard.outcome === "answered" && secrecy !== "login" && length <= MOST_REPLY_BYTES;
    if (isRepeated) this.#addRepeated(held, offsetMs, door, question);
    else {
      this.#introduce(door, question);
      const at = this.#length;
      const bytes = this.#room(EXCHANGE_HEAD + length);
      this.#head(bytes, EXCHANGE, door.id, question.id, heard, offsetMs, headLength);
      held.bytes.copy(bytes, at + EXCHANGE_HEAD, from, to);
      this.#end(at + EXCHANGE_HEAD + length);
      this.wholeBytes += length;
    }
    this.replyBytes += length;
    this.exchanges++;
    if (offsetMs < this.firstMs) this.firstMs = offsetMs;
    if (offsetMs + heard.tookMs > this.lastMs) this.lastMs = offsetMs + heard.tookMs;
  }

  /** Writes what changed of a reply since the rig was asked the same before; all of it the first time, and now and then. */
  #addRepeated(held: Held, offsetMs: number, door: Named, question: Named): void {
    const { heard, headLength } = held;
    const length = held.to - held.from;
    const key = question.id * 2 + (heard.secrecy === "credentials" ? 1 : 0);
    let series = door.series.get(key);
    const before = this.#replies.before(series);
    if (series && before) {
      const bytes = this.#room(REMEMBERED_HEAD + length + CHANGES_SLACK);
      const from = this.#length + REMEMBERED_HEAD;
      const end = writeChanges(held, before, bytes, from, from + (length >> 1));
      if (end !== undefined) {
        this.#head(bytes, CHANGED, series.id, ++series.step, heard, offsetMs, headLength);
        bytes.writeUInt32LE(length, this.#length + EXCHANGE_HEAD);
        this.#end(end);
        this.#replies.keep(series, held);
        return;
      }
    }
    this.#introduce(door, question);
    const bytes = this.#room(REMEMBERED_HEAD + length);
    const at = this.#length + REMEMBERED_HEAD;
    held.bytes.copy(bytes, at, held.from, held.to);
    if (series) this.#replies.restart(series, held);
    else {
      series = this.#replies.begin(held);
      if (series) door.series.set(key, series);
    }
    this.#head(bytes, REMEMBERED, door.id, question.id, heard, offsetMs, headLength);
    bytes.writeUInt32LE(series?.id ?? NONE, this.#length + EXCHANGE_HEAD);
    this.#end(at + length);
    this.wholeBytes += length;
  }

  /** What was written, and begins anew in another buffer: this one is being packed meanwhile. To be given back with {@link free}. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = this.#spare ?? Buffer.allocUnsafeSlow(this.size);
    this.#spare = undefined;
    this.#length = 0;
    this.#number++;
    this.exchanges = 0;
    this.replyBytes = 0;
    this.wholeBytes = 0;
    this.firstMs = Number.POSITIVE_INFINITY;
    this.lastMs = 0;
    return taken;
  }

  /** Takes back what was taken and is written: a new megabyte for each block would keep the collector busy. */
  free(taken: Buffer): void {
    if (taken.buffer.byteLength === this.size) this.#spare = Buffer.from(taken.buffer);
  }

  #introduce(door: Named, question: Named): void {
    if (door.block !== this.#number) {
      door.block = this.#number;
      this.#name(DOOR, door.id, door.text);
    }
    if (question.block !== this.#number) {
      question.block = this.#number;
      this.#name(QUESTION, question.id, question.text);
    }
  }

  #name(kind: number, id: number, text: Buffer): void {
    const bytes = this.#room(9 + text.length);
    const at = this.#length;
    bytes[at + 4] = kind;
    bytes.writeUInt32LE(id, at + 5);
    this.#end(at + 9 + text.copy(bytes, at + 9));
  }

  /** What all exchanges begin with. */
  #head(
    bytes: Buffer,
    kind: number,
    a: number,
    b: number,
    { tookMs, outcome, secrecy, held, cut, status }: Heard,
    offsetMs: number,
    headLength: number,
  ): void {
    const at = this.#length;
    bytes[at + 4] = kind;
    bytes.writeUInt32LE(a, at + 5);
    bytes.writeUInt32LE(b, at + 9);
    bytes.writeDoubleLE(offsetMs, at + 13);
    bytes.writeFloatLE(tookMs, at + 21);
    bytes[at + 25] = CODE_OF.get(outcome)!;
    bytes[at + 26] = (secrecy === "credentials" ? CREDENTIALS : 0) | (held ? HELD : 0) | (cut ? CUT : 0);
    bytes.writeUInt16LE(status ?? 0, at + 27);
    bytes.writeUInt32LE(headLength, at + 29);
  }

  /** Ends an entry that reaches to `end`. */
  #end(end: number): void {
    this.#bytes.writeUInt32LE(end - this.#length - 4, this.#length);
    this.#length = end;
  }

  #room(more: number): Buffer {
    const need = this.#length + more;
    if (need <= this.#bytes.length) return this.#bytes;
    const grown = Buffer.allocUnsafeSlow(Math.max(need, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
    return grown;
  }
}
