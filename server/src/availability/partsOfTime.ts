import type { Availability } from "@hashwatt/protocol/availability";
import type { Window } from "../alerts/stopCalendar.js";
import { BUCKET_MS, bucketOf } from "../rollup/row.js";
import type { Uptime } from "../store/state/state.js";

const toBucket = (ms: number): number => Math.round(ms / BUCKET_MS) * BUCKET_MS;

/** What of a range no window covers, each to whole buckets: rows say nothing finer. Windows are sorted and do not overlap. */
export function freeOf(range: Window, windows: readonly Window[]): Window[] {
  const free: Window[] = [];
  let fromMs = range.fromMs;
  for (const window of windows) {
    const toMs = Math.min(toBucket(window.fromMs), range.toMs);
    if (toMs > fromMs) free.push({ fromMs, toMs });
    fromMs = Math.max(fromMs, toBucket(window.toMs));
  }
  if (range.toMs > fromMs) free.push({ fromMs, toMs: range.toMs });
  return free;
}

/**
 * The parts of a rig's time from `range.fromMs`, or since it is known where that is later. `free`: what of the range was not planned;
 * `uptime`: the sums of its rows in there, undefined for none.
 */
export function partsOfTime(
  range: Window,
  knownSinceMs: number,
  free: readonly Window[],
  uptime: Uptime | undefined,
): Availability {
  const since = Math.min(range.toMs, Math.max(range.fromMs, knownSinceMs));
  const rangeMs = range.toMs - since;
  let freeMs = 0;
  // A row knows nothing of when in its bucket a rig became known: before that it did not fail to answer.
  let notYetMs = 0;
  for (const { fromMs, toMs } of free) {
    freeMs += Math.max(0, toMs - Math.max(fromMs, since));
    if (since > fromMs && since < toMs) notYetMs = since - Math.max(fromMs, bucketOf(since));
  }
  const up = Math.min(freeMs, uptime?.upMs ?? 0);
  const standing = Math.min(freeMs - up, uptime?.standingMs ?? 0);
  const missed = Math.max(0, (uptime?.missedMs ?? 0) - notYetMs);
  const downMs = standing + Math.min(freeMs - up - standing, missed);
  return withRatio({
    rangeMs,
    upMs: up,
    downMs,
    plannedMs: rangeMs - freeMs,
    unknownMs: freeMs - up - downMs,
    standingMs: standing,
  });
}

/** The time of several together. */
export function sumOfParts(all: readonly Availability[]): Availability {
  const sum = { rangeMs: 0, upMs: 0, downMs: 0, plannedMs: 0, unknownMs: 0, standingMs: 0 };
  for (const each of all) for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += each[key];
  return withRatio(sum);
}

function withRatio(parts: Omit<Availability, "ratio">): Availability {
  const { upMs, downMs } = parts;
  return { ...parts, ratio: upMs + downMs > 0 ? upMs / (upMs + downMs) : null };
}
