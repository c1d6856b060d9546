import type { LedgerRow } from "@hashwatt/protocol/ledger";
import { dayHours } from "../series/dayHours.js";

/** One hour of a zone's day with what it came to. */
export interface HourCell {
  startMs: number;
  endMs: number;
  /** What the clocks show, 0–23; an hour that comes twice is there twice. */
  hour: number;
  /** Marginal profit in millionths; null = not known. */
  profitMicro: number | null;
  /** Share of the rigs' time for which it is known, 0–1; null where no rig was known. */
  known: number | null;
  when: "past" | "now" | "ahead";
  /** It is not priced to its end yet: what is not known of it may still come. */
  partial: boolean;
}

/** One day: its hours by the clock, a place for each of 24; a place is empty where the clocks skip that hour. */
export interface GridDay {
  startMs: number;
  places: HourCell[][];
  /** Sum of what is known; null where nothing is. */
  profitMicro: number | null;
  known: number | null;
}

export interface HourGrid {
  days: GridDay[];
  /** The largest gain or loss of an hour, millionths; 0 where none is known. */
  mostMicro: number;
}

/** Share of a time span for which a figure is known; null where no rig was. */
export const shareOf = (knownMs: number, spanMs: number): number | null =>
  spanMs > 0 ? Math.min(1, knownMs / spanMs) : null;

/** Hours of the ledger as rows of days; `rows` are hours of the same zone. */
export function hourGrid(
  rows: readonly LedgerRow[],
  days: readonly number[],
  zone: string,
  nowMs: number,
): HourGrid {
  const byStart = new Map(rows.map((row) => [row.startMs, row]));
  let mostMicro = 0;
  const grid = days.map((startMs): GridDay => {
    const places: HourCell[][] = Array.from({ length: 24 }, () => []);
    let [sum, any, profitMs, spanMs] = [0, false, 0, 0];
    for (const hour of dayHours(startMs, zone)) {
      const row = byStart.get(hour.startMs);
      const profitMicro = row?.marginalProfitMicro ?? null;
      if (row) {
        profitMs += row.coverage.profitMs;
        spanMs += row.coverage.spanMs;
      }
      if (profitMicro !== null) {
        any = true;
        sum += profitMicro;
        mostMicro = Math.max(mostMicro, Math.abs(profitMicro));
      }
      places[hour.hour]!.push({
        startMs: hour.startMs,
        endMs: hour.endMs,
        hour: hour.hour,
        profitMicro,
        known: row ? shareOf(row.coverage.profitMs, row.coverage.spanMs) : null,
        when: hour.endMs <= nowMs ? "past" : hour.startMs > nowMs ? "ahead" : "now",
        partial: row?.partial ?? true,
      });
    }
    return { startMs, places, profitMicro: any ? sum : null, known: shareOf(profitMs, spanMs) };
  });
  return { days: grid, mostMicro };
}

/** Why an hour has no amount: it is still to come, is not priced yet, is not known, or no rig was known then. */
export type WhyNot = "Ahead" | "NotYet" | "Unknown" | "None";

/** Tells why an hour has no amount; `known` as in {@link HourCell}. An hour that is not priced has a row too, of no rig's time. */
export const whyNot = (
  known: number | null,
  { ahead, partial }: { ahead: boolean; partial: boolean },
): WhyNot => (ahead ? "Ahead" : known !== null ? "Unknown" : partial ? "NotYet" : "None");

/** What stands in the place of an amount. */
export const SIGN_OF: Readonly<Record<WhyNot, string>> = { Ahead: "", NotYet: "…", Unknown: "?", None: "·" };

/** How strong an hour is shown, 1–5, by its share of the largest; 0 for exactly nothing. */
export const strengthOf = (profitMicro: number, mostMicro: number): number =>
  profitMicro === 0 || mostMicro === 0
    ? 0
    : Math.max(1, Math.ceil(5 * Math.sqrt(Math.abs(profitMicro) / mostMicro)));
