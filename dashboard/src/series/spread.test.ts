import fc from "fast-check";
import { expect, it } from "vitest";
import { spread } from "./spread.js";

it("labels that do not touch stay where they are", () => {
  expect(spread([10, 40, 90], 14, 0, 100)).toEqual([10, 40, 90]);
});
it("labels at one place part evenly around it, and at an edge they part inwards", () => {
  expect(spread([50, 50, 50], 14, 0, 100)).toEqual([36, 50, 64]);
  expect(spread([1, 2], 14, 0, 100)).toEqual([0, 14]);
  expect(spread([99, 99], 14, 0, 100)).toEqual([86, 100]);
});
it("labels never overlap, never leave the plot and keep their order, as far as there is room", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 8 }), (places) => {
      const placed = spread(
        places.sort((a, b) => a - b),
        14,
        0,
        200,
      );
      expect(placed.length).toBe(places.length);
      placed.forEach((place, at) => {
        expect(place).toBeGreaterThanOrEqual(-1e-6);
        expect(place).toBeLessThanOrEqual(200 + 1e-6);
        if (at > 0) expect(place - placed[at - 1]!).toBeGreaterThanOrEqual(14 - 1e-6);
      });
    }),
  );
});
