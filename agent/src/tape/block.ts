import type { Heard, Outcome } from "../links/tap.js";
import {
  ABOUT,
  CREDENTIALS,
  CUT,
  DOOR,
  EXCHANGE,
  EXCHANGE_HEAD,
  HELD,
  OUTCOMES,
  QUESTION,
} from "./format.js";

const CODE_OF = new Map<Outcome, number>(OUTCOMES.map((outcome, code) => [outcome, code]));

/** A door (address and port) or a question that was named on the tape. */
interface Named {
  id: number;
  /** What the tape calls it, ready to be written. */
  text: Buffer;
  /** The block in which it stands; each block names what it speaks of, so that it can be read by itself. */
  block: number;
}

/** Names by two keys. At the bound all are forgotten and named anew, under numbers of their own. */
class Names<B> {
  readonly #known = new Map<string, Map<B, Named>>();
  #next = 0;
  #size = 0;

  constructor(private readonly most: number) {}

  /** Both keys are looked up as they are: putting them together costs more than all else that is done for an exchange. */
  get(a: string, b: B): Named | undefined {
    return this.#known.get(a)?.get(b);
  }

  add(a: string, b: B, what: object): Named {
    if (this.#size >= this.most) {
      this.#known.clear();
      this.#size = 0;
    }
    const named = { id: this.#next++, text: Buffer.from(JSON.stringify(what)), block: -1 };
    const under = this.#known.get(a) ?? new Map<B, Named>();
    this.#known.set(a, under.set(b, named));
    this.#size++;
    return named;
  }
}

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
  #length = 0;
  #number = 0;
  #bytes: Buffer;
  #spare: Buffer | undefined;
  readonly #doors = new Names<number>(200_000);
  readonly #questions = new Names<string>(20_000);

  constructor(private readonly size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
  }

  get length(): number {
    return this.#length;
  }

  /** Says who records; the first thing on a file. */
  about(what: object): void {
    this.#name(ABOUT, 0, Buffer.from(JSON.stringify(what)));
  }

  /** Writes an exchange that began at `offsetMs`. `pieces` and `headers` are what may be kept of it. */
  add(heard: Heard, offsetMs: number, pieces: readonly Buffer[], headers: readonly string[]): void {
    const { address, port, over, request, body, secrecy, tls } = heard;
    const door = this.#doors.get(address, port) ?? this.#doors.add(address, port, { address, port });
    const kind = over === "http" ? `${secrecy === "login"}${tls === true}${body ?? ""}` : over;
    const question = this.#questions.get(request, kind) ?? this.#questions.add(request, kind, asked(heard));
    if (door.block !== this.#number) this.#introduce(DOOR, door);
    if (question.block !== this.#number) this.#introduce(QUESTION, question);
    let headLength = 0;
    for (let i = 0; i + 1 < headers.length; i += 2)
      headLength += headers[i]!.length + headers[i + 1]!.length + 4;
    let bodyLength = 0;
    for (const piece of pieces) bodyLength += piece.length;
    const bytes = this.#room(EXCHANGE_HEAD + headLength + bodyLength);
    let at = this.#length;
    bytes.writeUInt32LE(EXCHANGE_HEAD - 4 + headLength + bodyLength, at);
    bytes[at + 4] = EXCHANGE;
    bytes.writeUInt32LE(door.id, at + 5);
    bytes.writeUInt32LE(question.id, at + 9);
    bytes.writeDoubleLE(offsetMs, at + 13);
    bytes.writeFloatLE(heard.tookMs, at + 21);
    bytes[at + 25] = CODE_OF.get(heard.outcome) ?? 0;
    bytes[at + 26] =
      (secrecy === "credentials" ? CREDENTIALS : 0) | (heard.held ? HELD : 0) | (heard.cut ? CUT : 0);
    bytes.writeUInt16LE(heard.status ?? 0, at + 27);
    bytes.writeUInt32LE(headLength, at + 29);
    at += EXCHANGE_HEAD;
    for (let i = 0; i + 1 < headers.length; i += 2)
      at += bytes.write(`${headers[i]}: ${headers[i + 1]}\r\n`, at, "latin1");
    for (const piece of pieces) at += piece.copy(bytes, at);
    this.#length = at;
    this.exchanges++;
    if (offsetMs < this.firstMs) this.firstMs = offsetMs;
    if (offsetMs + heard.tookMs > this.lastMs) this.lastMs = offsetMs + heard.tookMs;
  }

  /** What was written, and begins anew in another buffer: this one is being packed meanwhile. To be given back with {@link free}. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = this.#spare ?? Buffer.allocUnsafeSlow(this.size);
    this.#spare = undefined;
    this.#length = 0;
    this.#number++;
    this.exchanges = 0;
    this.firstMs = Number.POSITIVE_INFINITY;
    this.lastMs = 0;
    return taken;
  }

  /** Takes back what was taken and is written: a new megabyte for each block would keep the collector busy. */
  free(taken: Buffer): void {
    if (taken.buffer.byteLength === this.size) this.#spare = Buffer.from(taken.buffer);
  }

  #introduce(kind: number, named: Named): void {
    named.block = this.#number;
    this.#name(kind, named.id, named.text);
  }

  #name(kind: number, id: number, text: Buffer): void {
    const bytes = this.#room(9 + text.length);
    bytes.writeUInt32LE(5 + text.length, this.#length);
    bytes[this.#length + 4] = kind;
    bytes.writeUInt32LE(id, this.#length + 5);
    text.copy(bytes, this.#length + 9);
    this.#length += 9 + text.length;
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
