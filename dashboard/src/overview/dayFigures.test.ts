import { describe, expect, it } from "vitest";
import { FleetTable } from "../feed/fleetTable.js";
import type { History } from "../series/mergeWindow.js";
import { dayEfficiency, dayFigure, dayUptime } from "./dayFigures.js";
import { moneyGroups } from "./moneyGroups.js";
import { nominalShare } from "./nominalShare.js";
import { powerByModel } from "./powerByModel.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("power by model", () => {
  const table = new FleetTable();
  table.load({
    epoch: "e",
    seq: 0,
    serverMs: 0,
    rig: [1, 2, 3, 4, 5],
    columns: {
      model: ["S21", "S21", "M50S", null, "M50S"],
      powerW: [3_000, 1_000, 5_000, null, 9_000],
      powerSource: ["psu", "model", "psu", null, "psu"],
      status: ["mining", "mining", "mining", "mining", "mining"],
      receivedMs: [0, 0, 0, 0, -90_000],
      intervalMs: [5_000, 5_000, 5_000, 5_000, 5_000],
    },
  });
  it("sums what is known and fresh, the largest first, with the source of most of it", () => {
    expect(powerByModel(table, [1, 2, 3, 4, 5], 1_000)).toEqual([
      { model: "M50S", rigs: 2, knownRigs: 1, powerW: 5_000, source: "psu", sourceShare: 1 },
      { model: "S21", rigs: 2, knownRigs: 2, powerW: 4_000, source: "psu", sourceShare: 0.75 },
      { model: null, rigs: 1, knownRigs: 0, powerW: 0, source: null, sourceShare: 0 },
    ]);
  });
});

describe("a figure's day", () => {
  const history: History = {
    toMs: DAY,
    stepMs: HOUR,
    tMs: Array.from({ length: 24 }, (_, at) => at * HOUR),
    columns: {
      powerW: Array.from({ length: 24 }, (_, at) => (at < 6 ? null : 1_000)),
      hashrateThs: Array.from({ length: 24 }, (_, at) => (at === 23 ? 0 : 50)),
      reportingRigs: Array.from({ length: 24 }, (_, at) => (at < 12 ? null : at < 18 ? 1 : 2)),
      rigs: Array.from({ length: 24 }, () => 2),
      covered: Array.from({ length: 24 }, (_, at) => (at < 6 ? 0 : 1)),
    },
  };
  it("keeps its gap and says how much of the day it covers", () => {
    const { values, coverage } = dayFigure(history, "powerW", DAY)!;
    expect(values.slice(0, 6)).toEqual([null, null, null, null, null, null]);
    expect(coverage).toBeCloseTo(0.75, 9);
  });
  it("of efficiency is a ratio of sums and unknown where nothing hashes", () => {
    const { values } = dayEfficiency(history, DAY)!;
    expect(values[10]).toBe(20);
    expect(values[23]).toBeNull();
  });
  it("of uptime counts measured time only", () => {
    expect(dayUptime(history, DAY)).toBeCloseTo(0.75, 9);
    expect(dayUptime(undefined, DAY)).toBeNull();
    const half = { ...history.columns, covered: Array.from({ length: 24 }, (_, at) => (at < 18 ? 0.5 : 1)) };
    // Two rigs, of which one was read for six hours and both for six more: the weights are not applied twice.
    expect(dayUptime({ ...history, columns: half }, DAY)).toBeCloseTo(0.75, 9);
  });
  it("is absent before a history has come", () => {
    expect(dayFigure(undefined, "powerW", DAY)).toBeUndefined();
  });
});

it("money is added within one currency and one zone only", () => {
  const groups = moneyGroups([
    { site: "a", currency: "USD", zone: "UTC" },
    { site: "b", currency: "CNY", zone: "UTC" },
    { site: "c", currency: "USD", zone: "UTC" },
    { site: "d", currency: "USD", zone: "Asia/Shanghai" },
  ]);
  expect(groups.map(({ sites }) => sites)).toEqual([["a", "c"], ["b"], ["d"]]);
});

it("the share of nominal is about rigs with a nominal; one that is silent counts as lost", () => {
  const table = new FleetTable();
  table.load({
    epoch: "e",
    seq: 0,
    serverMs: 0,
    rig: [1, 2, 3, 4],
    columns: {
      algo: ["sha256", "sha256", "sha256", "scrypt"],
      nominalThs: [100, 100, null, 5],
      hashrateThs: [90, 80, 70, 5],
      status: ["mining", "mining", "mining", "mining"],
      receivedMs: [0, -90_000, 0, 0],
      intervalMs: [5_000, 5_000, 5_000, 5_000],
    },
  });
  expect(nominalShare(table, [1, 2, 3, 4], "sha256", 1_000)).toEqual({ ratio: 0.45, rigs: 2 });
  expect(nominalShare(table, [3], "sha256", 1_000)).toEqual({ ratio: null, rigs: 0 });
});
