import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NUMBER_FIELDS, TEXT_FIELDS } from "../custom/fields.js";
import { FACT_RULES } from "./factRules.js";
import { RULES } from "./registry.js";
import type { Rule } from "./rule.js";

const docs = readFileSync(new URL("../../../../docs/alerts.md", import.meta.url), "utf8");
const all = [...RULES, ...Object.values(FACT_RULES).flat()] as readonly Rule[];

const span = (ms: number): string =>
  ms === 0 ? "–" : ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : `${ms / 60_000} min`;

test.each(all.map((rule) => [rule.id, rule] as const))(
  "docs/alerts.md has %s with its severity, defaults, reason and source",
  (id, { severity, limit, clear, holdMs, samples, resolveHoldMs }) => {
    const line = docs.split("\n").find((each) => each.startsWith(`| \`${id}\` |`));
    const cells = line!.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim());
    const [, grave, limits = "", hold, rest, what = "", from = ""] = cells;
    expect({ grave, hold, rest }).toEqual({
      grave: severity,
      hold: `${span(holdMs)}, ${samples}`,
      rest: span(resolveHoldMs),
    });
    // A rule that asks yes or no has no number to be told.
    if (limit !== undefined && (limit !== 0 || clear !== 0 || limits !== ""))
      expect(limits).toMatch(new RegExp(`^${limit} → ${clear}( |$)`));
    expect(what.length, "what, and why").toBeGreaterThan(10);
    expect(from.length, "from").toBeGreaterThan(3);
  },
);

test("docs/alerts.md has every field that a rule of one's own may compare", () => {
  const fields = [...Object.keys(NUMBER_FIELDS), ...Object.keys(TEXT_FIELDS)];
  expect(fields.filter((field) => !docs.includes(`\`${field}\``))).toEqual([]);
});
