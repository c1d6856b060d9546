import { z } from "zod";
import { openSlot } from "../fetch/openSlot.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { below, currencySchema, everyMs, sourceKeys, urlSchema } from "../fetch/sourceSchema.js";

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("coinbase-fx"),
  url: urlSchema("https://api.coinbase.com"),
  /** What units per USD are wanted of. */
  currencies: z.array(currencySchema).min(1).max(40),
});
const ratesSchema = z.object({ data: z.object({ rates: z.record(z.string(), z.string()) }) });

/** Exchange rates as Coinbase shows them, at any hour. */
export const coinbaseFx = sourceKind(
  schema,
  (config): RateFetcher => ({
    id: config.id,
    kind: config.kind,
    series: config.currencies.map((currency) => `fx/${currency}`),
    everyMs: everyMs(config, 60),
    async fetch({ nowMs, http, lacks }, signal) {
      const { data } = await http.json(
        below(config.url, "v2/exchange-rates", { currency: "USD" }),
        ratesSchema,
        signal,
      );
      return config.currencies.flatMap((currency) => {
        const value = Number(data.rates[currency]);
        if (!(value > 0)) {
          lacks(`Coinbase has no rate of ${currency}`);
          return [];
        }
        return [{ series: `fx/${currency}`, slots: [openSlot(value, "Coinbase", nowMs, nowMs)] }];
      });
    },
  }),
);
