import { z } from "zod";
import { sourceKind } from "../../fetch/sourceKind.js";
import {
  below,
  currencySchema,
  everyMs,
  keySchema,
  revealed,
  sourceKeys,
  urlSchema,
} from "../../fetch/sourceSchema.js";
import type { Slot, TimeRange } from "../../slot.js";
import { jsonOf, marketFetcher, shaped, slotsInOrder, unreadable } from "./market.js";

const NAME = "Nord Pool";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("nordpool"),
  url: urlSchema("https://data-api.nordpoolgroup.com/api/v2"),
  /** Delivery area, e.g. SE4. */
  area: z.string().regex(/^[A-Z0-9]{2,8}$/, "must be a delivery area such as SE4"),
  currency: currencySchema.default("EUR"),
  /** Bearer token of a customer. */
  key: keySchema.optional(),
});
type Config = Pick<z.output<typeof schema>, "area" | "currency">;

const area = z.object({
  deliveryArea: z.string(),
  unit: z.string(),
  prices: z.array(
    z.object({
      price: z.number(),
      deliveryStart: z.iso.datetime({ offset: true }),
      deliveryEnd: z.iso.datetime({ offset: true }),
    }),
  ),
});
/** One area, or a list of them. */
const answer = z.union([z.array(area), area.transform((one) => [one])]);

/** Day-ahead prices of a delivery area of Nord Pool. */
export const nordPool = sourceKind(schema, (config) =>
  marketFetcher(
    { ...config, everyMs: everyMs(config, 60), aheadMs: 36 * HOUR_MS },
    async (range, { http }, signal) => {
      const { url, area: areas, currency, key } = config;
      const headers: Record<string, string> = key ? { authorization: `Bearer ${revealed(key)}` } : {};
      const slots: Slot[] = [];
      for (const date of deliveryDays(range)) {
        const asked = below(url, "Auction/Prices/ByAreas", { areas, currency, market: "DayAhead", date });
        slots.push(...parseNordPool(await http.text(asked, signal, { headers }), config));
      }
      return slotsInOrder(NAME, slots);
    },
  ),
);

/** Delivery days that touch a range. They are those of Central Europe, which begin up to two hours before those of UTC. */
export function deliveryDays({ fromMs, toMs }: TimeRange): string[] {
  const days: string[] = [];
  for (let at = Math.floor(fromMs / DAY_MS) * DAY_MS; at < toMs + 2 * HOUR_MS; at += DAY_MS)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

/** Prices of an area. A day that is not settled has none, and an empty answer. */
export function parseNordPool(body: string, { area: code, currency }: Config): Slot[] {
  if (body.trim() === "") return [];
  const own = shaped(NAME, answer, jsonOf(NAME, body)).find(({ deliveryArea }) => deliveryArea === code);
  if (!own) return [];
  const [money, energy] = own.unit.split("/");
  if (energy !== "MWh" || money !== currency)
    throw unreadable(NAME, `the prices of ${code} are in ${own.unit}, and not in ${currency}/MWh`);
  const slots = own.prices.map(({ price, deliveryStart, deliveryEnd }): Slot => {
    const startMs = Date.parse(deliveryStart);
    return {
      startMs,
      endMs: Date.parse(deliveryEnd),
      value: price / 1000,
      source: `Nord Pool day-ahead ${code}`,
      note: own.unit,
      asOfMs: null,
    };
  });
  return slotsInOrder(NAME, slots);
}
