import { z } from "zod";
import { ServerError } from "../../error.js";
import { openSlot } from "../fetch/openSlot.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { below, currencySchema, everyMs, sourceKeys, urlSchema } from "../fetch/sourceSchema.js";

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("kraken"),
  url: urlSchema("https://api.kraken.com"),
  currency: currencySchema.default("USD"),
});
const tickerSchema = z.object({
  error: z.array(z.string()).default([]),
  /** The pair has another name in the answer than in the question: there is one. */
  result: z.record(z.string(), z.object({ c: z.array(z.string()).min(1) })).optional(),
});

/** The price of the last trade of BTC at Kraken. */
export const kraken = sourceKind(schema, (config): RateFetcher => {
  const series = `btc/${config.currency}`;
  return {
    id: config.id,
    kind: config.kind,
    series: [series],
    everyMs: everyMs(config, 10),
    async fetch({ nowMs, http }, signal) {
      const url = below(config.url, "0/public/Ticker", { pair: `XBT${config.currency}` });
      const { error, result = {} } = await http.json(url, tickerSchema, signal);
      const [pair] = Object.values(result);
      if (!pair)
        throw new ServerError(
          "sourceFailed",
          `Kraken: ${error[0]?.slice(0, 200) ?? "no price in the answer"}`,
          {
            retryable: true,
          },
        );
      return [{ series, slots: [openSlot(Number(pair.c[0]), "Kraken", nowMs, nowMs)] }];
    },
  };
});
