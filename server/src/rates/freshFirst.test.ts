import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@hashwatt/protocol/time";
import { describe, expect, onTestFinished, test } from "vitest";
import { readGridFactors, readNetworkSnapshot } from "../bundledData.js";
import { MemoryRateSeries } from "../store/state/memoryRateSeries.js";
import type { FxRecord } from "../store/state/state.js";
import { GridFactors } from "./carbon/gridFactors.js";
import { afterSilence } from "./fetch/afterSilence.js";
import { openSlot } from "./fetch/openSlot.js";
import { fetcherOf, sourceSchema } from "./fetch/registry.js";
import { SourceHttp } from "./fetch/sourceHttp.js";
import { RateSeries } from "./rateSeries.js";
import { Rates } from "./rates.js";
import { type RateKind, slotAt } from "./slot.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 10, 2);

function setUp(currency: string, fx: FxRecord[] = []) {
  const series = new RateSeries(new MemoryRateSeries());
  const site = { site: "s", name: "S", zone: "UTC", currency, demo: false };
  const bundled = { snapshot: readNetworkSnapshot(), factors: new GridFactors(readGridFactors()) };
  const rates = new Rates({ ...bundled, tariffs: [], fx, series }, [site]);
  const at = (kind: RateKind, ms: number) => slotAt(rates.slots("s", kind, { fromMs: ms, toMs: ms + 1 }), ms);
  // As a fetcher puts what a source tells.
  const tell = async (name: string, value: number, ms: number, source = name) => {
    const part = { series: name, slots: [openSlot(value, source, ms, ms)] };
    await series.putAll([afterSilence(part, series.last(name))]);
  };
  const network = async (ms: number) => {
    await tell("network/difficulty", 1e14, ms, "mempool");
    await tell("network/height", 963_692, ms, "mempool");
  };
  return { series, at, tell, network };
}

describe("a hashprice that is quoted", () => {
  test("gives way to the network's own a day after its source has died, and counts again from its return on", async () => {
    const { at, tell, network } = setUp("USD");
    await tell("btc/USD", 100_000, NOW);
    await network(NOW);
    await tell("hashprice/luxor", 45, NOW);
    expect(at("hashprice", NOW + 23 * HOUR_MS)?.value).toBe(45);
    for (let day = 1; day <= 9; day++) {
      await network(NOW + day * DAY_MS);
      await tell("btc/USD", 100_000, NOW + day * DAY_MS);
    }
    expect(at("hashprice", NOW + 9 * DAY_MS)?.value).toBeCloseTo(62.8642737865448, 9);
    // Of the same value too: what it was silent for is not told of afterwards.
    await tell("hashprice/luxor", 45, NOW + 10 * DAY_MS);
    const told = [0.5, 1.5, 9.5, 10.5].map((days) => at("hashprice", NOW + days * DAY_MS)?.value);
    expect(told).toEqual([45, expect.closeTo(62.8642737865448, 9), expect.closeTo(62.8642737865448, 9), 45]);
  });

  test("stays with its age where nothing newer is known", async () => {
    const { at, tell, network } = setUp("USD");
    await network(NOW - 3 * DAY_MS);
    await tell("btc/USD", 100_000, NOW - 3 * DAY_MS);
    await tell("hashprice/luxor", 45, NOW);
    expect(at("hashprice", NOW + 9 * DAY_MS)).toMatchObject({ value: 45, asOfMs: NOW });
  });

  test("counts for days ahead too as long as it is told", async () => {
    const { at, tell, network } = setUp("USD");
    await tell("hashprice/luxor", 45, NOW);
    await tell("btc/USD", 100_000, NOW + HOUR_MS);
    await network(NOW + HOUR_MS);
    expect(at("hashprice", NOW + 2 * DAY_MS)?.value).toBe(45);
  });

  test("gives way in BTC too, and in the money of a site whose exchange rate is of a weekend", async () => {
    const { at, tell, network } = setUp("CNY");
    await tell("fx/CNY", 7, NOW - 3 * DAY_MS);
    await tell("btc/USD", 100_000, NOW);
    await tell("hashprice/luxor", 45, NOW);
    await tell("hashpriceBtc/luxor", 0.0007, NOW);
    await network(NOW);
    expect(at("hashprice", NOW + HOUR_MS)?.value).toBe(315);
    expect(at("hashpriceBtc", NOW + HOUR_MS)?.value).toBe(0.0007);
    await network(NOW + 2 * DAY_MS);
    await tell("btc/USD", 100_000, NOW + 2 * DAY_MS);
    expect(at("hashpriceBtc", NOW + 2 * DAY_MS)?.source).toBe("mempool");
    expect(at("hashprice", NOW + 2 * DAY_MS)?.value).toBeCloseTo(62.8642737865448 * 7, 9);
  });

  test("counts for all the time that a file states, whatever the network tells", async () => {
    const { series, at, tell, network } = setUp("USD");
    await network(NOW + 5 * DAY_MS);
    await tell("btc/USD", 100_000, NOW + 5 * DAY_MS);
    const month = { startMs: NOW, endMs: NOW + 30 * DAY_MS, value: 44, source: "file", asOfMs: NOW };
    await series.put("hashprice/contract", [month]);
    expect(at("hashprice", NOW + 20 * DAY_MS)?.value).toBe(44);
  });
});

describe("a row without an end in a file that is read again and again", () => {
  async function setUpFile(name: string) {
    const folder = await mkdtemp(join(tmpdir(), "rates-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "rates.csv");
    const { series, ...more } = setUp("CNY");
    const fetcher = fetcherOf(
      sourceSchema.parse({ id: "c", kind: "csv", file, series: name, source: "contract" }),
    );
    const read = async (nowMs: number) => {
      const question = {
        nowMs,
        last: () => series.last(name),
        http: new SourceHttp(systemClock),
        lacks() {},
      };
      const parts = await fetcher.fetch(question, new AbortController().signal);
      await series.putAll(parts.map((part) => afterSilence(part, series.last(name))));
      return parts.length;
    };
    const write = async (value: number, startMs: number) => {
      await writeFile(file, `start,value\n${startMs},${value}\n`);
      await utimes(file, startMs / 1_000, startMs / 1_000);
    };
    return { ...more, series, read, write };
  }

  test("counts for as long as it is read, and gives way a day after the last time", async () => {
    const { at, tell, network, read, write } = await setUpFile("hashprice/contract");
    await tell("fx/CNY", 7, NOW);
    await write(44, NOW);
    for (let day = 0; day <= 22; day++) {
      await network(NOW + day * DAY_MS);
      await tell("btc/USD", 100_000, NOW + day * DAY_MS);
      if (day <= 20) await read(NOW + day * DAY_MS);
    }
    const values = [0.5, 1.5, 20.9, 22.5].map((days) => at("hashprice", NOW + days * DAY_MS)?.value);
    expect(values).toEqual([308, 308, 308, expect.closeTo(62.8642737865448 * 7, 9)]);
  });

  test("prices BTC in the site's own money for as long", async () => {
    const { at, tell, network, read, write } = await setUpFile("btc/CNY");
    await tell("fx/CNY", 7, NOW);
    await write(650_000, NOW);
    await read(NOW);
    await read(NOW + 3 * DAY_MS);
    await tell("btc/USD", 100_000, NOW + 3 * DAY_MS);
    await network(NOW + 3 * DAY_MS);
    expect(at("hashprice", NOW + 3 * DAY_MS)?.note).toContain("1 BTC = 650000 CNY");
  });

  test("leaves what was put in its place, and keeps the date of an exchange rate", async () => {
    const { series, read, write } = await setUpFile("hashprice/contract");
    await write(44, NOW);
    await read(NOW);
    await series.put("hashprice/contract", [openSlot(45, "by hand", NOW + HOUR_MS, NOW + HOUR_MS)]);
    expect(await read(NOW + 2 * HOUR_MS)).toBe(0);
    expect(series.last("hashprice/contract")).toMatchObject({ value: 45, asOfMs: NOW + HOUR_MS });
    const fx = await setUpFile("fx/CNY");
    await fx.write(7, NOW);
    await fx.read(NOW + DAY_MS);
    await fx.read(NOW + 2 * DAY_MS);
    expect(fx.series.last("fx/CNY")).toMatchObject({ value: 7, asOfMs: NOW });
  });
});

test("an exchange rate that is set by hand counts from its date on, until a source tells a newer one", async () => {
  const set = { currency: "CNY", validFromMs: NOW + DAY_MS, perUsd: 7.2, source: "by hand" };
  const earlier = { ...set, validFromMs: NOW - 90 * DAY_MS, perUsd: 6 };
  const { at, tell, network } = setUp("CNY", [earlier, set]);
  await network(NOW);
  await tell("btc/USD", 100_000, NOW);
  await tell("fx/CNY", 7, NOW);
  const days = [-1, 0, 2];
  expect(days.map((day) => at("fx", NOW + day * DAY_MS)?.value)).toEqual([6, 7, 7.2]);
  expect(at("hashprice", NOW + 2 * DAY_MS)?.note).toContain("1 BTC = 720000 CNY");
  await tell("fx/CNY", 7.1, NOW + 3 * DAY_MS);
  expect([2, 3].map((day) => at("fx", NOW + day * DAY_MS)?.value)).toEqual([7.2, 7.1]);
});

test("a price of BTC in the site's own money that nobody tells any more gives way to that in USD", async () => {
  const { at, tell, network } = setUp("CNY");
  await tell("btc/CNY", 650_000, NOW);
  await tell("fx/CNY", 7, NOW);
  await network(NOW);
  await tell("btc/USD", 100_000, NOW + 2 * DAY_MS);
  expect(at("hashprice", NOW + HOUR_MS)?.note).toContain("1 BTC = 650000 CNY");
  expect(at("hashprice", NOW + 2 * DAY_MS)?.note).toContain("1 BTC = 700000 CNY");
});
