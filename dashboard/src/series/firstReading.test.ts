import { expect, it } from "vitest";
import { firstReading } from "./firstReading.js";

it("a history begins with the first step that anything is known of, covered time aside", () => {
  const tMs = [10, 20, 30];
  const covered = [0, 0, 1];
  expect(
    firstReading({ tMs, columns: { powerW: [null, null, 5], chipTempC: [null, 60, 61], covered } }),
  ).toBe(20);
  expect(firstReading({ tMs, columns: { powerW: [null, null, null], covered } })).toBeUndefined();
  expect(firstReading(undefined)).toBeUndefined();
});
