import { describe, expect, test } from "vitest";
import {
  bookedSite,
  HASHPRICE,
  rigAt,
  rowsOf,
  slotOf,
  startLedger,
  steady,
  USD_PER_PH_DAY,
} from "../fixtures/bookedSites.js";
import { tariff } from "../fixtures/tariffs.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";

const broken = async (): Promise<never> => {
  throw new Error("the disk is full");
};

describe("a ledger that is priced anew", () => {
  const fromMs = Date.UTC(2026, 8, 1);
  const toMs = fromMs + 4 * HOUR_MS;
  const range = { fromMs, toMs };
  const setUp = async (series: Record<string, ReturnType<typeof slotOf>[]> = {}) => {
    const it = await startLedger({
      sites: [bookedSite({ currency: "USD", gridRegion: "CN-SD" })],
      rigs: [rigAt(1)],
      terms: { s: { tariffs: [tariff({ currency: "USD", energy: { kind: "series", series: "spot" } })] } },
      series: { ...HASHPRICE, ...series },
    });
    const totals = async (of = range) => (await it.service.ledger({ site: "s" }, of, "hour")).totals;
    return { ...it, totals };
  };

  test("knows no cost before a price comes, then that hour's and no other's, and the same however often it is asked", async () => {
    const it = await setUp({ "price/spot": [slotOf(0.1, fromMs, fromMs + HOUR_MS)] });
    await it.put(rowsOf([1], fromMs, toMs, { kw: 4, ths: 100 }));
    await it.price(toMs);
    const before = await it.totals();
    // A missing price is unknown: not 0, and not that of the hour before.
    expect(before.energyCostMicro).toBe(400_000);
    expect(before.coverage).toMatchObject({ pricedMs: HOUR_MS, energyMs: 4 * HOUR_MS, spanMs: 4 * HOUR_MS });
    const { unknown, factors } = await it.service.explain({ site: "s" }, range);
    expect(unknown).toContainEqual({
      figure: "energyCost",
      ms: 3 * HOUR_MS,
      why: "no price of energy is known for 36 of 48 steps of 5 minutes",
    });
    expect(factors.find(({ kind }) => kind === "price")).toMatchObject({
      fromMs,
      toMs: fromMs + HOUR_MS,
      min: 0.1,
    });
    const priced = it.pricer.hoursPriced;
    // It comes, negative, for the second hour.
    await it.series.put("price/spot", [slotOf(-0.05, fromMs + HOUR_MS, fromMs + 2 * HOUR_MS)]);
    await it.price(toMs);
    expect(it.pricer.hoursPriced - priced).toBe(1);
    const after = await it.totals();
    expect(after.energyCostMicro).toBe(400_000 - 200_000);
    // The same again changes nothing and prices nothing.
    await it.series.put("price/spot", [slotOf(-0.05, fromMs + HOUR_MS, fromMs + 2 * HOUR_MS)]);
    await it.pricer.rateChanged("s", range);
    await it.price(toMs);
    expect(it.pricer.hoursPriced - priced).toBe(1);
    await it.pricer.reprice(["s"], range, { signal: AbortSignal.timeout(5_000), progress: () => undefined });
    expect(await it.totals()).toEqual(after);
  });

  test("takes up after a restart what waited, and what changed while nobody looked", async () => {
    const it = await setUp({ "price/spot": [slotOf(0.1, fromMs)] });
    await it.put(rowsOf([1], fromMs, toMs, { kw: 4, ths: 100 }));
    await it.price(toMs);
    // A late row is stored, and the server dies before it is priced; a price is another when it starts again.
    await it.put([steady(1, fromMs, { kw: 16, ths: 100 })]);
    await it.series.put("price/spot", [slotOf(0.2, toMs - HOUR_MS)]);
    const next = it.open();
    await next.load();
    next.rolledUp(toMs);
    await next.step();
    expect((await it.totals()).energyCostMicro).toBe(100_000 * (4 * 3 + 1) + 200_000 * 4);
    expect(next.pending).toBe(0);
  });

  test("looks at the hours of a changed rate again where the store failed meanwhile", async () => {
    const it = await setUp({ "price/spot": [slotOf(0.1, fromMs)] });
    await it.put(rowsOf([1], fromMs, toMs, { kw: 4, ths: 100 }));
    await it.price(toMs);
    const { ledger } = it.state;
    const read = ledger.rates;
    // How far it goes is read all the same.
    ledger.rates = (site, fromMs, toMs) =>
      Number.isFinite(fromMs) ? broken() : read.call(ledger, site, fromMs, toMs);
    await it.series.put("price/spot", [slotOf(0.2, fromMs)]);
    await it.price(toMs);
    expect(it.pricer.problem).toBe("the disk is full");
    ledger.rates = read;
    await it.clock.advance(60_000);
    await it.price(toMs);
    expect(it.pricer.problem).toBeUndefined();
    expect((await it.totals()).energyCostMicro).toBe(200_000 * 4 * 4);
  });

  test("keeps in mind that a rate changed where that can neither be looked up nor written down", async () => {
    const it = await setUp({ "price/spot": [slotOf(0.1, fromMs)] });
    await it.put(rowsOf([1], fromMs, toMs, { kw: 4, ths: 100 }));
    await it.price(toMs);
    const { span } = it.state.ledger;
    const { putSetting } = it.state;
    it.state.ledger.span = broken;
    it.state.putSetting = broken;
    // The process would end of a rejection that nobody hears.
    await it.series.put("price/spot", [slotOf(0.3, fromMs)]);
    await it.price(toMs);
    expect(it.pricer.problem).toBe("the disk is full");
    it.state.ledger.span = span;
    it.state.putSetting = putSetting;
    await it.clock.advance(60_000);
    await it.price(toMs);
    expect((await it.totals()).energyCostMicro).toBe(300_000 * 4 * 4);
  });

  test("goes no further than what is folded while more comes in late, and on from there", async () => {
    const it = await setUp({ "price/spot": [slotOf(0.1, fromMs)] });
    await it.put(rowsOf([1], fromMs, fromMs + 2 * HOUR_MS, { kw: 4, ths: 100 }));
    it.pricer.rolledUp(toMs, fromMs + 2 * HOUR_MS);
    await it.pricer.step();
    expect(it.pricer.pricedToMs("s")).toBe(fromMs + 2 * HOUR_MS);
    await it.put(rowsOf([1], fromMs + 2 * HOUR_MS, toMs, { kw: 4, ths: 100 }));
    it.pricer.rolledUp(toMs);
    await it.pricer.step();
    expect(it.pricer.pricedToMs("s")).toBe(toMs);
    expect(it.pricer.hoursPriced).toBe((toMs - fromMs) / HOUR_MS);
    expect((await it.totals()).energyCostMicro).toBe((100_000 * 4 * (toMs - fromMs)) / HOUR_MS);
  });

  test("counts a gap as a gap: it lowers coverage, and the means of what is left stand", async () => {
    const it = await setUp({ "price/spot": [slotOf(0.1, fromMs)] });
    const rows = rowsOf([1], fromMs, toMs, { kw: 4, ths: 100 }).filter((_, i) => i % 2 === 0);
    const half = { coveredMs: BUCKET_MS / 2, powerCoveredMs: BUCKET_MS / 2, hashCoveredMs: BUCKET_MS / 2 };
    await it.put(rows.map((row) => ({ ...row, ...half, kwh: row.kwh / 2, thsHours: row.thsHours / 2 })));
    await it.price(toMs);
    const { rows: hours, totals } = await it.service.ledger({ site: "s" }, range, "hour");
    expect(totals.energyMwh).toBe(4_000_000);
    expect(totals.coverage).toMatchObject({ spanMs: 4 * HOUR_MS, energyMs: HOUR_MS, hashMs: HOUR_MS });
    for (const { coverage } of hours) expect(coverage.energyMs / coverage.spanMs).toBe(0.25);
    // Price per MWh and revenue per PH/day are of sums, never sums of those of hours.
    expect(totals.energyCostMicro! / 1e6 / (totals.energyMwh! / 1e9)).toBeCloseTo(100, 9);
    const phDays = totals.algos[0]!.hashTh! / 1e3 / 86_400;
    expect(totals.revenueMicro! / 1e6 / phDays).toBeCloseTo(USD_PER_PH_DAY, 2);
    // A rig that is silent for a whole hour is missing from it.
    const later = await it.service.ledger({ rig: "r1" }, { fromMs: fromMs - HOUR_MS, toMs }, "hour");
    expect(later.rows.map(({ coverage }) => coverage.spanMs / HOUR_MS)).toEqual([0, 1, 1, 1, 1]);
  });

  test("prices each algorithm by its own coin, anew when its series changes, and adds up money but never hash", async () => {
    const it = await setUp({
      "price/spot": [slotOf(0.1, fromMs)],
      "btc/USD": [slotOf(80_000)],
      "revenue/scrypt": [slotOf(2, fromMs, fromMs + HOUR_MS)],
    });
    it.rigs.push({ ...rigAt(2), algo: "Scrypt" }, { ...rigAt(3), algo: "kaspa" });
    await it.put([
      ...rowsOf([1], fromMs, toMs, { kw: 4, ths: 100 }),
      ...rowsOf([2], fromMs, toMs, { kw: 3, ths: 0.016 }).map((row) => ({ ...row, algo: "Scrypt" })),
      ...rowsOf([3], fromMs, toMs, { kw: 2, ths: 20 }).map((row) => ({ ...row, algo: "kaspa" })),
    ]);
    await it.price(toMs);
    const sha256 = (0.1 * USD_PER_PH_DAY) / 24;
    const scrypt = (0.016 * 2 * 80_000) / 24_000;
    const first = await it.totals({ fromMs, toMs: fromMs + HOUR_MS });
    expect(first.algos.map(({ algo, revenueMicro, earnedMs }) => [algo, revenueMicro, earnedMs])).toEqual([
      ["Scrypt", Math.round(scrypt * 1e6), HOUR_MS],
      ["kaspa", null, 0],
      ["sha256", Math.round(sha256 * 1e6), HOUR_MS],
    ]);
    expect(first.revenueMicro).toBe(Math.round(scrypt * 1e6) + Math.round(sha256 * 1e6));
    expect(first.revenueMsat).toBe(first.algos[2]!.revenueMsat);
    expect(first.algos[0]).toMatchObject({ hashTh: Math.round(0.016 * 3600), revenueMsat: null });
    expect(first.marginalProfitMicro).toBe(first.revenueMicro! - 700_000);
    const said = await it.service.explain({ site: "s" }, range);
    expect(said.exact.revenue).toBeCloseTo(4 * sha256 + scrypt, 9);
    expect(said.exact.marginalProfit).toBeCloseTo(4 * sha256 + scrypt - 4 * 0.4 - 0.3, 9);
    expect(said.exact.thsHours).toBeCloseTo(400, 9);
    expect(said.steps[0]!.others).toMatchObject([
      { algo: "kaspa", hashprice: null, revenue: null },
      { algo: "scrypt", hashprice: 160_000, basis: "reported" },
    ]);
    expect(said.factors.filter(({ kind }) => kind === "hashprice")).toMatchObject([
      { min: USD_PER_PH_DAY, fromMs, toMs },
      { algo: "scrypt", min: 160_000, unit: "USD/PH/day", fromMs, toMs: fromMs + HOUR_MS },
    ]);
    expect(said.unknown).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          figure: "revenue",
          ms: 3 * HOUR_MS,
          why: expect.stringContaining("of scrypt"),
        }),
        expect.objectContaining({
          figure: "revenue",
          ms: 4 * HOUR_MS,
          why: expect.stringContaining("of kaspa"),
        }),
      ]),
    );
    // What the coin earns in the second hour comes later: that hour is priced anew, and no other.
    const priced = it.pricer.hoursPriced;
    await it.series.put("revenue/scrypt", [slotOf(4, fromMs + HOUR_MS, fromMs + 2 * HOUR_MS)]);
    await it.price(toMs);
    expect(it.pricer.hoursPriced - priced).toBe(1);
    const scryptOf = async () => (await it.totals()).algos[0]!.revenueMicro;
    expect(await scryptOf()).toBe(Math.round(scrypt * 1e6) + Math.round(2 * scrypt * 1e6));
  });

  test("sums no algorithm with another, and pays by what the pool accepted", async () => {
    const it = await setUp({ "price/spot": [slotOf(0.1, fromMs)] });
    it.rigs.push({ ...rigAt(2), algo: "scrypt" }, rigAt(3));
    const accepted = 1_000_000;
    await it.put([
      steady(1, fromMs, { kw: 4, ths: 100, acceptedDiff: accepted }),
      steady(2, fromMs, { kw: 1, ths: 0.016, algo: "scrypt" }),
      steady(3, fromMs, { kw: 4, ths: 200 }),
    ]);
    await it.price(fromMs + BUCKET_MS);
    const { totals } = await it.service.ledger({ site: "s" }, { fromMs, toMs: fromMs + BUCKET_MS }, "hour");
    expect(totals.algos.map(({ algo, basis }) => [algo, basis])).toEqual([
      ["scrypt", "reported"],
      ["sha256", "mixed"],
    ]);
    const th = (accepted * 2 ** 32) / 1e12;
    expect(totals.algos[1]!.acceptedTh).toBe(Math.round(th));
    expect(totals.algos[1]!.hashTh).toBe(Math.round(th) + 60_000);
    expect(totals.algos[0]).toMatchObject({ revenueMicro: null, earnedMs: 0, energyMwh: 83_333 });
    const { coverage } = totals;
    expect(coverage).toMatchObject({
      hashMs: 3 * BUCKET_MS,
      earnedMs: 2 * BUCKET_MS,
      profitMs: 2 * BUCKET_MS,
    });
  });
});
