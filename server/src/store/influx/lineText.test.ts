import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joined, type LineSink, listOf } from "./lineText.js";

const adding =
  (...lines: readonly string[]) =>
  (into: LineSink): void => {
    for (const line of lines) into.push(line);
  };

describe("a body of lines", () => {
  test("is its lines, one a row, whatever is in them and however many there are", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1 }), (lines) => {
        expect(joined(adding(...lines))).toEqual({ text: lines.join("\n"), last: lines.at(-1) });
        expect(listOf(adding(...lines))).toEqual(lines);
      }),
    );
  });

  test("may be of many megabytes, and the next one is none the worse for it", () => {
    const many = Array.from({ length: 60_000 }, (_, i) => `rig,rig=r${i} pool="${"矿池".repeat(20)}" ${i}`);
    expect(joined(adding(...many))?.text).toBe(many.join("\n"));
    expect(joined(adding("a", "b"))).toEqual({ text: "a\nb", last: "b" });
  });

  test("that fails while it is made leaves nothing behind for the next", () => {
    const failing = (into: LineSink): void => {
      into.push("half");
      throw new Error("no line");
    };
    expect(() => joined(failing)).toThrow("no line");
    expect(joined(adding("whole"))).toEqual({ text: "whole", last: "whole" });
  });

  test("without lines is none", () => {
    expect(joined(adding())).toBeUndefined();
  });
});
