import type { StopTime } from "@hashwatt/protocol/plannedStops";
import type { Zone } from "@hashwatt/protocol/zone";

const DAY_MS = 86_400_000;

export interface Window {
  fromMs: number;
  toMs: number;
}

/** Windows of a stop that overlap a range, by their beginning; a weekly one in the clocks of its site. */
export function windowsOf(time: StopTime, zone: Zone, range: Window): Window[] {
  if ("fromMs" in time) return overlaps(time, range) ? [{ fromMs: time.fromMs, toMs: time.toMs }] : [];
  const { days, sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = time;
  const windows: Window[] = [];
  // A window may have begun on the day before.
  for (let at = range.fromMs - DAY_MS; at < range.toMs + DAY_MS; at += DAY_MS) {
    const { year, month, day, weekday } = zone.wall(at);
    if (!days.includes(weekday)) continue;
    const from = minutesOf(time.from);
    const to = minutesOf(time.to);
    const fromMs = zone.instant(year, month, day, 0, from);
    const toMs = zone.instant(year, month, to > from ? day : day + 1, 0, to);
    if (fromMs >= sinceMs && fromMs < untilMs && overlaps({ fromMs, toMs }, range))
      windows.push({ fromMs, toMs });
  }
  return windows;
}

const overlaps = (a: Window, b: Window): boolean => a.fromMs < b.toMs && a.toMs > b.fromMs;

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
