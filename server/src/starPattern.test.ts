import fc from "fast-check";
import { expect, test } from "vitest";
import { RigSelector } from "./alerts/rigSelector.js";
import { foldCase, StarPattern } from "./starPattern.js";

/** What a pattern means, said as a regular expression. */
const expression = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s");

test("a pattern fits what the regular expression of it does", () => {
  const word = (letters: string, most: number) =>
    fc.array(fc.constantFrom(...letters), { maxLength: most }).map((each) => each.join(""));
  fc.assert(
    fc.property(word("ab*?.\n", 7), word("ab?.\n", 9), (pattern, text) => {
      expect(new StarPattern(pattern).fits(text), `${pattern} ${text}`).toBe(expression(pattern).test(text));
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ["forty stars", `${"*".repeat(40)}?`, "north-rack-3-position-17"],
  ["as many parts as fit", `${"*a".repeat(49)}*b`, "a".repeat(100)],
  ["ever the same part", `${"*aaaab".repeat(16)}?`, "aaaa".repeat(250)],
])("a pattern of %s is answered at once", (_what, pattern, text) => {
  const selector = new RigSelector(Array.from({ length: 100 }, () => pattern));
  expect(selector.matches(Array.from({ length: 20 }, () => text))).toBe(false);
});

test("rigs are told apart by patterns without regard to case, whatever the script", () => {
  const fits = (pattern: string, name: string) => new RigSelector([pattern]).matches([name]);
  expect(fits("RACK-3/*", "rack-3/17")).toBe(true);
  expect(fits("10.0.1.*", "10.0.113")).toBe(false);
  expect(fits("what?", "whats")).toBe(false);
  expect(fits("what?", "What?")).toBe(true);
  // The last sigma of a word is written otherwise: a part must fold as the whole does.
  expect(fits("ΚΌΣΜΟΣ*", "κόσμος-1")).toBe(true);
  expect(foldCase("κόσμος")).toBe(foldCase("ΚΌΣΜΟΣ"));
});
