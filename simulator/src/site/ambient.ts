import { scatter } from "../gauges.js";
import type { Climate } from "./climates.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WARMEST_SOLAR_HOUR = 15;
/** Half the difference of a day where the source gives no highs and lows; an assumption. */
const USUAL_SWING_C = 5;
/** Weather departs from the climate by about this, and forgets itself in days; an assumption. */
const WEATHER_SD_C = 2.2;
const WEATHER_KNOT_MS = 1.5 * DAY_MS;
const KNOT_MS = 4000;

/** A monthly row at this moment: straight from the middle of one month to that of the next. */
function ofSeason(monthly: readonly number[], atMs: number): number {
  const date = new Date(atMs);
  const month = date.getUTCMonth();
  const first = Date.UTC(date.getUTCFullYear(), month, 1);
  const part = (atMs - first) / (Date.UTC(date.getUTCFullYear(), month + 1, 1) - first);
  const from = part < 0.5 ? (month + 11) % 12 : month;
  const along = part < 0.5 ? part + 0.5 : part - 0.5;
  return (monthly[from] as number) * (1 - along) + (monthly[(from + 1) % 12] as number) * along;
}

/** Half the difference between a day's high and its low in each month. */
function swings({ meanC, highC, lowC }: Climate): number[] {
  return meanC.map((mean, month) => {
    const high = highC?.[month];
    if (high === undefined) return USUAL_SWING_C;
    const low = lowC?.[month] ?? 2 * mean - high;
    return (high - low) / 2;
  });
}

/**
 * Air outside at this moment, °C: `Tmean + A·cos(2π(h − 15)/24)` with the sun's hour h, mean and A by season, and with `weather`
 * above 0 warm and cool spells of a few days, the same for the same `key`.
 */
export function ambientC(climate: Climate, atMs: number, weather: number, key: number): number {
  const solarHour = (((atMs / HOUR_MS + climate.longitudeDeg / 15) % 24) + 24) % 24;
  const swing = ofSeason(swings(climate), atMs);
  const day = swing * Math.cos((2 * Math.PI * (solarHour - WARMEST_SOLAR_HOUR)) / 24);
  const spell = weather === 0 ? 0 : scatter(key, 1, (atMs / WEATHER_KNOT_MS) * KNOT_MS);
  return ofSeason(climate.meanC, atMs) + day + weather * WEATHER_SD_C * spell;
}
