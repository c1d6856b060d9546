import { describe, expect, it } from "vitest";
import { dayHours, zoneOffsetMs } from "./dayHours.js";

const HOUR = 3_600_000;

describe("the hours of a day", () => {
  it.each([
    ["an ordinary day", Date.UTC(2026, 9, 10, 6), "Asia/Shanghai", 24, Date.UTC(2026, 9, 9, 16)],
    ["the day clocks go forward", Date.UTC(2026, 2, 29, 12), "Europe/Berlin", 23, Date.UTC(2026, 2, 28, 23)],
    ["the day clocks go back", Date.UTC(2026, 9, 25, 12), "Europe/Berlin", 25, Date.UTC(2026, 9, 24, 22)],
    ["the day clocks go forward", Date.UTC(2026, 2, 8, 18), "America/Chicago", 23, Date.UTC(2026, 2, 8, 6)],
    [
      "a day of a half-hour zone",
      Date.UTC(2026, 5, 1, 12),
      "Asia/Kolkata",
      24,
      Date.UTC(2026, 4, 31, 18, 30),
    ],
    ["a day that begins at 1:00", Date.UTC(2024, 3, 26, 12), "Africa/Cairo", 23, Date.UTC(2024, 3, 25, 22)],
  ])("%s in %3$s", (_what, nowMs, zone, count, startMs) => {
    const hours = dayHours(nowMs, zone);
    expect(hours).toHaveLength(count);
    expect(hours[0]!.startMs).toBe(startMs);
    hours.forEach((hour, at) => {
      if (at > 0) expect(hour.startMs).toBe(hours[at - 1]!.endMs);
    });
    expect(hours.at(-1)!.endMs - startMs).toBe(count * HOUR);
    expect(nowMs).toBeGreaterThanOrEqual(startMs);
    expect(nowMs).toBeLessThan(hours.at(-1)!.endMs);
  });

  it("skip the hour that does not exist and name twice the one that comes twice", () => {
    const spring = dayHours(Date.UTC(2026, 2, 29, 12), "Europe/Berlin").map(({ hour }) => hour);
    expect(spring.slice(0, 4)).toEqual([0, 1, 3, 4]);
    const autumn = dayHours(Date.UTC(2026, 9, 25, 12), "Europe/Berlin").map(({ hour }) => hour);
    expect(autumn.slice(0, 5)).toEqual([0, 1, 2, 2, 3]);
  });

  it("are the same for any moment of the day", () => {
    for (const zone of ["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"]) {
      const hours = dayHours(Date.UTC(2026, 9, 25, 12), zone);
      for (const { startMs, endMs } of hours) {
        expect(dayHours(startMs, zone)[0]).toEqual(hours[0]);
        expect(dayHours(endMs - 1, zone)[0]).toEqual(hours[0]);
      }
    }
  });
});

it("a zone's offset counts from UTC, and an unknown zone is UTC", () => {
  expect(zoneOffsetMs(Date.UTC(2026, 0, 1), "Asia/Shanghai")).toBe(8 * HOUR);
  expect(zoneOffsetMs(Date.UTC(2026, 0, 1, 0, 0, 0, 123), "America/St_Johns")).toBe(-3.5 * HOUR);
  expect(zoneOffsetMs(Date.UTC(2026, 0, 1), "Mars/Olympus")).toBe(0);
});
