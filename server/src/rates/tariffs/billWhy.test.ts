import type { BillInput, BillLine } from "@hashwatt/protocol/settings";
import { describe, expect, test } from "vitest";
import { errorOf, monthOf, SHANGHAI, tariff } from "../../fixtures/tariffs.js";
import { bill, type EnergyInterval } from "./bill.js";
import { billingPeriod } from "./billingPeriod.js";

const STEP_MS = 300_000;
const august = monthOf(SHANGHAI, 2026, 8);
const period = billingPeriod(SHANGHAI, 1, august.fromMs);
/** 1 MW, and 1.4 MW for an hour. */
const load: EnergyInterval[] = [];
for (let startMs = august.fromMs, n = 0; startMs < august.toMs; startMs += STEP_MS, n++)
  load.push({
    startMs,
    endMs: startMs + STEP_MS,
    kwh: (n >= 120 && n < 132 ? 1_400 : 1_000) / 12,
    coverage: 1,
  });

const given: Parameters<typeof tariff>[0] = {
  validFrom: "2020-01-01",
  asOf: "2026-03-04",
  source: "a price list",
  energy: { kind: "tiered", tiers: [{ upToKwh: 100_000, price: 0.05 }, { price: 0.06 }] },
  adders: [{ name: "levy", perKwh: 0.01 }],
  lossesPercent: 3,
  demand: [
    { kind: "maximum", name: "highest", minutes: 15, perKw: 30, powerFactor: 0.9 },
    { kind: "maximum", name: "ratchet", minutes: 60, perKw: 10, ratchet: { months: 3, percent: 80 } },
    { kind: "contracted", name: "contract", kva: 1_600, perKva: 5 },
    {
      kind: "coincident",
      name: "peaks",
      perKwMonth: 2,
      peaks: [{ start: "2026-08-03T16:00:00+08:00", minutes: 15 }],
    },
  ],
  monthly: [{ name: "connection", amount: 3_100 }],
  minimumCharge: 500_000,
  taxPercent: 13,
  credits: [{ name: "curtailment", date: "2026-08-09", amount: 250 }],
};

/** What each formula makes of its inputs, worked out anew. */
function amountBy({ why: { formula, inputs } }: BillLine): number {
  const of = (name: BillInput): number => inputs.find((input) => input.name === name)?.value ?? 1;
  switch (formula) {
    case "energyBand":
    case "energyTier":
    case "energyContract":
    case "adder":
      return of("kwh") * of("pricePerKwh");
    case "losses":
    case "tax":
      return (of("base") * of("percent")) / 100;
    case "demandMaximum":
      return (of("meanKw") / of("powerFactor")) * of("pricePerKw") * of("pricePerKva") * of("periodShare");
    case "demandRatchet":
    case "demandCoincident":
      return of("billedKw") * of("pricePerKw") * of("periodShare");
    case "demandContracted":
      return of("contractedKva") * of("pricePerKva") * of("periodShare");
    case "fixed":
      return of("perMonth") * of("periodShare");
    case "minimum":
      return Math.max(0, of("minimum") * of("periodShare") - of("expected"));
    case "credit":
      return -of("amount");
    case "energyMarket":
    case "monthlyCost":
      throw new Error(`${formula} is no row of this bill`);
  }
}

describe("each row of a bill", () => {
  const more = {
    intervals: load,
    basis: "meter" as const,
    toMs: period.endMs,
    peaks: [
      {
        startMs: Date.parse("2026-08-03T16:00:00+08:00"),
        endMs: Date.parse("2026-08-03T16:15:00+08:00"),
        kw: 900,
      },
    ],
    earlierKw: new Map([["ratchet", [2_000, 1_900, undefined]]]),
  };

  test("is what its formula makes of the inputs that it names, with source and date", () => {
    const { lines } = bill(tariff(given), SHANGHAI, "s", period, more);
    const formulas = lines.map(({ why }) => why.formula);
    expect(formulas).toEqual([
      ...["energyTier", "energyTier", "adder", "losses"],
      ...["demandMaximum", "demandRatchet", "demandContracted", "demandCoincident"],
      ...["fixed", "minimum", "tax", "credit"],
    ]);
    for (const line of lines) {
      expect(errorOf(line.amount!, amountBy(line)), line.name).toBeLessThan(1e-12);
      expect(line.why).toMatchObject({ source: "a price list", asOfMs: SHANGHAI.instant(2026, 3, 4) });
      expect(line.why.text).not.toBe("");
    }
  });

  test("says so of a tariff that held for a part of its period", () => {
    const { lines } = bill(tariff({ ...given, validFrom: "2026-08-11" }), SHANGHAI, "s", period, more);
    for (const line of lines.filter(({ kind }) => kind === "demand" || kind === "fixed")) {
      const share = line.why.inputs.find(({ name }) => name === "periodShare");
      expect(errorOf(share!.value!, 21 / 31), line.name).toBeLessThan(1e-12);
      expect(errorOf(line.amount!, amountBy(line)), line.name).toBeLessThan(1e-12);
    }
  });

  test("has an unknown input where its amount is not known", () => {
    const { peaks: _unknown, ...rest } = more;
    const { lines } = bill(tariff(given), SHANGHAI, "s", period, rest);
    const line = lines.find(({ name }) => name === "peaks")!;
    expect(line.amount).toBeNull();
    expect(line.why.inputs).toContainEqual({ name: "billedKw", value: null });
  });
});
