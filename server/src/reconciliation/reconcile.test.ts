import { Zone } from "@hashwatt/protocol/zone";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Payout } from "./payout.js";
import {
  explain,
  NO_FIGURES,
  type PeriodFigures,
  reconcileBills,
  reconcileMeter,
  reconcilePayouts,
} from "./reconcile.js";

const DAY_MS = 86_400_000;
const at = Date.UTC(2026, 7, 1);
const utc = Zone.of("UTC");
const unknown = NO_FIGURES;
const payout = (day: number, amount: number, more: Partial<Payout> = {}): Payout => ({
  pool: "braiins",
  account: "farm",
  coin: "BTC",
  fromMs: at + day * DAY_MS,
  toMs: at + (day + 1) * DAY_MS,
  amount,
  source: "csv",
  ...more,
});

test("parts and rest add up to the difference, whatever the numbers", () => {
  const factor = fc.option(fc.double({ min: 0.1, max: 10, noNaN: true }), { nil: null });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e12 }),
      fc.integer({ min: 0, max: 1e12 }),
      fc.array(factor, { maxLength: 5 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      (computed, paid, factors, add) => {
        const { difference, parts, rest } = explain(computed, paid, [
          ...factors.map((each) => ({ cause: "luck" as const, factor: each })),
          { cause: "fixed", add },
        ]);
        expect(parts.reduce((sum, each) => sum + each.amount, 0) + rest).toBe(difference);
        expect(difference).toBe(paid - computed);
      },
    ),
    { numRuns: 50 },
  );
});

describe("what pools paid", () => {
  test("of a day measured for four fifths with another fee than was set is explained to the last unit", () => {
    // 1 PH/s earns 50,000,000 mSat a day before fees; for 80 % of the day it was measured, with 2 % set as the fee and 2.5 % kept.
    const figures = { ...unknown, coverage: 0.8, btcMsat: 39_200_000, hashrateThs: 1_000, feeRatio: 0.02 };
    const { rows } = reconcilePayouts(
      [payout(0, 48_262_500, { feeRatio: 0.025, hashrateThs: 990 })],
      () => figures,
      utc,
    );
    expect(rows[0]).toMatchObject({
      computed: 39_200_000,
      paid: 48_262_500,
      difference: 9_062_500,
      rest: 0,
      counted: 0.99,
      measured: 1,
      coverage: 0.8,
    });
    expect(rows[0]!.parts.map(({ cause, amount }) => [cause, amount])).toEqual([
      ["coverage", 9_800_000],
      ["hashrate", -490_000],
      ["poolFee", -247_500],
    ]);
  });

  test("of two pools on one day stand together against the whole site, a month counts what is known beside it", () => {
    const known = (fromMs: number): PeriodFigures =>
      fromMs === at ? { ...unknown, coverage: 1, btcMsat: 100, devFeeRatio: 0.02 } : unknown;
    const { rows, months } = reconcilePayouts(
      [payout(0, 60), payout(0, 30, { pool: "f2pool" }), payout(1, 90), payout(31, 7)],
      known,
      utc,
    );
    expect(rows.map(({ of, paid, computed, rest }) => [of, paid, computed, rest])).toEqual([
      ["braiins/farm, f2pool/farm", 90, 100, -8],
      ["braiins/farm", 90, null, null],
      ["braiins/farm", 7, null, null],
    ]);
    expect(
      months.map(({ paid, paidKnown, computed, difference, rest, periods, periodsKnown }) => [
        paid,
        paidKnown,
        computed,
        difference,
        rest,
        periods,
        periodsKnown,
      ]),
    ).toEqual([
      [180, 90, 100, -10, -8, 2, 1],
      [7, 0, null, null, null, 1, 0],
    ]);
  });
});

describe("what the utility billed", () => {
  const bill = {
    kind: "bill" as const,
    meter: "M1",
    fromMs: at,
    toMs: at + 31 * DAY_MS,
    currency: "CNY",
    amount: 523_000_000_000,
    energyWh: 744_000_000,
  };
  const august = {
    ...unknown,
    coverage: 1,
    energyWh: 720_000_000,
    costMillionths: 470_000_000_000,
    overheadFactor: 1.03,
    demandMillionths: 36_800_000_000,
  };

  const day = (n: number, energyWh: (number | null)[]) => ({
    kind: "meterDay" as const,
    meter: "M1",
    startMs: at + n * DAY_MS,
    endMs: at + (n + 1) * DAY_MS,
    stepMs: DAY_MS / 2,
    energyWh,
  });

  test("is energy, overhead, what the meter counts more, and a demand charge that is no energy cost", () => {
    const { rows } = reconcileBills([bill], () => august, utc);
    const parts = Object.fromEntries(rows[0]!.parts.map(({ cause, amount }) => [cause, amount]));
    expect(parts).toEqual({ overhead: 14_100_000_000, energy: 1_566_666_667, demand: 36_800_000_000 });
    expect(rows[0]!.rest).toBe(
      523_000_000_000 - (470_000_000_000 + 14_100_000_000 + 1_566_666_667 + 36_800_000_000),
    );
    expect(rows[0]).toMatchObject({ counted: 744_000, measured: 720_000 });
  });

  test("with its own demand and tax takes these in place of what was computed", () => {
    const { rows } = reconcileBills(
      [{ ...bill, demand: 40_000_000_000, tax: 23_000_000_000 }],
      () => august,
      utc,
    );
    expect(rows[0]!.parts.find(({ cause }) => cause === "demand")!.amount).toBe(41_840_000_000);
  });

  test("from a tariff that began in the middle of a month says nothing against the energy of all of it", () => {
    // 100 MWh are measured and billed; their cost is known of the second half.
    const halfPriced = { ...unknown, coverage: 0.5, energyCoverage: 1, energyWh: 100_000_000 };
    const { rows } = reconcileBills(
      [{ ...bill, amount: 60_000_000_000, energyWh: 100_000_000 }],
      () => ({ ...halfPriced, costMillionths: 30_000_000_000 }),
      utc,
    );
    expect(rows[0]).toMatchObject({
      parts: [{ cause: "coverage", amount: 30_000_000_000 }],
      rest: 0,
    });
  });

  test("by one meter of several is not compared with the whole site where another has a hole", () => {
    const figures = { ...unknown, coverage: 1, energyWh: 2_000 };
    const days = [day(0, [500, 500]), { ...day(0, [500, null]), meter: "M2" }, day(1, [1_000, 1_000])];
    const { rows } = reconcileMeter(days, () => figures, utc);
    expect(rows.map(({ fromMs, rest }) => [fromMs, rest])).toEqual([[at + DAY_MS, 0]]);
  });

  test("by its own meter is compared for whole days only", () => {
    const figures = { ...unknown, coverage: 0.5, energyWh: 1_000 };
    const { rows } = reconcileMeter([day(0, [1_000, 1_010]), day(1, [1, null])], () => figures, utc);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ computed: 1_000, paid: 2_010, rest: 10 });
  });
});
