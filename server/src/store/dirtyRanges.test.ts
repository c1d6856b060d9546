import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DirtyRanges } from "./dirtyRanges.js";

describe("a set of steps as stretches", () => {
  const step = fc.integer({ min: 0, max: 60 });
  const action = fc.oneof(
    fc.tuple(fc.constant("add" as const), step, fc.integer({ min: 0, max: 8 })),
    fc.tuple(fc.constant("take" as const), fc.integer({ min: 1, max: 5 }), fc.constant(0)),
    fc.tuple(fc.constant("drop" as const), step, fc.constant(0)),
  );

  test("holds what a set of single steps holds, and gives the newest first", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const ranges = new DirtyRanges(10);
        const model = new Set<number>();
        for (const [what, a, b] of actions) {
          if (what === "add") {
            ranges.add(a * 10, (a + b) * 10);
            for (let i = a; i < a + b; i++) model.add(i * 10);
          } else if (what === "drop") {
            ranges.dropBefore(a * 10 - 3);
            for (const start of model) if (start < a * 10) model.delete(start);
          } else {
            const newest = Math.max(...model);
            const taken = ranges.takeNewest(a);
            if (!model.size) expect(taken).toBeUndefined();
            else {
              expect(taken![1]).toBe(newest + 10);
              expect(taken![1] - taken![0]).toBeLessThanOrEqual(a * 10);
              for (let at = taken![0]; at < taken![1]; at += 10) expect(model.delete(at)).toBe(true);
            }
          }
          expect(ranges.size).toBe(model.size);
          for (let at = 0; at < 700; at += 10) expect(ranges.has(at)).toBe(model.has(at));
        }
      }),
    );
  });

  test("stays small however it is filled, and then holds more, never less", () => {
    const ranges = new DirtyRanges(10);
    for (let i = 0; i < 5_000; i++) ranges.add(i * 30, i * 30 + 10);
    expect(ranges.ranges.length).toBeLessThanOrEqual(400);
    for (let i = 0; i < 5_000; i++) expect(ranges.has(i * 30)).toBe(true);
  });
});
