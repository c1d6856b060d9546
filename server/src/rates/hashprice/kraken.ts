import { z } from "zod";
import { ServerError } from "../../error.js";
import { openSlot } from "../fetch/openSlot.js";
import { orLacking } from "../fetch/orLacking.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { below, currencySchema, everyMs, sourceKeys, urlSchema } from "../fetch/sourceSchema.js";
import type { Slot } from "../slot.js";

const HOUR_MS = 3_600_000;
/** After so long without a price those of the hours between are asked for. */
const GAP_MS = 2 * HOUR_MS;

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

/** By the hour: time in s, then open, high, low, close and more. */
const hour = z.tuple([z.number(), z.string()]).rest(z.unknown());
const hoursSchema = z.object({
  error: z.array(z.string()).default([]),
  /** The hours by the pair's name, and `last`, the newest instant. */
  result: z.record(z.string(), z.union([z.array(hour), z.number()])).optional(),
});

/** The price of the last trade of BTC at Kraken; after a time without, also that at the begin of each hour, up to 30 days back. */
export const kraken = sourceKind(schema, (config): RateFetcher => {
  const series = `btc/${config.currency}`;
  return {
    id: config.id,
    kind: config.kind,
    series: [series],
    everyMs: everyMs(config, 10),
    async fetch(question, signal) {
      const { nowMs, last, http } = question;
      const heldMs = last(series)?.startMs ?? 0;
      const past: Slot[] = [];
      if (nowMs - heldMs > GAP_MS) {
        const url = below(config.url, "0/public/OHLC", { pair: `XBT${config.currency}`, interval: "60" });
        const told = await orLacking(http.json(url, hoursSchema, signal), question);
        const hours = Object.values(told?.result ?? {}).find((each) => typeof each !== "number") ?? [];
        for (const [time, open] of hours) {
          const startMs = time * 1_000;
          const endMs = Math.min(startMs + HOUR_MS, nowMs);
          if (startMs > heldMs && endMs > startMs)
            past.push({ startMs, endMs, value: Number(open), source: "Kraken", asOfMs: startMs });
        }
      }
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
      return [{ series, slots: [...past, openSlot(Number(pair.c[0]), "Kraken", nowMs, nowMs)] }];
    },
  };
});
