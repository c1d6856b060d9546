import { expect, it } from "vitest";
import { roundSteps } from "./roundSteps.js";

it.each([
  [0, 6.6, [0, 2, 4, 6]],
  [67.5, 74.5, [68, 70, 72, 74]],
  [-100, 120, [-100, 0, 100]],
  [17, 18.7, [17, 17.5, 18, 18.5]],
])("between %d and %d the axis names %j", (low, high, steps) => {
  const found = roundSteps(low, high);
  expect(found).toHaveLength(steps.length);
  found.forEach((value, at) => {
    expect(value).toBeCloseTo(steps[at]!, 9);
  });
});

it("a single value is its own tick", () => {
  expect(roundSteps(5, 5)).toEqual([5]);
});
