import { expect, it } from "vitest";
import type { HourBar } from "../series/foldHours.js";
import { measuredShare } from "./measuredShare.js";

const bar = (coverage: number): HourBar => ({
  hour: 7,
  startMs: 0,
  endMs: 60,
  perH: 1,
  coverage,
  when: "now",
});

it("the hour under way is held against the time that has passed", () => {
  expect(measuredShare(bar(0.25), 15)).toBe(1);
  expect(measuredShare(bar(0.25), 30)).toBe(0.5);
});

it("a past hour is held against the whole of it; before an hour nothing was measured", () => {
  expect(measuredShare(bar(0.25), 600)).toBe(0.25);
  expect(measuredShare(bar(0), 0)).toBe(0);
});
