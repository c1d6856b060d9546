import { expect, test } from "vitest";
import { bookedSite, rigAt, rowsOf, startLedger } from "../fixtures/bookedSites.js";
import { HOUR_MS } from "../rollup/row.js";

const fromMs = Date.UTC(2026, 8, 1);
const toMs = fromMs + 4 * HOUR_MS;
const movedMs = fromMs + 2 * HOUR_MS;

/** A rig of A that is priced up to `toMs` and then turns out to have been at B for two hours. */
async function setUp() {
  const it = await startLedger({
    sites: [bookedSite({ site: "a" }), bookedSite({ site: "b" })],
    rigs: [rigAt(1, "a"), rigAt(2, "b")],
  });
  await it.put(rowsOf([1, 2], fromMs, toMs, { kw: 4, ths: 100 }));
  await it.price(toMs);
  const kwh = async (site: string) => {
    const hours = await it.state.ledger.sums({ site, edges: [fromMs], toMs });
    return hours.reduce((sum, { sums }) => sum + (sums.energyMwh ?? 0) / 1e6, 0);
  };
  expect([await kwh("a"), await kwh("b")]).toEqual([16, 16]);
  it.rigs[0] = { ...rigAt(1, "b"), toldMs: movedMs };
  return { ...it, kwh };
}

/** Fails a call, once. */
const failing = () => Promise.reject(new Error("no answer"));

test.each(["putArrivals", "arrivals"] as const)("a late move outlives a crash at %s", async (call) => {
  const it = await setUp();
  const { ledger } = it.state;
  // Reading fails once the move is kept, writing as it is to be.
  const own = ledger[call].bind(ledger) as () => Promise<never>;
  let calls = 0;
  Object.assign(ledger, {
    [call]: () => (call === "arrivals" && calls++ === 0 ? own() : failing()),
  });
  it.pricer.rolledUp(toMs + 300_000);
  await it.pricer.step();
  expect(it.pricer.problem).toBe("no answer");
  Object.assign(ledger, { [call]: own });
  // The process dies here: another goes on with what is on disk.
  const next = it.open();
  await next.load();
  next.rolledUp(toMs + 300_000);
  await next.step();
  expect(next.problem).toBeUndefined();
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([8, 24]);
});

test("a late move that cannot be noted is not kept either, and is news at the next try", async () => {
  const it = await setUp();
  const { putSetting } = it.state;
  it.state.putSetting = failing;
  it.pricer.rolledUp(toMs + 300_000);
  await it.pricer.step();
  expect((await it.state.ledger.arrivals()).filter(({ rig }) => rig === 1)).toHaveLength(1);
  it.state.putSetting = putSetting;
  const next = it.open();
  await next.load();
  next.rolledUp(toMs + 300_000);
  await next.step();
  expect([await it.kwh("a"), await it.kwh("b")]).toEqual([8, 24]);
});
