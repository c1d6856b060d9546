import { Zone } from "@hashwatt/protocol/zone";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf, jilin, monthOf, SHANGHAI, tariff } from "../../fixtures/tariffs.js";
import { type BillData, bill, type EnergyInterval, periodsOf } from "./bill.js";
import { billingPeriod } from "./billingPeriod.js";

const STEP_MS = 300_000;
const HOUR_MS = 3_600_000;
const august = monthOf(SHANGHAI, 2026, 8);
const period = billingPeriod(SHANGHAI, 1, august.fromMs);

/** A load over a range in steps of five minutes; `kwAt` undefined = not measured. */
const load = (
  { fromMs, toMs }: { fromMs: number; toMs: number },
  kwAt: (ms: number) => number | undefined,
): EnergyInterval[] => {
  const intervals: EnergyInterval[] = [];
  for (let at = fromMs; at < toMs; at += STEP_MS) {
    const kw = kwAt(at);
    if (kw !== undefined)
      intervals.push({ startMs: at, endMs: at + STEP_MS, kwh: (kw * STEP_MS) / HOUR_MS, coverage: 1 });
  }
  return intervals;
};
const of = (given: Parameters<typeof tariff>[0], intervals: EnergyInterval[], more: Partial<BillData> = {}) =>
  bill(tariff(given), SHANGHAI, "s", period, { intervals, basis: "meter", toMs: period.endMs, ...more });
const amounts = (lines: readonly { name: string; amount: number | null }[]) =>
  lines.map(({ name, amount }) => [name, amount]);

describe("a bill", () => {
  test("of Jilin's August for 1 MW is 522,937.58, by band and with its demand", () => {
    const made = bill(jilin, SHANGHAI, "jl", period, {
      intervals: load(august, () => 1_000),
      basis: "meter",
      toMs: period.endMs + 1,
    });
    const byName = new Map(made.lines.map((line) => [line.name, line]));
    expect([...byName.keys()]).toEqual(["valley", "flat", "peak", "demand"]);
    const energy = made.lines.filter(({ kind }) => kind === "energy");
    const cost = energy.reduce((sum, { amount }) => sum + amount!, 0);
    expect(errorOf(cost, 486_137.5794)).toBeLessThan(1e-12);
    expect(errorOf(byName.get("demand")!.amount!, 36_800)).toBeLessThan(1e-12);
    expect(errorOf(made.total!, 522_937.5794)).toBeLessThan(1e-12);
    expect(errorOf(made.total! / made.kwh, 0.7028730905913978)).toBeLessThan(1e-12);
    expect(errorOf(byName.get("valley")!.quantity!, 9 * 31 * 1_000)).toBeLessThan(1e-12);
    expect(made).toMatchObject({ open: false, coverage: 1, atLeast: false, basis: "meter" });
    expect(made.lines.some(({ provisional }) => provisional)).toBe(false);
  });

  test("names the quarter of an hour that set the demand, and bills that and not the hour's mean", () => {
    const at = SHANGHAI.instant(2026, 8, 5, 10);
    const kws = [900, 1_000, 1_200, 1_100];
    const made = of(
      { demand: [{ kind: "maximum", name: "demand", minutes: 15, perKw: 36.8 }] },
      load(august, (ms) => kws[Math.floor((ms - at) / 900_000)] ?? 100),
    );
    const demand = made.lines.find(({ kind }) => kind === "demand")!;
    expect(errorOf(demand.amount!, 44_160)).toBeLessThan(1e-12);
    expect(demand).toMatchObject({ unit: "kW", peak: { startMs: at + 1_800_000, endMs: at + 2_700_000 } });
  });

  test("by tiers cuts the consumption of the period where it crosses them: 350 MWh are 19,250", () => {
    const tiers = [{ upToKwh: 100_000, price: 0.05 }, { upToKwh: 300_000, price: 0.06 }, { price: 0.045 }];
    const made = of(
      { energy: { kind: "tiered", tiers } },
      load(august, () => 350_000 / (31 * 24)),
    );
    expect(errorOf(made.total!, 19_250)).toBeLessThan(1e-12);
    expect(made.lines.map(({ name, quantity }) => [name, Math.round(quantity!)])).toEqual([
      ["up to 100000 kWh", 100_000],
      ["up to 300000 kWh", 200_000],
      ["last tier", 50_000],
    ]);
  });

  test("of a contract charges what exceeds it by the other tariff's bands", () => {
    const over = {
      kind: "timeOfUse",
      bands: { day: 2, night: 1 },
      rules: [{ band: "day" }, { band: "night", hours: ["0-12"] }],
    };
    const day = { fromMs: august.fromMs, toMs: august.fromMs + 24 * HOUR_MS };
    const made = of(
      { energy: { kind: "capped", price: 0.5, capKwh: 60, over } },
      load(day, () => 10),
      { toMs: day.toMs },
    );
    expect(made.lines.map(({ name, quantity }) => [name, Math.round(quantity! * 1e6) / 1e6])).toEqual([
      ["contract", 60],
      ["night", 60],
      ["day", 120],
    ]);
    expect(made.lines.map(({ provisional }) => provisional)).toEqual([true, true, true]);
  });

  test("adds adders, then losses, demand and fixed cost, then tax, and takes credits off at last", () => {
    const day = { fromMs: august.fromMs, toMs: august.fromMs + 10 * HOUR_MS };
    const made = of(
      {
        energy: { kind: "flat", price: 1 },
        adders: [
          { name: "levy", perKwh: 0.5 },
          { name: "levy", perKwh: 1, hours: ["1-2"] },
        ],
        lossesPercent: 10,
        demand: [{ kind: "contracted", name: "capacity", kva: 10, perKva: 2 }],
        monthly: [{ name: "meter", amount: 15 }],
        taxPercent: 20,
        credits: [
          { name: "curtailment", date: "2026-08-31", amount: 7 },
          { name: "curtailment", date: "2026-09-01", amount: 100 },
        ],
      },
      load(day, () => 10),
    );
    const rounded = amounts(made.lines).map(([name, amount]) => [
      name,
      Math.round(Number(amount) * 1e9) / 1e9,
    ]);
    expect(rounded).toEqual([
      ["energy", 100],
      ["levy", 50],
      ["levy", 10],
      ["line losses", 16],
      ["capacity", 20],
      ["meter", 15],
      ["tax", 42.2],
      ["curtailment", -7],
    ]);
    expect(made.total).toBeCloseTo(246.2, 9);
    expect(made.lines.reduce((sum, { amount }) => sum + amount!, 0)).toBeCloseTo(made.total!, 9);
  });

  test("while its period is open says of demand, and of what rests on it, that it is provisional", () => {
    const toMs = august.fromMs + 48 * HOUR_MS;
    const made = of(
      {
        demand: [
          { kind: "maximum", name: "demand", minutes: 15, perKw: 36.8 },
          { kind: "contracted", name: "capacity", kva: 1, perKva: 1 },
        ],
        taxPercent: 10,
      },
      load({ ...august, toMs }, () => 5),
      { toMs },
    );
    expect(made).toMatchObject({ open: true, toMs, coverage: 1 });
    expect(made.lines.map(({ name, provisional }) => [name, provisional])).toEqual([
      ["energy", false],
      ["demand", true],
      ["capacity", false],
      ["tax", true],
    ]);
  });

  test("says at least, and how much it covers, where a part of the time was not measured", () => {
    const hole = august.fromMs + 12 * HOUR_MS;
    const made = of(
      { demand: [{ kind: "maximum", name: "demand", minutes: 15, perKw: 1 }] },
      load(august, (ms) => (ms >= hole && ms < hole + 31 * 2.4 * HOUR_MS ? undefined : 10)),
    );
    expect(made.coverage).toBeCloseTo(0.9, 4);
    expect(made).toMatchObject({ atLeast: true });
    expect(made.lines.every(({ atLeast }) => atLeast)).toBe(true);
    expect(made.kwh).toBeCloseTo(made.coverage * 31 * 240, 6);
  });

  test("has no sum where nothing was measured", () => {
    const made = of({ monthly: [{ name: "fee", amount: 5 }] }, []);
    expect(made).toMatchObject({
      coverage: 0,
      total: null,
      atLeast: true,
      lines: [{ name: "fee", amount: 5 }],
    });
  });

  test("of a market is unknown where a part of its prices is, and says for how much energy", () => {
    const at = august.fromMs;
    const slot = { startMs: at, endMs: at + HOUR_MS, value: -50, source: "m", asOfMs: null };
    const made = of(
      { energy: { kind: "series", series: "spot", factor: 0.001 } },
      load({ fromMs: at, toMs: at + 2 * HOUR_MS }, () => 10),
      { series: () => [slot] },
    );
    expect(made.lines.map(({ name, quantity, amount }) => [name, Math.round(quantity!), amount])).toEqual([
      ["spot", 10, expect.closeTo(-0.5, 9)],
      ["no price", 10, null],
    ]);
    expect(made.total).toBeNull();
  });

  test("of a part of a period charges fixed cost by its share, and follows a month of another length of hours", () => {
    const berlin = Zone.of("Europe/Berlin");
    const march = monthOf(berlin, 2026, 3);
    const own = tariff({
      validFrom: "2026-03-16",
      monthly: [{ name: "fee", amount: 743 }],
      readingDay: 1,
    });
    const [only] = periodsOf(own, berlin, march);
    const made = bill(own, berlin, "b", only!, {
      intervals: load(march, () => 1),
      basis: "rigs",
      toMs: march.toMs,
    });
    // 16 days, of which one has 23 hours, of a month of 743 hours.
    expect(made.kwh).toBeCloseTo(16 * 24 - 1, 6);
    expect(made.lines.find(({ kind }) => kind === "fixed")).toMatchObject({
      amount: expect.closeTo(383, 9),
      note: "charged for 51.55 % of the period",
    });
  });

  test("is the sum of its rows, and the same however its energy is cut, for any tariff and load", () => {
    const price = fc.integer({ min: -500, max: 2_000 }).map((mills) => mills / 1_000);
    const energies = fc.oneof(
      price.map((value) => ({ kind: "flat", price: value })),
      fc.tuple(price, price, fc.integer({ min: 0, max: 22 })).map(([day, night, hour]) => ({
        kind: "timeOfUse",
        bands: { day, night },
        rules: [{ band: "day" }, { band: "night", days: ["workday"], hours: [`${hour}-${hour + 1}:30`] }],
      })),
      fc.tuple(price, price, fc.integer({ min: 1, max: 900 })).map(([first, then, upToKwh]) => ({
        kind: "tiered",
        tiers: [{ upToKwh, price: first }, { price: then }],
      })),
    );
    const days = { fromMs: august.fromMs, toMs: august.fromMs + 3 * 24 * HOUR_MS };
    fc.assert(
      fc.property(energies, fc.array(fc.nat({ max: 40 }), { minLength: 72, maxLength: 72 }), (energy, kw) => {
        const given = {
          energy,
          adders: [{ name: "levy", perKwh: 0.01, hours: ["6:15-7"] }],
          lossesPercent: 3,
          demand: [{ kind: "maximum", name: "demand", minutes: 60, perKw: 2 }],
          monthly: [{ name: "fee", amount: 12 }],
          taxPercent: 13,
        };
        const fine = load(days, (ms) => kw[Math.floor((ms - days.fromMs) / HOUR_MS)]);
        const coarse = kw.map((kwh, hour) => ({
          startMs: days.fromMs + hour * HOUR_MS,
          endMs: days.fromMs + (hour + 1) * HOUR_MS,
          kwh,
          coverage: 1,
        }));
        const [a, b] = [of(given, fine, { toMs: days.toMs }), of(given, coarse, { toMs: days.toMs })];
        expect(a.lines.reduce((sum, { amount }) => sum + amount!, 0)).toBeCloseTo(a.total!, 6);
        expect(a.total!).toBeCloseTo(b.total!, 6);
        expect(a.kwh).toBeCloseTo(
          kw.reduce((sum, value) => sum + value, 0),
          6,
        );
      }),
      { numRuns: 25 },
    );
  });
});
