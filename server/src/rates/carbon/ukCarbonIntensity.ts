import { z } from "zod";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { below, everyMs, sitesSchema, sourceKeys, urlSchema } from "../fetch/sourceSchema.js";
import type { Slot } from "../slot.js";

const HALF_HOUR_MS = 1_800_000;
/** So far back it is asked for what has become known since. */
const BACK_MS = 24 * 3_600_000;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("uk-carbon-intensity"),
  url: urlSchema("https://api.carbonintensity.org.uk"),
  sites: sitesSchema,
});
/** Instants without seconds: 2026-05-24T20:30Z. */
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/);
const figure = z.number().nonnegative().nullish();
const answerSchema = z.object({
  data: z.array(
    z.object({ from: instant, to: instant, intensity: z.object({ forecast: figure, actual: figure }) }),
  ),
});

/** Carbon intensity of Great Britain by the half hour; the forecast of each until its actual figure is known. */
export const ukCarbonIntensity = sourceKind(schema, (config): RateFetcher => {
  const series = `carbon/${config.id}`;
  return {
    id: config.id,
    kind: config.kind,
    series: [series],
    everyMs: everyMs(config, 30),
    attribution: "National Energy System Operator, Carbon Intensity API (CC BY 4.0)",
    async fetch({ nowMs, http }, signal) {
      const fromMs = Math.floor((nowMs - BACK_MS) / HALF_HOUR_MS) * HALF_HOUR_MS;
      const from = `${new Date(fromMs).toISOString().slice(0, 16)}Z`;
      const { data } = await http.json(below(config.url, `intensity/${from}/fw48h`), answerSchema, signal);
      const slots = data
        .flatMap(({ from, to, intensity: { actual, forecast } }): Slot[] => {
          const grams = actual ?? forecast;
          if (grams === null || grams === undefined) return [];
          const startMs = Date.parse(from);
          return [
            {
              startMs,
              endMs: Date.parse(to),
              value: grams / 1_000,
              source: "Carbon Intensity API, Great Britain",
              note: actual === null || actual === undefined ? "forecast" : "actual",
              asOfMs: Math.min(startMs, nowMs),
            },
          ];
        })
        .sort((a, b) => a.startMs - b.startMs);
      return [{ series, slots }];
    },
  };
});
