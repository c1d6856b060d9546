import { z } from "zod";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import {
  below,
  everyMs,
  keySchema,
  revealed,
  sitesSchema,
  sourceKeys,
  urlSchema,
} from "../fetch/sourceSchema.js";
import type { Slot } from "../slot.js";

const HOUR_MS = 3_600_000;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("electricity-maps"),
  url: urlSchema("https://api.electricitymap.org"),
  key: keySchema,
  /** A zone of theirs, such as FR or US-TEX-ERCO. */
  zone: z.string().regex(/^[A-Z0-9-]{2,32}$/, "must be a zone of Electricity Maps such as FR"),
  sites: sitesSchema,
});
const hourSchema = z.object({
  carbonIntensity: z.number().nullable(),
  datetime: z.iso.datetime({ offset: true }),
  updatedAt: z.iso.datetime({ offset: true }).optional(),
  emissionFactorType: z.string().max(40).optional(),
  isEstimated: z.boolean().nullish(),
});
/** Under either name. */
const historySchema = z
  .object({ history: z.array(hourSchema).optional(), data: z.array(hourSchema).optional() })
  .refine(({ history, data }) => history ?? data, "has neither history nor data");

/** Carbon intensity of a zone by the hour, as Electricity Maps computes it; g/kWh there. */
export const electricityMaps = sourceKind(schema, (config): RateFetcher => {
  const series = `carbon/${config.id}`;
  const slotOf = ({
    carbonIntensity,
    datetime,
    updatedAt,
    emissionFactorType,
    isEstimated,
  }: z.output<typeof hourSchema>): Slot[] => {
    if (carbonIntensity === null || carbonIntensity < 0) return [];
    const startMs = Date.parse(datetime);
    return [
      {
        startMs,
        endMs: startMs + HOUR_MS,
        value: carbonIntensity / 1_000,
        source: `Electricity Maps, ${config.zone}`,
        note: `${emissionFactorType ?? "lifecycle"} CO2e${isEstimated ? ", estimated" : ""}`,
        asOfMs: updatedAt === undefined ? startMs : Date.parse(updatedAt),
      },
    ];
  };
  return {
    id: config.id,
    kind: config.kind,
    series: [series],
    everyMs: everyMs(config, 30),
    attribution: "Electricity Maps (electricitymaps.com)",
    async fetch({ nowMs, last, http, lacks }, signal) {
      const request = { headers: { "auth-token": revealed(config.key) } };
      const ask = <S extends z.ZodType>(what: string, shape: S) =>
        http.json(
          below(config.url, `v3/carbon-intensity/${what}`, { zone: config.zone }),
          shape,
          signal,
          request,
        );
      const held = last(series);
      // The latest hour alone goes on from the one before; after a gap the last day is asked for.
      if (held && held.endMs > nowMs - HOUR_MS) {
        const latest = await ask("latest", hourSchema);
        const slots = slotOf(latest);
        if (!slots.length) lacks(`Electricity Maps knows no intensity of ${config.zone}`);
        return [{ series, slots }];
      }
      const { history, data } = await ask("history", historySchema);
      return [
        { series, slots: (history ?? data ?? []).flatMap(slotOf).sort((a, b) => a.startMs - b.startMs) },
      ];
    },
  };
});
