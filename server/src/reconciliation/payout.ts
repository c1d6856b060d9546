import { z } from "zod";

const word = z.string().min(1).max(100);

/** What a pool credited for a stretch of time, as it is kept. Amounts are integers. */
export const payoutSchema = z.strictObject({
  pool: word,
  account: word,
  coin: z.string().regex(/^[A-Z0-9]{2,10}$/, "must be the code of a coin such as BTC"),
  fromMs: z.int(),
  toMs: z.int(),
  /** After fees; thousandths of a satoshi, of other coins 1e-11 of the coin. */
  amount: z.int(),
  /** The fee that the pool says it kept, 0–1; absent = not said. */
  feeRatio: z.number().min(0).max(1).optional(),
  /** Mean hashrate that the pool credited, TH/s; absent = not said. */
  hashrateThs: z.number().min(0).optional(),
  /** The pool's own name of the entry. */
  reference: word.optional(),
  /** Where it is from: `csv`, or the API. */
  source: word,
});
export type Payout = z.infer<typeof payoutSchema>;

/** What makes a payout the same as one that is known already: re-importing it changes that one. */
export const payoutKey = ({ pool, account, coin, fromMs, reference }: Payout): string =>
  [pool, account, coin, fromMs, reference ?? ""].join("/").toLowerCase();
