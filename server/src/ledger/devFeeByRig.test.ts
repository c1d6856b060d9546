import { expect, test } from "vitest";
import {
  bookedSite,
  HASHPRICE,
  rigAt,
  rowsOf,
  slotOf,
  startLedger,
  USD_PER_PH_DAY,
} from "../fixtures/bookedSites.js";
import { HOUR_MS } from "../rollup/row.js";

const FROM = Date.UTC(2026, 8, 1);
const TO = FROM + 3 * HOUR_MS;
const row = (rig: number, share: number, fromMs = FROM) => ({
  ...{
    rig,
    share,
    fromMs,
    sinceMs: fromMs - HOUR_MS,
    toMs: fromMs,
    acceptedDiff: 1_000,
    devFeeDiff: 1_000 * share,
  },
});

test("each rig pays what its own firmware was measured to take, the others the rate that is set, and the explanation says how", async () => {
  const pool = {
    ...{ id: "p", name: "Pool", scheme: "FPPS" as const, feePercent: 2, devFeePercent: 1 },
    ...{ validFrom: "2026-01-01", source: "contract" },
  };
  const it = await startLedger({
    sites: [bookedSite({ currency: "USD", zone: "UTC" })],
    rigs: [rigAt(1), rigAt(2), rigAt(3)],
    terms: { s: { pools: [pool] } },
    series: {
      ...HASHPRICE,
      // The site's mean tells that it is measured, from the second hour on.
      "devFee/s": [slotOf(0.012, FROM + HOUR_MS)],
      "devFeeOf/s": [slotOf(0.6, FROM + HOUR_MS)],
    },
  });
  await it.state.ledger.devFees.put([row(1, 0.02, FROM + HOUR_MS), row(2, 0.03, FROM + 2 * HOUR_MS)]);
  await it.put(rowsOf([1, 2, 3], FROM, TO, { kw: 3, ths: 100 }));
  await it.price(TO);
  const hour = (100 * USD_PER_PH_DAY * 0.98) / 24_000;
  const earned = async (rig: number) => {
    const { rows } = await it.service.ledger(
      { site: "s", rig: `r${rig}` },
      { fromMs: FROM, toMs: TO },
      "hour",
    );
    return rows.map(({ revenueMicro }) => revenueMicro! / 1e6 / hour);
  };
  const near = (rows: number[], wanted: number[]) => {
    for (const [i, value] of rows.entries()) expect(value).toBeCloseTo(wanted[i]!, 5);
  };
  near(await earned(1), [0.99, 0.98, 0.98]);
  near(await earned(2), [0.99, 0.99, 0.97]);
  near(await earned(3), [0.99, 0.99, 0.99]);
  const { steps, exact, booked, factors } = await it.service.explain(
    { site: "s" },
    { fromMs: FROM, toMs: TO },
  );
  expect(steps[0]).toMatchObject({ poolFactor: 0.98 * 0.99, devFee: null });
  const { poolFactor, devFee, revenue, thsHours, hashprice } = steps.at(-1)!;
  expect(poolFactor).toBeCloseTo((0.98 * (0.98 + 0.97 + 0.99)) / 3, 12);
  expect(devFee!.share).toBeCloseTo(0.025, 12);
  expect(devFee!.ofWork).toBeCloseTo(2 / 3, 12);
  expect(revenue).toBeCloseTo((thsHours! * hashprice! * poolFactor!) / 24_000, 12);
  expect(Math.abs(exact.revenue! * 1e6 - booked.revenueMicro!)).toBeLessThan(5);
  expect(factors.filter(({ kind }) => kind === "poolFactor")).toMatchObject([
    { source: "Pool, FPPS: contract", min: 0.98 * 0.99 },
    { algo: "sha256", source: "Pool, FPPS: contract; before the firmware's fee", min: 0.98 },
  ]);
  // A rig alone pays its own, and what is priced again is the same.
  const own = await it.service.explain({ site: "s", rig: "r2" }, { fromMs: TO - HOUR_MS, toMs: TO });
  expect(own.steps[0]!.poolFactor).toBeCloseTo(0.98 * 0.97, 12);
  await it.pricer.reprice(
    ["s"],
    { fromMs: FROM, toMs: TO },
    { signal: AbortSignal.timeout(5_000), progress: () => undefined },
  );
  near(await earned(2), [0.99, 0.99, 0.97]);
});

test("hours of before fees were kept by rig keep the mean that was measured of their site", async () => {
  const it = await startLedger({
    sites: [bookedSite({ currency: "USD", zone: "UTC" })],
    rigs: [rigAt(1), rigAt(2)],
    series: { ...HASHPRICE, "devFee/s": [slotOf(0.028, FROM)], "devFeeOf/s": [slotOf(1, FROM)] },
  });
  // As an older version priced: the mean alone.
  const { rates } = it;
  const older = it.open({
    slots: (site, kind, range) => rates.slots(site, kind, range),
    poolMean: (site, range) => rates.slots(site, "poolFactor", range),
    otherFactors: (site, range) => rates.otherFactors(site, range),
    isContracted: () => false,
    needsLoad: () => false,
    marketKg: () => undefined,
  });
  const rows = (fromMs: number, toMs: number) => rowsOf([1, 2], fromMs, toMs, { kw: 3, ths: 100 });
  await it.put(rows(FROM, TO));
  older.rolledUp(TO);
  await older.step();
  const hour = (100 * USD_PER_PH_DAY) / 24_000;
  const earned = async (toMs: number) => {
    const { rows } = await it.service.ledger({ site: "s", rig: "r1" }, { fromMs: FROM, toMs }, "hour");
    return rows.map(({ revenueMicro }) => Number((revenueMicro! / 1e6 / hour).toFixed(5)));
  };
  expect(await earned(TO)).toEqual([0.972, 0.972, 0.972]);
  // The first start of this version, and the first hour of which the fees of rigs are kept.
  const until = TO + HOUR_MS;
  const now = it.open();
  await now.load();
  now.rolledUp(TO);
  await now.step();
  expect([now.hoursPriced, now.pending]).toEqual([0, 0]);
  expect(await earned(TO)).toEqual([0.972, 0.972, 0.972]);
  await it.state.ledger.devFees.put([
    { ...row(1, 0.02, TO - HOUR_MS), share: undefined },
    row(1, 0.02, TO),
    row(2, 0.036, TO),
  ]);
  await now.around(rows(TO, until), () => it.state.putRollups(rows(TO, until), []));
  now.rolledUp(until);
  await now.step();
  const all = [0.972, 0.972, 0.972, 0.98];
  expect(await earned(until)).toEqual(all);
  // Another start finds nothing to do, and what is priced again for another reason is the same.
  const again = it.open();
  await again.load();
  again.rolledUp(until);
  await again.step();
  expect(again.hoursPriced).toBe(0);
  await again.reprice(
    ["s"],
    { fromMs: FROM, toMs: until },
    { signal: AbortSignal.timeout(5_000), progress: () => undefined },
  );
  expect(again.hoursPriced).toBe(4);
  expect(await earned(until)).toEqual(all);
});
