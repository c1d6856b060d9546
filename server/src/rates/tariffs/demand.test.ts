import { describe, expect, test } from "vitest";
import { errorOf, SHANGHAI, tariff } from "../../fixtures/tariffs.js";
import { billingPeriod, billingPeriods } from "./billingPeriod.js";
import { demandCharge, meansOver } from "./demand.js";
import { tieredCost } from "./tiers.js";

describe("blocks of consumption", () => {
  test("cost each at its own price, however they are cut", () => {
    // 0–100 MWh at 50, 100–300 at 60, above at 45.
    const tiers = [{ upToKwh: 100_000, price: 0.05 }, { upToKwh: 300_000, price: 0.06 }, { price: 0.045 }];
    expect(errorOf(tieredCost(tiers, 0, 350_000), 19_250)).toBeLessThan(1e-12);
    const pieces = [0, 40_000, 99_999, 100_001, 250_000, 300_000, 350_000];
    let sum = 0;
    for (let i = 1; i < pieces.length; i++)
      sum += tieredCost(tiers, pieces[i - 1]!, pieces[i]! - pieces[i - 1]!);
    expect(errorOf(sum, 19_250)).toBeLessThan(1e-12);
  });
});

describe("a billing period", () => {
  test("begins on the day on which the meter is read", () => {
    const period = billingPeriod(SHANGHAI, 15, SHANGHAI.instant(2026, 3, 2));
    expect(period).toEqual({
      startMs: SHANGHAI.instant(2026, 2, 15),
      endMs: SHANGHAI.instant(2026, 3, 15),
      name: "2026-02-15",
    });
    expect(billingPeriod(SHANGHAI, 1, SHANGHAI.instant(2026, 1, 1)).name).toBe("2026-01-01");
    expect(
      billingPeriods(SHANGHAI, 20, SHANGHAI.instant(2025, 12, 25), SHANGHAI.instant(2026, 2, 21)).map(
        ({ name }) => name,
      ),
    ).toEqual(["2025-12-20", "2026-01-20", "2026-02-20"]);
  });
});

describe("a demand charge", () => {
  const period = billingPeriod(SHANGHAI, 1, SHANGHAI.instant(2026, 8, 5));
  const quarters = (kws: readonly number[], from = SHANGHAI.instant(2026, 8, 5, 10)) =>
    kws.map((kw, i) => ({ startMs: from + i * 900_000, endMs: from + (i + 1) * 900_000, kw }));
  const toMs = period.endMs;
  const charge = (
    term: Record<string, unknown>,
    kws: readonly number[],
    earlier: readonly (number | undefined)[] = [],
  ) =>
    demandCharge(
      tariff({ demand: [{ kind: "maximum", name: "demand", minutes: 15, perKw: 36.8, ...term }] }).demand[0]!,
      period,
      { parts: quarters(kws), toMs, earlierKw: earlier },
      SHANGHAI,
      new Set(),
    );

  test("is that of the highest quarter of an hour, not of the hour's mean", () => {
    expect(charge({}, [900, 1_000, 1_200, 1_100])).toMatchObject({
      billed: 1_200,
      unit: "kW",
      amount: 44_160,
    });
    expect(charge({ minutes: 60 }, [900, 1_000, 1_200, 1_100])?.amount).toBe(38_640);
  });

  test("is unknown where nothing was measured, and says at least where a stretch was measured in part or not at all", () => {
    expect(charge({}, [])).toBeUndefined();
    expect(charge({ minutes: 60 }, [900, 1_000, 1_200])).toMatchObject({ billed: 775, atLeast: true });
    expect(charge({}, [900])).toMatchObject({ billed: 900, atLeast: true });
    const term = tariff({ demand: [{ kind: "maximum", name: "d", minutes: 15, perKw: 1 }] }).demand[0]!;
    const day = { ...period, startMs: SHANGHAI.instant(2026, 8, 5), endMs: SHANGHAI.instant(2026, 8, 6) };
    const known = (count: number, to = day.endMs) =>
      demandCharge(
        term,
        day,
        {
          parts: quarters(
            Array.from({ length: count }, () => 7),
            day.startMs,
          ),
          toMs: to,
        },
        SHANGHAI,
        new Set(),
      );
    expect(known(96)).not.toHaveProperty("atLeast");
    expect(known(95)).toHaveProperty("atLeast", true);
    // The quarter that is running has no mean yet, and lacks none.
    expect(known(40, day.startMs + 40.5 * 900_000)).not.toHaveProperty("atLeast");
  });

  test("counts only the hours that it names", () => {
    expect(charge({ hours: ["11-12"] }, [1_500, 900, 900, 900, 700, 800])?.billed).toBe(800);
  });

  test("is at least a share of what earlier periods had", () => {
    const ratchet = { percent: 80, months: 2 };
    expect(charge({ ratchet }, [900], [5_000, 1_000, 2_000])).toMatchObject({
      billed: 1_600,
      ratcheted: true,
    });
    expect(charge({ ratchet }, [1_700], [5_000, 1_000, 2_000])).toMatchObject({ billed: 1_700 });
    expect(charge({ ratchet }, [1_700], [5_000, undefined, 2_000])).toMatchObject({ atLeast: true });
  });

  test("is of kVA where a power factor is billed, and of the contract where there is one", () => {
    expect(charge({ powerFactor: 0.8 }, [800])).toMatchObject({ billed: 1_000, unit: "kVA", amount: 36_800 });
    const { demand } = tariff({ demand: [{ kind: "contracted", name: "capacity", kva: 1_250, perKva: 23 }] });
    expect(demandCharge(demand[0]!, period, { parts: [], toMs }, SHANGHAI, new Set())?.amount).toBe(28_750);
  });

  test("of the system's peaks is that of the mean over them, and unknown while one of them is", () => {
    const { demand } = tariff({
      demand: [
        {
          kind: "coincident",
          name: "4CP",
          perKwMonth: 5,
          peaks: [
            { start: "2026-08-05T10:00:00+08:00", minutes: 15 },
            { start: "2026-08-05T10:45:00+08:00", minutes: 15 },
          ],
        },
      ],
    });
    const of = (kws: readonly number[]) =>
      demandCharge(demand[0]!, period, { parts: quarters(kws), toMs }, SHANGHAI, new Set());
    expect(of([100, 900, 900, 300])).toMatchObject({ billed: 200, amount: 1_000 });
    expect(of([100, 900, 900])).toBeUndefined();
  });

  test("makes means of shorter ones", () => {
    const at = SHANGHAI.instant(2026, 8, 5, 10);
    const parts = [1, 2, 3, 4].map((kw, i) => ({
      startMs: at + i * 300_000,
      endMs: at + (i + 1) * 300_000,
      kw,
    }));
    expect(meansOver(parts, 15)).toEqual([
      { startMs: at, endMs: at + 900_000, kw: 2 },
      { startMs: at + 900_000, endMs: at + 1_800_000, kw: 4 / 3, atLeast: true },
    ]);
  });
});
