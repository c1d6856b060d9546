import { expect, it } from "vitest";
import { fieldOf, instantOf, proposed, windowsOf } from "./stopWindows.js";

const at = (text: string) => Date.parse(text);

it("a weekly stop has a window on each of its days, by the site's clocks and over midnight", () => {
  const time = { days: [5, 6], from: "22:00", to: "02:00" };
  // A Thursday in Shanghai.
  const windows = windowsOf(
    { time },
    "Asia/Shanghai",
    at("2026-11-26T00:00:00Z"),
    at("2026-12-03T00:00:00Z"),
  );
  expect(windows).toEqual([
    { fromMs: at("2026-11-27T14:00:00Z"), toMs: at("2026-11-27T18:00:00Z") },
    { fromMs: at("2026-11-28T14:00:00Z"), toMs: at("2026-11-28T18:00:00Z") },
  ]);
});

it("what is under way is cut to what is shown, and a stop of once is shown once", () => {
  const time = { days: [4], from: "22:00", to: "02:00", untilMs: at("2026-11-27T01:00:00Z") };
  const now = at("2026-11-26T23:00:00Z");
  expect(windowsOf({ time }, "UTC", now, now + 14 * 86_400_000)).toEqual([
    { fromMs: now, toMs: at("2026-11-27T01:00:00Z") },
  ]);
  const once = { fromMs: now - 5, toMs: now + 5 };
  expect(windowsOf({ time: once }, "UTC", now, now + 99)).toEqual([{ fromMs: now, toMs: now + 5 }]);
  expect(windowsOf({ time: once }, "UTC", now + 5, now + 99)).toEqual([]);
});

it("a field's time is that of the site", () => {
  expect(instantOf("2026-11-26T22:00", "Asia/Shanghai")).toBe(at("2026-11-26T14:00:00Z"));
  expect(instantOf("", "UTC")).toBeUndefined();
});

it("a field shows the instant that it means", () => {
  for (const zone of ["UTC", "Asia/Shanghai", "America/St_Johns"])
    expect(instantOf(fieldOf(at("2026-11-26T22:05:00Z"), zone), zone)).toBe(at("2026-11-26T22:05:00Z"));
});

it("what a new stop proposes is the same two hours by the clocks of each site", () => {
  const now = at("2026-11-26T21:58:30Z");
  expect(proposed(now, "UTC")).toEqual({ from: "2026-11-26T22:00", to: "2026-11-27T00:00" });
  expect(proposed(now, "Asia/Shanghai")).toEqual({ from: "2026-11-27T06:00", to: "2026-11-27T08:00" });
});
