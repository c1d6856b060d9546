import { z } from "zod";
import { openSlot } from "../fetch/openSlot.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { below, currencySchema, everyMs, sourceKeys, urlSchema } from "../fetch/sourceSchema.js";

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("coinbase"),
  url: urlSchema("https://api.coinbase.com"),
  currency: currencySchema.default("USD"),
});
const spotSchema = z.object({ data: z.object({ amount: z.string().regex(/^-?\d+(\.\d+)?$/) }) });

/** The spot price of BTC at Coinbase. */
export const coinbase = sourceKind(schema, (config): RateFetcher => {
  const series = `btc/${config.currency}`;
  return {
    id: config.id,
    kind: config.kind,
    series: [series],
    everyMs: everyMs(config, 10),
    async fetch({ nowMs, http }, signal) {
      const url = below(config.url, `v2/prices/BTC-${config.currency}/spot`);
      const { data } = await http.json(url, spotSchema, signal);
      return [{ series, slots: [openSlot(Number(data.amount), "Coinbase", nowMs, nowMs)] }];
    },
  };
});
