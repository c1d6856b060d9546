import { overlap } from "./overlap.js";
import type { RateSource, Slot } from "./slot.js";

/** A figure that holds until a newer one is known comes before those of other sources for so long after its date; then it is old. */
export const FRESH_MS = 86_400_000;

/**
 * The time for which figures are of today: an open end is a promise of its source, which a source that has died does not keep. A slot with
 * an end counts for all of its time, unless it begins when its figure was old already.
 */
export const whileFresh = (slots: readonly Slot[]): Slot[] =>
  slots.flatMap((slot) => {
    if (slot.asOfMs === null) return [];
    const oldMs = slot.asOfMs + FRESH_MS;
    if (slot.startMs >= oldMs) return [];
    return [Number.isFinite(slot.endMs) ? slot : { ...slot, endMs: oldMs }];
  });

/** The same of a source. */
export const freshOf = (source: RateSource): RateSource => ({
  ...source,
  slots: (range) => whileFresh(source.slots(range)),
});

const dateOf = ({ asOfMs }: Slot): number => asOfMs ?? Number.NEGATIVE_INFINITY;

/**
 * At each moment the figure of the first list that is at most `withinMs` older than the newest that is known then: by default the newest, of
 * two of one date that of the earlier list. Expects sorted slots without overlap.
 */
export function newest(lists: readonly (readonly Slot[])[], withinMs = 0): Slot[] {
  const told = lists.filter((list) => list.length > 0);
  if (told.length < 2) return [...(told[0] ?? [])];
  return overlap(told, (slots) => {
    const known = slots.filter((slot) => slot !== undefined);
    const dateMs = Math.max(...known.map(dateOf)) - withinMs;
    const best = known.find((slot) => dateOf(slot) >= dateMs);
    if (!best) return undefined;
    const { startMs: _start, endMs: _end, ...figure } = best;
    return figure;
  });
}

/** Sources of one kind as one, which gives what {@link newest} does; undefined of none. */
export function newestOf(sources: readonly RateSource[], withinMs = 0): RateSource | undefined {
  const [first] = sources;
  const slots: RateSource["slots"] = (range) =>
    newest(
      sources.map((source) => source.slots(range)),
      withinMs,
    );
  return first && { ...first, slots };
}
