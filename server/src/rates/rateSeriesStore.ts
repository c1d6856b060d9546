import type { Slot, TimeRange } from "./slot.js";

/** Slots for one series. */
export interface SeriesSlots {
  series: string;
  slots: readonly Slot[];
}

/** Where a series has other values than before, known and unknown included. */
export interface SeriesChange {
  series: string;
  range: TimeRange;
}

/** All slots of one series as columns, by start. An end of Infinity = until something newer is known; NaN in `asOfMs` = no date. */
export interface SeriesColumns {
  series: string;
  startMs: Float64Array;
  endMs: Float64Array;
  value: Float64Array;
  asOfMs: Float64Array;
  /** Place in `texts` of what each slot says of its source. */
  text: Uint32Array;
  texts: { source: string; note?: string }[];
}

/**
 * What was fetched or imported, kept with the state: `network/difficulty`, `network/height`, `network/feesBtc`, `btc/USD`, `fx/CNY`
 * (units of it per USD), `hashprice/<id>`, `price/<id>` (per kWh), `carbon/<id>` and `marginal/<id>` (kg per kWh), `ambient/<site>`.
 */
export interface RateSeriesStore {
  /** Puts slots in the place of what they overlap; returns where values changed. Committed when it resolves. */
  put(series: string, slots: readonly Slot[]): Promise<TimeRange | undefined>;
  /** The same for several series: all of it or nothing. */
  putAll(parts: readonly SeriesSlots[]): Promise<SeriesChange[]>;
  load(): Promise<SeriesColumns[]>;
}
