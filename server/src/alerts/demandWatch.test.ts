import { describe, expect, test } from "vitest";
import { START, siteFacts } from "../fixtures/judgedSite.js";
import { tariff } from "../fixtures/tariffs.js";
import { BUCKET_MS, type SiteRollupRow } from "../rollup/row.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { DemandWatch } from "./demandWatch.js";
import type { DemandFacts } from "./facts.js";
import { demandPeak } from "./rules/demandPeak.js";

const row = (startMs: number, kw: number): SiteRollupRow => ({
  site: "s",
  algo: "sha256",
  startMs,
  stepMs: BUCKET_MS,
  rigMs: BUCKET_MS,
  coveredMs: BUCKET_MS,
  miningMs: BUCKET_MS,
  hashCoveredMs: BUCKET_MS,
  thsHours: 1,
  powerCoveredMs: BUCKET_MS,
  kwh: kw / 12,
  kwhBySource: [],
  hashSpanMs: BUCKET_MS,
  powerSpanMs: BUCKET_MS,
});
const watch = (state: MemoryStateStore, values: readonly object[]) =>
  new DemandWatch({
    state,
    settings: { values: () => values as never },
    sites: {
      all: () => [{ site: "s", name: "s", zone: "UTC", currency: "USD", demo: false }][Symbol.iterator](),
    },
    rates: { slots: () => [] },
  });

/** Rows of five minutes of a site that draws `kwAt` kW. */
async function drawn(
  fromMs: number,
  toMs: number,
  kwAt: (atMs: number) => number,
): Promise<MemoryStateStore> {
  const state = new MemoryStateStore();
  const rows: SiteRollupRow[] = [];
  for (let at = fromMs; at < toMs; at += BUCKET_MS) rows.push(row(at, kwAt(at)));
  await state.putRollups([], rows);
  return state;
}

describe("the demand of a site", () => {
  test("the running quarter of an hour beside the highest of the billing period", async () => {
    const state = new MemoryStateStore();
    const nowMs = Date.UTC(2026, 10, 10, 12, 10);
    const rows: SiteRollupRow[] = [];
    for (let at = Date.UTC(2026, 10, 8); at < nowMs; at += BUCKET_MS)
      rows.push(row(at, at >= Date.UTC(2026, 10, 10, 12) ? 1_100 : 1_000));
    await state.putRollups([], rows);
    const value = tariff({ demand: [{ kind: "maximum", name: "demand", minutes: 15, perKw: 36.8 }] });
    const billed = watch(state, [{ id: "t", value }]);
    await billed.look(nowMs);
    expect(billed.of("s")).toMatchObject({
      name: "demand",
      beside: "peak",
      endsMs: Date.UTC(2026, 10, 10, 12, 15),
      perUnit: 36.8,
    });
    expect(billed.of("s")?.most).toBeCloseTo(1_000, 6);
    expect(billed.of("s")?.usual).toBeCloseTo(1_000, 6);
    expect(billed.of("s")?.projected).toBeCloseTo(1_100, 6);
    const contract = { kind: "contracted", name: "contract", kva: 1_200, perKva: 23 };
    const inKva = { kind: "maximum", name: "demand", minutes: 30, perKw: 10, powerFactor: 0.9 };
    const both = watch(state, [{ id: "t", value: tariff({ demand: [contract, inKva] }) }]);
    await both.look(nowMs);
    // 1,100 kW are 1,222 kVA: beyond the contract, and 10 % beyond the peak, which is worse.
    expect(both.of("s")).toMatchObject({ name: "demand", unit: "kVA", perUnit: 10 });
    const contracted = watch(state, [{ id: "t", value: tariff({ demand: [contract] }) }]);
    await contracted.look(nowMs);
    expect(contracted.of("s")).toMatchObject({ beside: "contract", unit: "kVA", most: 1_200 });
    expect(contracted.of("s")?.projected).toBeCloseTo(1_100, 6);
    const flat = watch(state, [{ id: "t", value: tariff({}) }]);
    await flat.look(nowMs);
    expect(flat.of("s")).toBeUndefined();
  });

  const RATCHET = { percent: 80, months: 11 };
  const term = (more: object = {}) => ({ kind: "maximum", name: "demand", minutes: 15, perKw: 10, ...more });
  const seen = async (state: MemoryStateStore, nowMs: number, told: object) => {
    const at = watch(state, [{ id: "t", value: tariff({ validFrom: "2026-01-01", ...told } as never) }]);
    await at.look(nowMs);
    return at.of("s");
  };
  const reasonOf = (demand: DemandFacts | undefined) =>
    demandPeak.describe(
      siteFacts({ demand }),
      { nowMs: START, heardSinceMs: 0, rates: () => ({ stale: false, demo: false, currency: "USD" }) },
      START,
      undefined,
      demandPeak,
    ).reason;

  test("is beside what an earlier period's peak has billed in any case, from the first day, and says what lies behind", async () => {
    // August had 2,000 kW, so that 1,600 are billed whatever is drawn; November draws 1,000 and now 1,550.
    const [from, november] = [Date.UTC(2026, 7, 10), Date.UTC(2026, 10, 1)];
    const nowMs = november + 40 * 3_600_000 + 600_000;
    const state = await drawn(from, nowMs, (at) =>
      at < from + 3_600_000 ? 2_000 : at >= nowMs - 600_000 ? 1_550 : 1_000,
    );
    const demand = [term({ ratchet: RATCHET })];
    const ratcheted = await seen(state, nowMs, { demand });
    expect(ratcheted).toMatchObject({ beside: "ratchet", perUnit: 10, ratchet: RATCHET });
    expect(ratcheted?.most).toBeCloseTo(1_600, 6);
    expect(reasonOf(ratcheted)).toMatch(
      /96.9 % of the 1600 kW that are billed in any case, by an earlier period: 5 % above it would cost 800.00 USD more$/,
    );
    expect(reasonOf({ ...ratcheted!, projected: 1_700 })).toMatch(
      /: 1000.00 USD more; 80 % of it is billed at least in each of the next 11 periods$/,
    );
    // A ratchet that looks back for one period does not see August, and a period of two days has no peak of its own yet.
    expect(
      await seen(state, nowMs, { demand: [term({ ratchet: { percent: 80, months: 1 } })] }),
    ).toBeUndefined();
  });

  test("is of the period since the meter was read, and of the hours that are billed", async () => {
    // 3,000 kW at night and in the period before; by day 1,000, and now, at noon of the 25th, 1,100.
    const noon = Date.UTC(2026, 10, 25, 12);
    const hour = (at: number) => new Date(at).getUTCHours();
    const state = await drawn(Date.UTC(2026, 10, 10), noon + 600_000, (at) =>
      at < Date.UTC(2026, 10, 15) || hour(at) < 6 ? 3_000 : at >= noon ? 1_100 : 1_000,
    );
    const readingDay = 15;
    const day = await seen(state, noon + 600_000, { readingDay, demand: [term({ hours: ["8-20"] })] });
    expect(day?.most).toBeCloseTo(1_000, 6);
    expect(day?.projected).toBeCloseTo(1_100, 6);
    const whole = await seen(state, noon + 600_000, { readingDay, demand: [term()] });
    expect(whole?.most).toBeCloseTo(3_000, 6);
    const atNight = [term({ hours: ["0-6"] })];
    expect(await seen(state, noon + 600_000, { readingDay, demand: atNight })).toBeUndefined();
  });
});
