import { expect, it } from "vitest";
import { nameAgent, nameText } from "./namePlace.js";

it.each([
  ["farm/a1/10-0-0-5-4028", "10.0.0.5"],
  ["farm/a1/10-0-0-5", "10.0.0.5"],
  ["farm/a1/10-0-0-5-80", "10.0.0.5:80"],
  ["farm/a1/rack-7", "rack-7"],
])("an address alias %s is written %s", (value, text) => {
  expect(nameText({ kind: "address", value })).toBe(text);
  expect(nameAgent({ kind: "address", value })).toBe("farm/a1");
});

it("other names stay as they are", () => {
  expect(nameText({ kind: "hostname", value: "10-0-0-5" })).toBe("10-0-0-5");
  expect(nameAgent({ kind: "mac", value: "02:00:00:00:00:01" })).toBeUndefined();
});
