import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { bookedSite, rigAt, rowsOf, startLedger } from "../fixtures/bookedSites.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";

const fromMs = Date.UTC(2026, 8, 1);
const toMs = fromMs + 3 * HOUR_MS;
const earlierMs = fromMs - 2 * HOUR_MS;
const like = { kw: 4, ths: 100 };

/** A ledger of two sites with a rig each. */
async function setUp() {
  const it = await startLedger({
    sites: [bookedSite({ site: "a" }), bookedSite({ site: "b" })],
    rigs: [rigAt(1, "a"), rigAt(2, "b")],
  });
  const kwh = async (site: string, from = earlierMs) => {
    const sums = await it.state.ledger.sums({ site, edges: [from], toMs });
    return sums.reduce((sum, { sums: { energyMwh } }) => sum + (energyMwh ?? 0) / 1e6, 0);
  };
  return { ...it, kwh };
}

test("what a rig kept before anybody knew of it is priced, of before the ledger began as well", async () => {
  const it = await setUp();
  await it.put(rowsOf([1, 2], fromMs, toMs, like));
  await it.price(toMs);
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([12, 12]);
  // It is there for the first time, and what it brings is rolled up before its site is looked at again.
  it.rigs.push(rigAt(3, "a"));
  await it.put(rowsOf([3], earlierMs, toMs, like));
  await it.price(toMs + BUCKET_MS);
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([32, 12]);
  expect(await it.state.ledger.span("a")).toMatchObject({ fromMs: earlierMs });
});

test("hours of before the ledger began are priced at every site that has rows of them, in whatever order they come", async () => {
  const it = await setUp();
  await it.put(rowsOf([1, 2], fromMs, toMs, like));
  await it.price(toMs);
  await it.put(rowsOf([1], earlierMs, fromMs, like));
  await it.price(toMs + BUCKET_MS);
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([20, 12]);
  await it.put(rowsOf([2], earlierMs + HOUR_MS, fromMs, like));
  await it.price(toMs + 2 * BUCKET_MS);
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([20, 16]);
  expect(it.pricer.pending).toBe(0);
});

test("rows of before its first one that come while a ledger begins are priced too", async () => {
  const it = await setUp();
  await it.put(rowsOf([1, 2], fromMs, toMs, like));
  const own = it.state.oldestRollup.bind(it.state);
  let asked = 0;
  it.state.oldestRollup = async (stepMs) => {
    const oldestMs = await own(stepMs);
    if (asked++ === 0) await it.put(rowsOf([1], earlierMs, fromMs, like));
    return oldestMs;
  };
  await it.price(toMs);
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([20, 12]);
});

test("late rows that are still being written when their hours are about to be priced are priced too", async () => {
  const it = await setUp();
  await it.put(rowsOf([1, 2], fromMs, toMs, like));
  await it.price(toMs);
  const { oldestRollup, putRollups } = it.state;
  let isWritable = () => {};
  const writable = new Promise<void>((resolve) => {
    isWritable = resolve;
  });
  it.state.putRollups = async (...rows) => {
    await writable;
    return putRollups.apply(it.state, rows);
  };
  let late: Promise<void> | undefined;
  it.state.oldestRollup = async (stepMs) => {
    const oldestMs = await oldestRollup.call(it.state, stepMs);
    late ??= it.put(rowsOf([1], fromMs, toMs, { kw: 10, ths: 100 }));
    return oldestMs;
  };
  const priced = it.price(toMs + BUCKET_MS);
  for (let turns = 0; turns < 20; turns++) await turn();
  isWritable();
  await Promise.all([priced, late]);
  await it.price(toMs + BUCKET_MS);
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([30, 12]);
});

test("late rows of before all others that are written while it is looked up which these are, are priced too", async () => {
  const it = await setUp();
  await it.put(rowsOf([1, 2], fromMs, toMs, like));
  await it.price(toMs);
  const { oldestRollup } = it.state;
  let asked = 0;
  it.state.oldestRollup = async (stepMs) => {
    const oldestMs = await oldestRollup.call(it.state, stepMs);
    if (asked++ === 0) await it.put(rowsOf([1], earlierMs, fromMs, like));
    return oldestMs;
  };
  await it.price(toMs + BUCKET_MS);
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([20, 12]);
});
