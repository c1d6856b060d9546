import type { Zone } from "@hashwatt/protocol/zone";

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const LOCAL = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::00)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?\s?(Z|[+-]\d{2}:?\d{2})$/;
const DAY_MS = 86_400_000;

/** A date as epoch ms of its UTC midnight; undefined for one that no calendar has. */
function dateOf(text: string): number | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text) ? ms : undefined;
}

/** A UTC day as pools settle by it; throws RangeError with what is wrong. */
export function utcDay(text: string): { fromMs: number; toMs: number } {
  const fromMs = dateOf(text);
  if (fromMs === undefined) throw new RangeError("is no date; write 2026-08-01");
  return { fromMs, toMs: fromMs + DAY_MS };
}

/** The beginning of a date in a zone; throws RangeError with what is wrong. */
export function localDay(text: string, zone: Zone): number {
  if (dateOf(text) === undefined) throw new RangeError("is no date; write 2026-08-01");
  const [year, month, day] = text.split("-").map(Number) as [number, number, number];
  return zone.instant(year, month, day);
}

/**
 * An instant: with an offset from UTC, else by the clocks of the zone. Of a time that the clocks show twice the second where `taken` says
 * that the first was there already. Throws RangeError with what is wrong.
 */
export function instantOf(text: string, zone: Zone, taken: (ms: number) => boolean = () => false): number {
  if (INSTANT.test(text)) {
    const ms = Date.parse(text.replace(" ", "T").replace(/\s(?=Z|[+-])/, ""));
    if (Number.isFinite(ms) && dateOf(text.slice(0, 10)) !== undefined) return ms;
    throw new RangeError("is no time");
  }
  const match = LOCAL.exec(text);
  const [year, month, day, hour, minute] = (match ?? []).slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (!match || dateOf(text.slice(0, 10)) === undefined || hour > 23 || minute > 59)
    throw new RangeError("is no time; write 2026-08-01 00:15, or with an offset 2026-08-01T00:15:00+08:00");
  const first = zone.instant(year, month, day, hour, minute);
  const shown = zone.wall(first);
  if (shown.hour !== hour || shown.minute !== minute)
    throw new RangeError(`does not exist in ${zone.name}: the clocks are put on there`);
  const again = first + (zone.offsetMs(first) - zone.offsetMs(first + 3 * 3_600_000));
  const twice = again > first && zone.wall(again).hour === hour && zone.wall(again).minute === minute;
  return twice && taken(first) ? again : first;
}
