import fc from "fast-check";
import { expect, it } from "vitest";
import { JsonBytes, type JsonValue } from "./jsonBytes.js";

const written = (value: JsonValue): string => {
  const json = new JsonBytes();
  json.value(value);
  return String(json.bytes);
};

it("writes any value byte by byte as JSON.stringify does", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "grapheme", maxDepth: 4 }), (value) => {
      expect(written(value as JsonValue)).toBe(JSON.stringify(value));
    }),
  );
});

it("writes numbers of every size, whole or not, as JSON.stringify does", () => {
  const number = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer(),
    fc.double(),
    fc.constantFrom(0, -0, 9, 10, 9_999_999, 10_000_000, 2 ** 31, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, 1e21),
  );
  fc.assert(
    fc.property(fc.array(number), (numbers) => {
      expect(written(numbers)).toBe(JSON.stringify(numbers));
    }),
  );
});

it("leaves out what is undefined", () => {
  expect(written({ a: undefined, b: 1, c: undefined })).toBe('{"b":1}');
  expect(written({ a: undefined })).toBe("{}");
});
