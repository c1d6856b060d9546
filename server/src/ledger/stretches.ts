import type { LedgerStep } from "@hashwatt/protocol/ledger";
import type { Zone } from "@hashwatt/protocol/zone";
import type { TimeRange } from "../rates/slot.js";

/** A row of a ledger: an hour, day or month of the zone, or the part of it that lies in the range. */
export interface Stretch {
  startMs: number;
  endMs: number;
  /** It is shorter than its hour, day or month. */
  partial: boolean;
}

/** The whole hour, day or month of a zone that an instant lies in. */
function wholeOf(zone: Zone, step: LedgerStep, atMs: number): { startMs: number; endMs: number } {
  const { year, month, day } = zone.wall(atMs);
  switch (step) {
    case "hour": {
      const endMs = zone.endOfHour(atMs);
      // Clocks that are put on or back within an hour leave two parts of it.
      const before = endMs - 3_600_000;
      return { startMs: zone.endOfHour(before) === endMs ? before : zone.endOfHour(before), endMs };
    }
    case "day":
      return { startMs: zone.instant(year, month, day), endMs: zone.instant(year, month, day + 1) };
    case "month":
      return { startMs: zone.instant(year, month, 1), endMs: zone.instant(year, month + 1, 1) };
  }
}

/** The rows of [fromMs, toMs), in order and without a gap; `most` at most, undefined for more. */
export function stretches(
  zone: Zone,
  step: LedgerStep,
  fromMs: number,
  toMs: number,
  most: number,
): Stretch[] | undefined {
  const rows: Stretch[] = [];
  for (let at = fromMs; at < toMs; ) {
    if (rows.length >= most) return undefined;
    const whole = wholeOf(zone, step, at);
    const endMs = Math.min(whole.endMs, toMs);
    rows.push({ startMs: at, endMs, partial: at > whole.startMs || endMs < whole.endMs });
    at = endMs;
  }
  return rows;
}

/** A row in parts, in order and without a gap: the hours of a zone that touch `within`, and what is left before and after them as one each. */
export function hoursWithin(
  zone: Zone,
  { startMs, endMs }: Pick<Stretch, "startMs" | "endMs">,
  within: TimeRange,
): Pick<Stretch, "startMs" | "endMs">[] {
  const touchedMs = Math.max(startMs, within.fromMs);
  const untilMs = Math.min(endMs, within.toMs);
  if (untilMs <= touchedMs) return [{ startMs, endMs }];
  const firstMs = Math.max(startMs, wholeOf(zone, "hour", touchedMs).startMs);
  const lastMs = Math.min(endMs, zone.endOfHour(untilMs - 1));
  return [
    ...(firstMs > startMs ? [{ startMs, endMs: firstMs }] : []),
    ...(stretches(zone, "hour", firstMs, lastMs, Number.POSITIVE_INFINITY) ?? []),
    ...(lastMs < endMs ? [{ startMs: lastMs, endMs }] : []),
  ];
}
