import type { DayWindow } from "@hashwatt/protocol/alerting";
import { Zone } from "@hashwatt/protocol/zone";

/** Hour and minute of a text such as 22:00. */
const parts = (clock: string): [number, number] => [Number(clock.slice(0, 2)), Number(clock.slice(3))];

/**
 * When a window ends that `nowMs` lies in, by the clocks of a zone; undefined outside. One that ends at or before the time it
 * begins at goes into the next day; days of 23 and 25 hours count as the clocks do.
 */
export function windowEnd(
  { from, to, days }: DayWindow,
  zoneName: string,
  nowMs: number,
): number | undefined {
  const zone = Zone.of(zoneName);
  const { year, month, day } = zone.wall(nowMs);
  for (const back of [0, 1]) {
    const startMs = zone.instant(year, month, day - back, ...parts(from));
    const endMs = zone.instant(year, month, day - back + (to > from ? 0 : 1), ...parts(to));
    if (nowMs < startMs || nowMs >= endMs) continue;
    if (!days || days.includes(zone.wall(startMs).weekday)) return endMs;
  }
  return undefined;
}

/** The latest end of the windows that `nowMs` lies in; undefined outside all. */
export function windowsEnd(
  windows: readonly DayWindow[] | undefined,
  zoneName: string,
  nowMs: number,
): number | undefined {
  let latest: number | undefined;
  for (const window of windows ?? []) {
    const endMs = windowEnd(window, zoneName, nowMs);
    if (endMs !== undefined && (latest === undefined || endMs > latest)) latest = endMs;
  }
  return latest;
}

/** The next instant after `nowMs` at which a zone's clocks show a time of day. */
export function nextTimeOfDay(clock: string, zoneName: string, nowMs: number): number {
  const zone = Zone.of(zoneName);
  const { year, month, day } = zone.wall(nowMs);
  for (const ahead of [0, 1, 2]) {
    const atMs = zone.instant(year, month, day + ahead, ...parts(clock));
    if (atMs > nowMs) return atMs;
  }
  throw new RangeError(`no ${clock} within two days`);
}
