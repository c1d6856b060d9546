import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import {
  BTC_PER_PH_DAY,
  bookedSite,
  HASHPRICE,
  LOADED_TERMS,
  rigAt,
  rowsOf,
  startLedger,
  steady,
  USD_PER_PH_DAY,
} from "../fixtures/bookedSites.js";
import { config as meter, startMetering } from "../fixtures/metered.js";
import { jilin, SHANGHAI, tariff } from "../fixtures/tariffs.js";
import { Feeders } from "../metering/feeders.js";
import { whyOf } from "../rates/tariffs/billWhy.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import { MemoryStateStore } from "../store/state/memory.js";

const near = (value: number | null, expected: number) =>
  expect(Math.abs((value ?? Number.NaN) / expected - 1)).toBeLessThan(1e-12);
const DAY_MS = 24 * HOUR_MS;
/** One PH of S21: 17.5 J/TH. */
const S21 = { kw: 17.5, ths: 1_000 };
/** Bands of Shandong, illustrative price level, December to February. */
const SHANDONG = tariff({
  id: "cn-sd-2026-110kv-illustrative",
  energy: {
    kind: "timeOfUse",
    bands: { critical: 1.13597, peak: 0.98555, flat: 0.63457, valley: 0.28359, deep: 0.18331 },
    rules: [
      { band: "flat" },
      { band: "valley", hours: ["2-6", "10-15"] },
      { band: "deep", hours: ["11-14"] },
      { band: "peak", hours: ["7-9", "16-21"] },
      { band: "critical", hours: ["16-19"] },
    ],
  },
});

describe("a day of the ledger", () => {
  test.each([
    { fx: 7, hours: 17, always: 11.579380408634858, avoided: 50.32993279748149 },
    { fx: 6.9, hours: 9, always: 7.74443, avoided: 52.0843 },
  ])(
    "of Shandong in January has $hours profitable hours of 24 at $fx CNY per USD",
    async ({ fx, hours, always, avoided }) => {
      const fromMs = SHANGHAI.instant(2026, 1, 15);
      const it = await startLedger({
        rigs: [rigAt(1)],
        terms: { s: { tariffs: [SHANDONG] } },
        fx: [{ currency: "CNY", validFromMs: 0, perUsd: fx, source: "test constant" }],
        series: HASHPRICE,
      });
      await it.put(rowsOf([1], fromMs, fromMs + DAY_MS, S21));
      await it.price(fromMs + DAY_MS);
      const { rows, totals } = await it.service.ledger(
        { site: "s" },
        { fromMs, toMs: fromMs + DAY_MS },
        "hour",
      );
      const profits = rows.map(({ marginalProfitMicro }) => marginalProfitMicro! / 1e6);
      expect(profits.filter((profit) => profit > 0)).toHaveLength(hours);
      expect(totals.marginalProfitMicro! / 1e6).toBeCloseTo(always, 4);
      const lost = profits.reduce((sum, profit) => sum - Math.min(0, profit), 0);
      expect(lost).toBeCloseTo(avoided, 4);
      const { exact } = await it.service.explain({ site: "s" }, { fromMs, toMs: fromMs + DAY_MS });
      near(exact.revenue, USD_PER_PH_DAY * fx);
      near(exact.revenueBtc, BTC_PER_PH_DAY);
      near(exact.breakEvenPerKwh, (USD_PER_PH_DAY * fx) / 420);
      if (fx === 7) near(exact.breakEvenPerKwh, 0.6391591200205592);
    },
  );

  test("explains a profit as it is booked: of the rigs alone of which both sides are known", async () => {
    const fromMs = SHANGHAI.instant(2026, 9, 1);
    const toMs = fromMs + HOUR_MS;
    const it = await startLedger({
      sites: [bookedSite({ currency: "USD" })],
      rigs: [rigAt(1), rigAt(2), rigAt(3)],
      terms: { s: { tariffs: [tariff({ currency: "USD", energy: { kind: "flat", price: 0.06 } })] } },
      series: HASHPRICE,
    });
    const powerless = rowsOf([2], fromMs, toMs, S21).map((row) => ({ ...row, powerCoveredMs: 0, kwh: 0 }));
    const idle = rowsOf([3], fromMs, toMs, S21).map((row) => ({ ...row, hashCoveredMs: 0, thsHours: 0 }));
    await it.put([...rowsOf([1], fromMs, toMs, S21), ...powerless, ...idle]);
    await it.price(toMs);
    const { exact, booked } = await it.service.explain({ site: "s" }, { fromMs, toMs });
    near(exact.revenue, (2 * USD_PER_PH_DAY) / 24);
    near(exact.energyCost, 2 * 17.5 * 0.06);
    near(exact.marginalProfit, USD_PER_PH_DAY / 24 - 17.5 * 0.06);
    expect(Math.round(exact.marginalProfit! * 1e6)).toBe(booked.marginalProfitMicro);
    near(exact.breakEvenPerKwh, USD_PER_PH_DAY / 24 / 17.5);
  });

  test("has no fully loaded profit where a charge of the site is not known, and says for how long", async () => {
    const fromMs = SHANGHAI.instant(2026, 9, 1);
    const toMs = fromMs + 2 * HOUR_MS;
    const it = await startLedger({
      sites: [bookedSite({ currency: "USD" })],
      rigs: [rigAt(1)],
      terms: { s: LOADED_TERMS },
      series: HASHPRICE,
      charges: {
        lines: async () => [
          {
            kind: "demand",
            name: "demand",
            amountMicro: null,
            provisional: false,
            partlyMeasured: false,
            fromMs: fromMs + HOUR_MS,
            toMs,
            source: "test",
            asOfMs: null,
            why: whyOf("demandContracted", { contractedKva: null }, { source: "test", asOfMs: null }),
          },
        ],
      },
    });
    await it.put(rowsOf([1], fromMs, toMs, S21));
    await it.price(toMs);
    const { rows, totals } = await it.service.ledger({ site: "s" }, { fromMs, toMs }, "hour");
    const { siteLines } = await it.service.explain({ site: "s" }, { fromMs, toMs });
    expect(siteLines).toMatchObject([
      {
        name: "demand",
        amountMicro: null,
        partMicro: null,
        why: { formula: "demandContracted", source: "test" },
      },
    ]);
    expect(rows.map(({ loadedProfitMicro }) => typeof loadedProfitMicro)).toEqual(["number", "object"]);
    expect(totals.loadedProfitMicro).toBe(rows[0]!.loadedProfitMicro);
    expect([totals.coverage.loadedMs, totals.coverage.profitMs]).toEqual([HOUR_MS, 2 * HOUR_MS]);
  });

  test("weighs carbon and says what one BTC took, as the vectors have it", async () => {
    const fromMs = SHANGHAI.instant(2026, 9, 1);
    const it = await startLedger({
      sites: [bookedSite({ gridRegion: "CN-SD", currency: "USD" })],
      rigs: [rigAt(1)],
      terms: { s: { tariffs: [tariff({ currency: "USD", energy: { kind: "flat", price: 0.06 } })] } },
      series: HASHPRICE,
    });
    await it.put(rowsOf([1], fromMs, fromMs + DAY_MS, S21));
    await it.price(fromMs + DAY_MS);
    const range = { fromMs, toMs: fromMs + DAY_MS };
    const { exact } = await it.service.explain({ site: "s" }, range);
    near(exact.kwhPerBtc, Number("840524.6568064606757046044444444446"));
    near(exact.kgCo2PerBtc, Number("520368.8150288798043287206115555557"));
    near(exact.co2LocationKg, 260.022);
    // Hashcost of 1 PH/s and day.
    near(exact.energyCost, 25.2);
    const { totals } = await it.service.ledger({ site: "s" }, range, "day");
    expect(totals).toMatchObject({
      energyMwh: 420_000_000,
      co2LocationMg: 260_022_000,
      energyCostMicro: 25_200_000,
    });
    // Each hour is rounded once.
    expect(Math.abs(totals.revenueMicro! - USD_PER_PH_DAY * 1e6)).toBeLessThanOrEqual(12);
    expect(Math.abs(totals.revenueMsat! - BTC_PER_PH_DAY * 1e11)).toBeLessThanOrEqual(12);
  });

  test("of 1 MW in Jilin, told by one site meter each minute, costs what the bands say with nothing unknown", async () => {
    const fromMs = SHANGHAI.instant(2026, 8, 3);
    const { metering, say } = startMetering(
      [meter("main", "site", { site: "home" })],
      { note: () => undefined },
      0,
    );
    const state = new MemoryStateStore();
    const log = { warn: () => undefined };
    const feeders = await Feeders.open(metering, state, log, fromMs - HOUR_MS);
    for (let at = fromMs - HOUR_MS; at <= fromMs + DAY_MS; at += 10_000) {
      if (at % 60_000 === 0) say("main", 1_000_000, at);
      feeders.sweep(at);
    }
    await feeders.close();
    const it = await startLedger({
      sites: [bookedSite({ site: "home", gridRegion: "CN-JL" })],
      terms: { home: { tariffs: [jilin] } },
      feeders,
      meteredSites: ["home"],
    });
    await it.price(fromMs - HOUR_MS + BUCKET_MS);
    await it.price(fromMs + DAY_MS);
    const { totals, rows } = await it.service.ledger(
      { site: "home" },
      { fromMs, toMs: fromMs + DAY_MS },
      "day",
    );
    expect(rows).toHaveLength(1);
    expect(totals.energyCostMicro).toBe(15_681_857_400);
    expect(totals.energyMwh).toBe(24_000_000_000);
    expect(totals.co2LocationMg).toBe(Math.round(24_000 * 0.4671 * 1e6));
    const { spanMs, energyMs, pricedMs, weighedMs } = totals.coverage;
    expect([energyMs, pricedMs, weighedMs]).toEqual([spanMs, spanMs, spanMs]);
    expect(spanMs).toBe(DAY_MS);
  });
});

describe("rows of a ledger", () => {
  test("add up to the totals to the last unit over hours, days and months of any zone, with days of 23 and 25 hours", async () => {
    for (const [zone, month, first, last, lengths] of [
      ["Europe/Berlin", 3, 28, 31, [23, 24]],
      ["Europe/Berlin", 10, 24, 27, [24, 25]],
      ["Asia/Kathmandu", 5, 31, 33, [24]],
    ] as const) {
      const place = Zone.of(zone);
      const fromMs = place.instant(2026, month, first);
      const toMs = place.instant(2026, month, last);
      const it = await startLedger({
        sites: [bookedSite({ zone, currency: "USD", gridRegion: "CN-SD" })],
        rigs: [rigAt(1), rigAt(2)],
        terms: {
          s: { tariffs: [tariff({ currency: "USD", energy: { kind: "flat", price: 0.061234567 } })] },
        },
        series: HASHPRICE,
      });
      const start = Math.floor(fromMs / HOUR_MS) * HOUR_MS;
      await it.put(rowsOf([1, 2], start, toMs, { kw: 3.2101, ths: 108.777 }));
      await it.price(toMs);
      const days = await it.service.ledger({ site: "s" }, { fromMs, toMs }, "day");
      const sizes = new Set(days.rows.map(({ startMs, endMs }) => (endMs - startMs) / HOUR_MS));
      expect([...sizes].sort()).toEqual([...lengths]);
      expect(days.rows.every(({ partial }) => !partial)).toBe(true);
      for (const step of ["hour", "day", "month"] as const) {
        const { rows, totals } = await it.service.ledger({ site: "s" }, { fromMs, toMs }, step);
        expect(totals).toEqual(days.totals);
        for (const name of [
          "energyMwh",
          "revenueMicro",
          "energyCostMicro",
          "marginalProfitMicro",
          "co2LocationMg",
          "revenueMsat",
        ] as const)
          expect(rows.reduce((sum, row) => sum + row[name]!, 0)).toBe(totals[name]);
        expect(rows.reduce((sum, row) => sum + row.coverage.spanMs, 0)).toBe(2 * (toMs - fromMs));
      }
      // A range that begins and ends within a month costs its own part of it, whatever the zone of the machine.
      const part = await it.service.ledger({ site: "s" }, { fromMs: days.rows[1]!.startMs, toMs }, "month");
      expect(part.rows[0]!.partial).toBe(true);
      expect(part.totals.energyCostMicro).toBe(
        days.rows.slice(1).reduce((sum, row) => sum + row.energyCostMicro!, 0),
      );
    }
  });

  test("of rigs add up to the site's, and a rig that moved has its hours where it stood", async () => {
    const fromMs = Date.UTC(2026, 8, 1);
    const toMs = fromMs + 6 * HOUR_MS;
    const moved = fromMs + 3 * HOUR_MS;
    const rigs = [rigAt(1), rigAt(2, "a")];
    const flat = (price: number) => ({
      tariffs: [tariff({ currency: "USD", energy: { kind: "flat", price } })],
    });
    const it = await startLedger({
      sites: [bookedSite({ currency: "USD" }), bookedSite({ site: "a", currency: "USD" })],
      rigs,
      terms: { s: flat(0.1), a: flat(0.2) },
      series: HASHPRICE,
    });
    await it.put(rowsOf([1, 2], fromMs, moved, { kw: 3, ths: 100 }));
    await it.price(moved);
    rigs[1] = { ...rigs[1]!, site: "s", toldMs: moved } as (typeof rigs)[1];
    await it.put(rowsOf([1, 2], moved, toMs, { kw: 3, ths: 100 }));
    await it.price(toMs);
    const costOf = async (asked: object) =>
      (await it.service.ledger(asked, { fromMs, toMs }, "hour")).totals.energyCostMicro;
    expect(await costOf({ site: "a" })).toBe(3 * 3 * 200_000);
    expect(await costOf({ site: "s" })).toBe(9 * 3 * 100_000);
    expect(await costOf({ rig: "r1" })).toBe(6 * 3 * 100_000);
    expect(await costOf({ rig: "r2" })).toBe(3 * 3 * 100_000);
    expect(await costOf({ rig: "r2", site: "a" })).toBe(await costOf({ site: "a" }));
    const { notes } = await it.service.ledger({ rig: "r2" }, { fromMs, toMs }, "day");
    expect(notes.join()).toContain("stood at site a");
    // A late reading of the time before the move changes the site of that time, and no other.
    await it.put([steady(2, fromMs, { kw: 6, ths: 100 })]);
    await it.price(toMs);
    expect(await costOf({ site: "a" })).toBe(3 * 3 * 200_000 + (3 * 200_000) / 12);
    expect(await costOf({ site: "s" })).toBe(9 * 3 * 100_000);
  });
});
