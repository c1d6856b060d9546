import type { Heard } from "../links/tap.js";
import { CHANGES_SLACK, type Text, writeChanges } from "./changes.js";
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
import { type Named, Names } from "./names.js";
import { Replies } from "./replies.js";

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

  /** Writes an exchange that began at `offsetMs`. `pieces` and `headers` are what may be kept of it. */
  add(heard: Heard, offsetMs: number, pieces: readonly Buffer[], headers: readonly string[]): void {
    const { address, port, over, request, body, secrecy, tls } = heard;
    if (this.#doors.isFull || this.#questions.isFull) {
      this.#doors.forget();
      this.#questions.forget();
      this.#replies.drop();
    }
    const door = this.#doors.get(address, port) ?? this.#doors.add(address, port, { address, port });
    const kind = over === "http" ? `${secrecy === "login"}${tls === true}${body ?? ""}` : over;
    const question = this.#questions.get(request, kind) ?? this.#questions.add(request, kind, asked(heard));
    let headLength = 0;
    for (let i = 0; i + 1 < headers.length; i += 2)
      headLength += headers[i]!.length + headers[i + 1]!.length + 4;
    let length = headLength;
    for (const piece of pieces) length += piece.length;
    const isRepeated = heard.outcome === "answered" && secrecy !== "login";
    const text = isRepeated ? this.#replies.room(length) : undefined;
    if (text) {
      write(headers, pieces, text.bytes, 0);
      this.#addRepeated(heard, offsetMs, door, question, headLength, text);
    } else {
      this.#introduce(door, question);
      const at = this.#length;
      const bytes = this.#room(EXCHANGE_HEAD + length);
      this.#head(bytes, EXCHANGE, door.id, question.id, heard, offsetMs, headLength);
      this.#end(write(headers, pieces, bytes, at + EXCHANGE_HEAD));
      this.wholeBytes += length;
    }
    this.replyBytes += length;
    this.exchanges++;
    if (offsetMs < this.firstMs) this.firstMs = offsetMs;
    if (offsetMs + heard.tookMs > this.lastMs) this.lastMs = offsetMs + heard.tookMs;
  }

  /** Writes what changed of a reply since the rig was asked the same before; all of it the first time, and now and then. */
  #addRepeated(
    heard: Heard,
    offsetMs: number,
    door: Named,
    question: Named,
    headLength: number,
    text: Text,
  ): void {
    const key = question.id * 2 + (heard.secrecy === "credentials" ? 1 : 0);
    let series = door.series.get(key);
    const before = this.#replies.before(series);
    if (series && before) {
      const bytes = this.#room(REMEMBERED_HEAD + text.length + CHANGES_SLACK);
      const from = this.#length + REMEMBERED_HEAD;
      const end = writeChanges(text, before, bytes, from, from + (text.length >> 1));
      if (end !== undefined) {
        this.#head(bytes, CHANGED, series.id, ++series.step, heard, offsetMs, headLength);
        bytes.writeUInt32LE(text.length, this.#length + EXCHANGE_HEAD);
        this.#end(end);
        this.#replies.keep(series, text);
        return;
      }
    }
    this.#introduce(door, question);
    const bytes = this.#room(REMEMBERED_HEAD + text.length);
    const at = this.#length + REMEMBERED_HEAD;
    bytes.set(text.bytes.subarray(0, text.length), at);
    if (series) this.#replies.restart(series, text);
    else {
      series = this.#replies.begin(text);
      if (series) door.series.set(key, series);
    }
    this.#head(bytes, REMEMBERED, door.id, question.id, heard, offsetMs, headLength);
    bytes.writeUInt32LE(series?.id ?? NONE, this.#length + EXCHANGE_HEAD);
    this.#end(at + text.length);
    this.wholeBytes += text.length;
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
