import { STATUSES } from "@hashwatt/protocol/sample";

/** A reading is held for three of its own intervals, and never less than this. */
export const MIN_HOLD_MS = 120_000;
/** No reading is held longer than this: a bucket needs only the one before it. */
export const MAX_HOLD_MS = 300_000;
export const UNREACHABLE = STATUSES.indexOf("unreachable");
export const MINING = STATUSES.indexOf("mining");
export const STARTING = STATUSES.indexOf("starting");

/**
 * How long a reading stands for its rig when no other follows, ms. An unreachable one stands for nothing: the time after
 * it is uncovered.
 */
export function holdMs(status: number, intervalMs: number): number {
  if (status === UNREACHABLE) return 0;
  return Math.min(MAX_HOLD_MS, Math.max(MIN_HOLD_MS, 3 * intervalMs));
}
