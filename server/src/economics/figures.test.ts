import { describe, expect, test } from "vitest";
import { breakEvenPerKwh, figuresOf } from "./figures.js";
import { siteMoney } from "./siteMoney.js";

const HASHPRICE_USD_PH_DAY = 38.349547201233555;
const by = { hashpricePerThH: HASHPRICE_USD_PH_DAY / 24_000, pricePerKwh: 0.06, kgCo2PerKwh: 0.6191 };

describe("figures of a rig", () => {
  test("of 1 PH/s at 17.5 J/TH in Shandong agree with the vectors", () => {
    const figures = figuresOf({ hashrateThs: 1000, powerW: 17_500 }, "SHA-256", by);
    expect(figures.revenuePerH! * 24).toBeCloseTo(HASHPRICE_USD_PH_DAY, 10);
    expect(figures.costPerH! * 24).toBeCloseTo(25.2, 10);
    expect(figures.profitPerH! * 24).toBeCloseTo(HASHPRICE_USD_PH_DAY - 25.2, 10);
    expect(figures.co2KgPerH! * 24).toBeCloseTo(260.022, 8);
    expect(figures.efficiencyJPerTh).toBe(17.5);
    expect(breakEvenPerKwh(figures.revenuePerH!, 17_500)! * 1000).toBeCloseTo(91.30844571722275, 10);
  });

  test.each([
    ["power", { hashrateThs: 100 }, "SHA256", by, ["revenuePerH"]],
    ["hashrate", { powerW: 3000 }, "SHA256", by, ["costPerH", "co2KgPerH"]],
    [
      "a price",
      { hashrateThs: 100, powerW: 3000 },
      "SHA256",
      { hashpricePerThH: 1, kgCo2PerKwh: 1 },
      ["revenuePerH", "co2KgPerH", "efficiencyJPerTh"],
    ],
    [
      "a hashprice",
      { hashrateThs: 100, powerW: 3000 },
      "SHA256",
      { pricePerKwh: 1 },
      ["costPerH", "efficiencyJPerTh"],
    ],
    [
      "an algorithm",
      { hashrateThs: 100, powerW: 3000 },
      undefined,
      by,
      ["costPerH", "co2KgPerH", "efficiencyJPerTh"],
    ],
    [
      "an algorithm that the hashprice prices",
      { hashrateThs: 0.01, powerW: 3000 },
      "scrypt",
      by,
      ["costPerH", "co2KgPerH", "efficiencyJPerTh"],
    ],
  ] as const)("without %s are unknown where they need it, never 0", (_what, sample, algo, prices, known) => {
    expect(Object.keys(figuresOf(sample, algo, prices)).sort()).toEqual([...known].sort());
  });

  test("a rig that stands still earns a known 0 and has no efficiency", () => {
    const figures = figuresOf({ hashrateThs: 0, powerW: 20 }, "SHA256", by);
    expect(figures.revenuePerH).toBe(0);
    expect(figures.efficiencyJPerTh).toBeUndefined();
    expect(figures.profitPerH).toBeCloseTo(-0.0012, 12);
  });

  test("a negative price is kept", () => {
    expect(figuresOf({ powerW: 1000 }, "SHA256", { pricePerKwh: -0.02 }).costPerH).toBeCloseTo(-0.02, 12);
  });
});

describe("money of a site's history", () => {
  const slot = { startMs: 0, endMs: Number.POSITIVE_INFINITY, source: "x", asOfMs: 0 };
  const slots = {
    hashprice: [{ ...slot, value: HASHPRICE_USD_PH_DAY }],
    price: [{ ...slot, startMs: 3_600_000, value: 0.06 }],
    carbon: [{ ...slot, value: 0.6191 }],
  };

  test("is unknown before the price was set, while revenue is known", () => {
    const step = { startMs: 0, stepMs: 3_600_000, hashrateThs: 1000, powerW: 17_500 };
    expect(siteMoney(step, slots)).toMatchObject({ costPerH: null, profitPerH: null });
    expect(siteMoney(step, slots).revenuePerH! * 24).toBeCloseTo(HASHPRICE_USD_PH_DAY, 10);
    const later = siteMoney({ ...step, startMs: 3_600_000 }, slots);
    expect(later.profitPerH! * 24).toBeCloseTo(HASHPRICE_USD_PH_DAY - 25.2, 10);
  });

  test("is unknown where nothing was measured", () => {
    expect(
      siteMoney({ startMs: 3_600_000, stepMs: 300_000, hashrateThs: null, powerW: null }, slots),
    ).toEqual({
      revenuePerH: null,
      costPerH: null,
      profitPerH: null,
      co2KgPerH: null,
    });
  });
});
