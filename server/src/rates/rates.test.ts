import { describe, expect, test } from "vitest";
import { readGridFactors, readNetworkSnapshot } from "../bundledData.js";
import type { FxRecord, SiteRecord, TariffRecord } from "../store/state/state.js";
import { GridFactors } from "./carbon/gridFactors.js";
import { Rates } from "./rates.js";
import { fillGaps, meanOver, slotAt, timesSlots } from "./slot.js";
import { tariffSchema } from "./tariffs/tariff.js";

const NOW = Date.UTC(2026, 10, 26);
const snapshot = readNetworkSnapshot();
const factors = new GridFactors(readGridFactors());
const site = (over: Partial<SiteRecord> = {}): SiteRecord => ({
  site: "s",
  name: "S",
  zone: "UTC",
  currency: "USD",
  demo: false,
  ...over,
});
const tariff = (over: Partial<TariffRecord> = {}): TariffRecord => ({
  site: "s",
  validFromMs: NOW - 1000,
  pricePerKwh: 0.06,
  currency: "USD",
  source: "contract",
  demo: false,
  ...over,
});
const rates = (record: SiteRecord, tariffs: TariffRecord[] = [], fx: FxRecord[] = []) =>
  new Rates({ snapshot, factors, tariffs, fx }, [record]);
const input = (of: Rates, kind: string) => of.now("s", NOW).inputs.find((entry) => entry.kind === kind);

describe("rates of a site", () => {
  test("without a price say so, and how to set one", () => {
    const of = rates(site());
    expect(of.now("s", NOW).pricePerKwh).toBeUndefined();
    expect(input(of, "price")).toMatchObject({
      value: null,
      source: "not set",
      howToSet: "add `--price 0.062` to your npm start command, or `price:` of site s in the server's config",
    });
    expect(input(of, "carbon")).toMatchObject({
      value: null,
      howToSet:
        "add `--grid CN-SD` to your npm start command, or `gridRegion:` of site s in the server's config",
    });
  });

  test("never tell a user to start what would be the simulated fleet instead of his rigs", () => {
    const hints = rates(site({ currency: "CNY" }))
      .now("s", NOW)
      .inputs.flatMap(({ howToSet }) => howToSet ?? []);
    expect(hints).toHaveLength(4);
    for (const hint of hints) expect(hint).toMatch(/^add `--/);
    expect(hints.join()).not.toContain("npm start --");
  });

  test("name their sources shortly and keep the citation in the note", () => {
    const of = rates(site({ gridRegion: "CN-SD" }));
    const hashprice = input(of, "hashprice");
    expect(hashprice?.source).toBe("bundled snapshot of 2026-08-23 (mempool.space format)");
    expect(hashprice?.howToSet).toContain("sources: [{ id: mempool, kind: mempool }]");
    expect(hashprice?.note).toContain("1 BTC = 76747 USD, difficulty 125807076547197.5, block 963692; ");
    const carbon = input(of, "carbon");
    expect(carbon?.source).toBe("Shandong, 2023: MEE & NBS Announcement 2025 No.47, attachment table 3");
    expect(carbon?.note).toContain("CO2 only (combustion), not CO2e");
    expect(carbon?.note).toContain("https://www.mee.gov.cn/");
    for (const row of readGridFactors()) {
      const [slot] = factors.source(row.region)?.slots({ fromMs: NOW, toMs: NOW + 1 }) ?? [];
      if (slot) expect(slot.source.length).toBeLessThan(120);
    }
  });

  test("hold the flat price from its date until the next one, and nothing before", () => {
    const of = rates(site(), [tariff(), tariff({ validFromMs: NOW + 500, pricePerKwh: 0.08 })]);
    expect(of.now("s", NOW).pricePerKwh).toBe(0.06);
    const slots = of.slots("s", "price", { fromMs: NOW - 5000, toMs: NOW + 5000 });
    expect(slotAt(slots, NOW - 2000)).toBeUndefined();
    expect(slotAt(slots, NOW + 500)?.value).toBe(0.08);
  });

  test("take the price of the simulated fleet for a simulated site only", () => {
    const invented = tariff({ validFromMs: NOW - 500, pricePerKwh: 0.2, demo: true });
    expect(rates(site({ demo: true }), [tariff(), invented]).now("s", NOW).pricePerKwh).toBe(0.2);
    expect(rates(site(), [tariff(), invented]).now("s", NOW).pricePerKwh).toBe(0.06);
    expect(input(rates(site(), [invented]), "price")).toMatchObject({ value: null, source: "not set" });
    expect(input(rates(site({ currency: "EUR" }), [invented]), "price")?.note).toBeUndefined();
    // One that holds for the whole simulated past is of no day.
    const ever = tariff({ validFromMs: 0, demo: true });
    expect(input(rates(site({ demo: true }), [ever]), "price")).toMatchObject({ value: 0.06, asOfMs: null });
  });

  test("leave a price in another currency unknown, and say why", () => {
    const of = rates(site({ currency: "EUR" }), [tariff()]);
    expect(of.now("s", NOW).pricePerKwh).toBeUndefined();
    expect(input(of, "price")?.note).toContain("USD");
  });

  test("take the BTC price of the snapshot in USD, EUR and GBP", () => {
    expect(input(rates(site()), "hashprice")?.value).toBeCloseTo(38.3495472, 6);
    expect(input(rates(site({ currency: "EUR" })), "hashprice")?.value).toBeCloseTo(
      (38.34954720123356 / 76747) * 65515,
      9,
    );
  });

  test("convert by an exchange rate set by hand, and stay unknown without one", () => {
    const without = rates(site({ currency: "CNY" }));
    expect(without.now("s", NOW).hashpricePerThH).toBeUndefined();
    expect(input(without, "hashprice")?.howToSet).toContain("--fx");
    expect(input(without, "fx")).toMatchObject({ value: null, unit: "CNY/USD" });
    const fx = { currency: "CNY", validFromMs: NOW - 10, perUsd: 7, source: "by hand" };
    const of = rates(site({ currency: "CNY" }), [], [fx]);
    expect(of.now("s", NOW).hashpricePerThH).toBeCloseTo((38.34954720123356 * 7) / 24_000, 12);
    expect(input(of, "fx")).toMatchObject({ value: 7, stale: false });
  });

  test("call a snapshot older than a day stale and name its date", () => {
    const of = rates(site());
    expect(of.now("s", NOW).stale).toBe(true);
    expect(input(of, "hashprice")).toMatchObject({ stale: true, asOfMs: snapshot.asOfMs });
    expect(input(of, "hashprice")?.note).toContain("2026-08-23");
    expect(of.now("s", snapshot.asOfMs + 3_600_000).stale).toBe(false);
  });

  test("weigh carbon by the newest location-based factor of the region", () => {
    const of = rates(site({ gridRegion: "CN-SD" }));
    expect(of.now("s", NOW).kgCo2PerKwh).toBe(0.6191);
    expect(factors.row("CN")).toMatchObject({ kgco2_per_kwh: 0.5306, year: 2023 });
    expect(input(of, "carbon")?.source).toContain("Announcement 2025 No.47");
  });

  test("mark the simulated fleet's price and grid as demo", () => {
    const of = rates(site({ demo: true, gridRegion: "CN-SD" }), [tariff({ demo: true })]);
    expect(input(of, "price")?.demo).toBe(true);
    expect(input(of, "carbon")?.demo).toBe(true);
  });
});

describe("slots", () => {
  const slot = (startMs: number, endMs: number, value: number) => ({
    startMs,
    endMs,
    value,
    source: "x",
    asOfMs: startMs,
  });

  test("have no mean where a part of the range is not covered", () => {
    const slots = [slot(0, 10, 1), slot(10, 20, 3), slot(25, 30, 9)];
    expect(meanOver(slots, { fromMs: 0, toMs: 20 })).toBe(2);
    expect(meanOver(slots, { fromMs: 5, toMs: 15 })).toBe(2);
    expect(meanOver(slots, { fromMs: 0, toMs: 21 })).toBeUndefined();
    expect(meanOver(slots, { fromMs: 22, toMs: 26 })).toBeUndefined();
  });

  test("multiply where both are known", () => {
    const product = timesSlots([slot(0, 10, 2), slot(10, 20, 3)], [slot(5, 15, 10)]);
    expect(product.map(({ startMs, endMs, value }) => [startMs, endMs, value])).toEqual([
      [5, 10, 20],
      [10, 15, 30],
    ]);
  });
});

describe("a tariff by time of use", () => {
  const HOUR_MS = 3_600_000;
  const timeOfUse = tariffSchema.parse({
    id: "tou",
    name: "time of use",
    currency: "USD",
    validFrom: "2026-11-26",
    source: "contract 17",
    asOf: "2026-10-01",
    energy: {
      kind: "timeOfUse",
      bands: { day: 0.12, night: 0.04 },
      rules: [{ band: "day" }, { band: "night", hours: ["0-6"] }],
    },
  });
  const of = new Rates(
    {
      snapshot,
      factors,
      tariffs: [tariff({ validFromMs: NOW - 10 * HOUR_MS })],
      fx: [],
      terms: new Map([["s", { tariffs: [timeOfUse] }]]),
    },
    [site()],
  );

  test("comes before the flat price from the day on which it is valid", () => {
    const slots = of.slots("s", "price", { fromMs: NOW - 2 * HOUR_MS, toMs: NOW + 8 * HOUR_MS });
    expect(slots.map(({ value, source }) => [value, source])).toEqual([
      [0.06, "contract"],
      [0.04, "contract 17"],
      [0.12, "contract 17"],
    ]);
  });

  test("changes the price of the moment at the very moment", () => {
    const six = NOW + 6 * HOUR_MS;
    expect(of.now("s", six - 30_000).pricePerKwh).toBe(0.04);
    expect(of.now("s", six - 1).pricePerKwh).toBe(0.04);
    expect(of.now("s", six).pricePerKwh).toBe(0.12);
    expect(of.now("s", six).inputs.find(({ kind }) => kind === "price")).toMatchObject({
      source: "contract 17",
      asOfMs: Date.UTC(2026, 9, 1),
    });
  });
});

test("gaps are filled and nothing else is touched", () => {
  const slot = (startMs: number, endMs: number, value: number) => ({
    startMs,
    endMs,
    value,
    source: "",
    asOfMs: null,
  });
  expect(
    fillGaps([slot(10, 20, 1), slot(30, 40, 1)], [slot(0, 35, 2), slot(45, Number.POSITIVE_INFINITY, 3)]).map(
      ({ startMs, endMs, value }) => [startMs, endMs, value],
    ),
  ).toEqual([
    [0, 10, 2],
    [10, 20, 1],
    [20, 30, 2],
    [30, 40, 1],
    [45, Number.POSITIVE_INFINITY, 3],
  ]);
});
