import { putSlots } from "../../rates/putSlots.js";
import type {
  RateSeriesStore,
  SeriesChange,
  SeriesColumns,
  SeriesSlots,
} from "../../rates/rateSeriesStore.js";
import type { Slot, TimeRange } from "../../rates/slot.js";
import { SlotColumns } from "../../rates/slotColumns.js";

/** Series of rates that are forgotten with their process. */
export class MemoryRateSeries implements RateSeriesStore {
  readonly #series = new Map<string, Slot[]>();

  async put(series: string, slots: readonly Slot[]): Promise<TimeRange | undefined> {
    const [change] = await this.putAll([{ series, slots }]);
    return change?.range;
  }

  async putAll(parts: readonly SeriesSlots[]): Promise<SeriesChange[]> {
    const after = new Map<string, Slot[]>();
    const changes: SeriesChange[] = [];
    for (const { series, slots } of parts) {
      if (!slots.length) continue;
      const put = putSlots(after.get(series) ?? this.#series.get(series) ?? [], slots);
      after.set(series, put.slots);
      if (put.changed) changes.push({ series, range: put.changed });
    }
    for (const [series, slots] of after) this.#series.set(series, slots);
    return changes;
  }

  async load(): Promise<SeriesColumns[]> {
    return this.all().map(({ series, slots }) => {
      const columns = new SlotColumns();
      columns.splice(0, 0, slots);
      return columns.columns(series);
    });
  }

  /** All of it, for a look at it. */
  all(): SeriesSlots[] {
    return [...this.#series]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([series, slots]) => ({ series, slots: slots.map((slot) => ({ ...slot })) }));
  }
}
