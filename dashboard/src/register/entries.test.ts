import type { RegisterEntry } from "@hashwatt/protocol/register";
import { describe, expect, it } from "vitest";
import { changeOf, entryName, entryNamed, shownEntries } from "./entries.js";

const entry = (id: string, rest: Partial<RegisterEntry> = {}): RegisterEntry => ({
  id,
  site: "farm",
  state: "active",
  presence: "present",
  rigs: [],
  answeredMs: null,
  ...rest,
});
const all = { text: "", state: "", presence: "" };

describe("entries of the register", () => {
  const entries = [
    entry("e1", { name: "B", rack: "R10", position: "1" }),
    entry("e2", { name: "A", rack: "R2", position: "10", state: "spare" }),
    entry("e3", { mac: "02:00:00:00:00:01", rack: "R2", position: "9", presence: "missing", owner: "Li" }),
  ];
  const ids = (filter: Partial<typeof all>) =>
    shownEntries(entries, { ...all, ...filter }).map(({ id }) => id);

  it("stand in the order of their places, digits as numbers", () => {
    expect(ids({})).toEqual(["e3", "e2", "e1"]);
  });

  it("are found by state, presence, and any of their words at once", () => {
    expect(ids({ state: "spare" })).toEqual(["e2"]);
    expect(ids({ presence: "missing" })).toEqual(["e3"]);
    expect(ids({ text: "r2 li" })).toEqual(["e3"]);
    expect(ids({ text: "e1" })).toEqual(["e1"]);
  });

  it("are called by the first of their names", () => {
    expect(entries.map(entryName)).toEqual(["B", "A", "02:00:00:00:00:01"]);
  });

  it("that have a name already are found, however a MAC is written, at the same site and not by themselves", () => {
    expect(entryNamed(entries, { mac: "02-00-00-00-00-01" }, undefined)?.id).toBe("e3");
    expect(entryNamed(entries, { mac: "02-00-00-00-00-01" }, "e3")).toBeUndefined();
    expect(entryNamed(entries, { name: "A", site: "other" }, undefined)).toBeUndefined();
    expect(entryNamed(entries, { serial: "A" }, undefined)).toBeUndefined();
  });
});

describe("what a form changes", () => {
  it("is what it says otherwise; an emptied field takes its value away, and one that it has not stays", () => {
    const before = entry("e1", { name: "B", rack: "R1", owner: "Li" });
    expect(changeOf(before, { name: "B", rack: " R2 ", owner: "", state: "active" })).toEqual({
      rack: "R2",
      owner: null,
    });
    expect(changeOf(undefined, { name: "B", rack: "", state: "spare" })).toEqual({
      name: "B",
      state: "spare",
    });
  });
});
