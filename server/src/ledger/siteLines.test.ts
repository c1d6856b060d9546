import { setImmediate as turn } from "node:timers/promises";
import type { LedgerFigures, SiteLine } from "@hashwatt/protocol/ledger";
import { expect, test } from "vitest";
import { bookedSite, HASHPRICE, LOADED_TERMS, rigAt, rowsOf, startLedger } from "../fixtures/bookedSites.js";
import { SHANGHAI } from "../fixtures/tariffs.js";
import { whyOf } from "../rates/tariffs/billWhy.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import { OwedLines, shareOf } from "./siteCharges.js";

const S21 = { kw: 17.5, ths: 1_000 };
/** A Monday, and the week from it on. */
const WEEK = { fromMs: SHANGHAI.instant(2026, 8, 31), toMs: SHANGHAI.instant(2026, 9, 7) };
const DAY_MS = 24 * HOUR_MS;
const STEPS = ["hour", "day", "month"] as const;

const line = (amountMicro: number | null, fromMs: number, toMs: number): SiteLine => ({
  kind: "fixed",
  name: `of ${amountMicro}`,
  amountMicro,
  provisional: false,
  partlyMeasured: false,
  fromMs,
  toMs,
  source: "test",
  asOfMs: null,
  why: whyOf("fixed", { perMonth: null }, { source: "test", asOfMs: null }),
});

/** A site with an overhead and lines of its own, whose rig tells in some stretches only; priced up to an instant. */
async function owingLedger(
  lines: readonly SiteLine[],
  told: readonly { fromMs: number; toMs: number }[],
  toMs: number,
) {
  const it = await startLedger({
    sites: [bookedSite({ currency: "USD" })],
    rigs: [rigAt(1)],
    terms: { s: LOADED_TERMS },
    series: HASHPRICE,
    charges: {
      lines: async (_site, range) =>
        lines.filter((each) => each.fromMs < range.toMs && each.toMs > range.fromMs),
    },
  });
  for (const stretch of told) await it.put(rowsOf([1], stretch.fromMs, stretch.toMs, S21));
  await it.price(told[0]!.fromMs + BUCKET_MS);
  await it.price(toMs);
  return it;
}
const owing = async (...args: Parameters<typeof owingLedger>) => (await owingLedger(...args)).service;

/** The same week by every step and among all sites, which must agree; rows add up to it. */
async function weekOf(service: Awaited<ReturnType<typeof owing>>) {
  const { totals, siteLines } = await service.ledger({ site: "s" }, WEEK, "hour");
  for (const step of STEPS) {
    const other = await service.ledger({ site: "s" }, WEEK, step);
    expect(other.totals, step).toEqual(totals);
    expect(other.siteLines, step).toEqual(siteLines);
    const sum = (of: (row: LedgerFigures) => number | null) =>
      other.rows.reduce((all, row) => all + (of(row) ?? 0), 0);
    expect(sum((row) => row.loadedProfitMicro)).toBe(totals.loadedProfitMicro ?? 0);
    expect(sum((row) => row.siteLinesMicro)).toBe(totals.siteLinesMicro ?? 0);
    expect(sum((row) => row.coverage.loadedMs)).toBe(totals.coverage.loadedMs);
  }
  const { sites, byCurrency } = await service.sites(WEEK);
  expect(sites[0]!.totals).toEqual(totals);
  expect(byCurrency[0]!.totals).toEqual(totals);
  return { totals, siteLines };
}

const profitOf = ({ marginalProfitMicro, overheadCostMicro }: LedgerFigures): number =>
  marginalProfitMicro! - overheadCostMicro!;

test("on a Monday at noon a week has earned half a day, and owes half a day's share of its charges, on every page", async () => {
  const noon = WEEK.fromMs + 12 * HOUR_MS;
  const told = [{ fromMs: WEEK.fromMs, toMs: noon }];
  const service = await owing([line(70_000_000, WEEK.fromMs, WEEK.toMs)], told, noon);
  const { totals, siteLines } = await weekOf(service);
  expect(siteLines.map(({ amountMicro }) => amountMicro)).toEqual([5_000_000]);
  expect(totals.siteLinesMicro).toBe(5_000_000);
  expect(totals.loadedProfitMicro).toBe(profitOf(totals) - 5_000_000);
  // Its explanation says the same, and a bill is compared with the whole.
  const { booked, siteLines: parts } = await service.explain({ site: "s" }, { ...told[0]! });
  expect(booked.loadedProfitMicro).toBe(totals.loadedProfitMicro);
  expect(parts).toMatchObject([{ amountMicro: 70_000_000, partMicro: 5_000_000 }]);
  const billed = await service.billed({ site: "s" }, WEEK);
  expect(billed.siteLines).toMatchObject([{ amountMicro: 70_000_000 }]);
  expect(billed.totals.energyCostMicro).toBe(totals.energyCostMicro);
});

test("hours of which no profit is known take their share of the charges with them, whatever the step", async () => {
  const toMs = WEEK.fromMs + DAY_MS;
  const told = [
    { fromMs: WEEK.fromMs, toMs: WEEK.fromMs + 6 * HOUR_MS },
    { fromMs: WEEK.fromMs + 18 * HOUR_MS, toMs },
  ];
  const service = await owing([line(70_000_000, WEEK.fromMs, WEEK.toMs)], told, toMs);
  const { totals } = await weekOf(service);
  expect(totals.siteLinesMicro).toBe(10_000_000);
  expect(totals.loadedProfitMicro).toBe(profitOf(totals) - 5_000_000);
  expect(totals.coverage).toMatchObject({ loadedMs: DAY_MS / 2, spanMs: DAY_MS });
});

test("of the time before the ledger began nothing is owed in it, and of a month that has not begun there is no line", async () => {
  const begun = WEEK.fromMs + 4 * DAY_MS;
  const toMs = begun + DAY_MS;
  const lines = [
    line(70_000_000, WEEK.fromMs, WEEK.toMs),
    line(30_000_000, WEEK.toMs - DAY_MS, WEEK.toMs + 20 * DAY_MS),
  ];
  const service = await owing(lines, [{ fromMs: begun, toMs }], toMs);
  const { totals, siteLines } = await weekOf(service);
  expect(siteLines).toMatchObject([{ amountMicro: 10_000_000 }]);
  expect(totals.loadedProfitMicro).toBe(profitOf(totals) - 10_000_000);
});

test("a charge of unknown amount leaves out the hours that it falls into, and no others, on every page", async () => {
  const toMs = WEEK.fromMs + 2 * DAY_MS;
  const lines = [
    line(70_000_000, WEEK.fromMs, WEEK.toMs),
    line(null, WEEK.fromMs + DAY_MS, WEEK.fromMs + 2 * DAY_MS),
  ];
  const service = await owing(lines, [{ fromMs: WEEK.fromMs, toMs }], toMs);
  const { totals } = await weekOf(service);
  const monday = await service.ledger({ site: "s" }, { ...WEEK, toMs: WEEK.fromMs + DAY_MS }, "day");
  expect(totals.coverage).toMatchObject({ loadedMs: DAY_MS, profitMs: 2 * DAY_MS });
  expect(totals.loadedProfitMicro).toBe(monday.totals.loadedProfitMicro);
});

test("years before the ledger began are not gone through by the hour, and a week comes to the same among them", async () => {
  const toMs = WEEK.fromMs + DAY_MS + 10 * 60_000;
  const told = [{ fromMs: WEEK.fromMs + 6 * HOUR_MS, toMs }];
  const it = await owingLedger([line(70_000_000, WEEK.fromMs, WEEK.toMs)], told, toMs);
  const { totals } = await weekOf(it.service);
  const { eachSum } = it.state.ledger;
  const asked: number[] = [];
  it.state.ledger.eachSum = (query) => {
    asked.push(...query.edges);
    return eachSum.call(it.state.ledger, query);
  };
  const years = { fromMs: WEEK.fromMs - 3_600 * DAY_MS, toMs: WEEK.toMs + 30 * DAY_MS };
  expect((await it.service.sites(years)).sites[0]!.totals).toEqual(totals);
  // What is before it, 19 hours, and what is after them.
  const hours = Array.from({ length: 20 }, (_, i) => WEEK.fromMs + (6 + i) * HOUR_MS);
  expect(asked).toEqual([years.fromMs, ...hours]);
  const byMonth = await it.service.ledger({ site: "s" }, years, "month");
  expect(byMonth.totals).toEqual(totals);
  expect(byMonth.rows.filter(({ loadedProfitMicro }) => loadedProfitMicro !== null)).toHaveLength(2);
});

test("of the lines of many years a stretch looks at those around it, and has the shares of all", () => {
  let looked = 0;
  const counted = (each: SiteLine): SiteLine =>
    Object.defineProperty({ ...each }, "amountMicro", {
      get: () => {
        looked++;
        return each.amountMicro;
      },
    });
  const months = Array.from({ length: 120 }, (_, i) =>
    line(1_000_001 + i, SHANGHAI.instant(2016, 9 + i, 1), SHANGHAI.instant(2016, 10 + i, 1)),
  );
  // A charge of two months, which begins long before stretches of its second.
  const lines = [...months, line(7_000_003, SHANGHAI.instant(2020, 1, 1), SHANGHAI.instant(2020, 3, 1))];
  const within = { fromMs: months[0]!.fromMs, toMs: months.at(-1)!.toMs };
  const owed = new OwedLines(lines.map(counted).reverse(), within);
  for (const startMs of [
    SHANGHAI.instant(2020, 2, 29, 23),
    SHANGHAI.instant(2020, 3, 1),
    SHANGHAI.instant(2020, 2, 29, 23) + 30 * 60_000,
    within.fromMs - 30 * 60_000,
    within.toMs - 30 * 60_000,
  ]) {
    const endMs = startMs + HOUR_MS;
    const shares = lines.map((each) =>
      shareOf(each, { fromMs: Math.max(startMs, within.fromMs), toMs: Math.min(endMs, within.toMs) }),
    );
    looked = 0;
    expect(owed.sharesOf({ startMs, endMs })).toBe(shares.reduce((sum, share) => sum! + (share ?? 0), 0));
    expect(owed.owesUnknown({ startMs, endMs })).toBe(false);
    expect(looked).toBeLessThan(12);
  }
});

test("between two sites others have their turn", async () => {
  const it = await startLedger({ sites: [bookedSite({ site: "a" }), bookedSite({ site: "b" })] });
  const { eachSum } = it.state.ledger;
  const order: string[] = [];
  it.state.ledger.eachSum = (query) => {
    order.push(query.site);
    return eachSum.call(it.state.ledger, query);
  };
  const other = turn().then(() => order.push("another"));
  await Promise.all([it.service.sites(WEEK), other]);
  expect(order).toEqual(["a", "another", "b"]);
});
