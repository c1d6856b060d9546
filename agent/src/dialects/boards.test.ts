import { MAX_BOARDS } from "@hashwatt/protocol/sample";
import { describe, expect, it } from "vitest";
import { inSlots } from "./boards.js";

describe("boards", () => {
  it("stand in order of their slots; of a slot that a rig tells twice the first counts", () => {
    const boards = [
      { slot: 7 },
      { slot: 6, chips: 63 },
      { slot: 6, chips: 1 },
      { slot: 0 },
      { slot: 7, chips: 2 },
    ];
    expect(inSlots(boards)).toEqual([{ slot: 0 }, { slot: 6, chips: 63 }, { slot: 7 }]);
  });

  it("are at most as many as travel, and unknown where there is none", () => {
    const many = Array.from({ length: 3 * MAX_BOARDS }, (_, i) => ({ slot: i >> 1 }));
    expect(inSlots(many)?.map(({ slot }) => slot)).toEqual(Array.from({ length: MAX_BOARDS }, (_, i) => i));
    expect(inSlots([])).toBeUndefined();
  });
});
