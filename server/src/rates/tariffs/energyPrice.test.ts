import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import { costOf, errorOf, jilin, monthOf, SHANGHAI, shandong, tariff } from "../../fixtures/tariffs.js";
import type { Slot } from "../slot.js";
import { defectsOf } from "./checkTariff.js";
import { EnergyPricer } from "./energyPrice.js";
import { parseStretch, stretchText } from "./hours.js";

const HOUR_MS = 3_600_000;
const BERLIN = Zone.of("Europe/Berlin");

describe("time of use", () => {
  test("prices a day and a month of 1 MW in Jilin as its own table does", () => {
    const pricer = new EnergyPricer(jilin, SHANGHAI);
    const day = { fromMs: SHANGHAI.instant(2026, 8, 5), toMs: SHANGHAI.instant(2026, 8, 6) };
    expect(errorOf(costOf(pricer.slots(day), 1_000, day), 15_681.8574)).toBeLessThan(1e-12);
    const august = monthOf(SHANGHAI, 2026, 8);
    expect(errorOf(costOf(pricer.slots(august), 1_000, august), 486_137.5794)).toBeLessThan(1e-12);
  });

  test("gives the last rule that fits, as in Shandong's five bands", () => {
    const pricer = new EnergyPricer(shandong, SHANGHAI);
    const day = { fromMs: SHANGHAI.instant(2026, 1, 10), toMs: SHANGHAI.instant(2026, 1, 11) };
    expect(errorOf(costOf(pricer.slots(day), 1, day) / 24, 0.6115891666666666)).toBeLessThan(1e-12);
    expect(pricer.explain(SHANGHAI.instant(2026, 1, 10, 12))?.parts).toEqual([
      { name: "deep", perKwh: 0.18331 },
    ]);
  });

  test("prices Shandong's five seasons and its year as they are published", () => {
    const day = (month: number) => ({
      fromMs: SHANGHAI.instant(2026, month, 10),
      toMs: SHANGHAI.instant(2026, month, 11),
    });
    const pricer = new EnergyPricer(shandong, SHANGHAI);
    const wanted: [months: number[], mean: number][] = [
      [[12, 1, 2], 0.6115891666666667],
      [[3, 4, 5], 0.6408375],
      [[6], 0.6951558333333333],
      [[7, 8], 0.6951558333333333],
      [[9, 10, 11], 0.63457],
    ];
    for (const [months, mean] of wanted)
      for (const month of months)
        expect(errorOf(costOf(pricer.slots(day(month)), 1, day(month)) / 24, mean)).toBeLessThan(1e-12);
    const year = { fromMs: SHANGHAI.instant(2026, 1, 1), toMs: SHANGHAI.instant(2027, 1, 1) };
    expect(errorOf(costOf(pricer.slots(year), 1, year) / 8_760, 0.645754196347032)).toBeLessThan(1e-12);
    expect(defectsOf(shandong, SHANGHAI)).toEqual([]);
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
    expect(errorOf(price!.perKwh, 0.6 * 1.05 * 1.13)).toBeLessThan(1e-12);
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
    expect(slots[0]).toMatchObject({ source: "made for this test; market", asOfMs: fromMs });
    expect(priced.slots(HALF_HOUR)).toEqual([]);
  });

  test("by tiers is that of the tier reached, and unknown where the consumption is", () => {
    const priced = new EnergyPricer(
      tariff({ energy: { kind: "tiered", tiers: [{ upToKwh: 100, price: 1 }, { price: 2 }] } }),
      SHANGHAI,
    );
    const at = (atLeastKwh: number, atMostKwh = atLeastKwh) =>
      priced.explain(HALF_HOUR.fromMs, { used: () => ({ atLeastKwh, atMostKwh }) })?.perKwh;
    expect([at(0), at(99.9), at(100), at(50, 99), at(50, 100)]).toEqual([1, 1, 2, 1, undefined]);
    expect(priced.explain(HALF_HOUR.fromMs, { used: () => undefined })).toBeUndefined();
  });

  test("of a contract gives way to another above its cap", () => {
    const priced = new EnergyPricer(
      tariff({ energy: { kind: "capped", price: 0.3, capKwh: 1_000, over: { kind: "flat", price: 0.9 } } }),
      SHANGHAI,
    );
    const at = (atLeastKwh: number, atMostKwh = atLeastKwh) =>
      priced.explain(HALF_HOUR.fromMs, { used: () => ({ atLeastKwh, atMostKwh }) })?.perKwh;
    expect([at(999), at(1_000), at(999, 1_001)]).toEqual([0.3, 0.9, undefined]);
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
    for (const text of ["7-9", "16:30-21", "22-24", "22-6", "0:05-0:10"])
      expect(stretchText(parseStretch(text)!)).toBe(text);
    for (const bad of ["9", "7-7", "25-26", "7:60-8", "a-b", "7-25", ""])
      expect(parseStretch(bad)).toBeUndefined();
  });
});
