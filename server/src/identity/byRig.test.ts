import fc from "fast-check";
import { expect, test } from "vitest";
import { ByRig } from "./byRig.js";

test("keeps what a map by the rigs' numbers keeps, in order of the numbers", () => {
  const deed = fc.record({
    rig: fc.integer({ min: 1, max: 40 }),
    value: fc.integer(),
    does: fc.constantFrom("set", "set", "set", "delete", "clear"),
  });
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 80 }), (deeds) => {
      const map = new Map<number, number>();
      const list = new ByRig<number>();
      for (const { rig, value, does } of deeds) {
        expect(list.get(rig)).toBe(map.get(rig));
        if (does === "delete") expect(list.delete(rig)).toBe(map.delete(rig));
        else if (does === "clear") for (const each of [map, list]) each.clear();
        else for (const each of [map, list]) each.set(rig, value);
        const sorted = [...map].sort(([a], [b]) => a - b);
        expect([...list]).toEqual(sorted);
        expect([...list.keys()]).toEqual(sorted.map(([key]) => key));
        expect([...list.values()]).toEqual(sorted.map(([, kept]) => kept));
        expect(list.size).toBe(map.size);
      }
    }),
  );
});
