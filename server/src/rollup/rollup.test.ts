import { POWER_SOURCES, STATUSES } from "@hashwatt/protocol/sample";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawRow } from "../store/store.js";
import { foldHours, foldSite, foldSiteRows } from "./fold.js";
import { OpenBuckets } from "./openBuckets.js";
import { rollup, rollups } from "./rollup.js";
import { BUCKET_MS, HOUR_MS, type RollupRow } from "./row.js";

const START = Date.UTC(2026, 2, 1);
const EMPTY: Omit<RawRow, "rig" | "atMs" | "intervalMs" | "status"> = {
  algo: null,
  hashrateThs: null,
  powerW: null,
  powerSource: null,
  inletTempC: null,
  boardTempC: null,
  chipTempC: null,
  fanRpm: null,
  accepted: null,
  rejected: null,
  stale: null,
  acceptedDiff: null,
  uptimeS: null,
};
const status = (name: (typeof STATUSES)[number]): number => STATUSES.indexOf(name);
const reading = (offsetMs: number, more: Partial<RawRow> = {}): RawRow => ({
  ...EMPTY,
  rig: 1,
  atMs: START + offsetMs,
  intervalMs: 10_000,
  status: status("mining"),
  ...more,
});

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null, freq: 4 });
/** Readings of one rig over half an hour, each instant once, in any order. */
const someReadings = fc.uniqueArray(
  fc
    .record({
      offsetMs: fc.integer({ min: 0, max: 6 * BUCKET_MS - 1 }),
      intervalMs: fc.constantFrom(5_000, 30_000, 60_000, 100_000),
      status: fc.integer({ min: 0, max: STATUSES.length - 1 }),
      algo: maybe(fc.constantFrom("SHA256", "scrypt")),
      hashrateThs: maybe(fc.double({ min: 0, max: 300, noNaN: true })),
      powerW: maybe(fc.integer({ min: 0, max: 9_000 })),
      powerSource: maybe(fc.integer({ min: 0, max: 4 })),
      chipTempC: maybe(fc.integer({ min: -40, max: 130 })),
      fanRpm: maybe(fc.integer({ min: 0, max: 9_000 })),
      accepted: maybe(fc.integer({ min: 0, max: 50 })),
      acceptedDiff: maybe(fc.integer({ min: 0, max: 1e9 })),
      uptimeS: maybe(fc.integer({ min: 0, max: 5_000 })),
    })
    .map(({ offsetMs, ...more }) => {
      const row = reading(offsetMs, more);
      return row.status === status("unreachable")
        ? { ...EMPTY, rig: 1, atMs: row.atMs, intervalMs: row.intervalMs, status: row.status }
        : row;
    }),
  { selector: ({ atMs }) => atMs, maxLength: 60 },
);
const buckets = Array.from({ length: 8 }, (_, i) => START + i * BUCKET_MS);
const sumOf = (rows: RollupRow[], name: "kwh" | "thsHours" | "coveredMs" | "powerCoveredMs"): number =>
  rows.reduce((sum, row) => sum + row[name], 0);

describe("a rollup", () => {
  it("holds a reading for three intervals and at least two minutes, and leaves the rest uncovered", () => {
    const row = rollup([reading(0, { powerW: 3600, powerSource: 1, intervalMs: 60_000 })], START)!;
    expect(row).toMatchObject({ samples: 1, coveredMs: 180_000, powerCoveredMs: 180_000, hashCoveredMs: 0 });
    expect(row.kwh).toBe(0.18);
    expect(row.kwhBySource).toEqual([0, 0.18, 0, 0, 0]);
    expect(row.powerW).toEqual({ min: 3600, mean: 3600, max: 3600 });
    expect(row.hashrateThs).toBeUndefined();
    expect(rollup([reading(0)], START)!.coveredMs).toBe(120_000);
    expect(rollup([reading(0, { intervalMs: 100_000 })], START)!.coveredMs).toBe(300_000);
  });

  it("ends a hold at an unreachable reading and counts no zero for it", () => {
    const rows = [
      reading(0, { powerW: 3000, powerSource: 0, hashrateThs: 100 }),
      reading(30_000, { status: status("unreachable") }),
      reading(60_000, { powerW: 1000, powerSource: 0, hashrateThs: 50 }),
      reading(90_000, { status: status("unreachable") }),
    ];
    const row = rollup(rows, START)!;
    expect(row).toMatchObject({ samples: 4, coveredMs: 60_000, hashCoveredMs: 60_000 });
    expect(row.powerW).toEqual({ min: 1000, mean: 2000, max: 3000 });
    expect(row.hashrateThs?.mean).toBe(75);
    expect(rollup([reading(0, { status: status("unreachable") })], START)).toMatchObject({
      samples: 1,
      coveredMs: 0,
    });
  });

  it("covers a rig that stands still and says so, without mining time", () => {
    const row = rollup([reading(0, { status: status("sleeping"), hashrateThs: 0, powerW: 25 })], START)!;
    expect(row).toMatchObject({ miningMs: 0, hashCoveredMs: 120_000, thsHours: 0 });
    expect(row.hashrateThs).toEqual({ min: 0, mean: 0, max: 0 });
  });

  it("carries a hold over the edge of the bucket and tells nothing of the one after", () => {
    const rows = [reading(BUCKET_MS - 20_000, { powerW: 3000 })];
    expect(rollup(rows, START)).toMatchObject({ samples: 1, coveredMs: 20_000 });
    expect(rollup(rows, START + BUCKET_MS)).toMatchObject({ samples: 0, coveredMs: 100_000 });
    expect(rollup(rows, START + 2 * BUCKET_MS)).toBeUndefined();
    expect(rollup([], START)).toBeUndefined();
  });

  it("counts shares across a restart of the daemon from 0, and not at all without a base", () => {
    const at = (offsetMs: number, accepted: number, uptimeS: number) =>
      reading(offsetMs, { accepted, uptimeS });
    expect(rollup([at(0, 500, 100)], START)!.accepted).toBeUndefined();
    expect(rollup([at(0, 500, 100), at(10_000, 510, 110)], START)!.accepted).toBe(10);
    expect(rollup([at(0, 500, 100), at(10_000, 7, 5)], START)!.accepted).toBe(7);
    expect(rollup([at(0, 5, 100), at(10_000, 70, 5)], START)!.accepted).toBe(70);
    const across = [
      at(0, 500, 100),
      reading(5_000, { status: status("unreachable") }),
      at(BUCKET_MS, 520, 400),
    ];
    expect(rollup(across, START + BUCKET_MS)!.accepted).toBe(20);
    expect(
      rollup([at(0, 500, 100), at(2 * BUCKET_MS, 900, 700)], START + 2 * BUCKET_MS)!.accepted,
    ).toBeUndefined();
  });

  it("counts no shares of another counter, which ran before the reading that it follows", () => {
    const at = (offsetMs: number, acceptedDiff: number, uptimeS: number | null) =>
      reading(offsetMs, { acceptedDiff, uptimeS });
    const day = 86_400;
    // Another rig answers at the same place, with fewer or with more shares, a shorter or a longer run.
    for (const [before, after] of [
      [at(0, 5e9, 30 * day), at(10_000, 4e9, 7 * day)],
      [at(0, 5e9, 30 * day), at(10_000, 9e9, 7 * day)],
      [at(0, 5e6, 600), at(10_000, 4e9, 7 * day)],
    ] as const)
      expect(rollup([before, after], START)!.acceptedDiff).toBeUndefined();
    // What it gains from then on is its own.
    const later = [at(0, 5e9, 30 * day), at(10_000, 4e9, 7 * day), at(20_000, 4e9 + 500, 7 * day + 10)];
    expect(rollup(later, START)!.acceptedDiff).toBe(500);
    // A rig that does not tell how long it runs, or counts its minutes, is believed.
    expect(rollup([at(0, 500, null), at(10_000, 7, null)], START)!.acceptedDiff).toBe(7);
    expect(rollup([at(0, 500, day), at(10_000, 700, day + 60)], START)!.acceptedDiff).toBe(200);
  });

  it("is the same whatever the order of the readings and however often each is delivered", () => {
    fc.assert(
      fc.property(someReadings, fc.infiniteStream(fc.nat()), (rows, picks) => {
        const doubled = [...rows, ...rows.filter((_, i) => i % 3 === 0)];
        const shuffled = doubled
          .map((row) => ({ row, key: picks.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ row }) => row);
        for (const at of buckets) expect(rollup(shuffled, at)).toEqual(rollup(rows, at));
      }),
    );
  });

  it("is the same row by row as when a rig's readings stream through the open buckets", () => {
    fc.assert(
      fc.property(someReadings, (rows) => {
        const open = new OpenBuckets();
        const sorted = [...rows].sort((a, b) => a.atMs - b.atMs);
        for (const row of sorted) expect(open.add(row)).toBe(true);
        open.closeBefore([1], START + 9 * BUCKET_MS);
        const streamed = open.takeClosed(START + 9 * BUCKET_MS);
        const pure = buckets.flatMap((at) => rollup(rows, at) ?? []);
        expect(streamed).toEqual(pure);
        expect(rollups(rows, START, START + 8 * BUCKET_MS)).toEqual(pure);
      }),
    );
  });

  it("covers less, never more, when readings are missing, and its mean stays within what was read", () => {
    fc.assert(
      fc.property(someReadings, fc.nat(), (rows, salt) => {
        const reachable = rows
          .filter((row) => row.status !== status("unreachable"))
          .map((row) => ({ ...row, intervalMs: 60_000 }));
        const fewer = reachable.filter((_, i) => (i * 7 + salt) % 3 !== 0);
        const covered = (some: RawRow[]) => sumOf(rollups(some, START, START + 8 * BUCKET_MS), "coveredMs");
        expect(covered(fewer)).toBeLessThanOrEqual(covered(reachable));
        for (const row of rollups(rows, START, START + 8 * BUCKET_MS)) {
          expect(row.coveredMs).toBeLessThanOrEqual(BUCKET_MS);
          expect(row.powerCoveredMs).toBeLessThanOrEqual(row.coveredMs);
          for (const spread of [row.hashrateThs, row.powerW, row.chipTempC, row.fanRpm]) {
            if (!spread) continue;
            expect(spread.mean).toBeGreaterThanOrEqual(spread.min - 1e-6 * Math.abs(spread.min) - 1e-3);
            expect(spread.mean).toBeLessThanOrEqual(spread.max + 1e-6 * Math.abs(spread.max) + 1e-3);
          }
          const bySource = row.kwhBySource.reduce((sum, kwh) => sum + kwh, 0);
          expect(bySource).toBeLessThanOrEqual(row.kwh * (1 + 1e-7) + 1e-12);
        }
      }),
    );
  });
});

describe("a fold", () => {
  const row = (offsetMs: number, more: Partial<RawRow> = {}, rig = 1) =>
    rollup(
      [reading(offsetMs, { powerW: 3000, hashrateThs: 100, intervalMs: 100_000, rig, ...more })],
      START + offsetMs,
    )!;

  it("makes an hour whose sums are those of its rows and whose means are weighted by time", () => {
    const rows = [row(0), row(BUCKET_MS, { powerW: 1000 }), row(HOUR_MS), row(BUCKET_MS, {}, 2)];
    const hours = foldHours(rows);
    expect(hours.map(({ rig, startMs }) => [rig, startMs - START])).toEqual([
      [1, 0],
      [1, HOUR_MS],
      [2, 0],
    ]);
    expect(hours[0]).toMatchObject({ stepMs: HOUR_MS, samples: 2, coveredMs: 600_000 });
    expect(hours[0]!.powerW).toMatchObject({ min: 1000, max: 3000 });
    expect(hours[0]!.powerW!.mean).toBeCloseTo(2000, 6);
    expect(hours[0]!.kwh).toBeCloseTo(rows[0]!.kwh + rows[1]!.kwh, 9);
  });

  it("keeps energy, work and covered time of all parts in the whole", () => {
    fc.assert(
      fc.property(someReadings, (readings) => {
        const parts = rollups(readings, START, START + 8 * BUCKET_MS);
        const whole = foldHours(parts);
        for (const name of ["kwh", "thsHours", "coveredMs", "powerCoveredMs"] as const)
          expect(Math.abs(sumOf(whole, name) - sumOf(parts, name))).toBeLessThanOrEqual(
            1e-12 + 1e-7 * sumOf(parts, name),
          );
      }),
    );
  });

  it("keeps the energy of every source as exactly as the whole", () => {
    for (const [source] of POWER_SOURCES.entries()) {
      const rows = [5_893, 7_613, 19_391].map((powerW, k) =>
        row(k * BUCKET_MS, { powerW, powerSource: source, intervalMs: 5 * 60_000 }),
      );
      const [hour] = foldHours(rows);
      expect(hour!.kwhBySource[source]).toBe(hour!.kwh);
      expect(hour!.kwh).toBeCloseTo(2.74141667, 6);
    }
  });

  it("sums no rates of rigs that never told what they mine, but what they draw", () => {
    const known = [1, 2].map((rig) => ({ rig, site: "north", nominalThs: 110, firstSeenMs: 0 }));
    const [only, ...others] = foldSite([row(0, {}, 1), row(0, {}, 2)], known, START, BUCKET_MS);
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      algo: "unknown",
      rigMs: 2 * BUCKET_MS,
      hashCoveredMs: 0,
      thsHours: 0,
      hashSpanMs: 0,
    });
    expect(only).not.toHaveProperty("nominalThs");
    expect(only!.powerCoveredMs).toBe(2 * BUCKET_MS);
  });

  it("sums a site by algorithm, counts rigs without a row as uncovered and never as zero rigs", () => {
    const known = [
      { rig: 1, site: "north", algo: "SHA256", nominalThs: 110, firstSeenMs: 0 },
      { rig: 2, site: "north", algo: "SHA256", nominalThs: 90, firstSeenMs: 0 },
      { rig: 3, site: "north", algo: "scrypt", firstSeenMs: 0 },
      { rig: 4, site: "north", algo: "SHA256", firstSeenMs: START + HOUR_MS },
      { rig: 5, site: "south", firstSeenMs: 0 },
    ];
    const sites = foldSite([row(0), row(0, { algo: "scrypt" }, 3)], known, START, BUCKET_MS);
    const north = sites.find(({ site, algo }) => site === "north" && algo === "SHA256")!;
    expect(north).toMatchObject({
      rigMs: 2 * BUCKET_MS,
      coveredMs: BUCKET_MS,
      hashSpanMs: BUCKET_MS,
      nominalThs: 200,
    });
    expect(sites.find(({ algo }) => algo === "scrypt")).toMatchObject({ coveredMs: BUCKET_MS });
    expect(sites.find(({ algo }) => algo === "scrypt")!.nominalThs).toBeUndefined();
    expect(sites.find(({ site }) => site === "south")).toMatchObject({
      algo: "unknown",
      coveredMs: 0,
      kwh: 0,
    });
    const [hour] = foldSiteRows([north, { ...north, startMs: START + BUCKET_MS }], START, HOUR_MS);
    expect(hour).toMatchObject({
      rigMs: 4 * BUCKET_MS,
      kwh: 2 * north.kwh,
      nominalThs: 200,
      stepMs: HOUR_MS,
    });
  });
});
