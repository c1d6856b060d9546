import { ServerError } from "../error.js";
import { putSlots } from "./putSlots.js";
import type { RateSeriesStore, SeriesChange, SeriesSlots } from "./rateSeriesStore.js";
import type { Slot, TimeRange } from "./slot.js";
import { SlotColumns } from "./slotColumns.js";

/** All of it lies in memory, 36 bytes a slot: a hundred years of hours, or forty series of quarter hours over two years. */
const MAX_SLOTS = 3_000_000;
const MAX_SERIES = 1_000;

/** Hears where a series has other values than before. */
export type SeriesListener = (series: string, range: TimeRange) => void;

/** What one series holds, for a list of them. */
export interface SeriesSummary {
  series: string;
  slots: number;
  fromMs: number;
  /** Infinity = until something newer is known. */
  toMs: number;
  last: Slot;
}

/** The stored series in memory, so that what prices something need not wait for a database. A new one is empty; {@link RateSeries.open} reads what is stored. */
export class RateSeries {
  readonly #series = new Map<string, SlotColumns>();
  readonly #listeners = new Set<SeriesListener>();
  readonly #store: RateSeriesStore;
  readonly #most: { slots: number; series: number };
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: RateSeriesStore, most = { slots: MAX_SLOTS, series: MAX_SERIES }) {
    this.#store = store;
    this.#most = most;
  }

  /** Reads what is stored. Rejects with store codes. */
  static async open(store: RateSeriesStore): Promise<RateSeries> {
    const series = new RateSeries(store);
    for (const columns of await store.load()) series.#series.set(columns.series, new SlotColumns(columns));
    return series;
  }

  /** Slots of a series that overlap a range, whole and sorted; empty for a series that nobody has put. */
  slots(series: string, range: TimeRange): Slot[] {
    return this.#series.get(series)?.within(range) ?? [];
  }

  /** The newest slot of a series. */
  last(series: string): Slot | undefined {
    const columns = this.#series.get(series);
    return columns?.at(columns.length - 1);
  }

  /** Names of series that hold something and begin so, sorted. */
  names(prefix: string): string[] {
    return [...this.#series.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  /** Every series that holds something, by name. */
  list(): SeriesSummary[] {
    return [...this.#series]
      .flatMap(([series, columns]) => {
        const [first, last] = [columns.at(0), columns.at(columns.length - 1)];
        return first && last
          ? [{ series, slots: columns.length, fromMs: first.startMs, toMs: last.endMs, last }]
          : [];
      })
      .sort((a, b) => (a.series < b.series ? -1 : 1));
  }

  /** Puts slots in the place of what they overlap, on disk first; returns where values changed. Throws RangeError and store codes. */
  async put(series: string, slots: readonly Slot[]): Promise<TimeRange | undefined> {
    const [change] = await this.putAll([{ series, slots }]);
    return change?.range;
  }

  /** The same for several series: all of it or nothing. */
  putAll(parts: readonly SeriesSlots[]): Promise<SeriesChange[]> {
    // One after another, so that memory takes the same turns as the database.
    const turn = this.#turn.then(async () => {
      this.#refuseBeyondBounds(parts);
      const changes = await this.#store.putAll(parts);
      for (const part of parts) this.#apply(part);
      for (const { series, range } of changes)
        for (const listener of this.#listeners) listener(series, range);
      return changes;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Where values would change if these slots were put; nothing is. Throws RangeError. */
  wouldChange({ series, slots }: SeriesSlots): TimeRange | undefined {
    const held = this.#series.get(series)?.within(spanOf(slots)) ?? [];
    return putSlots(held, slots).changed;
  }

  /** Calls `listener` after each change; the result takes it off. */
  onChange(listener: SeriesListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #refuseBeyondBounds(parts: readonly SeriesSlots[]): void {
    let [slots, series] = [0, this.#series.size];
    for (const { length } of this.#series.values()) slots += length;
    for (const part of parts) {
      slots += part.slots.length;
      if (!this.#series.has(part.series)) series++;
    }
    if (slots <= this.#most.slots && series <= this.#most.series) return;
    throw new ServerError(
      "badRequest",
      `rates are kept of ${this.#most.series} series and ${this.#most.slots} slots at most, that would be ${series} and ${slots}: import coarser figures, or fewer`,
    );
  }

  #apply({ series, slots }: SeriesSlots): void {
    if (!slots.length) return;
    let columns = this.#series.get(series);
    if (!columns) {
      columns = new SlotColumns();
      this.#series.set(series, columns);
    }
    const { from, to } = columns.touching(spanOf(slots));
    const held: Slot[] = [];
    for (let i = from; i < to; i++) held.push(columns.at(i)!);
    columns.splice(from, to, putSlots(held, slots).slots);
  }
}

/** From the first start to the last end. */
export function spanOf(slots: readonly Slot[]): TimeRange {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { startMs, endMs } of slots) {
    fromMs = Math.min(fromMs, startMs);
    toMs = Math.max(toMs, endMs);
  }
  return { fromMs, toMs };
}
