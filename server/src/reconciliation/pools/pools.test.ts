import { describe, expect, test } from "vitest";
import { POOL_APIS } from "./registry.js";

const fromMs = Date.UTC(2026, 7, 1);
const DAY_MS = 86_400_000;
const query = { account: "farm", token: "secret", fromMs, toMs: fromMs + 2 * DAY_MS };
const of = (id: string) => POOL_APIS.find((each) => each.id === id)!;

describe("what a pool's API says", () => {
  test("Braiins Pool: a day's reward, by day, with its token in a header of its own", () => {
    const pool = of("braiins");
    expect(pool.request(query)).toEqual({
      path: "/accounts/rewards/json/btc?from=2026-08-01&to=2026-08-02",
      headers: { "Pool-Auth-Token": "secret" },
    });
    const day = (n: number, total_reward: string) => ({
      date: (fromMs + n * DAY_MS) / 1_000,
      total_reward,
      mining_reward: total_reward,
      bos_plus_reward: "0.00000000",
      referral_bonus: "0.00000000",
      referral_reward: "0.00000000",
      calculation_date: 0,
    });
    const answer = {
      btc: { daily_rewards: [day(0, "0.00049968"), day(1, "0.00050012"), day(2, "1.00000000")] },
    };
    expect(pool.read(answer, query).map(({ fromMs: at, amount }) => [at, amount])).toEqual([
      [fromMs, 49_968_000],
      [fromMs + DAY_MS, 50_012_000],
    ]);
    expect(() => pool.read({ btc: { daily_rewards: [day(0, "much")] } }, query)).toThrow(/is no amount/);
  });

  test("F2Pool: revenue with the hashrate that was credited and the fee on both of its parts", () => {
    const pool = of("f2pool");
    expect(pool.request(query).body).toEqual({
      currency: "bitcoin",
      mining_user_name: "farm",
      type: "revenue",
      start_time: fromMs / 1_000,
      end_time: fromMs / 1_000 + 3 * 86_400,
    });
    const entry = {
      id: 7,
      type: "revenue",
      changed_balance: 0.0005,
      created_at: fromMs / 1_000 + 86_400,
      mining_extra: {
        mining_date: fromMs / 1_000,
        settle_date: fromMs / 1_000 + 86_400,
        pps: 0.00048,
        pps_fee_rate: 0.04,
        tx_fee: 0.00002,
        tx_fee_rate: 0,
        hash_rate: 1e15,
      },
      payout_extra: null,
    };
    const [payout] = pool.read({ transactions: [entry, { ...entry, id: 8, changed_balance: -1 }] }, query);
    expect(payout).toMatchObject({ fromMs, amount: 50_000_000, hashrateThs: 1_000, reference: "7" });
    expect(payout!.feeRatio).toBeCloseTo(1 - 0.0005 / 0.00052, 12);
    expect(pool.read({ transactions: null }, query)).toEqual([]);
  });

  test("Luxor: revenue by day and kind, of bitcoin only", () => {
    const pool = of("luxor");
    expect(pool.request({ ...query, account: "a b" }).path).toBe(
      "/api/v2/pool/revenue/BTC?subaccount_names=a%20b&start_date=2026-08-01&end_date=2026-08-02",
    );
    const answer = {
      currency_type: "BTC",
      revenue: [
        {
          date_time: "2026-08-01T00:00:00Z",
          revenue: { currency_type: "BTC", revenue_type: "MINING", revenue: 0.00066154 },
        },
        {
          date_time: "2026-08-01T00:00:00Z",
          revenue: { currency_type: "LTC", revenue_type: "MINING", revenue: 1 },
        },
      ],
    };
    expect(pool.read(answer, query)).toEqual([
      {
        pool: "luxor",
        account: "farm",
        coin: "BTC",
        fromMs,
        toMs: fromMs + DAY_MS,
        amount: 66_154_000,
        reference: "MINING",
        source: "api",
      },
    ]);
  });

  test.each(POOL_APIS.map(({ id }) => id))("%s: an answer of another shape is refused", (id) => {
    expect(() => of(id).read({ transactions: 1, revenue: "x" }, query)).toThrow();
  });
});
