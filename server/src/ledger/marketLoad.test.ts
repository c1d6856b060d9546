import { expect, test } from "vitest";
import { bookedSite, rigAt, rowsOf, slotOf, startLedger } from "../fixtures/bookedSites.js";
import { SHANGHAI } from "../fixtures/tariffs.js";
import type { CarbonContract } from "../rates/carbon/contract.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";

const FROM = SHANGHAI.instant(2026, 9, 1);
const TO = FROM + HOUR_MS;
/** The residual mix of China, kg/kWh. */
const RESIDUAL = 0.6096;
const HALF_MW = { kw: 500, ths: 25_000 };

/** An hour of two rigs of half a megawatt, of which the second tells its power for a part of them, matched with one contract. */
async function hourOf(
  supply: CarbonContract["supply"],
  {
    toldMs = 0,
    isOff = false,
    meteredKw,
    generatedKw,
  }: { toldMs?: number; isOff?: boolean; meteredKw?: number; generatedKw?: number } = {},
) {
  const contract: CarbonContract = {
    id: "c",
    name: "Plant",
    kind: "ppa",
    kgPerKwh: 0,
    supply,
    validFrom: "2026-01-01",
    source: "test",
  };
  const it = await startLedger({
    sites: [bookedSite({ gridRegion: "CN-SD" })],
    rigs: [rigAt(1), rigAt(2)],
    terms: { s: { contracts: [contract] } },
    ...(generatedKw !== undefined && { series: { "generation/roof": [slotOf(generatedKw, FROM, TO)] } }),
    ...(meteredKw !== undefined && {
      meteredSites: ["s"],
      feeders: { power: async () => () => meteredKw * 1_000 },
    }),
  });
  const second = rowsOf([2], FROM, TO, HALF_MW).map((row) =>
    row.startMs - FROM < toldMs ? row : { ...row, ...(isOff && { coveredMs: 0 }), powerCoveredMs: 0, kwh: 0 },
  );
  await it.put([...rowsOf([1], FROM, TO, HALF_MW), ...second]);
  await it.price(TO);
  const { totals } = await it.service.ledger({ site: "s" }, { fromMs: FROM, toMs: TO }, "hour");
  expect(totals.coverage.weighedMs).toBe(totals.coverage.energyMs);
  const { co2MarketMg, coverage } = totals;
  return { kg: co2MarketMg === null ? null : co2MarketMg / 1e6, knownMs: coverage.weighedMarketMs };
}

test("a contract of a constant power is matched with no load of which half is not known", async () => {
  const constant = { kind: "constant", kw: 500 } as const;
  expect(await hourOf(constant)).toEqual({ kg: null, knownMs: 0 });
  // In the first half of the hour both rigs tell: the contract covers half of that.
  expect(await hourOf(constant, { toldMs: 6 * BUCKET_MS })).toEqual({
    kg: expect.closeTo(250 * RESIDUAL, 3),
    knownMs: HOUR_MS,
  });
  // The meter of the site knows what the rigs do not tell.
  expect(await hourOf(constant, { meteredKw: 1_000 })).toMatchObject({
    kg: expect.closeTo(500 * RESIDUAL, 3),
  });
});

test("a rig that does not answer is no part of the load that a contract is matched with", async () => {
  const kg = async (kw: number) => (await hourOf({ kind: "constant", kw }, { isOff: true })).kg;
  expect(await kg(500)).toBe(0);
  expect(await kg(200)).toBeCloseTo(300 * RESIDUAL, 3);
});

test("a plant is none that is matched with an unknown load, but for what it generates at night", async () => {
  const roof = { kind: "series", series: "generation/roof" } as const;
  expect((await hourOf(roof, { generatedKw: 300 })).kg).toBeNull();
  expect((await hourOf(roof, { generatedKw: 0 })).kg).toBeCloseTo(500 * RESIDUAL, 3);
});

test("a share of whatever is drawn is one of what is known of it", async () => {
  const { kg, knownMs } = await hourOf({ kind: "share", percent: 40 });
  expect(kg).toBeCloseTo(0.6 * 500 * RESIDUAL, 3);
  expect(knownMs).toBe(HOUR_MS);
});
