import { describe, expect, test } from "vitest";
import type { Expected } from "../register/register.js";
import { type RegisterPlace, RegisterRefs } from "./registerRefs.js";

const entry = (n: number, place: RegisterPlace, site = "farm"): Expected =>
  ({ n, site, state: "active", name: `rig ${n}`, ...place }) as Expected;
const refs = (place: RegisterPlace) => {
  const made = new RegisterRefs<string>();
  made.add("farm", place, "meter");
  return made;
};

describe("a place of the register", () => {
  test.each([
    [{ rack: "A-01" }, { rack: "a-01", position: "3" }, ["meter"]],
    [{ rack: "A-01" }, { rack: "A-02" }, []],
    [{ rack: "A-01" }, {}, []],
    [{ pdu: "P3", outlet: "7" }, { pdu: "P3", outlet: "7" }, ["meter"]],
    [{ pdu: "P3", outlet: "7" }, { pdu: "P4", outlet: "7" }, []],
    [{ feeder: "F1" }, { feeder: "F1" }, ["meter"]],
  ])("%j holds who stands at %j: %j", (place, at, found) => {
    expect(refs(place).at(entry(1, at))).toEqual(found);
    expect(refs(place).at(entry(1, at, "elsewhere"))).toEqual([]);
  });

  test.each([
    [{ rack: "A-1" }, "has rack A-1: there are A-01, A-02"],
    [{ pdu: "P1" }, "has pdu P1: none has a pdu"],
    [{ rack: "A-01", row: "9" }, "has row 9, rack A-01: there is 1"],
    [{ rack: "A-02", position: "1" }, "has rack A-02, position 1 together"],
  ])("that nothing has is told: %j %s", (place, words) => {
    const entries = [entry(1, { rack: "A-01", position: "1", row: "1" }), entry(2, { rack: "A-02" })];
    expect(refs(place).unnamed(entries).get("meter")).toBe(`no entry of the register of site farm ${words}`);
  });

  test("that many others are near to is told with the nearest, and one that somebody has is not told", () => {
    const entries = Array.from({ length: 20 }, (_, i) => entry(i, { rack: `B-${i + 10}` }));
    expect(refs({ rack: "B-9" }).unnamed(entries).get("meter")).toMatch(/: did you mean B-\d+\?$/);
    expect(refs({ rack: "B-12" }).unnamed(entries).size).toBe(0);
    expect(refs({ rack: "B-12" }).unnamed([]).get("meter")).toMatch(/is empty, import one$/);
  });
});
