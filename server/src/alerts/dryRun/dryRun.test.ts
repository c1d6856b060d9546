import { type DryRunOrder, dryRunOrderSchema } from "@hashwatt/protocol/dryRun";
import { describe, expect, test } from "vitest";
import { ratedRig, START } from "../../fixtures/judgedSite.js";
import type { TimeRange } from "../../rates/slot.js";
import type { RollupRow, SiteRollupRow } from "../../rollup/row.js";
import { MemoryTelemetryStore } from "../../store/memory.js";
import { MemoryStateStore } from "../../store/state/memory.js";
import { FACT_RULES } from "../rules/factRules.js";
import { RULES } from "../rules/registry.js";
import { dryRun } from "./dryRun.js";
import { untriable } from "./siteRules.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Prices of the site: below 0 in its second hour, and dear in the third. */
const priceSlots = [0.05, -0.01, 0.2, 0.05].map((value, hour) => ({
  ...{ startMs: START + hour * HOUR, endMs: START + (hour + 1) * HOUR, value, source: "x", asOfMs: 0 },
}));

/** Heights by the quarter of an hour, faster than a block in ten minutes; the difficulty changes in the second hour. */
const heights = Array.from({ length: 4 * 24 * 13 }, (_, i) => {
  const startMs = START - 12.9 * 24 * HOUR + i * 15 * MINUTE;
  return {
    startMs,
    endMs: startMs + 15 * MINUTE,
    value: 2_016 + Math.floor(i * 1.62),
    source: "x",
    asOfMs: 0,
  };
});

async function history() {
  const state = new MemoryStateStore();
  const telemetry = new MemoryTelemetryStore();
  const row = (rig: number, bucket: number, chipC: number | undefined): RollupRow => ({
    rig,
    startMs: START + bucket * 5 * MINUTE,
    stepMs: 5 * MINUTE,
    samples: chipC === undefined ? 0 : 60,
    coveredMs: chipC === undefined ? 0 : 5 * MINUTE,
    miningMs: chipC === undefined ? 0 : 5 * MINUTE,
    hashCoveredMs: 5 * MINUTE,
    thsHours: 8,
    powerCoveredMs: 5 * MINUTE,
    kwh: 0.25,
    kwhBySource: [],
    ...(chipC !== undefined && { chipTempC: { min: chipC - 5, mean: chipC - 2, max: chipC } }),
  });
  const rows = Array.from({ length: 48 }, (_, i) => [
    row(1, i, i >= 12 && i < 18 ? 92 : 70),
    row(2, i, i >= 30 ? undefined : 82),
  ]);
  const ofSite = rows.map(([first]): SiteRollupRow => {
    const { rig: _rig, samples: _samples, chipTempC: _chip, ...sums } = first!;
    return { ...sums, site: "s", algo: "SHA256", rigMs: 15 * MINUTE, hashSpanMs: 0, powerSpanMs: 0 };
  });
  await state.putRollups(rows.flat(), ofSite);
  const records = [1, 2, 3].map((rig) => ratedRig(rig).record);
  const parts = {
    state,
    telemetry,
    settings: { values: () => [] },
    sites: {
      all: () => [{ site: "s", name: "south", zone: "UTC", currency: "USD", demo: false }][Symbol.iterator](),
    },
    rates: {
      apart: () =>
        ({
          now: () => ({
            ...{ inputs: [], stale: false, demo: false, currency: "USD", hashpricePerThH: 0.0016 },
          }),
          slots: (_site: string, kind: string, range: TimeRange) =>
            kind === "price"
              ? priceSlots.filter((slot) => slot.endMs > range.fromMs && slot.startMs < range.toMs)
              : [],
        }) as never,
    },
    rateSeries: { slots: () => heights },
    records: () => records,
    place: () => undefined,
    rules: () => RULES,
  };
  const run = (order: Partial<DryRunOrder>, most?: number) =>
    dryRun(dryRunOrderSchema.parse({ fromMs: START, toMs: START + 4 * HOUR, ...order }), parts, most);
  return { run, telemetry, records, put: (rows: readonly RollupRow[]) => state.putRollups(rows, []), row };
}

describe("a dry run", () => {
  test("ends what it would have told where nothing was heard for long, as the server does", async () => {
    const { run, put, row } = await history();
    // Hot for half an hour, then not a word of any rig for more than three hours.
    await put(Array.from({ length: 6 }, (_, i) => row(3, 48 + i, 95)));
    const [fromMs, toMs] = [START + 4 * HOUR, START + 8 * HOUR];
    const { tried } = await run({ when: "chipTempC > 94 for 10m", settings: [{}], fromMs, toMs });
    expect(tried[0]!.alerts).toMatchObject([{ rig: 3, firedMs: fromMs + 15 * MINUTE }]);
    expect(tried[0]!.alerts[0]!.resolvedMs).toBeLessThanOrEqual(fromMs + 55 * MINUTE);
  });

  test("says how often a rule would have fired, when, of whom and for how long, with two settings side by side", async () => {
    const { run } = await history();
    const found = await run({ when: "chipTempC > 90 for 10m", settings: [{}, { holdS: 0, resolveS: 0 }] });
    expect(found).toMatchObject({ rule: "tried", basis: "5m", rigs: 2, judged: 2 });
    const [first, second] = found.tried;
    expect(first).toMatchObject({ fired: 1, rigs: 1 });
    expect(first?.alerts[0]).toMatchObject({ rig: 1, firedMs: START + 75 * MINUTE });
    expect(second?.alerts[0]).toMatchObject({
      firedMs: START + 70 * MINUTE,
      resolvedMs: START + 100 * MINUTE,
    });
    expect(second?.firingMs).toBe(30 * MINUTE);
  });

  test("of a rule that comes with the server tells what goes on at the end", async () => {
    const { run } = await history();
    const [tried] = (await run({ rule: "offline" })).tried;
    expect(tried).toMatchObject({ fired: 1, alerts: [{ rig: 2, resolvedMs: null }] });
  });

  test("goes by single readings where these are held", async () => {
    const { run, telemetry } = await history();
    const samples = Array.from({ length: 240 }, (_, i) => ({
      rig: 3,
      site: "s",
      receivedMs: START + i * MINUTE,
      sample: {
        rig: "h3",
        atMs: START + i * MINUTE,
        intervalMs: MINUTE,
        status: "mining" as const,
        chipTempC: i === 100 || i === 101 ? 99 : 60,
      },
    }));
    await telemetry.append({ samples, marks: [] });
    const found = await run({ when: "chipTempC > 90", settings: [{ samples: 2 }, { samples: 3 }] });
    expect(found).toMatchObject({ basis: "raw", rigs: 1 });
    expect(found.tried.map(({ fired }) => fired)).toEqual([1, 0]);
    const moved = await run({ when: "chipTempC > 90", settings: [{ limit: 98 }, { limit: 100 }] });
    expect(moved.tried.map(({ fired }) => fired)).toEqual([1, 0]);
    expect(moved.tried[0]?.alerts[0]?.reason).toContain("with 98");
  });

  test("reads single readings where they begin, rows before, and says how much of the time there is anything", async () => {
    const { run, telemetry } = await history();
    const from = START + 2 * HOUR;
    const samples = Array.from({ length: 120 }, (_, i) => ({
      ...{ rig: 1, site: "s", receivedMs: from + i * MINUTE },
      sample: {
        ...{ rig: "h1", atMs: from + i * MINUTE, intervalMs: MINUTE, status: "mining" as const },
        chipTempC: i === 60 || i === 61 ? 99 : 60,
      },
    }));
    await telemetry.append({ samples, marks: [] });
    const found = await run({ when: "chipTempC > 91", settings: [{ resolveS: 0 }] });
    // Hot by rows in the second hour, and for two minutes by single readings in the fourth.
    expect(found).toMatchObject({ basis: "mixed", rawFromMs: from, subject: "rig" });
    expect(found.tried[0]?.alerts.map(({ firedMs }) => Math.floor((firedMs - START) / HOUR))).toEqual([1, 3]);
    // One of three rigs all the time, one for two hours by rows, and half an hour of silence is history too.
    expect(found.coverage).toBeGreaterThan(0.45);
    expect(found.coverage).toBeLessThan(0.6);
  });

  test.each([
    ["priceNegative", [[60, 65, 125]]],
    ["unprofitableAhead", [[5, 15, 130]]],
    ["siteOutage", [[150, 160, null]]],
  ] as const)("of a rule of sites goes by rows and prices: %s", async (rule, expected) => {
    const { run, put, row } = await history();
    // A third rig, so that the site is one; in the end nobody answers.
    await put(
      Array.from({ length: 48 }, (_, i) =>
        [1, 2, 3].map((rig) => (i < 30 ? row(rig, i, 70) : { ...row(rig, i, undefined), samples: 5 })),
      ).flat(),
    );
    const found = await run({ rule, settings: [{}, { holdS: 7_200 }] });
    expect(found).toMatchObject({ rule, subject: "site", basis: "5m", rigs: 1, judged: 1 });
    const [first, longer] = found.tried;
    const minute = (ms: number | null) => ms && (ms - START) / MINUTE;
    expect(
      first!.alerts.map(({ firedMs, resolvedMs, name, rig }) => [
        name,
        rig,
        minute(firedMs),
        minute(resolvedMs),
      ]),
    ).toEqual(expected.map(([, fired, ended]) => ["south", null, fired, ended]));
    expect(longer!.fired).toBeLessThanOrEqual(1);
  });

  test("of what rigs earn by their energy takes only those that tell both", async () => {
    const { run, put, row } = await history();
    const dark = { thsHours: 1_000, powerCoveredMs: 0, kwh: 0 };
    await put(Array.from({ length: 48 }, (_, i) => ({ ...row(3, i, 70), ...dark })));
    const found = await run({ rule: "unprofitableAhead" });
    expect(found.tried[0]).toMatchObject({ fired: 1 });
    // Rows of each rig are read for it.
    await expect(run({ rule: "unprofitableAhead" }, 48 * 3 - 1)).rejects.toThrow("start it as a job");
    await put(
      Array.from({ length: 48 }, (_, i) => [1, 2].map((rig) => ({ ...row(rig, i, 70), ...dark }))).flat(),
    );
    expect(await run({ rule: "unprofitableAhead" })).toMatchObject({ judged: 0, coverage: 0 });
  });

  test("of an agent goes by the gaps in what its rigs have given", async () => {
    const { run, put, row } = await history();
    const from = START + 8 * HOUR;
    await put(
      Array.from({ length: 24 }, (_, i) => i).flatMap((i) => (i >= 6 && i < 12 ? [] : [row(1, 96 + i, 70)])),
    );
    const found = await run({
      rule: "agentSilent",
      fromMs: from,
      toMs: from + 2 * HOUR,
      settings: [{}, { limit: 40 }],
    });
    expect(found).toMatchObject({ subject: "agent", basis: "5m", rigs: 1, judged: 1, coverage: 0.75 });
    expect(found.tried.map(({ fired }) => fired)).toEqual([1, 0]);
    expect(found.tried[0]!.alerts[0]).toMatchObject({
      ...{ name: "a", rig: null, firedMs: from + 35 * MINUTE, resolvedMs: from + 65 * MINUTE },
    });
  });

  test("of pools goes by the way that single readings tell, and of wrong ones by the pool of each", async () => {
    const { run, telemetry, records } = await history();
    const [ours, far] = ["stratum+tcp://ours.example:1", "stratum+tcp://far.example:2"];
    const listed = [{ url: ours, user: "farm.x", active: true }];
    for (const each of [...records, ...[4, 5].map((rig) => ratedRig(rig).record)]) {
      each.evidence = { ...each.evidence, pools: listed };
      if (!records.includes(each)) records.push(each);
    }
    const samples = Array.from({ length: 240 }, (_, i) =>
      [1, 2, 3, 4, 5].map((rig) => ({
        ...{ rig, site: "s", receivedMs: START + i * MINUTE },
        sample: {
          ...{ rig: `h${rig}`, atMs: START + i * MINUTE, intervalMs: MINUTE, status: "mining" as const },
          ...{ hashrateThs: 100, pool: rig === 5 && i >= 60 ? far : ours },
          poolLatencyMs: i >= 120 && i < 180 ? 300 : 40,
        },
      })),
    );
    await telemetry.append({ samples: samples.flat(), marks: [] });
    const slow = await run({ rule: "poolLatency", settings: [{}, { limit: 400 }] });
    expect(slow).toMatchObject({ subject: "pool", basis: "raw", judged: 1 });
    expect(slow.tried.map(({ fired }) => fired)).toEqual([1, 0]);
    expect(slow.tried[0]!.alerts[0]).toMatchObject({ name: "ours.example:1", firedMs: START + 135 * MINUTE });
    const wrong = await run({ rule: "wrongPool" });
    expect(wrong.tried[0]!.alerts).toMatchObject([
      { rig: 5, firedMs: START + 62 * MINUTE, resolvedMs: null },
    ]);
  });

  test("of the network goes by the heights that were known at each moment", async () => {
    const { run } = await history();
    const found = await run({ rule: "difficultyStep", settings: [{}, { limit: 0.2 }] });
    expect(found).toMatchObject({ subject: "market", judged: 1 });
    // Once the step has come nothing is known of the next one yet, whatever the heights of afterwards say.
    expect(found.coverage).toBeCloseTo(0.408, 2);
    expect(found.tried.map(({ fired }) => fired)).toEqual([1, 0]);
    const before = await run({ rule: "difficultyStep", toMs: START + HOUR });
    expect(before.tried[0]!.alerts[0]?.reason).toMatch(
      /^In \d+ blocks the difficulty is expected to rise by 8 %/,
    );
  });

  test("of what cannot be tried says why", async () => {
    const { run } = await history();
    await expect(run({ rule: "poolDown" })).rejects.toThrow(
      '"poolDown" cannot be tried: what rigs said of the pools in their lists is not kept',
    );
    await expect(run({ rule: "inputsStale" })).rejects.toThrow("these can be: siteOutage");
    // Each that cannot be tried says what of it is not kept.
    for (const { id } of Object.values(FACT_RULES).flat())
      expect(untriable(id) ?? "", id).not.toContain("what it judges by is not kept");
    await expect(run({ rule: "nonsense" })).rejects.toThrow('no rule "nonsense"');
    await expect(run({ rule: "hashrateLo" })).rejects.toThrow("did you mean hashrateLow?");
    await expect(run({ when: "chipTemp > 9" })).rejects.toThrow("did you mean chipTempC?");
    await expect(run({ rule: "offline" }, 10)).rejects.toThrow("start it as a job");
    expect(dryRunOrderSchema.safeParse({ fromMs: 0, toMs: 1 }).success).toBe(false);
  });
});
