import { z } from "zod";
import { ServerError } from "../../error.js";
import { openSlot } from "../fetch/openSlot.js";
import type { RateFetcher } from "../fetch/rateFetcher.js";
import { sourceKind } from "../fetch/sourceKind.js";
import { everyMs, sourceKeys } from "../fetch/sourceSchema.js";
import { revenueSeries } from "./revenueSeries.js";

const schema = z.strictObject({
  ...sourceKeys,
  kind: z.literal("whattomine"),
  /** A coin of WhatToMine, or a server of one's own that answers alike. */
  url: z
    .url({
      protocol: /^https?$/,
      error: "must be an http(s) URL such as https://whattomine.com/coins/4.json",
    })
    .refine((url) => !/^[a-z]+:\/\/[^/]*@/.test(url), "must hold no user or password"),
  /** As rigs report it, such as Scrypt: what they mine is priced with it. */
  algorithm: z.string().regex(/^[A-Za-z0-9 -]{1,40}$/, "must be the name of an algorithm such as Scrypt"),
});
/** Some figures come as texts. */
const figure = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number),
]);
const coinSchema = z.object({
  name: z.string().max(100).default("a coin"),
  block_time: figure,
  block_reward: figure,
  nethash: figure,
  exchange_rate: figure,
  exchange_rate_curr: z.string().default("BTC"),
});

/** BTC that 1 PH/s earns in a day: its share of the network × coins of a day × BTC per coin. */
export const coinRevenue = (coin: {
  blockTimeS: number;
  blockReward: number;
  networkHs: number;
  btcPerCoin: number;
}): number => (1e15 / coin.networkHs) * (86_400 / coin.blockTimeS) * coin.blockReward * coin.btcPerCoin;

/** What another algorithm than SHA-256 earns, by its coin. Algorithms are never summed with each other. */
export const whatToMine = sourceKind(schema, (config): RateFetcher => {
  const series = revenueSeries(config.algorithm);
  return {
    id: config.id,
    kind: config.kind,
    series: [series],
    everyMs: everyMs(config, 30),
    async fetch({ nowMs, http }, signal) {
      const url = new URL(config.url);
      const coin = await http.json(url, coinSchema, signal);
      const wrong = (what: string) =>
        new ServerError("sourceFailed", `${url.host}: ${coin.name}: ${what}`, { retryable: true });
      if (coin.exchange_rate_curr !== "BTC")
        throw wrong(`its price is in ${coin.exchange_rate_curr}, not in BTC`);
      for (const key of ["block_time", "block_reward", "nethash", "exchange_rate"] as const)
        if (!(coin[key] > 0)) throw wrong(`${key} is not known (it says ${coin[key]})`);
      const value = coinRevenue({
        blockTimeS: coin.block_time,
        blockReward: coin.block_reward,
        networkHs: coin.nethash,
        btcPerCoin: coin.exchange_rate,
      });
      return [{ series, slots: [openSlot(value, `${coin.name} by ${url.host}`, nowMs, nowMs)] }];
    },
  };
});
