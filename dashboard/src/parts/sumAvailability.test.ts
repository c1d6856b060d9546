import { expect, test } from "vitest";
import { sumAvailability } from "./sumAvailability.js";

test("the availability of several sites is that of their times together, and unknown where nothing was read", () => {
  const none = { rangeMs: 100, upMs: 0, downMs: 0, plannedMs: 0, unknownMs: 100, standingMs: 0, ratio: null };
  const big = {
    rangeMs: 900,
    upMs: 600,
    downMs: 200,
    plannedMs: 100,
    unknownMs: 0,
    standingMs: 50,
    ratio: 0.75,
  };
  const small = { rangeMs: 100, upMs: 0, downMs: 100, plannedMs: 0, unknownMs: 0, standingMs: 0, ratio: 0 };
  expect(sumAvailability([big, small, none])).toEqual({
    ...{ rangeMs: 1_100, upMs: 600, downMs: 300, plannedMs: 100, unknownMs: 100, standingMs: 50 },
    ratio: 2 / 3,
  });
  expect(sumAvailability([none]).ratio).toBeNull();
});
