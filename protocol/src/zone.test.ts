import { describe, expect, test } from "vitest";
import { Zone } from "./zone.js";

const HOUR_MS = 3_600_000;
const at = (text: string): number => Date.parse(text);

/** The hours of a day as its clocks show them. */
function hoursOf(zone: Zone, year: number, month: number, day: number): number[] {
  const hours: number[] = [];
  const end = zone.instant(year, month, day + 1);
  for (let ms = zone.instant(year, month, day); ms < end; ms = zone.endOfHour(ms))
    hours.push(zone.wall(ms).hour);
  return hours;
}

describe("a zone", () => {
  test("is refused where no such name exists", () => {
    expect(() => Zone.of("Asia/Nowhere")).toThrow(RangeError);
  });

  test("shows what its clocks show", () => {
    expect(Zone.of("Asia/Shanghai").wall(at("2026-08-23T10:30:05Z"))).toEqual({
      year: 2026,
      month: 8,
      day: 23,
      weekday: 7,
      hour: 18,
      minute: 30,
    });
    expect(Zone.of("Asia/Kolkata").offsetMs(at("2026-01-01T00:00:00Z"))).toBe(5.5 * HOUR_MS);
    expect(Zone.of("UTC").wall(0)).toMatchObject({ year: 1970, month: 1, day: 1, hour: 0, weekday: 4 });
  });

  test("has a day of 23 hours in spring and of 25 in autumn", () => {
    const berlin = Zone.of("Europe/Berlin");
    expect(hoursOf(berlin, 2026, 3, 29)).toEqual([0, 1, ...Array.from({ length: 21 }, (_, i) => i + 3)]);
    expect(hoursOf(berlin, 2026, 10, 25)).toEqual([0, 1, 2, ...Array.from({ length: 22 }, (_, i) => i + 2)]);
    expect(hoursOf(berlin, 2026, 6, 1)).toHaveLength(24);
  });

  test("puts its clocks on by half an hour where it does", () => {
    const howe = Zone.of("Australia/Lord_Howe");
    const start = howe.instant(2026, 10, 4);
    const end = howe.instant(2026, 10, 5);
    expect(end - start).toBe(23.5 * HOUR_MS);
    expect(howe.wall(howe.instant(2026, 10, 4, 2, 30))).toMatchObject({ hour: 2, minute: 30 });
  });

  test("gives the first of two equal times, and for one that never comes the moment of the change", () => {
    const berlin = Zone.of("Europe/Berlin");
    expect(berlin.instant(2026, 10, 25, 2, 30)).toBe(at("2026-10-25T00:30:00Z"));
    expect(berlin.instant(2026, 3, 29, 2, 30)).toBe(at("2026-03-29T01:00:00Z"));
  });

  test("begins a day without midnight at its first instant", () => {
    // Clocks went from 24:00 to 01:00 there.
    const santiago = Zone.of("America/Santiago");
    const start = santiago.instant(2026, 9, 6);
    expect(santiago.wall(start)).toMatchObject({ day: 6, hour: 1, minute: 0 });
    expect(santiago.wall(start - 1)).toMatchObject({ day: 5, hour: 23, minute: 59 });
  });

  test("agrees with the runtime hour by hour over years, in zones of every kind", () => {
    for (const name of [
      "America/Chicago",
      "Africa/Casablanca",
      "Pacific/Apia",
      "Asia/Tehran",
      "America/St_Johns",
    ]) {
      const zone = Zone.of(name);
      const form = new Intl.DateTimeFormat("en-GB", {
        timeZone: name,
        dateStyle: "short",
        timeStyle: "short",
      });
      for (let ms = at("2021-01-01T00:00:00Z"); ms < at("2023-01-01T00:00:00Z"); ms += 5 * HOUR_MS) {
        const { year, month, day, hour, minute } = zone.wall(ms);
        const two = (n: number) => String(n).padStart(2, "0");
        expect(`${two(day)}/${two(month)}/${year}, ${two(hour)}:${two(minute)}`).toBe(form.format(ms));
      }
    }
  });

  test("carries months and days over", () => {
    const zone = Zone.of("Asia/Shanghai");
    expect(zone.instant(2026, 13, 1)).toBe(at("2026-12-31T16:00:00Z"));
    expect(zone.instant(2026, 3, 0)).toBe(at("2026-02-27T16:00:00Z"));
  });
});
