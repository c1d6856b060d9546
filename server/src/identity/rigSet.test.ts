import fc from "fast-check";
import { expect, test } from "vitest";
import { RigSet } from "./rigSet.js";

test("keeps what a set of the rigs' numbers keeps, in the order in which they came", () => {
  const deed = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 300 }) },
    { weight: 1, arbitrary: fc.constant("clear" as const) },
  );
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 200 }), (deeds) => {
      const set = new Set<number>();
      const rigs = new RigSet();
      for (const each of deeds) {
        if (each === "clear") for (const one of [set, rigs]) one.clear();
        else {
          expect(rigs.has(each)).toBe(set.has(each));
          for (const one of [set, rigs]) one.add(each);
        }
        expect([...rigs]).toEqual([...set]);
        expect(rigs.size).toBe(set.size);
      }
    }),
  );
});
