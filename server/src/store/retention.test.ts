import { beforeEach, describe, expect, it } from "vitest";
import { ServerError } from "../error.js";
import { testAlert } from "../fixtures/alert.js";
import { BUCKET_MS, HOUR_MS, type RollupRow } from "../rollup/row.js";
import { MemoryTelemetryStore } from "./memory.js";
import { DEFAULT_LIMITS, Retention } from "./retention.js";
import { MemoryStateStore } from "./state/memory.js";

const NOW = Date.UTC(2026, 2, 1);
const DAY_MS = 24 * HOUR_MS;
const row = (startMs: number): RollupRow => ({
  rig: 1,
  startMs,
  stepMs: BUCKET_MS,
  samples: 1,
  coveredMs: BUCKET_MS,
  miningMs: 0,
  hashCoveredMs: 0,
  thsHours: 0,
  powerCoveredMs: 0,
  kwh: 0,
  kwhBySource: [0, 0, 0, 0, 0],
});

describe("retention", () => {
  let telemetry: MemoryTelemetryStore;
  let state: MemoryStateStore;

  beforeEach(async () => {
    telemetry = new MemoryTelemetryStore();
    state = new MemoryStateStore();
    const ages = Array.from({ length: 40 }, (_, i) => i * 12 * HOUR_MS);
    const samples = ages.map((age) => ({
      rig: 1,
      receivedMs: NOW - age,
      sample: { atMs: NOW - age, intervalMs: 5_000, status: "idle" as const },
    }));
    const mark = { site: "s", agent: "a", seq: 1, lost: 0 };
    await telemetry.append({
      samples,
      marks: [
        { ...mark, stream: "old", updatedMs: NOW - 31 * DAY_MS },
        { ...mark, stream: "new", updatedMs: NOW },
      ],
    });
    const rows = [0, 1, 399, 401].map((days) => row(NOW - days * DAY_MS));
    await state.putRollups([...rows, { ...row(NOW - 900 * DAY_MS), stepMs: HOUR_MS }], []);
  });

  it("drops alerts that ended more than 400 days ago, and none that goes on", async () => {
    const ended = (days: number) =>
      testAlert(`${days}`, { state: "resolved", resolvedMs: NOW - days * DAY_MS, pendingMs: -days });
    await state.putAlerts([ended(399), ended(401), testAlert("open", { pendingMs: -900 })]);
    await new Retention({ telemetry, state }).step(NOW);
    expect((await state.alerts(0)).map(({ id }) => id)).toEqual(["399", "open"]);
  });

  it("drops raw samples after 7 days, 5-minute rows after 400, marks after 30, and keeps hours", async () => {
    const air = {
      site: "s",
      meter: "hall",
      place: "row",
      unit: "°C",
      coveredMs: 1,
      min: 1,
      mean: 1,
      max: 1,
    } as const;
    const airAt = (startMs: number, stepMs = BUCKET_MS) => ({ ...air, startMs, stepMs });
    await state.air.put([airAt(NOW - 401 * DAY_MS), airAt(NOW - DAY_MS), airAt(NOW - 900 * DAY_MS, HOUR_MS)]);
    const retention = new Retention({ telemetry, state });
    await retention.load();
    expect(retention.rawFromMs).toBe(Number.NEGATIVE_INFINITY);
    expect(await retention.step(NOW)).toEqual({
      droppedSamples: 25,
      droppedRows: 1,
      usedBytes: 0,
      events: [],
    });
    expect(await telemetry.span()).toEqual({ fromMs: NOW - 7 * DAY_MS, toMs: NOW });
    expect((await telemetry.marks()).map(({ stream }) => stream)).toEqual(["new"]);
    expect(await state.oldestRollup(BUCKET_MS)).toBe(NOW - 399 * DAY_MS);
    expect(await state.oldestRollup(HOUR_MS)).toBe(NOW - 900 * DAY_MS);
    expect(state.air.all().map(({ startMs, stepMs }) => [(NOW - startMs) / DAY_MS, stepMs])).toEqual([
      [1, BUCKET_MS],
      [900, HOUR_MS],
    ]);
    const later = new Retention({ telemetry, state });
    await later.load();
    expect(later.rawFromMs).toBe(NOW - 7 * DAY_MS);
  });

  it("keeps what firmwares took as long as it counts for a row that is left", async () => {
    const { devFees } = state.ledger;
    const fee = (ageMs: number) => ({
      ...{ rig: 1, fromMs: NOW - ageMs, share: 0.02, sinceMs: NOW - ageMs - HOUR_MS, toMs: NOW - ageMs },
      ...{ acceptedDiff: 100, devFeeDiff: 2 },
    });
    const ages = [399 * DAY_MS, 400 * DAY_MS + 23 * HOUR_MS, 402 * DAY_MS];
    await devFees.put(ages.map(fee));
    await new Retention({ telemetry, state }).step(NOW);
    expect((await devFees.since(0)).map(({ fromMs }) => NOW - fromMs)).toEqual([ages[1], ages[0]]);
  });

  it("takes for gone what a store keeps by itself only when that has gone", async () => {
    const keeps = (keepsMs: number) =>
      new Retention({ telemetry: Object.assign(telemetry, { keepsMs, dropBefore: async () => 0 }), state });
    for (const [keepsMs, fromMs] of [
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      [90 * DAY_MS, NOW - 90 * DAY_MS],
      [3 * DAY_MS, NOW - 7 * DAY_MS],
    ] as const) {
      const retention = keeps(keepsMs);
      expect((await retention.step(NOW)).failed).toBeUndefined();
      expect(retention.rawFromMs).toBe(fromMs);
    }
  });

  it("takes the oldest raw first, then the oldest rows, when the disk limit is reached, and says so", async () => {
    const size = async () => ((await telemetry.count({ fromMs: 0, toMs: NOW + 1 })) + 1) * 1e9;
    telemetry.usedBytes = size;
    const limits = { ...DEFAULT_LIMITS, maxDiskGb: 6 };
    const upkeep = await new Retention({ telemetry, state }, limits).step(NOW);
    expect(upkeep.usedBytes).toBe(6e9);
    expect(await telemetry.count({ fromMs: 0, toMs: NOW + 1 })).toBe(5);
    expect(await state.oldestRollup(BUCKET_MS)).toBe(NOW - 399 * DAY_MS);
    expect(upkeep.events).toEqual([
      expect.stringMatching(/6 GB was reached: raw samples before 2026-02-2\d/),
    ]);

    state.usedBytes = async () => ((await state.oldestRollup(BUCKET_MS))! < NOW - 2 * DAY_MS ? 9e9 : 0);
    const next = await new Retention({ telemetry, state }, limits).step(NOW);
    expect(next.events[1]).toMatch(/5-minute rows before 2025/);
    expect(await state.oldestRollup(BUCKET_MS)).toBe(NOW - DAY_MS);
  });

  it("knows after a restart how far the disk limit took rows of 5 minutes, though there was no room to say so", async () => {
    const put = state.putSetting.bind(state);
    state.putSetting = () => Promise.reject(new Error("no room"));
    state.usedBytes = async () => ((await state.oldestRollup(BUCKET_MS))! < NOW - 2 * DAY_MS ? 90e9 : 0);
    const retention = new Retention({ telemetry, state });
    expect((await retention.step(NOW)).failed).toEqual(new Error("no room"));
    const { fineFromMs } = retention;
    expect(await state.oldestRollup(BUCKET_MS)).toBe(NOW - DAY_MS);
    expect(fineFromMs).toBe(NOW - 398 * DAY_MS);
    state.putSetting = put;
    await retention.step(NOW);
    const later = new Retention({ telemetry, state });
    await later.load();
    expect(later.fineFromMs).toBe(fineFromMs);
  });

  it("stops and says so when nothing more may be dropped", async () => {
    telemetry.usedBytes = async () => 100e9;
    const upkeep = await new Retention({ telemetry, state }).step(NOW);
    expect(upkeep.events.at(-1)).toMatch(/nothing more may be dropped/);
    expect(await telemetry.count({ fromMs: NOW - 2 * HOUR_MS, toMs: NOW + 1 })).toBe(1);
    expect(await state.oldestRollup(BUCKET_MS)).toBeGreaterThanOrEqual(NOW - DAY_MS);
  });

  it("drops raw samples though the state store has no room, and says from when once it has", async () => {
    const full = new ServerError("storeFull", "no room", { retryable: true });
    const put = state.putSetting.bind(state);
    state.putSetting = () => Promise.reject(full);
    state.dropRollups = () => Promise.reject(full);
    telemetry.compactBoards = () => Promise.reject(full);
    const retention = new Retention({ telemetry, state });
    expect(await retention.step(NOW)).toMatchObject({ droppedSamples: 25, failed: full });
    expect((await telemetry.marks()).map(({ stream }) => stream)).toEqual(["new"]);
    expect(retention.rawFromMs).toBe(NOW - 7 * DAY_MS);
    state.putSetting = put;
    await retention.step(NOW);
    const later = new Retention({ telemetry, state });
    await later.load();
    expect(later.rawFromMs).toBe(NOW - 7 * DAY_MS);
  });
});
