import { z } from "zod";
import { sourceKind } from "../../fetch/sourceKind.js";
import { below, everyMs, keySchema, revealed, sourceKeys, urlSchema } from "../../fetch/sourceSchema.js";
import type { Slot } from "../../slot.js";
import { jsonOf, marketFetcher, shaped, slotsInOrder } from "./market.js";

const NAME = "Amber";
const MINUTE_MS = 60_000;
/** It gives so many intervals at most before and after the present one. */
const MOST = 2_048;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("amber"),
  url: urlSchema("https://api.amber.com.au/v1"),
  /** The id of the site there. */
  siteId: z
    .string()
    .regex(/^[A-Z0-9]{10,40}$/, "must be the id of a site, such as 01F5A5CRKMZ5BCX9P1S4V990AM"),
  key: keySchema,
});

const answer = z.array(
  z.object({
    type: z.string(),
    /** Minutes. */
    duration: z.number().positive().max(60),
    endTime: z.iso.datetime({ offset: true }),
    /** Cents, with all that a kWh costs there. */
    perKwh: z.number(),
    channelType: z.string(),
    spikeStatus: z.string().optional(),
  }),
);

/** Prices of an Amber site in Australia, by five minutes; cents per kWh there. */
export const amber = sourceKind(schema, (config) => {
  const { url, siteId, key } = config;
  return marketFetcher(
    { ...config, everyMs: everyMs(config, 5), aheadMs: 24 * 60 * MINUTE_MS },
    async ({ fromMs, toMs }, { http, nowMs }, signal) => {
      const headers = { authorization: `Bearer ${revealed(key)}` };
      const path = `sites/${siteId}/prices`;
      const steps = (ms: number) => String(Math.min(MOST, Math.max(1, Math.ceil(ms / (5 * MINUTE_MS)))));
      const present = { next: steps(toMs - nowMs), previous: steps(nowMs - fromMs), resolution: "5" };
      const slots = parseAmber(await http.text(below(url, `${path}/current`, present), signal, { headers }));
      if (nowMs - fromMs <= MOST * 5 * MINUTE_MS) return slots;
      const days = { startDate: dayOf(fromMs), endDate: dayOf(nowMs), resolution: "5" };
      return slotsInOrder(NAME, [
        ...parseAmber(await http.text(below(url, path, days), signal, { headers })),
        ...slots,
      ]);
    },
  );
});

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Prices of what is drawn. A forecast and a spike are said in the note. */
export function parseAmber(body: string): Slot[] {
  const slots = shaped(NAME, answer, jsonOf(NAME, body))
    .filter(({ channelType }) => channelType === "general")
    .map(({ type, duration, endTime, perKwh, spikeStatus }): Slot => {
      // It lets an interval begin a second late, so that it is counted from its end.
      const endMs = Math.round(Date.parse(endTime) / MINUTE_MS) * MINUTE_MS;
      const notes = [
        "AUD/kWh",
        type === "ForecastInterval" ? "forecast" : undefined,
        spikeStatus === "spike" ? "price spike" : spikeStatus === "potential" ? "spike possible" : undefined,
      ].filter(Boolean);
      return {
        startMs: endMs - duration * MINUTE_MS,
        endMs,
        value: perKwh / 100,
        source: "Amber",
        note: notes.join(", "),
        asOfMs: null,
      };
    });
  return slotsInOrder(NAME, slots);
}
