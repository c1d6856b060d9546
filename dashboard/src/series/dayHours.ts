/** An hour of a zone's day: epoch ms and the hour that its clocks show, 0–23. A day has 23, 24 or 25 of them. */
export interface DayHour {
  startMs: number;
  endMs: number;
  hour: number;
}

const HOUR_MS = 3_600_000;
const forms = new Map<string, Intl.DateTimeFormat>();

function formOf(zone: string): Intl.DateTimeFormat {
  let form = forms.get(zone);
  if (!form) {
    const options = {
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
      calendar: "gregory",
    } as const;
    try {
      form = new Intl.DateTimeFormat("en-US", { ...options, timeZone: zone });
    } catch {
      form = new Intl.DateTimeFormat("en-US", { ...options, timeZone: "UTC" });
    }
    forms.set(zone, form);
  }
  return form;
}

/** What a zone's clocks show at `ms`. */
function wallOf(ms: number, zone: string) {
  const parts: Record<string, number> = {};
  for (const { type, value } of formOf(zone).formatToParts(ms)) parts[type] = Number(value);
  return parts as { year: number; month: number; day: number; hour: number; minute: number; second: number };
}

/** How far a zone's clocks are ahead of UTC at `ms`, in ms. */
export function zoneOffsetMs(ms: number, zone: string): number {
  const wall = wallOf(ms, zone);
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
  return asUtc - Math.floor(ms / 1000) * 1000;
}

/** The instant at which a date begins in a zone; where midnight is skipped, the first instant after it. */
function dayStart(year: number, month: number, day: number, zone: string): number {
  const midnight = Date.UTC(year, month - 1, day);
  const candidates = [midnight - 24 * HOUR_MS, midnight, midnight + 24 * HOUR_MS].map(
    (near) => midnight - zoneOffsetMs(near, zone),
  );
  // Offsets before and after the day: the earliest instant that shows this date is its start.
  const showing = candidates.filter((ms) => wallOf(ms, zone).day === wallOf(midnight, "UTC").day);
  return Math.min(...(showing.length > 0 ? showing : candidates));
}

/** The date that a zone's calendar shows at `ms`. `weekday`: 1 = Monday … 7 = Sunday. */
export function zoneDate(ms: number, zone: string) {
  const { year, month, day } = wallOf(ms, zone);
  return { year, month, day, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7 };
}

/** The beginning of a date in a zone; months and days beyond their range carry over. */
export const zoneDay = (year: number, month: number, day: number, zone: string): number =>
  dayStart(year, month, day, zone);

/** The hours of the day in `zone` (IANA) that contains `nowMs`. */
export function dayHours(nowMs: number, zone: string): DayHour[] {
  const { year, month, day } = wallOf(nowMs, zone);
  const startMs = dayStart(year, month, day, zone);
  const endMs = dayStart(year, month, day + 1, zone);
  const hours: DayHour[] = [];
  for (let at = startMs; at < endMs; at += HOUR_MS)
    hours.push({ startMs: at, endMs: Math.min(at + HOUR_MS, endMs), hour: wallOf(at, zone).hour });
  return hours;
}
