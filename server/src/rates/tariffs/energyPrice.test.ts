import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import type { Slot } from "../slot.js";
import { billingPeriod, billingPeriods } from "./billingPeriod.js";
import { defectsOf } from "./checkTariff.js";
import { demandCharge, meansOver } from "./demand.js";
import { EnergyPricer } from "./energyPrice.js";
import { parseStretch } from "./hours.js";
import { type Tariff, tariffSchema } from "./tariff.js";
import { tieredCost } from "./tiers.js";

const HOUR_MS = 3_600_000;
const SHANGHAI = Zone.of("Asia/Shanghai");
const BERLIN = Zone.of("Europe/Berlin");

const tariff = (given: Record<string, unknown>): Tariff =>
  tariffSchema.parse({
    id: "t",
    name: "a tariff",
    currency: "CNY",
    validFrom: "2026-01-01",
    source: "made for this test",
    energy: { kind: "flat", price: 0.5 },
    ...given,
  });
/** Jilin, two-part industrial 66 kV, August 2026: hours of Ji Fagai Jiage [2025] No. 11, prices of State Grid Jilin. */
const jilin = tariff({
  id: "jilin-66kv",
  validFrom: "2026-08-01",
  validTo: "2026-09-01",
  energy: {
    kind: "timeOfUse",
    bands: { peak: 0.8603353, flat: 0.669328, valley: 0.4783207 },
    rules: [
      { band: "flat" },
      { band: "valley", hours: ["23-5", "11-14"] },
      { band: "peak", hours: ["8-10", "16-21"] },
    ],
  },
  demand: [{ kind: "maximum", name: "demand", minutes: 15, perKw: 36.8 }],
});
/** Shandong, five bands at an illustrative level; hours of January of Lu Fagai Jiage [2023] No. 914. */
const shandongJanuary = tariff({
  energy: {
    kind: "timeOfUse",
    bands: { critical: 1.13597, peak: 0.98555, flat: 0.63457, valley: 0.28359, deep: 0.18331 },
    rules: [
      { band: "flat" },
      { band: "valley", hours: ["2-6", "10-15"] },
      { band: "deep", hours: ["11-14"] },
      { band: "peak", hours: ["7-9", "16-21"] },
      { band: "critical", hours: ["16-19"] },
    ],
  },
});

const month = (zone: Zone, year: number, m: number) => ({
  fromMs: zone.instant(year, m, 1),
  toMs: zone.instant(year, m + 1, 1),
});
/** What a steady load costs over slots, which must leave no gap. */
function costOf(slots: readonly Slot[], kw: number, range: { fromMs: number; toMs: number }): number {
  let at = range.fromMs;
  let cost = 0;
  for (const slot of slots) {
    expect(slot.startMs).toBe(at);
    cost += (kw * slot.value * (slot.endMs - slot.startMs)) / HOUR_MS;
    at = slot.endMs;
  }
  expect(at).toBe(range.toMs);
  return cost;
}
const within = (value: number, wanted: number) => expect(Math.abs(value / wanted - 1)).toBeLessThan(1e-12);

describe("time of use", () => {
  test("prices a day and a month of 1 MW in Jilin as its own table does", () => {
    const pricer = new EnergyPricer(jilin, SHANGHAI);
    const day = { fromMs: SHANGHAI.instant(2026, 8, 5), toMs: SHANGHAI.instant(2026, 8, 6) };
    within(costOf(pricer.slots(day), 1_000, day), 15_681.8574);
    const august = month(SHANGHAI, 2026, 8);
    within(costOf(pricer.slots(august), 1_000, august), 486_137.5794);
  });

  test("gives the last rule that fits, as in Shandong's five bands", () => {
    const pricer = new EnergyPricer(shandongJanuary, SHANGHAI);
    const day = { fromMs: SHANGHAI.instant(2026, 1, 10), toMs: SHANGHAI.instant(2026, 1, 11) };
    within(costOf(pricer.slots(day), 1, day) / 24, 0.6115891666666666);
    expect(pricer.explain(SHANGHAI.instant(2026, 1, 10, 12))?.parts).toEqual([
      { name: "deep", perKwh: 0.18331 },
    ]);
  });

  test("knows workdays, weekends and holidays", () => {
    const priced = new EnergyPricer(
      tariff({
        holidays: ["2026-10-01"],
        energy: {
          kind: "timeOfUse",
          bands: { work: 3, rest: 2, feast: 1 },
          rules: [
            { band: "work" },
            { band: "rest", days: ["weekend"] },
            { band: "feast", days: ["holiday"] },
          ],
        },
      }),
      SHANGHAI,
    );
    const at = (day: number) => priced.explain(SHANGHAI.instant(2026, 10, day, 12))?.perKwh;
    expect([at(1), at(2), at(3), at(4), at(5)]).toEqual([1, 3, 2, 2, 3]);
  });

  test("follows the clocks over days of 23 and 25 hours", () => {
    const priced = new EnergyPricer(
      tariff({
        energy: {
          kind: "timeOfUse",
          bands: { day: 2, night: 1 },
          rules: [{ band: "day" }, { band: "night", hours: ["0-6"] }],
        },
      }),
      BERLIN,
    );
    const nightHours = (m: number, d: number) => {
      const range = { fromMs: BERLIN.instant(2026, m, d), toMs: BERLIN.instant(2026, m, d + 1) };
      const night = priced.slots(range).filter(({ value }) => value === 1);
      return night.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) / HOUR_MS, 0);
    };
    expect([nightHours(3, 28), nightHours(3, 29), nightHours(10, 25)]).toEqual([6, 5, 7]);
  });

  test("begins and ends in the middle of an hour where a rule does", () => {
    const priced = new EnergyPricer(
      tariff({
        energy: {
          kind: "timeOfUse",
          bands: { a: 1, b: 2 },
          rules: [{ band: "a" }, { band: "b", hours: ["16:30-21:15"] }],
        },
      }),
      SHANGHAI,
    );
    const day = { fromMs: SHANGHAI.instant(2026, 5, 1), toMs: SHANGHAI.instant(2026, 5, 2) };
    expect(priced.slots(day).map(({ startMs, value }) => [(startMs - day.fromMs) / 60_000, value])).toEqual([
      [0, 1],
      [990, 2],
      [1275, 1],
    ]);
  });
});

describe("an energy price", () => {
  const HALF_HOUR = { fromMs: SHANGHAI.instant(2026, 5, 1, 10), toMs: SHANGHAI.instant(2026, 5, 1, 10, 30) };

  test("has adders before losses, and tax last", () => {
    const priced = new EnergyPricer(
      tariff({
        adders: [
          { name: "levy", perKwh: 0.1 },
          { name: "evening", perKwh: 1, hours: ["18-20"] },
        ],
        lossesPercent: 5,
        taxPercent: 13,
      }),
      SHANGHAI,
    );
    const price = priced.explain(HALF_HOUR.fromMs);
    within(price!.perKwh, 0.6 * 1.05 * 1.13);
    expect(price!.parts).toEqual([
      { name: "energy", perKwh: 0.5 },
      { name: "levy", perKwh: 0.1 },
    ]);
  });

  test("of a market is kept where it is negative, and is unknown where the market is silent", () => {
    const { fromMs } = HALF_HOUR;
    const slot = (fromMin: number, toMin: number, value: number): Slot => ({
      startMs: fromMs + fromMin * 60_000,
      endMs: fromMs + toMin * 60_000,
      value,
      source: "market",
      asOfMs: fromMs,
    });
    const priced = new EnergyPricer(
      tariff({ energy: { kind: "series", series: "spot", factor: 0.001, add: 0.01 } }),
      SHANGHAI,
    );
    const slots = priced.slots(HALF_HOUR, {
      series: () => [slot(0, 5, 60), slot(5, 10, -50), slot(20, 60, 40)],
    });
    expect(
      slots.map(({ startMs, endMs, value }) => [
        (startMs - fromMs) / 60_000,
        (endMs - fromMs) / 60_000,
        value,
      ]),
    ).toEqual([
      [0, 5, 0.06999999999999999],
      [5, 10, -0.04],
      [20, 30, 0.05],
    ]);
    expect(priced.slots(HALF_HOUR)).toEqual([]);
  });

  test("by tiers is that of the tier reached, and unknown where the consumption is", () => {
    const priced = new EnergyPricer(
      tariff({ energy: { kind: "tiered", tiers: [{ upToKwh: 100, price: 1 }, { price: 2 }] } }),
      SHANGHAI,
    );
    const at = (kwh: number | undefined) => priced.explain(HALF_HOUR.fromMs, { usedKwh: () => kwh })?.perKwh;
    expect([at(0), at(99.9), at(100), at(undefined)]).toEqual([1, 1, 2, undefined]);
  });

  test("of a contract gives way to another above its cap", () => {
    const priced = new EnergyPricer(
      tariff({ energy: { kind: "capped", price: 0.3, capKwh: 1_000, over: { kind: "flat", price: 0.9 } } }),
      SHANGHAI,
    );
    const at = (kwh: number) => priced.explain(HALF_HOUR.fromMs, { usedKwh: () => kwh })?.perKwh;
    expect([at(999), at(1_000)]).toEqual([0.3, 0.9]);
  });

  test("is unknown before and after the tariff is valid", () => {
    const pricer = new EnergyPricer(jilin, SHANGHAI);
    const slots = pricer.slots({
      fromMs: SHANGHAI.instant(2026, 7, 31),
      toMs: SHANGHAI.instant(2026, 9, 2),
    });
    expect(slots[0]!.startMs).toBe(SHANGHAI.instant(2026, 8, 1));
    expect(slots.at(-1)!.endMs).toBe(SHANGHAI.instant(2026, 9, 1));
  });
});

describe("blocks of consumption", () => {
  test("cost each at its own price, however they are cut", () => {
    // 0–100 MWh at 50, 100–300 at 60, above at 45.
    const tiers = [{ upToKwh: 100_000, price: 0.05 }, { upToKwh: 300_000, price: 0.06 }, { price: 0.045 }];
    within(tieredCost(tiers, 0, 350_000), 19_250);
    const pieces = [0, 40_000, 99_999, 100_001, 250_000, 300_000, 350_000];
    let sum = 0;
    for (let i = 1; i < pieces.length; i++)
      sum += tieredCost(tiers, pieces[i - 1]!, pieces[i]! - pieces[i - 1]!);
    within(sum, 19_250);
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
  const charge = (term: Record<string, unknown>, kws: readonly number[], earlier: readonly number[] = []) =>
    demandCharge(
      tariff({ demand: [{ kind: "maximum", name: "demand", minutes: 15, perKw: 36.8, ...term }] }).demand[0]!,
      period,
      quarters(kws),
      SHANGHAI,
      new Set(),
      earlier,
    );

  test("is that of the highest quarter of an hour, not of the hour's mean", () => {
    expect(charge({}, [900, 1_000, 1_200, 1_100])).toMatchObject({
      billed: 1_200,
      unit: "kW",
      amount: 44_160,
    });
    expect(charge({ minutes: 60 }, [900, 1_000, 1_200, 1_100])?.amount).toBe(38_640);
  });

  test("is unknown where nothing was measured, and knows no stretch that was measured in part", () => {
    expect(charge({}, [])).toBeUndefined();
    expect(charge({ minutes: 60 }, [900, 1_000, 1_200])).toBeUndefined();
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
  });

  test("is of kVA where a power factor is billed, and of the contract where there is one", () => {
    expect(charge({ powerFactor: 0.8 }, [800])).toMatchObject({ billed: 1_000, unit: "kVA", amount: 36_800 });
    const { demand } = tariff({ demand: [{ kind: "contracted", name: "capacity", kva: 1_250, perKva: 23 }] });
    expect(demandCharge(demand[0]!, period, [], SHANGHAI, new Set())?.amount).toBe(28_750);
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
      demandCharge(demand[0]!, period, quarters(kws), SHANGHAI, new Set());
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
    expect(meansOver(parts, 15)).toEqual([{ startMs: at, endMs: at + 900_000, kw: 2 }]);
  });

  test("makes Jilin's August what it is: 522,937.58 for 1 MW", () => {
    const august = month(SHANGHAI, 2026, 8);
    const energy = costOf(new EnergyPricer(jilin, SHANGHAI).slots(august), 1_000, august);
    const demand = demandCharge(jilin.demand[0]!, period, quarters([1_000]), SHANGHAI, new Set())!;
    within(energy + demand.amount, 522_937.5794);
    within((energy + demand.amount) / (1_000 * 31 * 24), 0.7028730905913978);
  });
});

describe("a tariff that does not hold together", () => {
  test("is told with what to change", () => {
    const told = (energy: unknown, more: Record<string, unknown> = {}) =>
      defectsOf(tariff({ energy, ...more }), SHANGHAI).join("\n");
    expect(told({ kind: "timeOfUse", bands: { a: 1 }, rules: [{ band: "a", hours: ["0-23"] }] })).toBe(
      "energy.rules: no rule fits 23:00 of a workday in January; begin with a rule that fits always",
    );
    expect(told({ kind: "timeOfUse", bands: { a: 1, b: 2 }, rules: [{ band: "a" }, { band: "c" }] })).toBe(
      'energy.rules[1].band: there is no band "c"; there are a, b\nenergy.bands.b: no rule uses it; take it out or give it hours',
    );
    expect(
      told({
        kind: "tiered",
        tiers: [
          { upToKwh: 5, price: 1 },
          { upToKwh: 4, price: 1 },
        ],
      }),
    ).toContain("must be more than that of the tier before, 5");
    expect(told({ kind: "flat", price: 1 }, { validTo: "2025-12-31" })).toContain(
      "must come after validFrom",
    );
    expect(defectsOf(jilin, SHANGHAI)).toEqual([]);
  });

  test("has no hours of its own making", () => {
    expect([parseStretch("7-9"), parseStretch("16:30-21"), parseStretch("22-24")]).toEqual([
      { from: 420, to: 540 },
      { from: 990, to: 1260 },
      { from: 1320, to: 1440 },
    ]);
    for (const bad of ["9", "7-7", "25-26", "7:60-8", "a-b", "7-25", ""])
      expect(parseStretch(bad)).toBeUndefined();
  });
});
