import { describe, expect, test } from "vitest";
import { readGridFactors, readNetworkSnapshot } from "../bundledData.js";
import { MemoryRateSeries } from "../store/state/memoryRateSeries.js";
import type { SiteRecord } from "../store/state/state.js";
import { carbonContractSchema } from "./carbon/contract.js";
import { GridFactors } from "./carbon/gridFactors.js";
import { btcPerPhDay } from "./hashprice/formula.js";
import { overheadSchema } from "./overhead/overhead.js";
import { poolSchema } from "./pools/pool.js";
import { RateSeries } from "./rateSeries.js";
import { Rates } from "./rates.js";
import type { RateTables } from "./registry.js";
import { meanOver, type Slot, slotAt, type TimeRange } from "./slot.js";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 26);
const OPEN = Number.POSITIVE_INFINITY;
const HOUR = { fromMs: NOW, toMs: NOW + HOUR_MS };
const slot = (value: number, startMs = NOW, endMs = OPEN): Slot => ({
  startMs,
  endMs,
  value,
  source: "test",
  asOfMs: startMs,
});
const site = (more: Partial<SiteRecord> = {}): SiteRecord => ({
  site: "s",
  name: "S",
  zone: "Asia/Shanghai",
  currency: "CNY",
  gridRegion: "CN-SD",
  demo: false,
  ...more,
});

function setUp(more: Partial<RateTables> = {}, record = site()) {
  const series = new RateSeries(new MemoryRateSeries());
  const rates = new Rates(
    {
      snapshot: readNetworkSnapshot(),
      factors: new GridFactors(readGridFactors()),
      tariffs: [],
      fx: [],
      series,
      ...more,
    },
    [record],
  );
  const changes: [string, string, TimeRange][] = [];
  rates.onChange((...change) => changes.push(change));
  const at = (kind: Parameters<Rates["slots"]>[1], ms = NOW) =>
    slotAt(rates.slots("s", kind, { fromMs: ms, toMs: ms + 1 }), ms);
  return { series, rates, changes, at };
}
const dated = { validFrom: "2026-01-01", source: "contract" };

describe("a hashprice from fetched figures", () => {
  test("is made of difficulty, height, fees, price and exchange rate, and beats the snapshot from its first moment on", async () => {
    const { series, at } = setUp();
    await series.putAll([
      { series: "network/difficulty", slots: [slot(1e14)] },
      { series: "network/height", slots: [slot(963_692)] },
      { series: "network/feesBtc", slots: [slot(0.05, NOW + HOUR_MS)] },
      { series: "btc/USD", slots: [slot(100_000)] },
    ]);
    expect(at("hashprice")).toBeUndefined();
    await series.put("fx/CNY", [slot(7)]);
    expect(at("hashprice")?.value).toBeCloseTo(62.8642737865448 * 7, 9);
    expect(at("hashprice")?.note).toContain("block subsidy only, transaction fees not known");
    expect(at("hashpriceBtc", NOW + HOUR_MS)).toMatchObject({
      value: btcPerPhDay({ difficulty: 1e14, subsidyBtc: 3.125, feesBtc: 0.05 }),
      note: expect.stringContaining("fees 0.05 BTC a block"),
    });
    expect(at("hashpriceBtc", NOW - HOUR_MS)?.source).toContain("bundled snapshot");
  });

  test("falls by half at the halving", async () => {
    const { series, at } = setUp();
    await series.putAll([
      { series: "network/difficulty", slots: [slot(1e14)] },
      {
        series: "network/height",
        slots: [slot(1_049_999, NOW, NOW + HOUR_MS), slot(1_050_000, NOW + HOUR_MS)],
      },
    ]);
    expect(at("hashpriceBtc", NOW + HOUR_MS)!.value * 2).toBe(at("hashpriceBtc")!.value);
  });

  test("gives way to one that is quoted with its fees, to which nothing is added", async () => {
    const { series, at } = setUp({}, site({ currency: "USD" }));
    await series.putAll([
      { series: "network/difficulty", slots: [slot(1e14)] },
      { series: "network/height", slots: [slot(963_692)] },
      { series: "network/feesBtc", slots: [slot(0.05)] },
      { series: "btc/USD", slots: [slot(100_000)] },
    ]);
    await series.put("hashprice/luxor", [slot(45.79, NOW, NOW + HOUR_MS)]);
    expect(at("hashprice")?.value).toBe(45.79);
    expect(at("hashprice", NOW + HOUR_MS)?.value).toBeCloseTo(62.8642737865448 * (3.175 / 3.125), 9);
  });
});

describe("a change of a series", () => {
  test("is told for the rates of those sites that rest on it, and holds at once", async () => {
    const { series, rates, changes } = setUp({ liveCarbon: new Map([["s", ["carbon/em"]]]) });
    await series.put("fx/CNY", [slot(7)]);
    expect(changes).toEqual([
      ["s", "fx", { fromMs: NOW, toMs: OPEN }],
      ["s", "hashprice", { fromMs: NOW, toMs: OPEN }],
    ]);
    changes.length = 0;
    expect(rates.now("s", NOW).kgCo2PerKwh).toBe(0.6191);
    await series.put("carbon/em", [slot(0.4, NOW, NOW + HOUR_MS)]);
    expect(rates.now("s", NOW).kgCo2PerKwh).toBe(0.4);
    await series.putAll([
      { series: "carbon/other", slots: [slot(0.4)] },
      { series: "fx/EUR", slots: [slot(0.9)] },
      { series: "marginal/em", slots: [slot(0.9)] },
    ]);
    expect(changes).toEqual([["s", "carbon", HOUR]]);
    expect(
      rates.slots("s", "carbon", { fromMs: NOW - 1, toMs: NOW + 2 * HOUR_MS }).map(({ value }) => value),
    ).toEqual([0.6191, 0.4, 0.6191]);
  });
});

describe("what is set of a site", () => {
  const pool = (more: object) =>
    poolSchema.parse({ id: "p", name: "Pool", scheme: "FPPS", feePercent: 2, ...dated, ...more });

  test("is told where it changes a value, and may be looked at before", () => {
    const { rates, changes } = setUp();
    const terms = {
      pools: [pool({}), pool({ id: "q", feePercent: 4, validFrom: "2026-11-26", validTo: "2026-11-27" })],
    };
    const change = { fromMs: Date.UTC(2025, 11, 31, 16), toMs: Date.UTC(2026, 10, 26, 16) };
    expect(rates.termsChange("s", terms, NOW)).toEqual([{ kind: "poolFactor", range: change }]);
    expect(changes).toEqual([]);
    rates.setTerms("s", terms, NOW);
    rates.setTerms("s", structuredClone(terms), NOW);
    expect(changes).toEqual([["s", "poolFactor", change]]);
    expect(rates.slots("s", "poolFactor", { fromMs: 0, toMs: OPEN }).map(({ value }) => value)).toEqual([
      0.98, 0.96,
    ]);
    expect(rates.now("s", NOW).inputs.find(({ kind }) => kind === "poolFactor")).toMatchObject({
      value: 0.96,
      source: "Pool, FPPS: contract",
      note: "fee 4 %",
    });
  });

  test("takes the fees of blocks out for a pool that pays the subsidy only", async () => {
    const { series, rates, at } = setUp();
    rates.setTerms("s", { pools: [pool({ scheme: "PPS" })] }, NOW);
    expect(at("poolFactor")?.value).toBe(0.98);
    await series.putAll([
      { series: "network/height", slots: [slot(963_692)] },
      { series: "network/feesBtc", slots: [slot(0.125)] },
    ]);
    expect(at("poolFactor")?.value).toBeCloseTo(0.98 * (3.125 / 3.25), 12);
  });

  test("says that luck is not known, and that solo is an expectation", () => {
    const { rates, at } = setUp();
    rates.setTerms("s", { pools: [pool({ scheme: "SOLO", feePercent: 0, devFeePercent: 2.5 })] }, NOW);
    expect(at("poolFactor")).toMatchObject({
      value: 0.975,
      note: "fee 0 %, firmware 2.5 %, luck not known, taken as 1, an expectation, not an income",
    });
  });

  test("takes off what firmwares were measured to take, and the rate that is set for the other rigs alone", async () => {
    const { series, rates, at } = setUp();
    const later = NOW + HOUR_MS;
    await series.putAll([
      { series: "devFee/s", slots: [{ ...slot(0.02, NOW, later), source: "rigs", note: "24 h" }] },
      { series: "devFeeOf/s", slots: [slot(0.8, NOW, later)] },
    ]);
    expect(at("poolFactor")).toMatchObject({ value: 0.98, source: "no pool set; rigs" });
    rates.setTerms("s", { pools: [pool({ feePercent: 0, devFeePercent: 3 })] }, NOW);
    expect(at("poolFactor")?.value).toBeCloseTo(1 - (0.02 + 0.2 * 0.03), 12);
    expect(at("poolFactor")?.note).toBe(
      "fee 0 %, firmware 2.5 % measured (24 h) for 80 % of the hash, 3 % for the rest",
    );
    expect(at("poolFactor", later)).toMatchObject({ value: 0.97, note: "fee 0 %, firmware 3 %" });
  });

  test("is an overhead as measured, else as modelled of the air, else as constant", async () => {
    const { series, rates, at } = setUp();
    const model = overheadSchema.parse({
      kind: "model",
      id: "m",
      name: "Hall",
      cooling: "air",
      climate: "CN-SD-HEZE",
      ...dated,
    });
    rates.setTerms("s", { overheads: [model] }, NOW);
    // 15:00 in Shanghai on the hottest days of Heze: 32 °C.
    const july = Date.UTC(2026, 6, 15, 7);
    expect(at("overhead", july)).toMatchObject({
      value: 1.05 + 0.004 * 7,
      source: "Hall, model of air cooling at 32.0 °C: usual year of Heze, Shandong",
    });
    await series.put("ambient/s", [slot(45, july, july + HOUR_MS)]);
    expect(at("overhead", july)?.value).toBeCloseTo(1.13, 12);
    await series.put("overhead/s", [slot(1.2, july, july + HOUR_MS)]);
    expect(at("overhead", july)?.value).toBe(1.2);
    expect(overheadSchema.safeParse({ ...model, climate: "CN-SD-HEZ" }).error?.issues[0]?.message).toContain(
      "is no place of the bundled climates; there are CN-SD-HEZE, ",
    );
    rates.setTerms(
      "s",
      { overheads: [overheadSchema.parse({ ...model, climate: "CN-JL-JILIN-CITY" })] },
      NOW,
    );
    expect(at("overhead", july + 2 * HOUR_MS)?.source).toContain(
      "usual year of Changchun, Jilin (for want of figures of Jilin City, Jilin)",
    );
    const constant = overheadSchema.parse({
      kind: "constant",
      id: "c",
      name: "Hall",
      factor: 1.04,
      ...dated,
    });
    rates.setTerms("s", { overheads: [constant] }, NOW);
    expect([at("overhead", july)?.value, at("overhead")?.value]).toEqual([1.2, 1.04]);
  });

  test("matches contracts with the load of the very hour, and counts the rest with the residual mix", async () => {
    const { series, rates } = setUp();
    const contract = (more: object) =>
      carbonContractSchema.parse({ id: "c", name: "Roof", kind: "own", ...dated, ...more });
    expect(rates.marketCarbon("s", HOUR, 1_000)).toMatchObject({ kgCo2: 609.6, matchedKwh: 0 });
    rates.setTerms(
      "s",
      { contracts: [contract({ supply: { kind: "series", series: "generation/roof" } })] },
      NOW,
    );
    expect(rates.marketCarbon("s", HOUR, 1_000)).toBeUndefined();
    await series.put("generation/roof", [
      slot(400, NOW, NOW + HOUR_MS / 2),
      slot(200, NOW + HOUR_MS / 2, NOW + HOUR_MS),
    ]);
    expect(rates.marketCarbon("s", HOUR, 1_000)).toEqual({
      matchedKwh: 300,
      unmatchedKwh: 700,
      kgCo2: 700 * 0.6096,
      parts: [{ id: "c", name: "Roof", kwh: 300, kgCo2: 0 }],
    });
    expect(rates.marketCarbon("s", HOUR, 100)).toMatchObject({ matchedKwh: 100, unmatchedKwh: 0, kgCo2: 0 });
    rates.setTerms(
      "s",
      { contracts: [contract({ kgPerKwh: 0.01, supply: { kind: "share", percent: 40 } })] },
      NOW,
    );
    expect(rates.marketCarbon("s", HOUR, 1_000)?.kgCo2).toBeCloseTo(4 + 600 * 0.6096, 9);
    expect(meanOver(rates.slots("s", "carbonMarket", HOUR), HOUR)).toBe(0.6096);
  });

  test("counts a rest with the grid's own factor where no residual mix is known, and says so", () => {
    const { at } = setUp({}, site({ gridRegion: "US-EGRID-ERCT", currency: "USD" }));
    expect(at("carbonMarket")?.source).toContain("(location-based, for want of a residual mix)");
    expect(at("carbonMarket")?.value).toBe(at("carbon")?.value);
  });
});
