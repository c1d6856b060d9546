import { describe, expect, it } from "vitest";
import { dayHours } from "./dayHours.js";
import { foldHours } from "./foldHours.js";
import type { History } from "./mergeWindow.js";

const HOUR = 3_600_000;
const STEP = 300_000;
const BERLIN = "Europe/Berlin";

/** A day's history in five-minute steps up to `toMs`. */
function day(
  startMs: number,
  toMs: number,
  rate: (atMs: number) => number | null,
  covered?: (atMs: number) => number,
): History {
  const tMs: number[] = [];
  for (let at = startMs; at < toMs; at += STEP) tMs.push(at);
  return {
    toMs,
    stepMs: STEP,
    tMs,
    columns: {
      profitPerH: tMs.map(rate),
      covered: tMs.map((at) => covered?.(at) ?? (rate(at) === null ? 0 : Math.min(1, (toMs - at) / STEP))),
    },
  };
}

describe("a day by the hour", () => {
  it.each([
    [23, Date.UTC(2026, 2, 29, 21, 59)],
    [24, Date.UTC(2026, 5, 15, 21, 59)],
    [25, Date.UTC(2026, 9, 25, 22, 59)],
  ])("of %d hours at two an hour sums to twice its hours", (count, lastMs) => {
    const hours = dayHours(lastMs, BERLIN);
    const end = hours.at(-1)!.endMs;
    const { bars, sum, coverage } = foldHours(
      day(hours[0]!.startMs, end, () => 2),
      "profitPerH",
      hours,
      end,
    );
    expect(bars).toHaveLength(count);
    expect(bars.every((bar) => bar.perH === 2 && bar.coverage === 1)).toBe(true);
    expect(sum).toBeCloseTo(2 * count, 9);
    expect(coverage).toBe(1);
  });

  it("leaves hours that have not come empty and marks the one under way by its coverage", () => {
    const hours = dayHours(Date.UTC(2026, 5, 15, 12), "UTC");
    const nowMs = hours[10]!.startMs + 0.25 * HOUR;
    const { bars, sum, coverage } = foldHours(
      day(hours[0]!.startMs, nowMs, () => 4),
      "profitPerH",
      hours,
      nowMs,
    );
    expect(bars[9]).toMatchObject({ when: "past", perH: 4, coverage: 1 });
    expect(bars[10]).toMatchObject({ when: "now", perH: 4, coverage: 0.25 });
    expect(bars[11]).toMatchObject({ when: "ahead", perH: null, coverage: 0 });
    expect(sum).toBeCloseTo(41, 9);
    expect(coverage).toBe(1);
  });

  it("an hour that nobody measured is unknown, not zero, and the sum says what it covers", () => {
    const hours = dayHours(Date.UTC(2026, 5, 15, 12), "UTC");
    const nowMs = hours[4]!.startMs;
    const gap = (at: number) => (at >= hours[1]!.startMs && at < hours[2]!.startMs ? null : 3);
    const { bars, sum, coverage } = foldHours(day(hours[0]!.startMs, nowMs, gap), "profitPerH", hours, nowMs);
    expect(bars[1]).toMatchObject({ perH: null, coverage: 0 });
    expect(sum).toBeCloseTo(9, 9);
    expect(coverage).toBeCloseTo(0.75, 9);
  });

  it("counts a half measured step for half of its time", () => {
    const hours = dayHours(Date.UTC(2026, 5, 15, 12), "UTC");
    const nowMs = hours[1]!.startMs;
    const { bars, sum } = foldHours(
      day(
        hours[0]!.startMs,
        nowMs,
        () => 10,
        () => 0.5,
      ),
      "profitPerH",
      hours,
      nowMs,
    );
    expect(bars[0]).toMatchObject({ perH: 10, coverage: 0.5 });
    expect(sum).toBeCloseTo(5, 9);
  });

  it("has no sum when nothing was measured", () => {
    const hours = dayHours(Date.UTC(2026, 5, 15, 12), "UTC");
    expect(foldHours(undefined, "profitPerH", hours, hours[5]!.startMs)).toMatchObject({
      sum: null,
      coverage: 0,
    });
  });
});
