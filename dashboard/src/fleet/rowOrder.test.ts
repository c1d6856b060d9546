import { describe, expect, it } from "vitest";
import { FleetTable } from "../feed/fleetTable.js";
import { isOld, rigStatus } from "./rigStatus.js";
import { naturalOrder, nominalRatio, rowEfficiency, rowOrder } from "./rowOrder.js";

const NOW = 1_000_000;

/** A fleet out of columns; rigs are numbered from 1. */
function fleet(columns: Record<string, (number | string | null)[]>): FleetTable {
  const count = Object.values(columns)[0]!.length;
  const table = new FleetTable();
  table.load({
    epoch: "e",
    seq: 0,
    serverMs: 0,
    rig: Array.from({ length: count }, (_, at) => at + 1),
    columns,
  });
  return table;
}
const all = { text: "", status: "", model: "", site: "", sort: "name", descending: false } as const;

describe("the order of rigs", () => {
  it("is natural by name, so that 10 comes after 9", () => {
    expect(naturalOrder(fleet({ name: ["A-10", "A-9", "A-1"] }))).toEqual([3, 2, 1]);
  });

  it("puts unknown values last whichever way it is sorted", () => {
    const table = fleet({ name: ["a", "b", "c", "d"], powerW: [2, null, 1, 3] });
    const natural = naturalOrder(table);
    expect(rowOrder(table, natural, { ...all, sort: "powerW" }, NOW)).toEqual([3, 1, 4, 2]);
    expect(rowOrder(table, natural, { ...all, sort: "powerW", descending: true }, NOW)).toEqual([4, 1, 3, 2]);
  });

  it("keeps those with fault codes where these are asked for, whatever state they are in", () => {
    const table = fleet({
      name: ["a", "b", "c"],
      status: ["mining", "mining", "fault"],
      faults: [2, null, 1],
    });
    expect(rowOrder(table, naturalOrder(table), { ...all, status: "faults" }, NOW)).toEqual([1, 3]);
  });

  it("keeps natural order among equals, so that rows do not dance", () => {
    const table = fleet({ name: ["c", "a", "b"], chipTempC: [60, 60, 60] });
    expect(rowOrder(table, naturalOrder(table), { ...all, sort: "chipTempC" }, NOW)).toEqual([2, 3, 1]);
  });

  it("sorts by what is worked out: share of nominal, J/TH, age", () => {
    const table = fleet({
      name: ["a", "b", "c"],
      hashrateThs: [100, 90, 0],
      nominalThs: [200, 100, 100],
      powerW: [3_000, 1_800, 40],
      receivedMs: [NOW - 5, NOW - 1, NOW - 9],
    });
    const natural = naturalOrder(table);
    expect(rowOrder(table, natural, { ...all, sort: "nominalRatio", descending: true }, NOW)).toEqual([
      2, 1, 3,
    ]);
    expect(rowOrder(table, natural, { ...all, sort: "efficiencyJPerTh" }, NOW)).toEqual([2, 1, 3]);
    expect(rowOrder(table, natural, { ...all, sort: "age" }, NOW)).toEqual([2, 1, 3]);
    expect(rowEfficiency(table, 2)).toBeNull();
    expect(nominalRatio(table, 0)).toBe(0.5);
  });

  it("filters by words in any place, by model, site, state and alert", () => {
    const table = fleet({
      name: ["A-01", "A-02", "B-01"],
      address: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
      model: ["S21", "M50S", "S21"],
      site: ["north", "north", "south"],
      status: ["mining", "fault", "mining"],
      receivedMs: [NOW, NOW, NOW - 90_000],
      intervalMs: [5_000, 5_000, 5_000],
      alert: [null, "danger", null],
    });
    const natural = naturalOrder(table);
    const shown = (filter: object) => rowOrder(table, natural, { ...all, ...filter }, NOW);
    expect(shown({ text: "s21 10.0.0.3" })).toEqual([3]);
    expect(shown({ model: "S21" })).toEqual([1, 3]);
    expect(shown({ site: "north" })).toEqual([1, 2]);
    expect(shown({ status: "mining" })).toEqual([1]);
    expect(shown({ status: "stale" })).toEqual([3]);
    expect(shown({ status: "alert" })).toEqual([2]);
  });
});

describe("a reading", () => {
  it("is old after three intervals, never before half a minute", () => {
    expect(isOld(NOW, NOW - 30_000, 5_000)).toBe(false);
    expect(isOld(NOW, NOW - 30_001, 5_000)).toBe(true);
    expect(isOld(NOW, NOW - 90_000, 30_000)).toBe(false);
    expect(isOld(NOW, NOW - 90_001, 30_000)).toBe(true);
  });
  it("that has not come yet leaves the state unknown", () => {
    expect(rigStatus(fleet({ status: ["mining"], receivedMs: [null] }), 0, NOW)).toBe("unknown");
  });
});
