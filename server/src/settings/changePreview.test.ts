import { describe, expect, test } from "vitest";
import { keptSettings } from "../fixtures/keptSettings.js";
import { BUCKET_MS } from "../rollup/row.js";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 6, 1, 12);
/** The ledger of the farm: three rigs for two days. */
const FROM = NOW - 48 * HOUR_MS;

async function setUp() {
  const kept = await keptSettings({ nowMs: () => NOW });
  const buckets = Array.from({ length: (NOW - FROM) / BUCKET_MS }, (_, i) => ({
    startMs: FROM + i * BUCKET_MS,
    rigs: 3,
  }));
  const order = { site: "farm", fromMs: FROM, toMs: NOW, buckets, stays: [], own: [], hoursToMs: NOW };
  await kept.state.ledger.price(order);
  const of = (collection: string, put: Record<string, unknown>[], without: string[] = [], site = "farm") =>
    kept.preview.change({ kind: kept.settings.kindOf(collection), site, put, without });
  return { ...kept, of };
}
const dated = { name: "x", validFrom: "2026-07-01", source: "contract" };
/** 1 July in Shanghai began 20 hours before. */
const JULY = Date.UTC(2026, 5, 30, 16);
const SINCE_JULY = { site: "farm", hours: 20, rigHours: 60 };

describe("a change of settings, looked at before it is made", () => {
  test("of a pool says which hours of how many rigs it would price anew, and changes nothing", async () => {
    const { of, settings, rates } = await setUp();
    const pool = { id: "p", scheme: "FPPS", feePercent: 2, ...dated };
    expect(await of("pools", [pool])).toEqual({
      reprice: [{ ...SINCE_JULY, input: "poolFactor", fromMs: JULY, toMs: null }],
    });
    expect(settings.list(settings.kindOf("pools"))).toEqual([]);
    await settings.put({ kind: "pool", site: "farm", id: "p", body: pool });
    expect(await of("pools", [pool])).toEqual({ reprice: [] });
    expect((await of("pools", [], ["p"])).reprice).toMatchObject([SINCE_JULY]);
    expect(rates.slots("farm", "poolFactor", { fromMs: NOW, toMs: NOW + 1 })[0]?.value).toBe(0.98);
  });

  test("of overhead, contracts, costs and sources says so as well, each of its own input", async () => {
    const { of, series } = await setUp();
    const one = async (...args: Parameters<typeof of>) => (await of(...args)).reprice;
    expect(await one("overhead", [{ id: "o", kind: "constant", factor: 1.1, ...dated }])).toMatchObject([
      { ...SINCE_JULY, input: "overhead" },
    ]);
    const supply = { kind: "constant", kw: 100 };
    expect(await one("contracts", [{ id: "c", kind: "ppa", kgPerKwh: 0, supply, ...dated }])).toMatchObject([
      { ...SINCE_JULY, input: "carbonMarket" },
    ]);
    expect(await one("costs", [{ id: "r", perMonth: 10, ...dated, validTo: "2026-08-01" }])).toMatchObject([
      { ...SINCE_JULY, input: "siteCost", toMs: Date.UTC(2026, 6, 31, 16) },
    ]);
    // What a source has told already counts for a site from then on.
    const hour = {
      startMs: NOW - 3 * HOUR_MS,
      endMs: NOW - 2 * HOUR_MS,
      value: 0.3,
      source: "m",
      asOfMs: NOW,
    };
    await series.putAll([{ series: "carbon/em", slots: [hour] }]);
    const em = { id: "em", kind: "uk-carbon-intensity", sites: ["farm"] };
    expect(await one("sources", [em], [], "")).toEqual([
      { site: "farm", input: "carbon", fromMs: hour.startMs, toMs: hour.endMs, hours: 1, rigHours: 3 },
    ]);
    expect(await one("sources", [{ ...em, sites: ["barn"] }], [], "")).toEqual([]);
  });

  test("of a site's grid may pin the year of its factor, of those that there are", async () => {
    const { siteSettings, rates } = await setUp();
    const farm = { name: "Farm", zone: "Asia/Shanghai", currency: "CNY", demo: false };
    const put = (gridYear: number | null, gridRegion: string | null = "CN-SD") =>
      siteSettings.put("farm", { ...farm, gridRegion, gridYear });
    const factor = () => rates.slots("farm", "carbon", { fromMs: NOW, toMs: NOW + 1 })[0];
    expect(await put(null)).toMatchObject({
      gridYear: null,
      gridYears: expect.arrayContaining([2023, 2022]),
    });
    expect(factor()).toMatchObject({ value: 0.6191 });
    await put(2022);
    expect(factor()).toMatchObject({ value: 0.641, note: expect.stringContaining("the year 2022 is set") });
    await expect(put(1999)).rejects.toThrow(/^gridYear: CN-SD has factors of 2023, 2022.*, none of 1999$/);
    await expect(put(2022, null)).rejects.toThrow("gridYear: is the year of a region's factor");
  });

  test("is refused with what is wrong with it, as the change itself would be", async () => {
    const { of } = await setUp();
    await expect(of("pools", [{ id: "p", scheme: "FPPS", feePercent: 200, ...dated }])).rejects.toThrow(
      "pool p: feePercent: ",
    );
    await expect(of("pools", [], [], "none")).rejects.toThrow('There is no site "none"');
  });
});
