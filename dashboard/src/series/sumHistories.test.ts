import type { Series } from "@hashwatt/protocol/http";
import { expect, it } from "vitest";
import { sumHistories } from "./sumHistories.js";

const site = (values: (number | null)[], stepMs = 10): Series => ({
  fromMs: 0,
  toMs: values.length * stepMs,
  stepMs,
  tier: "5m",
  coverage: 1,
  tMs: values.map((_, at) => at * stepMs),
  columns: { powerW: values, covered: values.map((value) => (value === null ? 0 : 1)) },
});

it("adds sites step by step; a step that one of them did not measure is unknown", () => {
  const sum = sumHistories([site([1, 2, null, 4]), site([10, null, 30, 40])], ["powerW"])!;
  expect(sum.columns.powerW).toEqual([11, null, null, 44]);
  expect(sum.columns.covered).toEqual([1, 0.5, 0.5, 1]);
});

it("a site counts from its first measured step on", () => {
  expect(sumHistories([site([1, 2, 3]), site([null, null, 30])], ["powerW"])!.columns.powerW).toEqual([
    1, 2, 33,
  ]);
});

it("adds nothing that came in different steps, and knows nothing without sites", () => {
  expect(sumHistories([site([1]), site([1], 20)], ["powerW"])).toBeUndefined();
  expect(sumHistories([], ["powerW"])).toBeUndefined();
});
