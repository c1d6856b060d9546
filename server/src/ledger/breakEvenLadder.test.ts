import { expect, test } from "vitest";
import { BTC_PER_PH_DAY, bookedSite, slotOf, USD_PER_PH_DAY } from "../fixtures/bookedSites.js";
import type { RigView } from "../fleet/rigView.js";
import { breakEvenLadder } from "./breakEvenLadder.js";
import type { FactorSlots } from "./factorSlots.js";

type Seen = Pick<RigView, "record" | "algo" | "reading" | "stale">;
const rig = (model: string, hashrateThs: number, powerW: number, more: Partial<Seen> = {}): Seen => ({
  record: { site: "s", evidence: { address: "10.0.0.1", model } } as Seen["record"],
  algo: "SHA256",
  reading: { atMs: 0, intervalMs: 5_000, status: "mining", hashrateThs, powerW },
  stale: false,
  ...more,
});
const VALUES: Record<string, number> = {
  hashprice: USD_PER_PH_DAY,
  hashpriceBtc: BTC_PER_PH_DAY,
  price: 0.06,
  overhead: 1.05,
};
const rates: FactorSlots = {
  slots: (_site, kind) => (VALUES[kind] === undefined ? [] : [slotOf(VALUES[kind])]),
  poolMean: () => [slotOf(0.98)],
  otherFactors: () => new Map(),
  isContracted: () => false,
  needsLoad: () => false,
  marketKg: () => undefined,
};

test("models stand by what their energy may cost, the weakest first, and the fleet's efficiency is ΣW / ΣTH", () => {
  const views = [
    rig("S21", 200, 3_500),
    rig("S9", 13.5, 1_323),
    // Silent ones are counted, and are no rigs of 0 W; another site and another algorithm are not counted.
    rig("S21", 200, 3_500, { stale: true }),
    rig("S21", 200, 3_500, { algo: "scrypt" }),
    rig("S21", 200, 3_500, { record: { site: "other", evidence: { address: "x" } } as Seen["record"] }),
  ];
  const told = breakEvenLadder(bookedSite({ currency: "USD" }), views, rates, 1);
  const { fleet, models, poolFactor } = told;
  expect(poolFactor).toBe(0.98);
  expect(models.map(({ model, rigs, of }) => [model, rigs, of])).toEqual([
    ["S9", 1, 1],
    ["S21", 1, 2],
  ]);
  const [, s21] = models;
  const near = (value: number | null, expected: number) =>
    expect(Math.abs(value! / expected - 1)).toBeLessThan(1e-12);
  near(s21!.breakEvenPerKwh, Number("85.22121600274123771973511905526873") / 1_000);
  near(s21!.hashcostPerPhDay, 26.46);
  near(s21!.marginPerPhDay, USD_PER_PH_DAY * 0.98 - 26.46);
  near(s21!.breakEvenBtcPrice, 26.46 / (BTC_PER_PH_DAY * 0.98));
  near(s21!.breakEvenDifficultyRatio, (USD_PER_PH_DAY * 0.98) / 26.46);
  near(fleet.efficiencyJPerTh, (3_500 + 1_323) / 213.5);
  expect(told).toMatchObject({ overhead: 1.05, overheadSource: "test" });
  const unknown = breakEvenLadder(bookedSite(), views, { ...rates, slots: () => [], poolMean: () => [] }, 1);
  expect([unknown.overhead, unknown.overheadSource]).toEqual([null, null]);
  expect(unknown.fleet).toMatchObject({
    breakEvenPerKwh: null,
    hashcostPerPhDay: null,
    marginPerPhDay: null,
  });
});

test("each algorithm stands by itself at what its own coin earns, and says what is not known of it", () => {
  const views = [
    rig("S21", 200, 3_500),
    // Scrypt in GH/s has a small hashrate: nothing of it may be added to that of SHA-256.
    rig("L9", 0.016, 3_360, { algo: "Scrypt" }),
    rig("KS5", 20, 3_000, { algo: "kaspa" }),
    rig("none", 1, 1_000, { algo: undefined as never }),
  ];
  const earning = 400_000;
  const others = new Map([
    ["revenue/scrypt", [slotOf(earning)]],
    ["poolFactor/scrypt", [slotOf(0.96)]],
  ]);
  const told = breakEvenLadder(
    bookedSite({ currency: "USD" }),
    views,
    { ...rates, otherFactors: () => others },
    1,
  );
  expect(told.algos.map(({ algo, fleet }) => [algo, fleet.of, fleet.hashrateThs])).toEqual([
    ["sha256", 1, 200],
    ["kaspa", 1, 20],
    ["scrypt", 1, 0.016],
  ]);
  expect(told.fleet).toEqual(told.algos[0]!.fleet);
  const [, kaspa, scrypt] = told.algos;
  const cost = (3_360 / 0.016) * 24 * 1.05 * 0.06;
  expect(scrypt).toMatchObject({ hashpricePerPhDay: earning, poolFactor: 0.96, unknown: [] });
  expect(scrypt!.models[0]!.hashcostPerPhDay! / cost).toBeCloseTo(1, 12);
  expect(scrypt!.fleet.marginPerPhDay! / (earning * 0.96 - cost)).toBeCloseTo(1, 12);
  expect(scrypt!.fleet.breakEvenPerKwh! / ((earning * 0.96) / ((3_360 / 0.016) * 24 * 1.05))).toBeCloseTo(
    1,
    12,
  );
  expect(scrypt!.fleet.breakEvenBtcPrice).toBeNull();
  expect(kaspa).toMatchObject({
    hashpricePerPhDay: null,
    fleet: { breakEvenPerKwh: null, marginPerPhDay: null },
  });
  expect(kaspa!.unknown).toEqual([expect.stringContaining("revenue/kaspa")]);
});
