import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import { defectsOf } from "./checkTariff.js";
import { EnergyPricer } from "./energyPrice.js";
import { tariffSchema } from "./tariff.js";
import { importUrdb } from "./urdb.js";

const UTC = Zone.of("UTC");
const day = (period: (hour: number) => number) => Array.from({ length: 24 }, (_, hour) => period(hour));
const year = (of: (month: number) => number[]) => Array.from({ length: 12 }, (_, month) => of(month));
/** Summer, May to October, has a peak on workdays from 12 to 18; winter has one price. */
const weekday = year((month) =>
  day((hour) => (month >= 4 && month < 10 ? (hour >= 12 && hour < 18 ? 2 : 1) : 0)),
);
const weekend = year((month) => day(() => (month >= 4 && month < 10 ? 1 : 0)));
const item = (more: Record<string, unknown> = {}) => ({
  label: "539f6a23ec4f024411ec8bcb",
  uri: "https://apps.openei.org/IURDB/rate/view/539f6a23ec4f024411ec8bcb",
  utility: "An Electric Co",
  name: "Large General Service",
  approved: true,
  sector: "Industrial",
  startdate: 1_767_225_600,
  energyratestructure: [
    [{ rate: 0.05, unit: "kWh" }],
    [{ rate: 0.06, adj: 0.002 }],
    [{ rate: 0.11, adj: -0.001 }],
  ],
  energyweekdayschedule: weekday,
  energyweekendschedule: weekend,
  ...more,
});
const tariffOf = (more: Record<string, unknown> = {}) => {
  const { tariff, defects } = importUrdb({ items: [item(more)] });
  expect(defects).toEqual([]);
  const parsed = tariffSchema.parse(tariff);
  expect(defectsOf(parsed, UTC)).toEqual([]);
  return parsed;
};

describe("a rate of OpenEI's database", () => {
  test("by hours and seasons is priced in every hour of its year as its schedule says", () => {
    const pricer = new EnergyPricer(tariffOf(), UTC);
    const prices = [0.05, 0.062, 0.109];
    for (let month = 1; month <= 12; month++)
      // The 5th to the 11th of a month have workdays and a weekend.
      for (let date = 5; date < 12; date++)
        for (let hour = 0; hour < 24; hour++) {
          const at = Date.UTC(2026, month - 1, date, hour);
          const days = [0, 6].includes(new Date(at).getUTCDay()) ? weekend : weekday;
          expect(pricer.explain(at)?.perKwh).toBeCloseTo(prices[days[month - 1]![hour]!]!, 12);
        }
    expect(pricer.tariff).toMatchObject({
      id: "urdb-539f6a23ec4f024411ec8bcb",
      name: "An Electric Co, Large General Service",
      currency: "USD",
      validFrom: "2026-01-01",
    });
    expect(pricer.tariff.source).toContain("OpenEI URDB 539f6a23ec4f024411ec8bcb https://apps.openei.org");
  });

  test("with one price is flat, with tiers tiered, and has its fixed charge and its fuel adjustments", () => {
    const same = { energyratestructure: [[{ rate: 0.05 }], [{ rate: 0.05 }], [{ rate: 0.05 }]] };
    expect(tariffOf(same).energy).toEqual({ kind: "flat", price: 0.05 });
    const one = {
      energyweekdayschedule: year(() => day(() => 0)),
      energyweekendschedule: year(() => day(() => 0)),
    };
    const tiers = [[{ rate: 0.09, max: 15_000 }, { rate: 0.07, max: 100_000 }, { rate: 0.05 }]];
    expect(tariffOf({ ...one, energyratestructure: tiers }).energy).toEqual({
      kind: "tiered",
      tiers: [{ upToKwh: 15_000, price: 0.09 }, { upToKwh: 100_000, price: 0.07 }, { price: 0.05 }],
    });
    const fuel = Array.from({ length: 12 }, (_, month) => (month === 6 ? 0.01 : 0));
    const charged = tariffOf({
      fixedchargefirstmeter: 300,
      fixedchargeunits: "$/month",
      fueladjustmentsmonthly: fuel,
    });
    expect(charged.monthly).toEqual([{ name: "fixed charge", amount: 300 }]);
    expect(charged.adders).toEqual([{ name: "fuel adjustment", perKwh: 0.01, months: [7] }]);
  });

  test("has demand by month and by hour, with its window and its look-back", () => {
    const { demand } = tariffOf({
      demandwindow: 30,
      lookbackpercent: 80,
      lookbackrange: 11,
      flatdemandstructure: [[{ rate: 4 }], [{ rate: 9, adj: 1 }]],
      flatdemandmonths: [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0],
      demandratestructure: [[{ rate: 0 }], [{ rate: 0 }], [{ rate: 12.5 }]],
      demandweekdayschedule: weekday,
      demandweekendschedule: weekend,
    });
    const ratchet = { percent: 80, months: 11 };
    expect(demand).toEqual([
      {
        kind: "maximum",
        name: "demand, period 0",
        minutes: 30,
        perKw: 4,
        months: [1, 2, 3, 4, 11, 12],
        ratchet,
      },
      {
        kind: "maximum",
        name: "demand, period 1",
        minutes: 30,
        perKw: 10,
        months: [5, 6, 7, 8, 9, 10],
        ratchet,
      },
      {
        kind: "maximum",
        name: "demand, hours of period 2",
        minutes: 30,
        perKw: 12.5,
        months: [5, 6, 7, 8, 9, 10],
        days: ["workday"],
        hours: [{ from: 720, to: 1_080 }],
        ratchet,
      },
    ]);
  });

  test("has its minimum charge of a month", () => {
    expect(importUrdb(item({ mincharge: 50 }))).toMatchObject({
      tariff: { minimumCharge: 50 },
      defects: [],
    });
  });

  test.each([
    [{ mincharge: 50, minchargeunits: "$/day" }, 'minchargeunits: "$/day" is not supported; $/month is'],
    [{ coincidentratestructure: [[{ rate: 3 }]] }, "coincidentratestructure: is not supported"],
    [
      { demandratchetpercentage: Array.from({ length: 12 }, () => 0.8) },
      "demandratchetpercentage: is not supported",
    ],
    [
      { energyratestructure: [[{ rate: 1, unit: "kWh daily" }], [{ rate: 1 }], [{ rate: 2 }]] },
      'unit: "kWh daily" is not',
    ],
    [
      { energyratestructure: [[{ rate: 1, max: 5 }, { rate: 2 }], [{ rate: 1 }], [{ rate: 2 }]] },
      "energyratestructure: period 0 has tiers beside other periods",
    ],
    [{ energyratestructure: [[{ rate: 1 }]] }, "names period 1, which has no price"],
    [{ energyratestructure: [[{ rate: 1, bonus: 2 }]] }, "energyratestructure.0.0: Unrecognized key"],
    [
      { flatdemandstructure: [[{ rate: 1, max: 50 }, { rate: 2 }]] },
      "flatdemandstructure[0]: has tiers of demand",
    ],
    [{ flatdemandstructure: [[{ rate: 1 }]], flatdemandunit: "kVA" }, "flatdemandstructure[0]: is per kVA"],
    [{ flatdemandstructure: [[{ rate: 1 }]], demandwindow: 5 }, "demandwindow: 5 minutes are not supported"],
    [{ fixedchargefirstmeter: 9, fixedchargeunits: "$/year" }, 'fixedchargeunits: "$/year" is not supported'],
    [{ energyweekdayschedule: [[0]] }, "energyweekdayschedule"],
    [{ energyweekendschedule: undefined }, "energyweekendschedule: is missing"],
    [{ surprise: { rate: 1 } }, "surprise: is not supported"],
  ])("that says what cannot be said here is refused with the name of it (%#)", (more, says) => {
    const { tariff, defects } = importUrdb(item(more));
    expect(tariff).toBeUndefined();
    expect(defects.join("\n")).toContain(says);
  });

  test("is refused where its demand has other hours on weekends, and among several", () => {
    const other = year(() => day((hour) => (hour < 3 ? 2 : 1)));
    const { defects } = importUrdb(
      item({
        demandratestructure: [[{ rate: 0 }], [{ rate: 0 }], [{ rate: 5 }]],
        demandweekdayschedule: weekday,
        demandweekendschedule: other,
      }),
    );
    expect(defects[0]).toContain("has other hours on weekends than on workdays");
    expect(importUrdb({ items: [item(), item()] }).defects).toEqual([
      "items: holds 2 rates; give the one that is meant",
    ]);
    expect(importUrdb(null).defects).toHaveLength(1);
  });
});
