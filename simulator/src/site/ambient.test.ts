import { describe, expect, test } from "vitest";
import { ambientC } from "./ambient.js";
import { CLIMATES } from "./climates.js";
import { energise } from "./feeder.js";
import { placeOf } from "./places.js";

const HOUR_MS = 3_600_000;

describe.each(CLIMATES.map((climate) => ({ name: climate.name, climate })))(
  "the climate of $name",
  ({ climate }) => {
    test("has the mean of its row in the middle of each month, and its highs and lows", () => {
      for (const [month, mean] of climate.meanC.entries()) {
        const days = (Date.UTC(2026, month + 1, 1) - Date.UTC(2026, month, 1)) / (24 * HOUR_MS);
        // The middle of a month, and from there a whole day of the sun.
        const noonMs = Date.UTC(2026, month, 1) + (days / 2) * 24 * HOUR_MS;
        const hours = Array.from({ length: 48 }, (_, i) =>
          ambientC(climate, noonMs + (i - 24) * (HOUR_MS / 2), 0, 1),
        );
        const day = hours.reduce((sum, value) => sum + value, 0) / hours.length;
        expect(Math.abs(day - mean)).toBeLessThan(0.4);
        if (climate.highC && climate.lowC) {
          const swing = ((climate.highC[month] as number) - (climate.lowC[month] as number)) / 2;
          expect(Math.abs((Math.max(...hours) - Math.min(...hours)) / 2 - swing)).toBeLessThan(0.6);
        }
      }
    });

    test("names its source", () => {
      expect(climate.source.length).toBeGreaterThan(10);
      expect(climate.meanC).toHaveLength(12);
    });
  },
);

test("three in the afternoon by the sun is the warmest hour, wherever the place is", () => {
  for (const climate of CLIMATES) {
    const hours = Array.from({ length: 24 }, (_, hour) =>
      ambientC(climate, Date.UTC(2026, 6, 16, hour), 0, 1),
    );
    const warmest = hours.indexOf(Math.max(...hours));
    const solar = (warmest + climate.longitudeDeg / 15 + 24) % 24;
    expect(Math.abs(solar - 15)).toBeLessThanOrEqual(0.6);
  }
});

test("spells come and go within days, the same for the same key and others for another", () => {
  const heze = CLIMATES.find(({ name }) => name === "heze")!;
  const spell = (atMs: number, key: number) => ambientC(heze, atMs, 1, key) - ambientC(heze, atMs, 0, key);
  const days = Array.from({ length: 60 }, (_, day) => spell(Date.UTC(2026, 5, 1 + day), 7));
  expect(Math.max(...days)).toBeGreaterThan(1.5);
  expect(Math.min(...days)).toBeLessThan(-1.5);
  expect(Math.abs(spell(Date.UTC(2026, 5, 1), 7) - spell(Date.UTC(2026, 5, 1, 1), 7))).toBeLessThan(0.3);
  expect(spell(Date.UTC(2026, 5, 9), 7)).not.toBe(spell(Date.UTC(2026, 5, 9), 8));
});

describe("a feeder", () => {
  const loads = (staggerMs: number) =>
    Array.from({ length: 48 }, (_, i) => ({ ratedW: 3300, closesMs: (placeOf(i).rack - 1) * staggerMs }));
  const capacityW = 48 * 3300 * 1.15;

  test("trips in the moment in which all supplies charge at once, and not when they come rack by rack", () => {
    expect(energise(loads(0), capacityW).tripsMs).toBe(0);
    expect(energise(loads(20_000), capacityW).tripsMs).toBeUndefined();
  });

  test("sags as rigs ramp up, and gives way after a while when it is too small", () => {
    const { sags } = energise(loads(20_000), capacityW);
    expect(Math.min(...sags.map(({ supply }) => supply))).toBeCloseTo(0.95, 2);
    const { tripsMs } = energise(loads(20_000), 48 * 3300 * 0.7);
    expect(tripsMs).toBeGreaterThan(120_000);
    expect(tripsMs).toBeLessThan(600_000);
  });
});
