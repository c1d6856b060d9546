import type { WallTime, Zone } from "@hashwatt/protocol/zone";

/** Kinds of days; `workday` and `weekend` are those of the calendar, unless the day is a `holiday`. */
export type DayKind = "workday" | "weekend" | "holiday";

/** Minutes since midnight, [from, to); `to` may lie before `from`, over midnight. */
export interface DayStretch {
  from: number;
  to: number;
}

/** Local times that something holds at: all that are given must fit; an absent one fits always. */
export interface LocalTimes {
  /** 1–12. */
  months?: readonly number[];
  days?: readonly DayKind[];
  hours?: readonly DayStretch[];
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

const dateOf = ({ year, month, day }: WallTime): string =>
  `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;

/** The kind of a day; `holidays` are local dates such as 2026-10-01. */
export const dayKind = (wall: WallTime, holidays: ReadonlySet<string>): DayKind =>
  holidays.size > 0 && holidays.has(dateOf(wall)) ? "holiday" : wall.weekday >= 6 ? "weekend" : "workday";

/** Whether a minute of the day lies in a stretch. */
const isWithin = ({ from, to }: DayStretch, minute: number): boolean =>
  from < to ? minute >= from && minute < to : minute >= from || minute < to;

/** Whether `times` fit what the clocks show. */
export function fits(times: LocalTimes, wall: WallTime, kind: DayKind): boolean {
  if (times.months && !times.months.includes(wall.month)) return false;
  if (times.days && !times.days.includes(kind)) return false;
  const minute = wall.hour * 60 + wall.minute;
  return !times.hours || times.hours.some((stretch) => isWithin(stretch, minute));
}

/** A piece of time over which the same of some {@link LocalTimes} fit. */
export interface Piece {
  startMs: number;
  endMs: number;
  wall: WallTime;
  kind: DayKind;
}

/**
 * Cuts [fromMs, toMs) into pieces within which no rule begins or ends: at each clock hour, at each edge of a rule and where the
 * clocks are put on or back.
 */
export function* pieces(
  zone: Zone,
  rules: readonly LocalTimes[],
  holidays: ReadonlySet<string>,
  fromMs: number,
  toMs: number,
): Generator<Piece> {
  const edges = [...new Set(rules.flatMap(({ hours }) => hours ?? []).flatMap(({ from, to }) => [from, to]))]
    .filter((edge) => edge % 60 !== 0)
    .sort((a, b) => a - b);
  for (let at = fromMs; at < toMs; ) {
    const wall = zone.wall(at);
    const minute = wall.hour * 60 + wall.minute;
    const hourEnds = zone.endOfHour(at);
    const edge = edges.find((next) => next > minute);
    const wholeMinute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const edgeMs = edge === undefined ? hourEnds : wholeMinute + (edge - minute) * MINUTE_MS;
    const endMs = Math.min(hourEnds, edgeMs, toMs);
    yield { startMs: at, endMs, wall, kind: dayKind(wall, holidays) };
    at = endMs;
  }
}

/** What {@link parseStretch} reads. */
export function stretchText({ from, to }: DayStretch): string {
  const time = (minutes: number) =>
    minutes % 60 === 0
      ? String(minutes / 60)
      : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  return `${time(from)}-${time(to)}`;
}

/** Reads `7-9`, `16:30-21` or `22-6`; undefined where it is none. */
export function parseStretch(text: string): DayStretch | undefined {
  const match = /^(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/.exec(text);
  if (!match) return undefined;
  const minutes = (hour: string | undefined, minute: string | undefined) =>
    Number(minute ?? 0) < 60 ? Number(hour) * 60 + Number(minute ?? 0) : Number.NaN;
  const from = minutes(match[1], match[2]);
  const to = minutes(match[3], match[4]);
  const good = from < DAY_MINUTES && to > 0 && to <= DAY_MINUTES && from !== to;
  return good ? { from, to } : undefined;
}
