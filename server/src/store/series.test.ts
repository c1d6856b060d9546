import { fakeClock } from "@hashwatt/protocol/time";
import { beforeEach, describe, expect, it } from "vitest";
import type { KnownRig } from "../rollup/fold.js";
import { Roller } from "../rollup/roller.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import { MemoryTelemetryStore } from "./memory.js";
import { DEFAULT_LIMITS, Retention } from "./retention.js";
import { SeriesReader } from "./series.js";
import { MemoryStateStore } from "./state/memory.js";
import type { StoredSample } from "./store.js";
import { chartStep, chooseTier } from "./tier.js";

const START = Date.UTC(2026, 2, 1);
const DAY_MS = 24 * HOUR_MS;
const RIGS: KnownRig[] = [1, 2, 3].map((rig) => ({
  rig,
  site: "north",
  algo: rig === 3 ? "scrypt" : "sha256d",
  nominalThs: 100 * rig,
  firstSeenMs: START,
}));

const sample = (rig: number, atMs: number): StoredSample => ({
  rig,
  receivedMs: atMs + 100,
  sample: {
    atMs,
    intervalMs: 60_000,
    status: "mining",
    algo: rig === 3 ? "scrypt" : "sha256d",
    hashrateThs: 100 * rig + ((atMs / 60_000) % 3),
    powerW: 3000,
    powerSource: "psu",
    chipTempC: 60 + ((atMs / 60_000) % 5),
  },
});

/** Three rigs for `hours`, a sample a minute, but for an hour of nothing from 03:00 and rig 2 away from 05:00 to 06:00. */
async function site(hours: number, minutes = 0, joined: (rig: number) => number[] = () => []) {
  const clock = fakeClock(START);
  const [telemetry, state] = [new MemoryTelemetryStore(), new MemoryStateStore()];
  const roller = new Roller({ telemetry, state, rigs: () => RIGS });
  await roller.recover(START);
  for (let at = START; at < START + hours * HOUR_MS + minutes * 60_000; at += 60_000) {
    const hour = Math.floor((at - START) / HOUR_MS);
    const rigs = hour === 3 ? [] : hour === 5 ? [1, 3] : [1, 2, 3];
    const samples = rigs.map((rig) => sample(rig, at));
    await telemetry.append({ samples, marks: [] });
    roller.add(samples, at);
    if (at % BUCKET_MS === 60_000) await roller.close(at);
    await clock.advance(60_000);
  }
  const retention = new Retention({ telemetry, state }, { ...DEFAULT_LIMITS, maxDiskGb: 1 });
  const reader = new SeriesReader({
    ...{ telemetry, state, clock, rigs: () => RIGS, joined, roller },
    fineFromMs: () => retention.fineFromMs,
  });
  return { reader, clock, retention, state };
}

describe("a history", () => {
  let built: Awaited<ReturnType<typeof site>>;
  beforeEach(async () => {
    built = await site(9, 7);
  });
  const all = { fromMs: START, toMs: START + DAY_MS };

  it("is answered from raw samples for a day, reaches to now and leaves gaps null", async () => {
    const series = await built.reader.rigSeries({ rig: 1, ...all });
    expect(series).toMatchObject({ tier: "raw", stepMs: 60_000, fromMs: all.fromMs, toMs: all.toMs });
    expect(series.tMs.at(-1)).toBe(START + 9 * HOUR_MS + 6 * 60_000);
    const at = (ms: number) => series.tMs.indexOf(START + ms);
    expect(series.columns.hashrateThs![at(3 * HOUR_MS + 4 * 60_000)]).toBeNull();
    expect(series.columns.covered![at(3 * HOUR_MS + 4 * 60_000)]).toBe(0);
    expect(series.columns.powerW![at(2 * HOUR_MS)]).toBe(3000);
    expect(series.columns.energyKwh![at(2 * HOUR_MS)]).toBeCloseTo(0.05, 9);
    expect(series.coverage).toBeCloseTo((8 * 60 + 7 + 2) / (9 * 60 + 7), 6);
  });

  it("of a rig that others were merged into has their steps where it has none itself, from every tier", async () => {
    const { reader } = await site(9, 7, (rig) => (rig === 2 ? [1] : []));
    for (const stepMs of [60_000, BUCKET_MS, HOUR_MS]) {
      const { columns, tMs, tier } = await reader.rigSeries({ rig: 2, ...all, stepMs });
      const at = (hours: number) => tMs.indexOf(START + Math.floor((hours * HOUR_MS) / stepMs) * stepMs);
      // Rig 2 makes 200 TH/s and is away from 05:00 on for an hour, when rig 1 makes 100.
      expect(Math.floor(columns.hashrateThs![at(4.5)]! / 100), tier).toBe(2);
      expect(Math.floor(columns.hashrateThs![at(5.5)]! / 100), tier).toBe(1);
      expect(Math.max(...columns.covered!.map((share) => share ?? 0))).toBe(1);
    }
  });

  it("tells the same energy and covered time from every tier, the open bucket included", async () => {
    const energies = [];
    for (const stepMs of [60_000, BUCKET_MS, 2 * BUCKET_MS, HOUR_MS, 3 * HOUR_MS]) {
      const series = await built.reader.rigSeries({ rig: 2, ...all, stepMs });
      energies.push(series.columns.energyKwh!.reduce<number>((sum, kwh) => sum + (kwh ?? 0), 0));
      expect(series.stepMs).toBe(stepMs);
      expect(series.coverage).toBeCloseTo((7 * 60 + 7 + 4) / (9 * 60 + 7), 6);
      expect(series.tMs.at(-1)! + stepMs).toBeGreaterThan(START + 9 * HOUR_MS + 6 * 60_000);
    }
    for (const kwh of energies) expect(kwh).toBeCloseTo((3 * (7 * 60 + 7 + 4)) / 60, 6);
  });

  it("sums a site by algorithm: a missing rig is missing, a gap of all lowers coverage and not the rate", async () => {
    for (const stepMs of [60_000, BUCKET_MS, HOUR_MS]) {
      const query = { site: "north", algo: "sha256d", fromMs: START, toMs: START + 6 * HOUR_MS, stepMs };
      const series = await built.reader.siteSeries(query);
      const at = (hour: number, name: string) => series.columns[name]![Math.floor((hour * HOUR_MS) / stepMs)];
      expect(series.stepMs).toBe(stepMs);
      expect(at(2, "hashrateThs")).toBeGreaterThanOrEqual(300);
      expect(at(2, "hashrateThs")).toBeLessThan(306);
      expect(at(2, "powerW")).toBeCloseTo(6000, 3);
      expect(at(2, "nominalThs")).toBe(300);
      expect(at(2, "rigs")).toBe(2);
      expect(at(2, "reportingRigs")).toBeCloseTo(2, 6);
      expect(at(5.5, "reportingRigs")).toBeLessThan(1.5);
      expect(at(5.5, "powerW")).toBeLessThan(3200);
      expect(at(3.5, "hashrateThs")).toEqual(stepMs === HOUR_MS ? expect.any(Number) : null);
      expect(series.coverage).toBeCloseTo((2 * 4 * 60 + 60 + 2 * 2 + 2) / (2 * 6 * 60), 6);
    }
  });

  it("shows a site's open bucket before it is written", async () => {
    const query = { site: "north", algo: "scrypt", fromMs: START + 8 * HOUR_MS, toMs: START + DAY_MS };
    const series = await built.reader.siteSeries({ ...query, stepMs: BUCKET_MS });
    expect(series.tMs.at(-1)).toBe(START + 9 * HOUR_MS + BUCKET_MS);
    expect(series.columns.powerW!.at(-1)).toBeCloseTo(3000, 3);
    expect(series.columns.covered!.at(-1)).toBeCloseTo(1, 6);
  });

  it("of a rig comes from hourly rows where the disk limit took those of 5 minutes, that of a site does not", async () => {
    const { reader, clock, retention, state } = built;
    await clock.advance(2 * DAY_MS);
    state.usedBytes = async () => ((await state.oldestRollup(BUCKET_MS)) === undefined ? 0 : 2e9);
    const { events } = await retention.step(clock.nowMs());
    expect(events.at(-1)).toMatch(/5-minute rows before 2026-03-02T\S+ were dropped/);
    const query = { fromMs: START, toMs: START + 9 * HOUR_MS, stepMs: BUCKET_MS };
    const rig = await reader.rigSeries({ rig: 1, ...query });
    expect(rig).toMatchObject({ tier: "1h", note: expect.stringMatching(/kept since 2026-03-02/) });
    expect(rig.coverage).toBeGreaterThan(0.8);
    const site = await reader.siteSeries({ site: "north", algo: "sha256d", ...query });
    expect(site).toMatchObject({ tier: "5m", stepMs: BUCKET_MS });
    expect(site.coverage).toBeGreaterThan(0.8);
  });

  it("answers only the fields asked for, and an unknown rig with gaps alone", async () => {
    const series = await built.reader.rigSeries({ rig: 99, ...all, fields: ["powerW"] });
    expect(Object.keys(series.columns).sort()).toEqual(["covered", "powerW"]);
    expect(new Set(series.columns.powerW)).toEqual(new Set([null]));
    expect(series.coverage).toBe(0);
  });

  it("has no step when the window lies ahead", async () => {
    const series = await built.reader.rigSeries({ rig: 1, fromMs: all.toMs, toMs: all.toMs + HOUR_MS });
    expect(series).toMatchObject({ tMs: [], coverage: 0 });
  });
});

describe("a tier", () => {
  const kept = { rawFromMs: START, fineFromMs: START - 400 * DAY_MS, rawRangeMs: 50 * HOUR_MS };
  it.each([
    ["an hour", { fromMs: START, toMs: START + HOUR_MS }, "raw", 5_000],
    ["a day", { fromMs: START, toMs: START + DAY_MS }, "raw", 60_000],
    ["two days", { fromMs: START, toMs: START + 2 * DAY_MS }, "raw", 120_000],
    ["a week", { fromMs: START, toMs: START + 7 * DAY_MS }, "5m", 600_000],
    ["a month", { fromMs: START, toMs: START + 30 * DAY_MS }, "5m", 1_800_000],
    ["a year", { fromMs: START - 365 * DAY_MS, toMs: START }, "1h", 6 * HOUR_MS],
    ["a month by the hour", { fromMs: START, toMs: START + 30 * DAY_MS, stepMs: HOUR_MS }, "1h", HOUR_MS],
  ])("answers %s without a word", (_name, query, tier, stepMs) => {
    expect(chooseTier({ ...kept, ...query })).toEqual({ tier, stepMs });
  });

  it.each([
    [
      "a week by the minute",
      { fromMs: START, toMs: START + 7 * DAY_MS, stepMs: 60_000 },
      "5m",
      300_000,
      /50 hours/,
    ],
    [
      "a day before raw",
      { fromMs: START - 1, toMs: START + DAY_MS },
      "5m",
      300_000,
      /raw samples are kept since 2026-03-01/,
    ],
    [
      "a quarter by 5 minutes",
      { fromMs: START, toMs: START + 90 * DAY_MS, stepMs: BUCKET_MS },
      "1h",
      HOUR_MS,
      /35 days/,
    ],
    [
      "a day before all",
      { fromMs: START - 500 * DAY_MS, toMs: START - 499 * DAY_MS },
      "1h",
      HOUR_MS,
      /5-minute rows are kept/,
    ],
    [
      "a day by the second",
      { fromMs: START, toMs: START + DAY_MS, stepMs: 1_000 },
      "raw",
      10_000,
      /at most 12000 points/,
    ],
  ])("answers %s from what there is, and says why", (_name, query, tier, stepMs, note) => {
    const choice = chooseTier({ ...kept, ...query });
    expect(choice).toMatchObject({ tier, stepMs });
    expect(choice.note).toMatch(note);
    expect(choice.note).toContain(`step ${stepMs / 1000} s`);
  });

  it("never makes more points than a chart shows", () => {
    for (let range = HOUR_MS; range < 3000 * DAY_MS; range *= 1.7)
      expect(range / chartStep(range)).toBeLessThanOrEqual(1_500);
  });
});
