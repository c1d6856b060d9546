import type { Slot } from "./slot.js";

/** What slots of several lists come to while all of them hold; undefined leaves a gap. An absent one has a gap there itself. */
export type Combine = (slots: readonly (Slot | undefined)[]) => Omit<Slot, "startMs" | "endMs"> | undefined;

/** Walks several lists of sorted slots at once, and makes one slot of each stretch within which none of them changes. */
export function overlap(lists: readonly (readonly Slot[])[], combine: Combine): Slot[] {
  const edges = new Set<number>();
  for (const list of lists)
    for (const { startMs, endMs } of list) {
      edges.add(startMs);
      edges.add(endMs);
    }
  const sorted = Float64Array.from(edges).sort();
  const at = lists.map(() => 0);
  const made: Slot[] = [];
  for (let e = 0; e + 1 < sorted.length; e++) {
    const startMs = sorted[e]!;
    const here = lists.map((list, l) => {
      while (at[l]! < list.length && list[at[l]!]!.endMs <= startMs) at[l]!++;
      const slot = list[at[l]!];
      return slot && slot.startMs <= startMs ? slot : undefined;
    });
    if (here.every((slot) => slot === undefined)) continue;
    const whole = combine(here);
    if (whole) made.push({ startMs, endMs: sorted[e + 1]!, ...whole });
  }
  return made;
}

/** The older of two dates; null where one of them has none. */
export const older = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : Math.min(a, b);

/** Texts that say something, each once, with a separator between them. */
export const together = (texts: readonly (string | undefined)[], separator: string): string | undefined =>
  [...new Set(texts.filter((text) => text !== undefined && text !== ""))].join(separator) || undefined;
