import type { Sample } from "@hashwatt/protocol/sample";

const FIRST_PLAUSIBLE_MS = Date.UTC(2020, 0, 1);
const AHEAD_MS = 300_000;

/** Whether a sample's time can be true: not from before 2020 and not from more than five minutes ahead. */
export const isPlausibleTime = (atMs: number, nowMs: number): boolean =>
  atMs >= FIRST_PLAUSIBLE_MS && atMs <= nowMs + AHEAD_MS;

/**
 * The sample under a time that can be true: its own in whole ms, or for a live one the server's, marked so. Undefined for a
 * late sample whose time nobody can know any more.
 */
export function withPlausibleTime(sample: Sample, live: boolean, nowMs: number): Sample | undefined {
  const { atMs, intervalMs } = sample;
  if (!isPlausibleTime(atMs, nowMs)) return live ? { ...sample, atMs: nowMs, clock: "server" } : undefined;
  if (Number.isInteger(atMs) && Number.isInteger(intervalMs)) return sample;
  return { ...sample, atMs: Math.round(atMs), intervalMs: Math.round(intervalMs) };
}
