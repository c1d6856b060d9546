import fc from "fast-check";
import { expect, test } from "vitest";
import { monthOf, SHANGHAI, tariff } from "../../fixtures/tariffs.js";
import { type BillData, bill, type EnergyInterval } from "./bill.js";
import { billingPeriod } from "./billingPeriod.js";

const HOUR_MS = 3_600_000;
const august = monthOf(SHANGHAI, 2026, 8);
const period = billingPeriod(SHANGHAI, 1, august.fromMs);
const hours = (toMs: number, kw: number): EnergyInterval[] =>
  Array.from({ length: (toMs - period.startMs) / HOUR_MS }, (_, i) => ({
    ...{ startMs: period.startMs + i * HOUR_MS, endMs: period.startMs + (i + 1) * HOUR_MS },
    ...{ kwh: kw, coverage: 1 },
  }));
const of = (
  kw: number,
  more: Parameters<typeof tariff>[0] = {},
  { toMs = period.endMs, ...data }: Partial<BillData> = {},
) =>
  bill(
    tariff({
      energy: { kind: "flat", price: 0.4 },
      monthly: [{ name: "metering", amount: 300 }],
      minimumCharge: 20_000,
      ...more,
    }),
    SHANGHAI,
    "s",
    period,
    { intervals: hours(Math.min(toMs, period.endMs), kw), basis: "meter", toMs, ...data },
  );
const rowOf = (made: ReturnType<typeof bill>) => made.lines.find(({ kind }) => kind === "minimum");

test("what a bill lacks of its minimum is a row of it, before tax and with its arithmetic; one that reaches it has 0", () => {
  // 40 MWh in 744 hours.
  const made = of(40_000 / 744, {
    taxPercent: 10,
    credits: [{ name: "response", date: "2026-08-14", amount: 50 }],
  });
  expect(rowOf(made)!.amount).toBeCloseTo(3_700, 6);
  expect(made.total).toBeCloseTo(20_000 * 1.1 - 50, 6);
  const { why, ...row } = rowOf(made)!;
  expect(row).toMatchObject({ name: "minimum charge", provisional: false, atLeast: false });
  expect(why).toMatchObject({
    formula: "minimum",
    inputs: [{ name: "minimum", value: 20_000 }, { name: "expected" }],
  });
  expect(why.inputs[1]!.value).toBeCloseTo(16_300, 6);
  expect(rowOf(of(1_000))!.amount).toBe(0);
  expect(rowOf(of(1_000, { minimumCharge: undefined }))).toBeUndefined();
  // Valid for the second half of the period: half of the minimum.
  const half = of(10, { validFrom: "2026-08-17" });
  expect(half.total).toBeCloseTo((20_000 * 15) / 31, 6);
  expect(rowOf(half)!.why.inputs).toContainEqual({ name: "periodShare", value: 15 / 31 });
});

test("in an open period energy counts as if it went on as so far, and an unknown row leaves it unknown", () => {
  const toMs = period.startMs + 31 * HOUR_MS;
  const open = of(40_000 / 744, {}, { toMs });
  expect(open.open).toBe(true);
  expect(rowOf(open)).toMatchObject({ provisional: true });
  expect(rowOf(open)!.amount).toBeCloseTo(3_700, 6);
  expect(rowOf(of(1_000, {}, { toMs }))!.amount).toBe(0);
  const unknown = of(10, { energy: { kind: "series", series: "spot" } as never });
  expect(rowOf(unknown)).toMatchObject({ amount: null });
  expect(unknown.total).toBeNull();
});

test("of what was not measured energy is taken to have been as in what was, and nothing is known where nothing was", () => {
  // Measured from the 25th on: 9,038 of energy, of 40,027 that were used.
  const late = hours(period.endMs, 134.5).slice(24 * 24);
  const partial = of(0, {}, { intervals: late });
  expect(partial).toMatchObject({ open: false, atLeast: true });
  expect(rowOf(partial)).toMatchObject({
    ...{ amount: 0, provisional: true, note: "estimated: a part was not measured" },
  });
  expect(rowOf(partial)!.why.inputs[1]!.value).toBeCloseTo(134.5 * 744 * 0.4 + 300, 6);
  // As if the whole had been measured, also while the period is open, and by halves of hours.
  const toMs = period.startMs + 200 * HOUR_MS;
  const halves = hours(toMs, 40_000 / 744 / 2).map((each) => ({ ...each, coverage: 0.5 }));
  expect(rowOf(of(0, {}, { intervals: halves, toMs }))!.amount).toBeCloseTo(3_700, 6);
  const none = of(0, { taxPercent: 10 }, { intervals: [] });
  expect(rowOf(none)).toMatchObject({
    ...{ amount: null, provisional: true, note: "nothing of it was measured" },
  });
  expect(rowOf(none)!.why.inputs).toContainEqual({ name: "expected", value: null });
  expect(none.lines.find(({ kind }) => kind === "tax")!.amount).toBeNull();
  expect(none.total).toBeNull();
  // A period of which nothing is over owes nothing yet.
  expect(rowOf(of(0, {}, { intervals: [], toMs: period.startMs }))).toBeUndefined();
});

test("whatever is used, a whole period costs the greater of its rows and its minimum", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 200, noNaN: true }),
      fc.integer({ min: 1, max: 60_000 }),
      (kw, minimum) => {
        const rows = kw * 744 * 0.4 + 300;
        expect(of(kw, { minimumCharge: minimum }).total).toBeCloseTo(Math.max(rows, minimum), 4);
      },
    ),
    { numRuns: 30 },
  );
});
