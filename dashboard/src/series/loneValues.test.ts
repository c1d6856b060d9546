import { expect, it } from "vitest";
import { loneValues } from "./loneValues.js";

it("a value between gaps, or alone at an end, stands alone; neighbours do not", () => {
  expect(loneValues([1, null, 2, 3, null, 0, undefined, 4])).toEqual([0, 5, 7]);
  expect(loneValues([null, null])).toEqual([]);
  expect(loneValues([])).toEqual([]);
});
