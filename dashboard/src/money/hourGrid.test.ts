import type { LedgerFigures, LedgerRow } from "@hashwatt/protocol/ledger";
import { describe, expect, it } from "vitest";
import { hourGrid, strengthOf, whyNot } from "./hourGrid.js";
import { periodOf } from "./period.js";
import { unitCosts } from "./unitCosts.js";

const HOUR_MS = 3_600_000;
const ZONE = "Europe/Berlin";

const coverage = (ms: number, spanMs: number): LedgerFigures["coverage"] => ({
  spanMs,
  energyMs: ms,
  hashMs: ms,
  earnedMs: ms,
  earnedMsatMs: ms,
  pricedMs: ms,
  profitMs: ms,
  overheadMs: ms,
  loadedMs: ms,
  weighedMs: ms,
  weighedMarketMs: ms,
});
/** 1 PH/s at 17.5 J/TH for `ms` of `spanMs`: it earns 38.349547 a day, and its 420 kWh cost 0.06 each. */
const figures = (ms: number, spanMs: number): LedgerFigures => {
  const days = ms / (24 * HOUR_MS);
  return {
    energyMwh: Math.round(420e6 * days),
    overheadMwh: 0,
    revenueMicro: Math.round(38_349_547.201233 * days),
    revenueMsat: Math.round(49_968_789.919 * days),
    energyCostMicro: Math.round(25.2e6 * days),
    overheadCostMicro: 0,
    marginalProfitMicro: Math.round(13_149_547.201233 * days),
    loadedProfitMicro: null,
    co2LocationMg: Math.round(260.022e6 * days),
    co2MarketMg: null,
    overheadCo2LocationMg: null,
    overheadCo2MarketMg: null,
    siteLinesMicro: null,
    coverage: coverage(ms, spanMs),
    algos: [
      {
        algo: "SHA256",
        hashTh: Math.round((1_000 * ms) / 1_000),
        acceptedTh: 0,
        basis: "reported",
        hashMs: ms,
        energyMwh: Math.round(420e6 * days),
        energyMs: ms,
        revenueMicro: Math.round(38_349_547.201233 * days),
        revenueMsat: Math.round(49_968_789.919 * days),
        earnedMs: ms,
        earnedMsatMs: ms,
      },
    ],
  };
};
const row = (startMs: number, profit: number | null): LedgerRow => ({
  ...figures(HOUR_MS, HOUR_MS),
  startMs,
  endMs: startMs + HOUR_MS,
  partial: false,
  marginalProfitMicro: profit,
});

describe("a period", () => {
  it("is a day, a week from Monday or a month of the zone, also where the clocks change in it", () => {
    const at = Date.parse("2026-10-25T12:00:00+01:00");
    const day = periodOf("day", at, ZONE);
    expect((day.toMs - day.fromMs) / HOUR_MS).toBe(25);
    const week = periodOf("week", at, ZONE);
    expect(new Date(week.fromMs).toISOString()).toBe("2026-10-18T22:00:00.000Z");
    expect(week.days).toHaveLength(7);
    expect((week.toMs - week.fromMs) / HOUR_MS).toBe(169);
    const month = periodOf("month", at, ZONE, -8);
    expect(new Date(month.fromMs).toISOString()).toBe("2026-01-31T23:00:00.000Z");
    expect(month.days).toHaveLength(28);
    expect(periodOf("month", Date.parse("2026-01-31T12:00:00Z"), ZONE, 1).days).toHaveLength(28);
  });
});

describe("the hours of a day", () => {
  it("have a place for each hour of the clock: two in one where it comes twice, none where it is skipped", () => {
    const long = periodOf("day", Date.parse("2026-10-25T12:00:00+01:00"), ZONE);
    const short = periodOf("day", Date.parse("2026-03-29T12:00:00+02:00"), ZONE);
    const [day] = hourGrid([row(long.fromMs + 3 * HOUR_MS, -5)], long.days, ZONE, long.toMs).days;
    expect(day!.places.map((place) => place.length)).toEqual([1, 1, 2, ...Array(21).fill(1)]);
    expect(day!.places[2]!.map(({ profitMicro }) => profitMicro)).toEqual([null, -5]);
    expect(day!.profitMicro).toBe(-5);
    const [skipped] = hourGrid([], short.days, ZONE, short.toMs).days;
    expect(skipped!.places[2]).toEqual([]);
    expect(skipped!.profitMicro).toBeNull();
  });

  it("that nobody measured are not known, and never nothing", () => {
    const day = periodOf("day", Date.parse("2026-08-01T12:00:00Z"), "UTC");
    const grid = hourGrid([row(day.fromMs, 0)], day.days, "UTC", day.fromMs + 90 * 60_000);
    expect(grid.days[0]!.places[0]![0]).toMatchObject({ profitMicro: 0, known: 1, when: "past" });
    expect(grid.days[0]!.places[1]![0]).toMatchObject({ profitMicro: null, known: null, when: "now" });
    expect(grid.days[0]!.places[2]![0]!.when).toBe("ahead");
  });

  it("that are not priced yet are told from those of which no rig was known", () => {
    const day = periodOf("day", Date.parse("2026-08-01T12:00:00Z"), "UTC");
    const empty = (hour: number, partial: boolean): LedgerRow => ({
      ...row(day.fromMs + hour * HOUR_MS, null),
      coverage: coverage(0, 0),
      partial,
    });
    const nowMs = day.fromMs + 4.5 * HOUR_MS;
    const rows = [empty(0, false), row(day.fromMs + HOUR_MS, null), empty(2, true)];
    const { places } = hourGrid(rows, day.days, "UTC", nowMs).days[0]!;
    const whys = places.slice(0, 6).map(([cell]) => {
      const { known, when, partial } = cell!;
      return whyNot(known, { ahead: when === "ahead", partial });
    });
    expect(whys).toEqual(["None", "Unknown", "NotYet", "NotYet", "NotYet", "Ahead"]);
  });

  it("are stronger the more they gain or lose, and the least is still seen", () => {
    expect([0, 1, -250_000, 1_000_000].map((each) => strengthOf(each, 1_000_000))).toEqual([0, 1, 3, 5]);
  });
});

describe("what a unit costs", () => {
  it("agrees with the vectors: hashcost, break-even, cost and carbon of a bitcoin", () => {
    const units = unitCosts(figures(30 * 24 * HOUR_MS, 30 * 24 * HOUR_MS));
    expect(units.hashcost).toBeCloseTo(25.2, 6);
    expect(units.hashRevenue).toBeCloseTo(38.349547, 5);
    expect(units.breakEvenPerKwh! * 1_000).toBeCloseTo(91.30844, 4);
    expect(units.costPerBtc! / 25.2).toBeCloseTo(1 / 0.00049968789919, 3);
    expect(units.kgPerBtc).toBeCloseTo(520_368.815, 1);
    expect(units.kwhPerBtc).toBeCloseTo(840_524.66, 1);
  });

  it("is the same with a gap in one of its sides", () => {
    const whole = figures(10 * HOUR_MS, 20 * HOUR_MS);
    const half = figures(5 * HOUR_MS, 20 * HOUR_MS);
    const bent: LedgerFigures = {
      ...whole,
      energyCostMicro: half.energyCostMicro,
      coverage: { ...whole.coverage, pricedMs: 5 * HOUR_MS },
    };
    expect(unitCosts(bent).hashcost).toBeCloseTo(25.2, 5);
  });

  it("is the same per bitcoin where the price of one in the site's currency is known for a part of the time", () => {
    const whole = figures(70 * HOUR_MS, 70 * HOUR_MS);
    const [sha256] = whole.algos;
    const revenueMicro = Math.round(whole.revenueMicro! / 7);
    const bent: LedgerFigures = {
      ...whole,
      revenueMicro,
      coverage: { ...whole.coverage, earnedMs: 10 * HOUR_MS },
      algos: [{ ...sha256!, revenueMicro, earnedMs: 10 * HOUR_MS }],
    };
    const [of, all] = [unitCosts(bent), unitCosts(whole)];
    for (const name of ["costPerBtc", "kgPerBtc", "kwhPerBtc", "hashRevenue", "breakEvenPerKwh"] as const)
      expect(of[name]! / all[name]!, name).toBeCloseTo(1, 6);
  });

  it("is that of each algorithm by itself, and what another earns is no part of it", () => {
    const ms = 10 * HOUR_MS;
    const alone = figures(ms, ms);
    const [sha256] = alone.algos;
    // As much energy again, for a thousandth of the hash; nobody knows what it earns.
    const scrypt = {
      ...sha256!,
      algo: "scrypt",
      hashTh: sha256!.hashTh! / 1_000,
      revenueMicro: null,
      revenueMsat: null,
      earnedMs: 0,
      earnedMsatMs: 0,
    };
    const mixed: LedgerFigures = {
      ...alone,
      energyMwh: alone.energyMwh! * 2,
      energyCostMicro: alone.energyCostMicro! * 2,
      co2LocationMg: alone.co2LocationMg! * 2,
      coverage: { ...coverage(ms * 2, ms * 2), earnedMs: ms },
      algos: [scrypt, sha256!],
    };
    const [of, one] = [unitCosts(mixed), unitCosts(alone)];
    for (const name of ["hashcost", "hashRevenue", "costPerBtc", "breakEvenPerKwh", "kgPerBtc"] as const)
      expect(of[name]! / one[name]!, name).toBeCloseTo(1, 9);
    const other = unitCosts(mixed, "scrypt");
    expect(other.hashcost! / one.hashcost!).toBeCloseTo(1_000, 1);
    expect(other).toMatchObject({
      algo: "scrypt",
      hashRevenue: null,
      costPerBtc: null,
      breakEvenPerKwh: null,
    });
  });

  it("of nothing measured is not known", () => {
    const nothing = figures(0, 0);
    expect(unitCosts({ ...nothing, energyCostMicro: null, algos: [] })).toMatchObject({
      hashcost: null,
      costPerBtc: null,
      breakEvenPerKwh: null,
      algo: null,
    });
  });
});
