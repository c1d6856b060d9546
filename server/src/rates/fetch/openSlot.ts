import type { Slot } from "../slot.js";

/** A figure that holds from now until a newer one is known. */
export const openSlot = (
  value: number,
  source: string,
  asOfMs: number,
  startMs: number,
  note?: string,
): Slot => ({
  startMs,
  endMs: Number.POSITIVE_INFINITY,
  value,
  source,
  ...(note !== undefined && { note }),
  asOfMs,
});
