import type { Zone } from "@hashwatt/protocol/zone";

/** A billing period, [startMs, endMs), named by the local date of its beginning. */
export interface BillingPeriod {
  startMs: number;
  endMs: number;
  name: string;
}

/** The billing period that `atMs` lies in, where the meter is read at the beginning of `readingDay` (1–28). */
export function billingPeriod(zone: Zone, readingDay: number, atMs: number): BillingPeriod {
  const { year, month, day } = zone.wall(atMs);
  const first = day >= readingDay ? month : month - 1;
  const startMs = zone.instant(year, first, readingDay);
  const begins = zone.wall(startMs);
  return {
    startMs,
    endMs: zone.instant(year, first + 1, readingDay),
    name: `${begins.year}-${String(begins.month).padStart(2, "0")}-${String(begins.day).padStart(2, "0")}`,
  };
}

/** The billing periods that touch [fromMs, toMs), in order. */
export function billingPeriods(
  zone: Zone,
  readingDay: number,
  fromMs: number,
  toMs: number,
): BillingPeriod[] {
  const found: BillingPeriod[] = [];
  for (let at = fromMs; at < toMs; ) {
    const period = billingPeriod(zone, readingDay, at);
    found.push(period);
    at = period.endMs;
  }
  return found;
}
