import type { HourBar } from "../series/foldHours.js";

/** The measured share of the part of an hour that has passed, 0–1; a bar's own `coverage` is of the whole hour. */
export function measuredShare(bar: HourBar, nowMs: number): number {
  const passed = Math.min(1, (nowMs - bar.startMs) / (bar.endMs - bar.startMs));
  return passed > 0 ? Math.min(1, bar.coverage / passed) : 0;
}
