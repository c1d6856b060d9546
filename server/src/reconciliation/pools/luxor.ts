import { z } from "zod";
import { fixedOf, MSAT_DECIMALS } from "../amount.js";
import type { PoolApi } from "./pool.js";

const DAY_MS = 86_400_000;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const answer = z.object({
  revenue: z.array(
    z.object({
      date_time: z.iso.datetime({ offset: true }),
      revenue: z.object({ currency_type: z.string(), revenue_type: z.string(), revenue: z.number() }),
    }),
  ),
});

/**
 * Daily revenue of a Luxor sub-account: amounts in coins. Shape: docs.luxor.tech/mining/api/v2/reporting/get-revenue,
 * `GET /v2/pool/revenue/BTC`, header `authorization`.
 */
export const luxor: PoolApi = {
  id: "luxor",
  name: "Luxor",
  url: "https://app.luxor.tech",
  source: "docs.luxor.tech/mining/api/v2/reporting/get-revenue",
  request: ({ account, token, fromMs, toMs }) => ({
    path: `/api/v2/pool/revenue/BTC?subaccount_names=${encodeURIComponent(account)}&start_date=${day(fromMs)}&end_date=${day(toMs - 1)}`,
    headers: { authorization: token },
  }),
  read(json, { account, fromMs, toMs }) {
    return answer
      .parse(json)
      .revenue.flatMap(({ date_time, revenue: { currency_type, revenue_type, revenue } }) => {
        const startMs = Math.floor(Date.parse(date_time) / DAY_MS) * DAY_MS;
        const amount = fixedOf(revenue.toFixed(MSAT_DECIMALS), MSAT_DECIMALS);
        if (amount === undefined) throw new RangeError(`revenue ${revenue} is no amount`);
        if (currency_type !== "BTC" || startMs < fromMs || startMs >= toMs) return [];
        return [
          {
            pool: "luxor",
            account,
            coin: "BTC",
            fromMs: startMs,
            toMs: startMs + DAY_MS,
            amount,
            // A day may have revenue of several kinds, of which each is an entry.
            reference: revenue_type,
            source: "api",
          },
        ];
      });
  },
};
