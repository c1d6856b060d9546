import type { Input, RigDetail } from "@hashwatt/protocol/http";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../words/words.js";
import { arithmeticOf } from "./arithmetic.js";

const words = wordsOf("en");
const input = (
  kind: Input["kind"],
  value: number | null,
  unit: string,
  more: Partial<Input> = {},
): Input => ({
  kind,
  value,
  unit,
  source: `source of ${kind}`,
  asOfMs: Date.UTC(2026, 9, 10),
  stale: false,
  ...more,
});
const detail = (more: Partial<RigDetail> = {}): RigDetail => ({
  rig: 1,
  id: "r1",
  name: "A-01",
  site: "north",
  agent: "main",
  currency: "USD",
  zone: "UTC",
  stale: false,
  evidence: { address: "10.0.0.1" },
  firstSeenMs: 0,
  receivedMs: 0,
  sample: {
    atMs: 0,
    intervalMs: 5_000,
    status: "mining",
    hashrateThs: 200,
    powerW: 3_500,
    powerSource: "model",
  },
  figures: {
    efficiencyJPerTh: 17.5,
    revenuePerH: 0.458333,
    costPerH: 0.217,
    profitPerH: 0.241333,
    co2KgPerH: 2.1665,
  },
  limits: [],
  devFee: null,
  inputs: [
    input("hashprice", 55, "USD/PH/day", { stale: true }),
    input("price", 0.062, "USD/kWh", { demo: true, asOfMs: null }),
    input("carbon", 0.619, "kgCO2/kWh"),
  ],
  alerts: [],
  ...more,
});

describe("a figure explains itself", () => {
  it.each([
    ["revenuePerH", "0.2000 PH/s × 55 USD/PH/day ÷ 24 h = $0.458/h"],
    ["costPerH", "3.50 kW × 0.062 USD/kWh = $0.217/h"],
    ["profitPerH", "$0.458 − $0.217 = +$0.241/h"],
    ["co2KgPerH", "3.50 kW × 0.619 kgCO2/kWh = 2.17 kg/h"],
  ] as const)("%s is %s", (figure, sum) => {
    expect(arithmeticOf(detail(), figure, words)).toMatchObject({ sum, missing: [] });
  });

  it.each([
    [undefined, "Hashprice: source of hashprice, Oct 10, 2026 (old)", []],
    ["SHA-256", "Hashprice: source of hashprice, Oct 10, 2026 (old)", []],
    ["Scrypt", "Hashprice: whattomine, Oct 10, 2026", []],
    ["X11", undefined, ["Hashprice is not set."]],
  ])("the revenue of a rig that mines %s rests on the hashprice of that alone", (algo, rest, missing) => {
    const { sample, inputs } = detail();
    const scrypt = input("hashprice", 144_000, "USD/PH/day", { algo: "scrypt", source: "whattomine" });
    const rig = detail({
      sample: { ...sample!, ...(algo !== undefined && { algo }) },
      inputs: [...inputs, scrypt],
      ...(rest === undefined && { figures: { ...detail().figures, revenuePerH: null } }),
    });
    const found = arithmeticOf(rig, "revenuePerH", words);
    expect(found.rests).toEqual(rest === undefined ? [] : [rest]);
    expect(found.missing).toEqual(missing);
  });

  it.each([
    [200, 200, 3_500, "200 TH/s × 17.50 J/TH = 3.50 kW"],
    [100, 200, 1_750, "100.0 TH/s × 17.50 J/TH = 1.750 kW"],
    [220, 200, 3_500, "200 TH/s × 17.50 J/TH = 3.50 kW"],
    [220, undefined, 3_500, "220 TH/s × the nameplate's J/TH = 3.50 kW"],
  ])(
    "modelled power at %s of %s TH/s is %s W by the nameplate, and never more",
    (hashrateThs, nominalThs, powerW, sum) => {
      const { sample } = detail();
      const rig = detail({
        sample: { ...sample!, hashrateThs, powerW },
        evidence: { address: "10.0.0.1", ...(nominalThs !== undefined && { nominalThs }) },
      });
      expect(arithmeticOf(rig, "powerW", words)).toMatchObject({ sum, missing: [] });
    },
  );

  it.each([
    ["rig", 1, "plug-7 of this rig: 3.21 kW."],
    ["rack", 20, "rack-a of 20 rigs: 3.21 kW, divided by what these draw by their own account."],
  ] as const)("power by a meter at the %s names it, and what the rig says itself", (at, rigs, text) => {
    const meter = at === "rig" ? "plug-7" : "rack-a";
    const metered = detail({
      sample: { atMs: 0, intervalMs: 5_000, status: "mining", powerW: 3_210, powerSource: "meter" },
      meter: { meter, at, meterW: 3_210, atMs: 0, rigs, ownW: 3_000, ownSource: "model" },
    });
    expect(arithmeticOf(metered, "powerW", words).rests).toEqual([
      "3.21 kW: metered",
      text,
      "The rig itself: 3.00 kW, modelled, not measured.",
    ]);
  });

  it.each([
    [{ powerMode: "normal" }, "In the mode normal its running boards draw"],
    [{ targetThs: 120 }, "times the 120.0 TH/s that the firmware aims at"],
    [{ boards: [{ slot: 1, chips: 100, chipsExpected: 114 }] }, "chips that a board has lost count as if"],
  ])(
    "modelled power with %j is explained as the model reckons, without a sum of the hashrate",
    (more, text) => {
      const { sample } = detail();
      const explained = arithmeticOf(detail({ sample: { ...sample!, ...more } }), "powerW", words);
      expect(explained.sum).toBeUndefined();
      expect(explained.rests.join(" ")).toContain(text);
    },
  );

  it("power of a rig that sleeps is its standby, power of a supply is what it says, no power says so", () => {
    const sample = { atMs: 0, intervalMs: 5_000 };
    const asleep = detail({ sample: { ...sample, status: "sleeping", powerW: 20, powerSource: "model" } });
    expect(arithmeticOf(asleep, "powerW", words).sum).toBe("standby + fans = 20.0 W");
    const measured = detail({ sample: { ...sample, status: "mining", powerW: 3_400, powerSource: "psu" } });
    expect(arithmeticOf(measured, "powerW", words)).toEqual({
      rests: ["3.40 kW: measured by the power supply"],
      missing: [],
      howToSet: [],
    });
    const silent = detail({ sample: { ...sample, status: "unreachable" } });
    expect(arithmeticOf(silent, "powerW", words).missing).toEqual([
      "The rig reports no power, and none is modelled.",
    ]);
  });

  it("efficiency is power over hashrate, and unknown where nothing is hashed", () => {
    expect(arithmeticOf(detail(), "efficiencyJPerTh", words)).toMatchObject({
      sum: "3,500 W ÷ 200 TH/s = 17.50 J/TH",
      rests: ["Power: modelled, not measured"],
    });
    const { figures, sample } = detail();
    const idle = detail({
      sample: { ...sample!, hashrateThs: 0 },
      figures: { ...figures, efficiencyJPerTh: null },
    });
    const why = arithmeticOf(idle, "efficiencyJPerTh", words);
    expect([why.sum, why.missing]).toEqual([undefined, ["The rig hashes nothing now."]]);
  });

  it("names source, date and doubts of each factor", () => {
    expect(arithmeticOf(detail(), "costPerH", words).rests).toEqual([
      "Electricity price: source of price (demo)",
      "Power: modelled, not measured",
    ]);
    expect(arithmeticOf(detail(), "revenuePerH", words).rests).toEqual([
      "Hashprice: source of hashprice, Oct 10, 2026 (old)",
    ]);
  });

  it("without a price says so and how to set it, and shows no sum", () => {
    const { figures } = detail();
    const without = detail({
      figures: { ...figures, costPerH: null, profitPerH: null },
      inputs: [input("price", null, "USD/kWh", { howToSet: "npm start -- --price 0.062" })],
    });
    expect(arithmeticOf(without, "costPerH", words)).toEqual({
      rests: ["Power: modelled, not measured"],
      missing: ["Electricity price is not set."],
      howToSet: ["npm start -- --price 0.062"],
    });
    expect(arithmeticOf(without, "profitPerH", words)).toMatchObject({
      missing: ["Energy cost is unknown."],
    });
  });

  it("without power or hashrate says which is not reported", () => {
    const { figures } = detail();
    const silent = detail({
      sample: { atMs: 0, intervalMs: 5_000, status: "unreachable" },
      figures: { ...figures, revenuePerH: null, costPerH: null, profitPerH: null, co2KgPerH: null },
    });
    expect(arithmeticOf(silent, "revenuePerH", words).missing).toEqual(["The rig reports no hashrate."]);
    expect(arithmeticOf(silent, "co2KgPerH", words).missing).toEqual([
      "The rig reports no power, and none is modelled.",
    ]);
  });
});
