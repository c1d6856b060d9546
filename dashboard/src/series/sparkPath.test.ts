import { expect, it } from "vitest";
import { sparkPath } from "./sparkPath.js";

it("a gap breaks the line and a lone value is a dash", () => {
  const { d } = sparkPath([1, 2, null, 3]);
  expect(d.match(/M/g)).toHaveLength(2);
  expect(d).toContain("h.6");
});
it("nothing known draws nothing", () => {
  expect(sparkPath([null, null])).toEqual({ d: "" });
});
it("a range that crosses zero says where zero is", () => {
  expect(sparkPath([-1, 1]).zeroY).toBe(10);
  expect(sparkPath([1, 2]).zeroY).toBeUndefined();
});
it("noise of a tenth of a percent does not fill the height", () => {
  const ys = [...sparkPath([1000, 1001, 1000]).d.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y));
  expect(Math.max(...ys) - Math.min(...ys)).toBeLessThan(1);
});
