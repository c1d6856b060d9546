import { fillGaps, type Slot, type TimeRange } from "./slot.js";

/** Slots after a change, and the stretch from the first to the last moment that has another value now; undefined where none has. */
export interface PutSlots {
  slots: Slot[];
  changed: TimeRange | undefined;
}

/**
 * Puts slots in the place of whatever they overlap: those held before are cut at their edges. Neighbours that touch and say the
 * same of the same source become one, dated by the newer, so that a figure asked for every ten minutes costs a slot only when it
 * moves. `held` is sorted without overlap; `fresh` may come in any order. Throws RangeError for slots that cannot be held.
 */
export function putSlots(held: readonly Slot[], fresh: readonly Slot[]): PutSlots {
  const sorted = [...fresh].sort((a, b) => a.startMs - b.startMs);
  for (const [i, slot] of sorted.entries()) {
    refuse(slot);
    if (i > 0 && sorted[i - 1]!.endMs > slot.startMs)
      throw new RangeError(`two slots hold at ${new Date(slot.startMs).toISOString()}`);
  }
  const slots = joined(fillGaps(sorted, held));
  return { slots, changed: changedRange(held, slots) };
}

function refuse({ startMs, endMs, value, source }: Slot): void {
  if (!Number.isFinite(startMs) || !(endMs > startMs))
    throw new RangeError(`no slot ends at ${endMs} that starts at ${startMs}`);
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no value of a slot`);
  if (source === "") throw new RangeError("a slot needs a source");
}

function joined(slots: readonly Slot[]): Slot[] {
  const whole: Slot[] = [];
  for (const slot of slots) {
    const last = whole.at(-1);
    if (last && last.endMs === slot.startMs && isSame(last, slot))
      whole[whole.length - 1] = { ...last, endMs: slot.endMs, asOfMs: newer(last.asOfMs, slot.asOfMs) };
    else whole.push(slot);
  }
  return whole;
}

const isSame = (a: Slot, b: Slot): boolean =>
  a.value === b.value && a.source === b.source && a.note === b.note && a.demo === b.demo;

const newer = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/**
 * From the first to the last moment at which two lists of slots differ in value, known and unknown included; undefined where they
 * never do. Both are sorted without overlap.
 */
export function changedRange(before: readonly Slot[], after: readonly Slot[]): TimeRange | undefined {
  const edges = new Set<number>();
  for (const list of [before, after])
    for (const { startMs, endMs } of list) {
      edges.add(startMs);
      edges.add(endMs);
    }
  const sorted = Float64Array.from(edges).sort();
  const value = (list: readonly Slot[]) => {
    let i = 0;
    return (ms: number): number | undefined => {
      while (i < list.length && list[i]!.endMs <= ms) i++;
      const slot = list[i];
      return slot && slot.startMs <= ms ? slot.value : undefined;
    };
  };
  const [was, is] = [value(before), value(after)];
  let fromMs: number | undefined;
  let toMs = 0;
  for (let i = 0; i + 1 < sorted.length; i++) {
    const at = sorted[i]!;
    if (was(at) === is(at)) continue;
    fromMs ??= at;
    toMs = sorted[i + 1]!;
  }
  return fromMs === undefined ? undefined : { fromMs, toMs };
}
