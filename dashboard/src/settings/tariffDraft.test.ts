import { describe, expect, it } from "vitest";
import { newTariff, tariffBody, tariffDraft } from "./tariffDraft.js";
import { toYaml } from "./toYaml.js";

const jilin = {
  id: "jilin-66kv",
  name: "Jilin two-part 66 kV",
  currency: "CNY",
  validFrom: "2026-01-01",
  source: "State Grid Jilin, August 2026",
  energy: {
    kind: "timeOfUse",
    bands: { flat: 0.669328, peak: 0.8603353, valley: 0.4783207 },
    rules: [
      { band: "flat" },
      { hours: ["8-10", "16-21"], band: "peak" },
      { months: [6, 7, 8], days: ["workday"], hours: ["0-5"], band: "valley" },
    ],
  },
  adders: [{ name: "surcharge", perKwh: 1 }],
  demand: [{ kind: "maximum", name: "demand", minutes: 15, perKw: 36.8 }],
  monthly: [{ name: "meter", amount: 12 }],
  minimumCharge: 20000,
  taxPercent: 0,
};

describe("the form of a tariff", () => {
  it("gives back the body that it was opened with", () => {
    expect(tariffBody(tariffDraft(jilin)!)).toEqual(jilin);
    const tiered = {
      ...jilin,
      energy: { kind: "tiered", tiers: [{ upToKwh: 1000, price: 0.5 }, { price: 0.6 }] },
    };
    expect(tariffBody(tariffDraft(tiered)!)).toEqual(tiered);
  });

  it("does not open what it has no place for: saving would lose it", () => {
    for (const more of [
      { holidays: ["2026-10-01"] },
      { energy: { kind: "series", series: "price/de" } },
      { demand: [{ kind: "contracted", name: "c", kva: 1, perKva: 2 }] },
      { adders: [{ name: "a", perKwh: 1, hours: ["1-2"] }] },
    ])
      expect(tariffDraft({ ...jilin, ...more })).toBeUndefined();
  });

  it("leaves out what was left empty, reads months as a person writes them, and hands on what is no number", () => {
    const draft = { ...newTariff("usd", "2026-08-01"), id: "a", name: "A", source: "bill", price: "cheap" };
    expect(tariffBody(draft)).toEqual({
      id: "a",
      name: "A",
      currency: "USD",
      validFrom: "2026-08-01",
      source: "bill",
      energy: { kind: "flat", price: "cheap" },
    });
    const rule = { band: "valley", hours: "22-6", days: [], months: "11-12, 1" };
    expect(tariffBody({ ...draft, kind: "timeOfUse", rules: [rule] }).energy).toMatchObject({
      rules: [{ months: [11, 12, 1], hours: ["22-6"], band: "valley" }],
    });
  });
});

it("a document is written as YAML that says the same", () => {
  expect(toYaml({ hashwatt: 1, tariffs: { north: [jilin] } })).toBe(`hashwatt: 1
tariffs:
  north:
    - id: jilin-66kv
      name: Jilin two-part 66 kV
      currency: CNY
      validFrom: "2026-01-01"
      source: "State Grid Jilin, August 2026"
      energy:
        kind: timeOfUse
        bands:
          flat: 0.669328
          peak: 0.8603353
          valley: 0.4783207
        rules:
          - band: flat
          - hours: ["8-10", "16-21"]
            band: peak
          - months: [6, 7, 8]
            days: [workday]
            hours: ["0-5"]
            band: valley
      adders:
        - name: surcharge
          perKwh: 1
      demand:
        - kind: maximum
          name: demand
          minutes: 15
          perKw: 36.8
      monthly:
        - name: meter
          amount: 12
      minimumCharge: 20000
      taxPercent: 0`);
  expect(toYaml({ a: "yes", b: "", c: "x: y", d: [], e: null, f: "#no" })).toBe(
    'a: "yes"\nb: ""\nc: "x: y"\nd: []\ne: null\nf: "#no"',
  );
});
