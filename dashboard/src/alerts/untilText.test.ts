import { expect, it } from "vitest";
import { formatFor } from "../format.js";
import { untilText } from "./untilText.js";

it("an end that is not soon is told with its day", () => {
  const format = formatFor("en-GB");
  const nowMs = Date.parse("2026-11-28T06:00:00Z");
  const inHours = (hours: number) => untilText(format, nowMs + hours * 3_600_000, nowMs, "UTC");
  expect(inHours(1)).toBe("07:00");
  expect(inHours(12)).toBe("18:00");
  expect(inHours(72)).toBe(format.moment(nowMs + 72 * 3_600_000, "UTC"));
  expect(inHours(72)).toContain("1 Dec");
});
