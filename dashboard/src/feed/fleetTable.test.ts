import type { FleetColumns } from "@hashwatt/protocol/http";
import { LIVE_COLUMNS, type LiveRow, STATIC_COLUMNS, type StaticRow } from "@hashwatt/protocol/live";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FleetTable } from "./fleetTable.js";

const live = (rig: number, values: Record<string, number | string | null>): LiveRow => [
  rig,
  ...LIVE_COLUMNS.map((name) => values[name] ?? null),
];
const info = (rig: number, values: Record<string, number | string | null>): StaticRow => [
  rig,
  ...STATIC_COLUMNS.map((name) => values[name] ?? null),
];
const snapshot: FleetColumns = {
  epoch: "e1",
  seq: 1,
  serverMs: 0,
  rig: [5, 9],
  columns: {
    name: ["A-01", "A-02"],
    model: { dict: ["S21"], ix: [0, -1] },
    status: { dict: ["mining", "fault"], ix: [1, 0] },
    powerW: [3_000, null],
  },
};

describe("the fleet's columns", () => {
  it("unpack arrays and dictionaries; a place of −1 and a missing column are unknown", () => {
    const table = new FleetTable();
    table.load(snapshot);
    expect(table.text("model", table.row(5)!)).toBe("S21");
    expect(table.text("model", table.row(9)!)).toBeNull();
    expect(table.text("status", table.row(5)!)).toBe("fault");
    expect(table.number("powerW", table.row(9)!)).toBeNull();
    expect(table.number("chipTempC", table.row(5)!)).toBeNull();
  });

  it("change in place, and only what changed gets a new stamp", () => {
    const table = new FleetTable();
    table.load(snapshot);
    const [first, second] = [...table.version];
    const touched = new Set<number>();
    expect(table.apply({ rows: [live(9, { powerW: 3_100, status: "mining" })] }, touched)).toBe(false);
    expect(table.number("powerW", table.row(9)!)).toBe(3_100);
    expect(table.version[table.row(5)!]).toBe(first);
    expect(table.version[table.row(9)!]).not.toBe(second);
    expect([...touched]).toEqual([9]);
  });

  it("grow by a rig that nobody knew and say that the structure changed", () => {
    const table = new FleetTable();
    table.load(snapshot);
    const touched = new Set<number>();
    expect(
      table.apply({ info: [info(12, { name: "B-01" })], rows: [live(12, { powerW: 1 })] }, touched),
    ).toBe(true);
    expect(table.text("name", table.row(12)!)).toBe("B-01");
    expect(table.size).toBe(3);
  });

  it("lose a rig that is gone and keep the others' values", () => {
    const table = new FleetTable();
    table.load(snapshot);
    expect(table.apply({ gone: [5, 77] }, new Set())).toBe(true);
    expect(table.row(5)).toBeUndefined();
    expect(table.text("name", table.row(9)!)).toBe("A-02");
    expect(table.size).toBe(1);
  });

  it("hold what a plain map of rigs would, whatever comes", () => {
    const change = fc.oneof(
      fc.record({
        kind: fc.constant("row" as const),
        rig: fc.nat(8),
        value: fc.option(fc.nat(9_999), { nil: null }),
      }),
      fc.record({ kind: fc.constant("gone" as const), rig: fc.nat(8), value: fc.constant(null) }),
    );
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const table = new FleetTable();
        const model = new Map<number, number | null>();
        for (const { kind, rig, value } of changes) {
          if (kind === "row") {
            model.set(rig, value);
            table.apply({ rows: [live(rig, { powerW: value })] }, new Set());
          } else {
            model.delete(rig);
            table.apply({ gone: [rig] }, new Set());
          }
        }
        expect(table.size).toBe(model.size);
        expect([...table.rig].sort()).toEqual([...model.keys()].sort());
        for (const [rig, value] of model) expect(table.number("powerW", table.row(rig)!)).toBe(value);
      }),
    );
  });
});
