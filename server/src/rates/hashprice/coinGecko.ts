import { z } from "zod";
import { openSlot } from "../fetch/openSlot.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import {
  below,
  currencySchema,
  epochMs,
  everyMs,
  keySchema,
  revealed,
  sourceKeys,
  urlSchema,
} from "../fetch/sourceSchema.js";

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("coingecko"),
  url: urlSchema("https://api.coingecko.com"),
  currencies: z.array(currencySchema).min(1).max(20).default(["USD"]),
  /** Its key, where one has it. */
  key: keySchema.optional(),
});
const priceSchema = z.object({ bitcoin: z.record(z.string(), z.number()) });

/** The price of BTC as CoinGecko averages it over markets. */
export const coinGecko = sourceKind(
  schema,
  (config): RateFetcher => ({
    id: config.id,
    kind: config.kind,
    series: config.currencies.map((currency) => `btc/${currency}`),
    everyMs: everyMs(config, 10),
    attribution: "Price data by CoinGecko",
    async fetch({ nowMs, http, lacks }, signal) {
      const url = below(config.url, "api/v3/simple/price", {
        ids: "bitcoin",
        vs_currencies: config.currencies.join(",").toLowerCase(),
        include_last_updated_at: "true",
      });
      const headers: Record<string, string> = config.key ? { "x-cg-demo-api-key": revealed(config.key) } : {};
      const { bitcoin } = await http.json(url, priceSchema, signal, { headers });
      const told = bitcoin.last_updated_at;
      const asOfMs = told === undefined || told <= 0 ? nowMs : Math.min(nowMs, epochMs(told));
      return config.currencies.flatMap((currency) => {
        const value = bitcoin[currency.toLowerCase()];
        if (value === undefined || value <= 0) {
          lacks(`CoinGecko knows no price of BTC in ${currency}`);
          return [];
        }
        return [{ series: `btc/${currency}`, slots: [openSlot(value, "CoinGecko", asOfMs, nowMs)] }];
      });
    },
  }),
);
