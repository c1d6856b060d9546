import { describe, expect, test } from "vitest";
import { readGridFactors, readNetworkSnapshot } from "../bundledData.js";
import { figuresOf, isOldFigure } from "../economics/figures.js";
import { MemoryRateSeries } from "../store/state/memoryRateSeries.js";
import { GridFactors } from "./carbon/gridFactors.js";
import { poolSchema } from "./pools/pool.js";
import { RateSeries } from "./rateSeries.js";
import { Rates } from "./rates.js";
import { type Slot, slotAt, type TimeRange } from "./slot.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 10, 26);
const HOUR = { fromMs: NOW, toMs: NOW + HOUR_MS };
const dated = { validFrom: "2026-01-01", source: "contract" };
const slot = (value: number): Slot => ({
  startMs: NOW,
  endMs: Number.POSITIVE_INFINITY,
  value,
  source: "test",
  asOfMs: NOW,
});

function setUp() {
  const series = new RateSeries(new MemoryRateSeries());
  const tables = {
    snapshot: readNetworkSnapshot(),
    factors: new GridFactors(readGridFactors()),
    tariffs: [],
    fx: [],
    series,
  };
  const rates = new Rates(tables, [
    { site: "s", name: "S", zone: "Asia/Shanghai", currency: "USD", gridRegion: "CN-SD", demo: false },
  ]);
  const changes: [string, string, TimeRange][] = [];
  rates.onChange((...change) => changes.push(change));
  return { series, rates, changes };
}

describe("another algorithm", () => {
  test("is priced by its own coin, after the pool, and is no part of the hashprice of SHA-256", async () => {
    const { series, rates } = setUp();
    const range = { fromMs: NOW, toMs: NOW + 1 };
    const reading = { hashrateThs: 0.01, powerW: 3_000 };
    expect(figuresOf(reading, "Scrypt", rates.now("s", NOW)).revenuePerH).toBeUndefined();
    await series.putAll([
      { series: "revenue/scrypt", slots: [slot(1.44)] },
      { series: "btc/USD", slots: [slot(100_000)] },
    ]);
    expect(rates.hashprice("s", "Scrypt", range)[0]?.value).toBe(144_000);
    expect(rates.hashprice("s", "KHeavyHash", range)).toEqual([]);
    const sha256 = rates.hashprice("s", "SHA256", range);
    expect(sha256).toEqual(rates.slots("s", "hashprice", range));
    expect(figuresOf(reading, "Scrypt", rates.now("s", NOW)).revenuePerH).toBeCloseTo(0.06, 12);
    const pool = poolSchema.parse({ id: "p", name: "Pool", scheme: "PPS", feePercent: 10, ...dated });
    rates.setTerms("s", { pools: [pool] }, NOW);
    const now = rates.now("s", NOW);
    expect(figuresOf(reading, "Scrypt", now).revenuePerH).toBeCloseTo(0.054, 12);
    expect(now.hashpricePerThH).toBeCloseTo((sha256[0]!.value * 0.9) / 24_000, 12);
    expect(
      now.inputs.filter(({ kind }) => kind === "hashprice").map(({ algo, value }) => [algo, value]),
    ).toEqual([
      [undefined, sha256[0]!.value],
      ["scrypt", 144_000],
    ]);
  });

  test.each([
    ["as old as its own figure is, however fresh that of SHA-256", NOW - 5 * DAY_MS, NOW, [false, true]],
    ["as fresh as its own, where no source tells that of SHA-256", NOW, undefined, [true, false]],
    ["fresh where both are", NOW, NOW, [false, false]],
  ])("is %s", async (_what, scryptMs, sha256Ms, old) => {
    const { series, rates } = setUp();
    await series.putAll([
      { series: "revenue/scrypt", slots: [{ ...slot(1.44), asOfMs: scryptMs }] },
      { series: "btc/USD", slots: [slot(100_000)] },
      ...(sha256Ms ? [{ series: "hashprice/contract", slots: [{ ...slot(45), asOfMs: sha256Ms }] }] : []),
    ]);
    const now = rates.now("s", NOW);
    expect([isOldFigure("SHA-256", now), isOldFigure("Scrypt", now)]).toEqual(old);
    expect(isOldFigure(undefined, now)).toBe(false);
    // What is shown of each says the same.
    const shown = now.inputs.filter(({ kind }) => kind === "hashprice");
    expect(shown.map(({ algo, stale }) => [algo, stale])).toEqual([
      [undefined, old[0]],
      ["scrypt", old[1]],
    ]);
  });

  test("has a pool of its own beside that of SHA-256, and that of all where it has none", async () => {
    const { series, rates, changes } = setUp();
    await series.putAll([
      { series: "revenue/scrypt", slots: [slot(1.44)] },
      { series: "btc/USD", slots: [slot(100_000)] },
    ]);
    const pool = (id: string, feePercent: number, more: object = {}) =>
      poolSchema.parse({ id, name: id, scheme: "FPPS", feePercent, ...dated, ...more });
    const scrypt = pool("litecoin", 4, {
      algorithm: "Scrypt",
      scheme: "PPLNS",
      luck: 0.5,
      validTo: "2027-01-01",
    });
    const left = (algo: string, ms = NOW) =>
      slotAt(rates.poolFactor("s", algo, { fromMs: ms, toMs: ms + 1 }), ms)?.value;
    rates.setTerms("s", { pools: [pool("all", 10), scrypt] }, NOW);
    expect([left("SHA-256"), left("scrypt"), left("X11")]).toEqual([0.9, 0.48, 0.9]);
    expect(left("Scrypt", Date.UTC(2027, 1, 1))).toBe(0.9);
    rates.setTerms("s", { pools: [pool("btc", 1, { algorithm: "sha256d" }), scrypt] }, NOW);
    expect([left("SHA256"), left("scrypt"), left("X11")]).toEqual([0.99, 0.48, undefined]);
    expect([...rates.otherFactors("s", HOUR).keys()]).toEqual(["revenue/scrypt", "poolFactor/scrypt"]);
    const now = rates.now("s", NOW);
    expect(now.otherPerThH?.get("revenue/scrypt")).toBeCloseTo((144_000 * 0.48) / 24_000, 12);
    expect(
      now.inputs.filter(({ kind }) => kind === "poolFactor").map(({ algo, value }) => [algo, value]),
    ).toEqual([
      [undefined, 0.99],
      ["scrypt", 0.48],
    ]);
    // A change of the pool of one algorithm is one of the site's.
    changes.length = 0;
    const cheaper = { pools: [pool("btc", 1, { algorithm: "sha256d" }), { ...scrypt, feePercent: 2 }] };
    rates.setTerms("s", cheaper, NOW);
    expect(changes.map(([, kind]) => kind)).toEqual(["poolFactor"]);
  });
});
