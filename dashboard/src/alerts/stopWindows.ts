import type { PlannedStop } from "@hashwatt/protocol/plannedStops";
import { Zone } from "@hashwatt/protocol/zone";

const DAY_MS = 86_400_000;

/** The windows of a planned stop that touch [fromMs, toMs), cut to it, in order; by the clocks of the site's zone. */
export function windowsOf(
  { time }: Pick<PlannedStop, "time">,
  zoneName: string,
  fromMs: number,
  toMs: number,
): { fromMs: number; toMs: number }[] {
  const windows: { fromMs: number; toMs: number }[] = [];
  const add = (beginsMs: number, endsMs: number) => {
    const cut = { fromMs: Math.max(beginsMs, fromMs), toMs: Math.min(endsMs, toMs) };
    if (cut.toMs > cut.fromMs) windows.push(cut);
  };
  if ("fromMs" in time) {
    add(time.fromMs, time.toMs);
    return windows;
  }
  const zone = Zone.of(zoneName);
  const at = (clock: string): [number, number] => [Number(clock.slice(0, 2)), Number(clock.slice(3))];
  const { year, month, day } = zone.wall(fromMs);
  for (let ahead = -1; ahead <= (toMs - fromMs) / DAY_MS + 1; ahead++) {
    const beginsMs = zone.instant(year, month, day + ahead, ...at(time.from));
    if (!time.days.includes(zone.wall(beginsMs).weekday)) continue;
    const endsMs = zone.instant(year, month, day + ahead + (time.to > time.from ? 0 : 1), ...at(time.to));
    add(
      Math.max(beginsMs, time.sinceMs ?? Number.NEGATIVE_INFINITY),
      Math.min(endsMs, time.untilMs ?? Number.POSITIVE_INFINITY),
    );
  }
  return windows;
}

/** The instant that a field such as 2026-11-26T22:00 means by the clocks of a zone; undefined for none. */
export function instantOf(text: string, zoneName: string): number | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return Zone.of(zoneName).instant(year, month, day, hour, minute);
}

/** An instant as such a field shows it, by the clocks of a zone. */
export function fieldOf(ms: number, zoneName: string): string {
  const { year, month, day, hour, minute } = Zone.of(zoneName).wall(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

const MINUTES_MS = 300_000;
/** How long a stop is unless another end is chosen. */
const STOP_MS = 2 * 3_600_000;

/** The next full five minutes: what a form proposes in the place of an odd one. */
export const soon = (ms: number): number => Math.ceil(ms / MINUTES_MS) * MINUTES_MS;

/** What the fields of a new stop propose, by the clocks of a site's zone. */
export const proposed = (nowMs: number, zoneName: string): { from: string; to: string } => ({
  from: fieldOf(soon(nowMs), zoneName),
  to: fieldOf(soon(nowMs + STOP_MS), zoneName),
});
