/** A value as JSON has them. An entry that is undefined is left out, as `JSON.stringify` does. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

const ZERO = 0x30;
const MINUS = 0x2d;
const [COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x2c, 0x5b, 0x5d, 0x7b, 0x7d];
const [NULL, TRUE, FALSE] = ["null", "true", "false"].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
  Buffer,
];
/** Both halves of a whole number up to 2^53 are integers of 32 bits. */
const HALF = 10_000_000;
const HALF_DIGITS = 7;
/** A whole number and its sign. */
const NUMBER_BYTES = 20;

/**
 * JSON written into bytes at once. `JSON.stringify` makes a text of every number and of the whole before it is bytes: in a small
 * nursery that is more work than the rows themselves.
 */
export class JsonBytes {
  #bytes: Buffer = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  /** `"key":` of all keys so far. */
  readonly #keys = new Map<string, Uint8Array>();

  /** What was written. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Text that is JSON already, or a piece of it. */
  raw(text: string): void {
    // No UTF-16 unit takes more than three bytes.
    this.#room(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  value(value: JsonValue): void {
    if (typeof value === "number" && Number.isSafeInteger(value)) this.#whole(value);
    else if (typeof value === "number") this.raw(JSON.stringify(value));
    else if (typeof value === "string") this.raw(JSON.stringify(value));
    else if (value === null) this.#put(NULL);
    else if (typeof value === "boolean") this.#put(value ? TRUE : FALSE);
    else if (isList(value)) this.#list(value);
    else this.#object(value);
  }

  #list(values: readonly JsonValue[]): void {
    this.#byte(OPEN_LIST);
    for (let i = 0; i < values.length; i++) {
      if (i) this.#byte(COMMA);
      this.value(values[i] ?? null);
    }
    this.#byte(CLOSE_LIST);
  }

  #object(entries: { readonly [key: string]: JsonValue | undefined }): void {
    let separator = OPEN_OBJECT;
    for (const key in entries) {
      const value = entries[key];
      if (value === undefined) continue;
      this.#byte(separator);
      this.#put(this.#keyOf(key));
      this.value(value);
      separator = COMMA;
    }
    if (separator === OPEN_OBJECT) this.#byte(OPEN_OBJECT);
    this.#byte(CLOSE_OBJECT);
  }

  #byte(byte: number): void {
    if (this.#length === this.#bytes.length) this.#room(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Some bytes; of so few a loop is faster than a call. */
  #put(text: Uint8Array): void {
    this.#room(text.length);
    const bytes = this.#bytes;
    const at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at + i] = text[i]!;
    this.#length = at + text.length;
  }

  #keyOf(key: string): Uint8Array {
    const known = this.#keys.get(key);
    if (known) return known;
    const shown = Buffer.from(`${JSON.stringify(key)}:`);
    this.#keys.set(key, shown);
    return shown;
  }

  #whole(value: number): void {
    this.#room(NUMBER_BYTES);
    const size = Math.abs(value);
    if (value < 0) this.#bytes[this.#length++] = MINUS;
    const high = Math.floor(size / HALF);
    if (high) {
      this.#digits(high, digitsOf(high));
      this.#digits(size - high * HALF, HALF_DIGITS);
    } else this.#digits(size, digitsOf(size));
  }

  #digits(value: number, digits: number): void {
    const bytes = this.#bytes;
    const from = this.#length;
    let left = value | 0;
    for (let at = from + digits - 1; at >= from; at--) {
      const rest = (left / 10) | 0;
      bytes[at] = ZERO + left - rest * 10;
      left = rest;
    }
    this.#length = from + digits;
  }

  #room(more: number): void {
    const most = this.#length + more;
    if (most <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(most, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

const isList = (value: object): value is readonly JsonValue[] => Array.isArray(value);

/** How many digits a whole number below 2^31 has. */
function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}
