import type { StopTime } from "@hashwatt/protocol/plannedStops";
import type { Zone } from "@hashwatt/protocol/zone";

export interface Window {
  fromMs: number;
  toMs: number;
}

/** Windows of a stop that overlap a range, by their beginning; a weekly one in the clocks of its site. */
export function windowsOf(time: StopTime, zone: Zone, range: Window): Window[] {
  if ("fromMs" in time) return overlaps(time, range) ? [{ fromMs: time.fromMs, toMs: time.toMs }] : [];
  const { days, sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = time;
  const windows: Window[] = [];
  const first = zone.wall(range.fromMs);
  const from = minutesOf(time.from);
  const to = minutesOf(time.to);
  // A window may have begun on the day before. Days of the calendar: where clocks are changed one has 23 hours or 25.
  for (let ahead = -1; ; ahead++) {
    const day = first.day + ahead;
    const fromMs = zone.instant(first.year, first.month, day, 0, from);
    if (fromMs >= range.toMs) break;
    if (!days.includes(((first.weekday + ahead + 6) % 7) + 1)) continue;
    const toMs = zone.instant(first.year, first.month, to > from ? day : day + 1, 0, to);
    if (fromMs >= sinceMs && fromMs < untilMs && overlaps({ fromMs, toMs }, range))
      windows.push({ fromMs, toMs });
  }
  return windows;
}

const overlaps = (a: Window, b: Window): boolean => a.fromMs < b.toMs && a.toMs > b.fromMs;

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
