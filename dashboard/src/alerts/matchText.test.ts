import type { AlertMatch } from "@hashwatt/protocol/alerting";
import { expect, it } from "vitest";
import { listOf, matchText } from "./matchText.js";

const named = (match: AlertMatch) =>
  matchText(
    (key) => key,
    (rule) => rule.toUpperCase(),
    match,
  );

it("a match is told by what it names, and one without anything is every alert", () => {
  expect(named({ severities: ["danger"], rules: ["hot"], sites: ["north", "south"] })).toBe(
    "desk.severity.danger · HOT · north, south",
  );
  expect(named({})).toBe("desk.every");
  const names = matchText(
    (key) => key,
    (rule) => rule,
    { subjects: ["r3", "hall-*"] },
    (id) => (id === "r3" ? "127.0.0.3" : id),
  );
  expect(names).toBe("127.0.0.3, hall-*");
});

it("a line of commas is a list of words, and an empty one is none", () => {
  expect(listOf(" a, b ,,c ")).toEqual(["a", "b", "c"]);
  expect(listOf(" , ")).toBeUndefined();
});
