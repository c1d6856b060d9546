import { z } from "zod";
import { fixedOf, MSAT_DECIMALS } from "../amount.js";
import type { PoolApi } from "./pool.js";

const DAY_MS = 86_400_000;

const answer = z.object({
  transactions: z
    .array(
      z.object({
        id: z.union([z.number(), z.string()]),
        changed_balance: z.number(),
        created_at: z.number(),
        mining_extra: z
          .object({
            mining_date: z.number(),
            pps: z.number().optional(),
            pps_fee_rate: z.number().optional(),
            tx_fee: z.number().optional(),
            tx_fee_rate: z.number().optional(),
            hash_rate: z.number().optional(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});

/** The fee on both parts together: what is kept of PPS and of transaction fees, over their sum before it. */
function feeOf(extra: {
  pps?: number;
  pps_fee_rate?: number;
  tx_fee?: number;
  tx_fee_rate?: number;
}): number | undefined {
  const { pps, pps_fee_rate: ppsFee, tx_fee: tx = 0, tx_fee_rate: txFee = 0 } = extra;
  if (pps === undefined || ppsFee === undefined || ppsFee >= 1 || txFee >= 1) return undefined;
  // `pps` and `tx_fee` are what was credited.
  const before = pps / (1 - ppsFee) + tx / (1 - txFee);
  return before > 0 ? Math.min(1, Math.max(0, 1 - (pps + tx) / before)) : undefined;
}

/**
 * The revenue of F2Pool's bill list: an entry a UTC day of mining, amounts in coins, times in seconds, `hash_rate` in H/s. Shape:
 * f2pool.com/api, "Bill list" (copy: github.com/average-gary/f2-pool-open-api-spec), `POST /v2/assets/transactions/list`, header
 * `F2P-API-SECRET`.
 */
export const f2pool: PoolApi = {
  id: "f2pool",
  name: "F2Pool",
  url: "https://api.f2pool.com",
  source: "f2pool.com/api, Bill list",
  request: ({ account, token, fromMs, toMs }) => ({
    path: "/v2/assets/transactions/list",
    headers: { "F2P-API-SECRET": token },
    body: {
      currency: "bitcoin",
      mining_user_name: account,
      type: "revenue",
      start_time: fromMs / 1_000,
      // A day is settled on the next one.
      end_time: (toMs + DAY_MS) / 1_000,
    },
  }),
  read(json, { account, fromMs, toMs }) {
    const { transactions } = answer.parse(json);
    return (transactions ?? []).flatMap(({ id, changed_balance, mining_extra: extra }) => {
      if (!extra || changed_balance <= 0) return [];
      const amount = fixedOf(changed_balance.toFixed(MSAT_DECIMALS), MSAT_DECIMALS);
      if (amount === undefined) throw new RangeError(`changed_balance ${changed_balance} is no amount`);
      const startMs = Math.floor((extra.mining_date * 1_000) / DAY_MS) * DAY_MS;
      if (startMs < fromMs || startMs >= toMs) return [];
      const feeRatio = feeOf(extra as Parameters<typeof feeOf>[0]);
      return [
        {
          pool: "f2pool",
          account,
          coin: "BTC",
          fromMs: startMs,
          toMs: startMs + DAY_MS,
          amount,
          ...(feeRatio !== undefined && { feeRatio }),
          ...(extra.hash_rate !== undefined && { hashrateThs: extra.hash_rate / 1e12 }),
          reference: String(id),
          source: "api",
        },
      ];
    });
  },
};
