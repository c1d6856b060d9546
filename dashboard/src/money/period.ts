import { zoneDate, zoneDay } from "../series/dayHours.js";

/** What a page of money is about at a time. */
export const PERIODS = ["day", "week", "month"] as const;
export type PeriodKind = (typeof PERIODS)[number];

/** A whole day, week (from Monday) or month of a zone's calendar. */
export interface Period {
  kind: PeriodKind;
  fromMs: number;
  toMs: number;
  /** Beginnings of its days, in order. */
  days: number[];
}

/** The period that `ms` lies in, or the one `away` periods later. */
export function periodOf(kind: PeriodKind, ms: number, zone: string, away = 0): Period {
  const { year, month, day, weekday } = zoneDate(ms, zone);
  const [first, count] =
    kind === "day"
      ? [{ month, day: day + away }, 1]
      : kind === "week"
        ? [{ month, day: day - (weekday - 1) + away * 7 }, 7]
        : [{ month: month + away, day: 1 }, new Date(Date.UTC(year, month + away, 0)).getUTCDate()];
  const days = Array.from({ length: count }, (_, at) => zoneDay(year, first.month, first.day + at, zone));
  return { kind, fromMs: days[0]!, toMs: zoneDay(year, first.month, first.day + count, zone), days };
}
