import type { DayHour } from "./dayHours.js";
import type { History } from "./mergeWindow.js";

/** One hour's bar. `perH` is the mean while measured, null when nothing was; `coverage` the measured share of the hour. */
export interface HourBar extends DayHour {
  perH: number | null;
  coverage: number;
  /** "past", "now" (under way) or "ahead". */
  when: "past" | "now" | "ahead";
}

/** A day as bars, its sum over the time that was measured, and the measured share of the time passed so far. */
export interface DayBars {
  bars: HourBar[];
  /** Null when nothing was measured. */
  sum: number | null;
  coverage: number;
}

const HOUR_MS = 3_600_000;

/**
 * Folds a history's steps into the hours of a day. `column` is a rate per hour; `covered` in the history says how much of
 * each step was measured, a step without it counts as whole. A step that crosses an hour is shared by overlap.
 */
export function foldHours(
  history: History | undefined,
  column: string,
  hours: readonly DayHour[],
  nowMs: number,
): DayBars {
  const values = history?.columns[column] ?? [];
  const covered = history?.columns.covered;
  let sum: number | null = null;
  let measuredMs = 0;
  let passedMs = 0;
  const bars = hours.map((hour): HourBar => {
    let weighed = 0;
    let hourMs = 0;
    history?.tMs.forEach((startMs, row) => {
      const value = values[row];
      if (value === null || value === undefined) return;
      const overlapTo = (endMs: number) => Math.min(endMs, hour.endMs) - Math.max(startMs, hour.startMs);
      const wholeMs = overlapTo(startMs + history.stepMs);
      const elapsedMs = overlapTo(Math.min(startMs + history.stepMs, history.toMs));
      if (elapsedMs <= 0) return;
      // The share is of the whole step; of one that is still under way no more than its elapsed part can be measured.
      const ms = Math.min(elapsedMs, wholeMs * (covered?.[row] ?? 1));
      weighed += value * ms;
      hourMs += ms;
    });
    passedMs += Math.max(0, Math.min(nowMs, hour.endMs) - hour.startMs);
    measuredMs += hourMs;
    if (hourMs > 0) sum = (sum ?? 0) + weighed / HOUR_MS;
    return {
      ...hour,
      perH: hourMs > 0 ? weighed / hourMs : null,
      coverage: hourMs / (hour.endMs - hour.startMs),
      when: nowMs >= hour.endMs ? "past" : nowMs >= hour.startMs ? "now" : "ahead",
    };
  });
  return { bars, sum, coverage: passedMs > 0 ? Math.min(1, measuredMs / passedMs) : 0 };
}
