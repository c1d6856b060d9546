import type { RateQuestion } from "../fetch/rateFetcher.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import { subsidySats } from "./formula.js";
import { NETWORK_SERIES } from "./network.js";

const HOUR_MS = 3_600_000;

/**
 * Leaves out what is held already as of less than an hour ago: height and mean fees move with every block, and say as much by the hour.
 * A height beyond a halving counts at once.
 */
export const notMoreOftenThanHourly = (
  parts: readonly SeriesSlots[],
  { nowMs, last }: RateQuestion,
): SeriesSlots[] =>
  parts.filter(({ series, slots }) => {
    const held = last(series);
    if (!held || nowMs - held.startMs >= HOUR_MS || held.startMs > nowMs) return true;
    const value = slots.at(-1)?.value;
    return (
      series === NETWORK_SERIES.height &&
      value !== undefined &&
      subsidySats(value) !== subsidySats(held.value)
    );
  });
