import { describe, expect, it } from "vitest";
import { groupByName, heatLayout, rigAt } from "./heatLayout.js";

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe("the heat-map's blocks", () => {
  it("follow the racks in the rigs' names", () => {
    const groups = groupByName(numbers(24), (rig) => `A-0${Math.ceil(rig / 12)}-${rig}`);
    expect(groups.map(({ label, rigs }) => `${label} ${rigs.length}`)).toEqual(["A-01 12", "A-02 12"]);
  });
  it("are one where names have no parts, and where parts make no blocks", () => {
    expect(groupByName(numbers(30), (rig) => `rig${rig}`)).toHaveLength(1);
    expect(groupByName(numbers(30), (rig) => `hall-${rig}`)).toEqual([{ label: "", rigs: numbers(30) }]);
  });
  it("use a shorter part of the name when the longer makes too many", () => {
    const groups = groupByName(
      numbers(1_000),
      (rig) => `${rig <= 500 ? "north" : "south"}-${Math.ceil(rig / 5)}-${rig}`,
    );
    expect(groups.map(({ label }) => label)).toEqual(["north", "south"]);
  });
});

describe("the cells", () => {
  it.each([
    [1, 300, 100],
    [48, 860, 196],
    [480, 340, 196],
    [10_000, 1_150, 300],
  ])("of %d rigs fit into %d × %d and do not overlap", (count, width, height) => {
    const layout = heatLayout([{ label: "", rigs: numbers(count) }], width, height);
    expect(layout.height).toBeLessThanOrEqual(height);
    const taken = new Set<string>();
    layout.rigs.forEach((_, at) => {
      expect(layout.x[at]! + layout.cellWidth).toBeLessThanOrEqual(width);
      taken.add(`${layout.x[at]} ${layout.y[at]}`);
    });
    expect(taken.size).toBe(count);
  });

  it("of a small fleet without racks are tiles that fill the width, of a larger one they are not", () => {
    const one = heatLayout([{ label: "", rigs: numbers(48) }], 860, 196);
    expect(one.tiles).toBe(true);
    expect(Math.max(...one.x) + one.cellWidth).toBeGreaterThan(800);
    expect(heatLayout([{ label: "", rigs: numbers(480) }], 860, 196).tiles).toBe(false);
    expect(heatLayout([{ label: "", rigs: numbers(48) }], 300, 196).tiles).toBe(false);
  });

  it("never get smaller than can be seen: a large fleet on a phone is tall instead", () => {
    const layout = heatLayout([{ label: "", rigs: numbers(10_000) }], 340, 196);
    expect(layout.cellWidth).toBe(3);
    expect(layout.height).toBeGreaterThan(196);
  });

  it("are found again under the pointer", () => {
    const layout = heatLayout(
      [
        { label: "A", rigs: numbers(20) },
        { label: "B", rigs: [77] },
      ],
      400,
      200,
    );
    layout.rigs.forEach((rig, at) => {
      expect(rigAt(layout, layout.x[at]! + 1, layout.y[at]! + 1)).toBe(rig);
    });
    expect(rigAt(layout, -1, -1)).toBeUndefined();
  });
});
