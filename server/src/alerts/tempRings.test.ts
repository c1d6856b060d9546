import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TempRings } from "./tempRings.js";

const median = (temps: readonly number[]): number => {
  const sorted = [...temps].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

describe("rings of temperatures", () => {
  test("each tells the median of the last ones that it was given, whatever the others are given", () => {
    const temp = fc.integer({ min: -6_000, max: 20_000 }).map((steps) => steps / 100);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 4 }), temp), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        (given, size) => {
          const rings = new TempRings(size);
          const lists = Array.from({ length: 5 }, () => ({ ring: rings.open(), temps: [] as number[] }));
          for (const [n, tempC] of given) {
            const { ring, temps } = lists[n]!;
            rings.push(ring, tempC);
            temps.push(tempC);
            expect(rings.count(ring)).toBe(Math.min(temps.length, size));
            expect(rings.median(ring)).toBeCloseTo(median(temps.slice(-size)), 9);
          }
        },
      ),
    );
  });

  test("one that was closed begins anew with nothing in it", () => {
    const rings = new TempRings(3);
    const first = rings.open();
    rings.push(first, 60);
    rings.close(first);
    const second = rings.open();
    expect(rings.count(second)).toBe(0);
    expect(rings.median(second)).toBeNaN();
    rings.push(second, 71.5);
    expect(rings.median(second)).toBe(71.5);
  });

  test("what no sensor can say is the end of the scale, and no other number", () => {
    const rings = new TempRings(2);
    const ring = rings.open();
    rings.push(ring, 1e9);
    rings.push(ring, 1e9);
    expect(rings.median(ring)).toBeCloseTo(327.67, 9);
  });
});
