import { expect, it } from "vitest";
import { descriptorLimit, pollsFor, readLimits } from "./descriptors.js";

it("the limit of open files is read as Linux tells it", () => {
  const text =
    "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n";
  expect(descriptorLimit(text)).toBe(1_024);
  expect(
    descriptorLimit("Max open files            unlimited            unlimited            files\n"),
  ).toBeUndefined();
  expect(descriptorLimit(undefined)).toBeUndefined();
  expect(readLimits("/no/such/file")).toBeUndefined();
});

it.each([
  [undefined, 512],
  [1_048_576, 512],
  [1_024, 192],
  [256, 16],
])("with %s descriptors %d polls are under way beside a scan of 512", (limit, polls) => {
  expect(pollsFor(limit, 512, 512)).toBe(polls);
  expect(pollsFor(limit, 8, 512)).toBe(8);
});
