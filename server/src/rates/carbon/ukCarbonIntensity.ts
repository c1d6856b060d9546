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
  /** A region of theirs (1–17), such as 13 for London; or the outward part of a postcode. Absent = all of Great Britain. */
  regionId: z.int().min(1).max(17).optional(),
  postcode: z
    .string()
    .regex(/^[A-Z]{1,2}\d[A-Z\d]?$/, "must be the outward part of a postcode, such as SW1A or M1")
    .optional(),
  sites: sitesSchema,
});
/** Instants without seconds: 2026-05-24T20:30Z. */
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/);
const figure = z.number().nonnegative().nullish();
const halfHours = z.array(
  z.object({ from: instant, to: instant, intensity: z.object({ forecast: figure, actual: figure }) }),
);
const answerSchema = z.object({ data: halfHours });
const regionSchema = z.object({ shortname: z.string().max(100).default("a region"), data: halfHours });
/** A region stands by itself, or is the only one of a list. */
const regionalSchema = z.object({ data: z.union([regionSchema, z.array(regionSchema).length(1)]) });

/**
 * Carbon intensity of Great Britain, or of a region of it, by the half hour; the forecast of each until its actual figure is known. Of
 * regions they tell forecasts alone. Shape: carbonintensity.org.uk, API definitions 2.0, `/intensity/{from}/fw48h` and
 * `/regional/intensity/{from}/fw48h/regionid/{id}` or `/postcode/{outward}`.
 */
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
      const ask = async (): Promise<{ where: string; data: z.output<typeof halfHours> }> => {
        const { regionId, postcode } = config;
        if (regionId === undefined && postcode === undefined) {
          const { data } = await http.json(
            below(config.url, `intensity/${from}/fw48h`),
            answerSchema,
            signal,
          );
          return { where: "Great Britain", data };
        }
        const of = regionId === undefined ? `postcode/${postcode}` : `regionid/${regionId}`;
        const path = `regional/intensity/${from}/fw48h/${of}`;
        const answer = await http.json(below(config.url, path), regionalSchema, signal);
        const [region] = [answer.data].flat();
        return { where: region!.shortname, data: region!.data };
      };
      const { where, data } = await ask();
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
              source: `Carbon Intensity API, ${where}`,
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
