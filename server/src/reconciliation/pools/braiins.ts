import { z } from "zod";
import { fixedOf, MSAT_DECIMALS } from "../amount.js";
import type { PoolApi } from "./pool.js";

const DAY_MS = 86_400_000;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const answer = z.object({
  btc: z.object({
    daily_rewards: z.array(z.object({ date: z.number(), total_reward: z.string() })),
  }),
});

/**
 * Daily rewards of Braiins Pool: closed UTC days, amounts in BTC as text, `date` in seconds. Shape: Braiins Pool, API configuration guide
 * (academy.braiins.com/en/braiins-pool/monitoring), `GET /accounts/rewards/json/btc?from&to`, header `Pool-Auth-Token`.
 */
export const braiins: PoolApi = {
  id: "braiins",
  name: "Braiins Pool",
  url: "https://pool.braiins.com",
  source: "academy.braiins.com/en/braiins-pool/monitoring",
  request: ({ token, fromMs, toMs }) => ({
    path: `/accounts/rewards/json/btc?from=${day(fromMs)}&to=${day(toMs - 1)}`,
    headers: { "Pool-Auth-Token": token },
  }),
  read(json, { account, fromMs, toMs }) {
    const { btc } = answer.parse(json);
    return btc.daily_rewards.flatMap(({ date, total_reward }) => {
      const amount = fixedOf(total_reward, MSAT_DECIMALS);
      if (amount === undefined)
        throw new RangeError(`total_reward "${total_reward.slice(0, 40)}" is no amount`);
      const startMs = Math.floor((date * 1_000) / DAY_MS) * DAY_MS;
      if (startMs < fromMs || startMs >= toMs) return [];
      return [
        {
          pool: "braiins",
          account,
          coin: "BTC",
          fromMs: startMs,
          toMs: startMs + DAY_MS,
          amount,
          source: "api",
        },
      ];
    });
  },
};
