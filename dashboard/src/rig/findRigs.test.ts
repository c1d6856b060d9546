import { describe, expect, it } from "vitest";
import { FleetTable } from "../feed/fleetTable.js";
import { findRigs } from "./findRigs.js";

const table = new FleetTable();
table.load({
  epoch: "e",
  seq: 0,
  serverMs: 0,
  rig: [1, 2, 12],
  columns: {
    name: ["A-01", "A-02", "10.0.0.12"],
    address: ["10.0.0.1", "10.0.0.2", "10.0.0.12"],
    model: ["S19", "M50S", "S19"],
    site: ["farm", "farm", "farm"],
  },
});
const ids = (text: string, own = "r1") => findRigs(table, text, own, 8).map(({ id }) => id);

describe("rigs to choose from", () => {
  it("are found by name, address and model, all words at once, and never the rig itself", () => {
    expect(ids("s19")).toEqual(["r12"]);
    expect(ids("10.0.0")).toEqual(["r2", "r12"]);
    expect(ids("farm m50")).toEqual(["r2"]);
    expect(ids("")).toEqual([]);
    expect(findRigs(table, "farm", "r1", 1)).toHaveLength(1);
  });

  it("are found by their id alone, also where the fleet has them no more", () => {
    expect(ids("r2")).toEqual(["r2"]);
    expect(ids("r7")).toEqual(["r7"]);
    expect(ids("r1")).toEqual([]);
  });
});
