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

export type RateKind = "hashprice" | "price" | "carbon" | "fx";

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

/**
 * Time-weighted mean of the rate over a range; undefined unless slots cover all of it, since a part that nobody knows
 * has no value.
 */
export function meanOver(slots: readonly Slot[], { fromMs, toMs }: TimeRange): number | undefined {
  let sum = 0;
  let at = fromMs;
  for (const slot of slots) {
    if (slot.endMs <= at) continue;
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
export function timesSlots(left: readonly Slot[], right: readonly Slot[]): Slot[] {
  const product: Slot[] = [];
  for (const a of left)
    for (const b of right) {
      const startMs = Math.max(a.startMs, b.startMs);
      const endMs = Math.min(a.endMs, b.endMs);
      if (endMs <= startMs) continue;
      const asOfMs = a.asOfMs === null || b.asOfMs === null ? null : Math.min(a.asOfMs, b.asOfMs);
      const note = [a.note, b.note].filter(Boolean).join("; ");
      product.push({
        startMs,
        endMs,
        value: a.value * b.value,
        source: `${a.source} × ${b.source}`,
        ...(note && { note }),
        asOfMs,
      });
    }
  return product.sort((a, b) => a.startMs - b.startMs);
}

/** Both together: where `first` has a gap, `then` fills it. Expects sorted slots without overlap and gives such. */
export function fillGaps(first: readonly Slot[], then: readonly Slot[]): Slot[] {
  if (first.length === 0) return [...then];
  const filled = [...first];
  for (const slot of then) {
    let { startMs } = slot;
    for (const known of first) {
      if (known.endMs <= startMs) continue;
      if (known.startMs >= slot.endMs) break;
      if (known.startMs > startMs) filled.push({ ...slot, startMs, endMs: known.startMs });
      startMs = known.endMs;
    }
    if (startMs < slot.endMs) filled.push({ ...slot, startMs });
  }
  return filled.sort((a, b) => a.startMs - b.startMs);
}
