import { older, overlap, together } from "./overlap.js";

/** A rate that holds for [startMs, endMs). `asOfMs` is the date of the figure, null where its source states none. */
export interface Slot {
  startMs: number;
  /** Infinity = until something newer is known. */
  endMs: number;
  value: number;
  /** Short, to stand beside a figure; `note` is the whole citation. */
  source: string;
  note?: string;
  asOfMs: number | null;
  /** Belongs to the simulated fleet only. */
  demo?: boolean;
}

/**
 * What a rate is of. `hashprice` is in the site's currency and `hashpriceBtc` in BTC, both per PH/s and day and before any fee of a
 * pool; `price` is that of one more kWh; `carbon` is the grid's, location-based, and `carbonMarket` what a kWh that no contract supplies
 * counts as, market-based; `marginal` is what one kWh less would save, and belongs into no footprint; `fx` is the currency's units per
 * USD; `overhead` what the site draws for each unit at the plugs; `poolFactor` what is left of the hashprice after the pool.
 */
export const RATE_KINDS = [
  "hashprice",
  "hashpriceBtc",
  "price",
  "carbon",
  "carbonMarket",
  "marginal",
  "fx",
  "overhead",
  "poolFactor",
] as const;
export type RateKind = (typeof RATE_KINDS)[number];

/** A half-open stretch of time. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/**
 * Where a rate comes from. `slots` are sorted, do not overlap and leave a gap where nothing is known: a gap is unknown,
 * never 0 and never the neighbour's value.
 */
export interface RateSource {
  readonly kind: RateKind;
  readonly id: string;
  /** What `value` is counted in, e.g. `USD/PH/day`. */
  readonly unit: string;
  slots(range: TimeRange): Slot[];
}

/** The slot that holds at `ms`; undefined in a gap. Expects sorted slots. */
export function slotAt(slots: readonly Slot[], ms: number): Slot | undefined {
  let low = 0;
  let high = slots.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const slot = slots[middle]!;
    if (ms < slot.startMs) high = middle - 1;
    else if (ms >= slot.endMs) low = middle + 1;
    else return slot;
  }
  return undefined;
}

function firstEndingAfter(slots: readonly Slot[], ms: number): number {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slots[middle]!.endMs > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Time-weighted mean of the rate over a range; undefined unless slots cover all of it, since a part that nobody knows
 * has no value.
 */
export function meanOver(slots: readonly Slot[], { fromMs, toMs }: TimeRange): number | undefined {
  let sum = 0;
  let at = fromMs;
  for (let i = firstEndingAfter(slots, fromMs); i < slots.length; i++) {
    const slot = slots[i]!;
    if (slot.startMs > at) return undefined;
    const end = Math.min(slot.endMs, toMs);
    sum += slot.value * (end - at);
    at = end;
    if (at >= toMs) return sum / (toMs - fromMs);
  }
  return undefined;
}

/**
 * Slots from dated records: each holds until the next begins. Returns those that touch the range; a record for which
 * `toSlot` is undefined leaves a gap.
 */
export function slotsFromRecords<T>(
  records: readonly T[],
  range: TimeRange,
  startOf: (record: T) => number,
  toSlot: (record: T) => Omit<Slot, "startMs" | "endMs"> | undefined,
): Slot[] {
  const sorted = [...records].sort((a, b) => startOf(a) - startOf(b));
  const slots: Slot[] = [];
  sorted.forEach((record, i) => {
    const next = sorted[i + 1];
    const startMs = startOf(record);
    const endMs = next === undefined ? Number.POSITIVE_INFINITY : startOf(next);
    if (endMs <= startMs || startMs >= range.toMs || endMs <= range.fromMs) return;
    const slot = toSlot(record);
    if (slot) slots.push({ startMs, endMs, ...slot });
  });
  return slots;
}

/** The product of two rates where both are known; dated by the older of the two. */
export const timesSlots = (left: readonly Slot[], right: readonly Slot[]): Slot[] =>
  overlap([left, right], ([a, b]) => {
    if (!a || !b) return undefined;
    const note = together([a.note, b.note], "; ");
    return {
      value: a.value * b.value,
      source: together([a.source, b.source], " × ")!,
      ...(note !== undefined && { note }),
      asOfMs: older(a.asOfMs, b.asOfMs),
    };
  });

/** Both together: where `first` has a gap, `then` fills it. Expects sorted slots without overlap and gives such. */
export function fillGaps(first: readonly Slot[], then: readonly Slot[]): Slot[] {
  if (first.length === 0) return [...then];
  const filled: Slot[] = [];
  let i = 0;
  for (const slot of then) {
    let at = slot.startMs;
    while (i < first.length && first[i]!.endMs <= at) filled.push(first[i++]!);
    while (at < slot.endMs) {
      const known = first[i];
      const gapEndMs = known ? Math.min(known.startMs, slot.endMs) : slot.endMs;
      if (gapEndMs > at)
        filled.push(
          gapEndMs === slot.endMs && at === slot.startMs ? slot : { ...slot, startMs: at, endMs: gapEndMs },
        );
      if (!known || known.startMs >= slot.endMs) break;
      at = known.endMs;
      // One that reaches beyond may cover the next slot too.
      if (at <= slot.endMs) filled.push(first[i++]!);
    }
  }
  return filled.concat(first.slice(i));
}

/** The slots of a rate over a range: at each moment those of the first source that knows it. */
export function bestSlots(sources: readonly RateSource[], range: TimeRange): Slot[] {
  let known: Slot[] = [];
  for (const source of sources) known = fillGaps(known, source.slots(range));
  return known.filter(({ startMs, endMs }) => startMs < range.toMs && endMs > range.fromMs);
}
