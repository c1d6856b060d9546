import type { MeterConfig } from "../../config/meters.js";
import { BUCKET_MS, HOUR_MS } from "../../rollup/row.js";
import type { AirRow, StateStore } from "../../store/state/state.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import type { Slot } from "../slot.js";

const EVERY_MS = 300_000;
/** So far back it is looked: what a sensor said an hour ago may have been written late. */
const BACK_MS = 26 * HOUR_MS;
/** An hour of which a sensor stood for less is not known. */
const LEAST_COVERED = 0.5;

/**
 * The air outside as sensors of the config have it, by the hour, in the series `ambient/<site>`; undefined where the config has no
 * sensor outside. Of several the mean counts.
 */
export function ambientSensors(
  meters: readonly Pick<MeterConfig, "site" | "at" | "meter">[],
  state: Pick<StateStore, "air">,
): RateFetcher | undefined {
  const sites = [...new Set(meters.filter(({ at }) => at === "ambient").map(({ site }) => site))];
  if (!sites.length) return undefined;
  return {
    id: "sensors-outside",
    kind: "sensors",
    series: sites.map((site) => `ambient/${site}`),
    everyMs: EVERY_MS,
    async fetch({ nowMs }) {
      const toMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
      const parts: SeriesSlots[] = [];
      for (const site of sites) {
        const range = { site, fromMs: toMs - BACK_MS, toMs, stepMs: BUCKET_MS, foldMs: HOUR_MS };
        parts.push({ series: `ambient/${site}`, slots: hoursOf(await state.air.rows(range)) });
      }
      return parts;
    },
  };
}

function hoursOf(rows: readonly AirRow[]): Slot[] {
  const hours = new Map<number, AirRow[]>();
  for (const row of rows) {
    if (row.place !== "ambient" || row.unit !== "°C" || row.coveredMs < LEAST_COVERED * HOUR_MS) continue;
    hours.set(row.startMs, [...(hours.get(row.startMs) ?? []), row]);
  }
  return [...hours]
    .sort(([a], [b]) => a - b)
    .map(([startMs, own]) => ({
      startMs,
      endMs: startMs + HOUR_MS,
      // A hundredth of a degree is more than a sensor knows.
      value: Math.round((own.reduce((sum, { mean }) => sum + mean, 0) / own.length) * 100) / 100,
      source: `measured outside by ${own.map(({ meter }) => meter).join(", ")}`,
      asOfMs: startMs + HOUR_MS,
    }));
}
