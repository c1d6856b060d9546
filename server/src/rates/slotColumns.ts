import type { SeriesColumns } from "./rateSeriesStore.js";
import type { Slot, TimeRange } from "./slot.js";

const noted = (source: string, note: string | undefined): string => `${source}\u0000${note ?? ""}`;

/**
 * The slots of one series without an object for each: 36 bytes a slot, and its texts once. Sorted, without overlap; `splice` keeps
 * that if its caller does.
 */
export class SlotColumns {
  #startMs: Float64Array;
  #endMs: Float64Array;
  #value: Float64Array;
  #asOfMs: Float64Array;
  #text: Uint32Array;
  readonly #texts: { source: string; note?: string }[];
  readonly #places = new Map<string, number>();
  #length: number;

  constructor(columns?: SeriesColumns) {
    this.#startMs = columns?.startMs ?? new Float64Array(8);
    this.#endMs = columns?.endMs ?? new Float64Array(8);
    this.#value = columns?.value ?? new Float64Array(8);
    this.#asOfMs = columns?.asOfMs ?? new Float64Array(8);
    this.#text = columns?.text ?? new Uint32Array(8);
    this.#texts = columns?.texts ?? [];
    for (const [i, { source, note }] of this.#texts.entries()) this.#places.set(noted(source, note), i);
    this.#length = columns ? columns.startMs.length : 0;
  }

  get length(): number {
    return this.#length;
  }

  /** The slot at a place. */
  at(i: number): Slot | undefined {
    if (i < 0 || i >= this.#length) return undefined;
    const asOfMs = this.#asOfMs[i]!;
    return {
      startMs: this.#startMs[i]!,
      endMs: this.#endMs[i]!,
      value: this.#value[i]!,
      ...this.#texts[this.#text[i]!]!,
      asOfMs: Number.isNaN(asOfMs) ? null : asOfMs,
    };
  }

  /** Slots that overlap a range. */
  within({ fromMs, toMs }: TimeRange): Slot[] {
    const slots: Slot[] = [];
    for (let i = this.firstEndingAfter(fromMs); i < this.#length && this.#startMs[i]! < toMs; i++)
      slots.push(this.at(i)!);
    return slots;
  }

  /** Place of the first slot that ends after `ms`; `length` where none does. */
  firstEndingAfter(ms: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#endMs[middle]! > ms) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The places from the first slot that overlaps or touches the range to the one behind the last. */
  touching({ fromMs, toMs }: TimeRange): { from: number; to: number } {
    let from = this.firstEndingAfter(fromMs);
    if (from > 0 && this.#endMs[from - 1] === fromMs) from--;
    let to = from;
    while (to < this.#length && this.#startMs[to]! <= toMs) to++;
    return { from, to };
  }

  /** Puts slots in the place of those from `from` to before `to`. */
  splice(from: number, to: number, slots: readonly Slot[]): void {
    const length = this.#length - (to - from) + slots.length;
    if (length > this.#startMs.length) this.#grow(Math.max(8, Math.ceil(length * 1.25)));
    for (const column of [this.#startMs, this.#endMs, this.#value, this.#asOfMs, this.#text])
      column.copyWithin(from + slots.length, to, this.#length);
    for (const [i, { startMs, endMs, value, asOfMs, source, note }] of slots.entries()) {
      const at = from + i;
      this.#startMs[at] = startMs;
      this.#endMs[at] = endMs;
      this.#value[at] = value;
      this.#asOfMs[at] = asOfMs ?? Number.NaN;
      this.#text[at] = this.#placeOf(source, note);
    }
    this.#length = length;
  }

  /** All of it in arrays of its own. */
  columns(series: string): SeriesColumns {
    const { length } = this;
    return {
      series,
      startMs: this.#startMs.slice(0, length),
      endMs: this.#endMs.slice(0, length),
      value: this.#value.slice(0, length),
      asOfMs: this.#asOfMs.slice(0, length),
      text: this.#text.slice(0, length),
      texts: this.#texts.map((text) => ({ ...text })),
    };
  }

  #placeOf(source: string, note: string | undefined): number {
    const key = noted(source, note);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.#texts.push({ source, ...(note !== undefined && { note }) }) - 1;
    this.#places.set(key, place);
    return place;
  }

  #grow(capacity: number): void {
    const grown = (column: Float64Array): Float64Array => {
      const more = new Float64Array(capacity);
      more.set(column.subarray(0, this.#length));
      return more;
    };
    this.#startMs = grown(this.#startMs);
    this.#endMs = grown(this.#endMs);
    this.#value = grown(this.#value);
    this.#asOfMs = grown(this.#asOfMs);
    const text = new Uint32Array(capacity);
    text.set(this.#text.subarray(0, this.#length));
    this.#text = text;
  }
}
