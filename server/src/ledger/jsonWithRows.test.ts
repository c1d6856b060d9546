import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonWithRows } from "./jsonWithRows.js";

it("writes what JSON.stringify writes, whatever the rows and the rest are", () => {
  const row = fc.record({ name: fc.string({ unit: "grapheme" }), amount: fc.option(fc.integer()) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), fc.dictionary(fc.string(), row), (rows, rest) => {
      const { rows: _, ...others } = rest;
      expect(JSON.parse(String(jsonWithRows(rows, () => others)))).toEqual(
        JSON.parse(JSON.stringify({ ...others, rows })),
      );
    }),
    { numRuns: 50 },
  );
});

it("writes more rows than its first room holds, and asks for the rest after all of them", () => {
  let taken = 0;
  function* rows() {
    for (; taken < 5_000; taken++) yield { n: taken, text: "é".repeat(40) };
  }
  const told = JSON.parse(String(jsonWithRows(rows(), () => ({ taken })))) as {
    rows: object[];
    taken: number;
  };
  expect([told.rows.length, told.taken]).toEqual([5_000, 5_000]);
});
