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
    else if (value === null) this.raw("null");
    else if (typeof value === "boolean") this.raw(value ? "true" : "false");
    else if (isList(value)) this.#list(value);
    else this.#object(value);
  }

  #list(values: readonly JsonValue[]): void {
    this.raw("[");
    for (let i = 0; i < values.length; i++) {
      if (i) this.raw(",");
      this.value(values[i] ?? null);
    }
    this.raw("]");
  }

  #object(entries: { readonly [key: string]: JsonValue | undefined }): void {
    let separator = 0x7b;
    for (const key in entries) {
      const value = entries[key];
      if (value === undefined) continue;
      const shown = this.#keyOf(key);
      this.#room(shown.length + 1);
      this.#bytes[this.#length++] = separator;
      for (let i = 0; i < shown.length; i++) this.#bytes[this.#length++] = shown[i]!;
      this.value(value);
      separator = 0x2c;
    }
    this.raw(separator === 0x7b ? "{}" : "}");
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
    let left = value | 0;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const rest = (left / 10) | 0;
      this.#bytes[at] = ZERO + left - rest * 10;
      left = rest;
    }
    this.#length += digits;
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
