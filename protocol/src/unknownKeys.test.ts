import { expect, test } from "vitest";
import { z } from "zod";
import { unknownKeysOf } from "./unknownKeys.js";

const count = unknownKeysOf(
  z.object({
    name: z.string(),
    inner: z.object({ depth: z.number() }).optional(),
    list: z.array(z.object({ slot: z.int() })).optional(),
    texts: z.array(z.string()).optional(),
  }),
);

test.each([
  [{ name: "a" }, 0],
  [{ name: "a", inner: { depth: 1 }, list: [{ slot: 1 }], texts: ["x"] }, 0],
  [{ name: "a", more: { than: { this: 1 } } }, 1],
  [{ name: "a", inner: { depth: 1, width: 2, height: 3 } }, 2],
  [{ name: "a", list: [{ slot: 1, serial: "s" }, { slot: 2 }, { slot: 3, serial: "t", colour: 4 }] }, 3],
  // Not as the schema says: not this function's to judge.
  [{ name: "a", list: "no list", inner: [1] }, 0],
  ["text", 0],
  [null, 0],
])("of %j the schema does not know %i keys", (value, unknown) => {
  expect(count(value)).toBe(unknown);
});
