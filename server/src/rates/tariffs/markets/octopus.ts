import { z } from "zod";
import { sourceKind } from "../../fetch/sourceKind.js";
import { below, everyMs, sourceKeys, urlSchema } from "../../fetch/sourceSchema.js";
import type { Slot } from "../../slot.js";
import { jsonOf, marketFetcher, shaped, slotsInOrder } from "./market.js";

const NAME = "Octopus";
const HOUR_MS = 3_600_000;
/** Half hours of so many days are less than a page of its answers. */
const PAGE_MS = 30 * 86_400_000;

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("octopus"),
  url: urlSchema("https://api.octopus.energy/v1"),
  /** Product code, e.g. AGILE-24-10-01. */
  product: z.string().regex(/^[A-Z0-9-]{3,40}$/, "must be a product code such as AGILE-24-10-01"),
  /** Letter of the grid region. */
  region: z.string().regex(/^[A-P]$/, "must be a letter from A to P"),
  /** Prices as they are paid; false takes VAT out, for a tariff that adds it itself. */
  vat: z.boolean().default(true),
  /** Where a product has a price of its own for each way to pay. */
  payment: z.enum(["DIRECT_DEBIT", "NON_DIRECT_DEBIT"]).default("DIRECT_DEBIT"),
});
type Config = Pick<z.output<typeof schema>, "product" | "vat" | "payment">;

const answer = z.object({
  results: z.array(
    z.object({
      value_exc_vat: z.number(),
      value_inc_vat: z.number(),
      valid_from: z.iso.datetime({ offset: true }),
      /** Null = until another is published. */
      valid_to: z.iso.datetime({ offset: true }).nullable(),
      payment_method: z.string().nullable().optional(),
    }),
  ),
});

/** Unit rates of an Octopus product, in half hours; pence per kWh there, pounds here. */
export const octopus = sourceKind(schema, (config) =>
  marketFetcher(
    { ...config, everyMs: everyMs(config, 60), aheadMs: 36 * HOUR_MS },
    async ({ fromMs, toMs }, { http }, signal) => {
      const { url, product, region } = config;
      const path = `products/${product}/electricity-tariffs/E-1R-${product}-${region}/standard-unit-rates/`;
      const slots: Slot[] = [];
      for (let at = fromMs; at < toMs; at += PAGE_MS) {
        const period_from = new Date(at).toISOString();
        const period_to = new Date(Math.min(toMs, at + PAGE_MS)).toISOString();
        const asked = below(url, path, { period_from, period_to, page_size: "1500" });
        slots.push(...parseOctopus(await http.text(asked, signal), config));
      }
      return slotsInOrder(NAME, slots);
    },
  ),
);

/** Unit rates of the way to pay that is asked for, and those that are for every way. */
export function parseOctopus(body: string, { vat, payment, product }: Config): Slot[] {
  const { results } = shaped(NAME, answer, jsonOf(NAME, body));
  const slots = results
    .filter(({ payment_method: way }) => way === null || way === undefined || way === payment)
    .map((rate): Slot => {
      const startMs = Date.parse(rate.valid_from);
      return {
        startMs,
        endMs: rate.valid_to === null ? Number.POSITIVE_INFINITY : Date.parse(rate.valid_to),
        value: (vat ? rate.value_inc_vat : rate.value_exc_vat) / 100,
        source: `Octopus ${product}`,
        note: `GBP/kWh, ${vat ? "with" : "without"} VAT`,
        asOfMs: null,
      };
    })
    // Of two that overlap the one that begins later is the newer.
    .sort((a, b) => a.startMs - b.startMs);
  return slotsInOrder(NAME, slots);
}
