import fc from "fast-check";
import { expect, it } from "vitest";
import { COLOURS, fleetPath, parseFleetQuery, SORT_KEYS } from "./fleetQuery.js";

it("any query survives the address bar", () => {
  const query = fc.record({
    text: fc.string(),
    status: fc.constantFrom("", "mining", "alert"),
    model: fc.string(),
    sort: fc.constantFrom(...SORT_KEYS),
    descending: fc.boolean(),
    colour: fc.constantFrom(...COLOURS),
  });
  fc.assert(
    fc.property(query, (drawn) => {
      expect(parseFleetQuery(fleetPath(drawn).split("?")[1] ?? "")).toEqual(drawn);
    }),
  );
});

it("the plain fleet has a plain address, and nonsense is the default", () => {
  expect(fleetPath(parseFleetQuery("sort=nonsense&colour=7&dir=up"))).toBe("/fleet");
});
