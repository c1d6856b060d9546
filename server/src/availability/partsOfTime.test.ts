import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PlannedStops } from "../alerts/plannedStops.js";
import { ratedRig } from "../fixtures/judgedSite.js";
import { newRigView } from "../fleet/rigView.js";
import { BUCKET_MS, type RollupRow } from "../rollup/row.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { Availabilities } from "./availabilities.js";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 2);

const row = (
  rig: number,
  bucket: number,
  samples: number,
  coveredMs: number,
  miningMs: number,
): RollupRow => ({
  ...{ rig, startMs: START + bucket * BUCKET_MS, stepMs: BUCKET_MS, samples, coveredMs, miningMs },
  ...{
    hashCoveredMs: coveredMs,
    thsHours: 0,
    powerCoveredMs: coveredMs,
    kwh: 0,
    kwhBySource: [0, 0, 0, 0, 0],
  },
});

/** Rigs 1 and 2 of a site with rows, stops and the time since which each is known. */
async function site(
  rows: readonly RollupRow[],
  stops: readonly { fromMs: number; toMs: number; rigs?: string[] }[] = [],
  firstSeenMs = [START, START],
) {
  const state = new MemoryStateStore();
  await state.putRollups(rows, []);
  const views = firstSeenMs.map((seenMs, i) =>
    newRigView({ ...ratedRig(i + 1).record, site: "s", firstSeenMs: seenMs }),
  );
  const plannedStops = await PlannedStops.open({
    documents: state.documents,
    sites: { get: () => ({ zone: "UTC" }) },
    place: () => undefined,
    views: () => views,
  });
  for (const [i, { fromMs, toMs, rigs }] of stops.entries())
    await plannedStops.put("s", `n${i}`, { name: "n", time: { fromMs, toMs }, ...(rigs && { rigs }) }, START);
  const muted = new Set<number>();
  const availability = new Availabilities({
    state,
    plannedStops,
    fleet: { views: () => views.values() },
    book: { isMuted: (rig) => muted.has(rig) },
  });
  const range = { fromMs: START, toMs: START + HOUR };
  return {
    muted,
    rig: (which: number) => availability.ofRig(views[which - 1]!.record, range, START + 3 * HOUR),
    site: () => availability.ofSite("s", range, START + 3 * HOUR),
    availability,
    record: views[0]!.record,
  };
}

const minutes = (ms: number): number => ms / 60_000;

describe("availability", () => {
  test("tells what was planned from what was down, and both from what nobody read", async () => {
    const it = await site(
      [
        // 20 min of mining, 10 min of standing still, 10 min without an answer, nothing after 55 min.
        ...[0, 1, 2, 3].map((bucket) => row(1, bucket, 5, BUCKET_MS, BUCKET_MS)),
        ...[4, 5, 6].map((bucket) => row(1, bucket, 5, BUCKET_MS, 0)),
        ...[7, 8].map((bucket) => row(1, bucket, 5, 0, 0)),
      ],
      [{ fromMs: START + 20 * 60_000, toMs: START + 25 * 60_000 }],
    );
    const found = await it.rig(1);
    expect(found).toMatchObject({ fromMs: START, toMs: START + HOUR, rig: "r1" });
    expect(
      [found.upMs, found.plannedMs, found.downMs, found.standingMs, found.unknownMs].map(minutes),
    ).toEqual([20, 5, 20, 10, 15]);
    expect(found.ratio).toBe(0.5);
  });

  test("of a rig that mined through a stop, or is not known for long, or was never read, is no worse for it", async () => {
    const all = [1, 2].flatMap((rig) =>
      Array.from({ length: 12 }, (_, bucket) => row(rig, bucket, 5, BUCKET_MS, BUCKET_MS)),
    );
    const stop = { fromMs: START + 10 * 60_000, toMs: START + 40 * 60_000, rigs: ["r1"] };
    const it = await site(all, [stop], [START, START + 47 * 60_000]);
    expect(await it.rig(1)).toMatchObject({ upMs: HOUR / 2, plannedMs: HOUR / 2, downMs: 0, ratio: 1 });
    expect(await it.rig(2)).toMatchObject({ rangeMs: 13 * 60_000, downMs: 0, unknownMs: 0, ratio: 1 });
    const never = await site([]);
    expect(await never.rig(1)).toMatchObject({ unknownMs: HOUR, ratio: null });
  });

  test("of a site is that of its rigs together, but for those in repair, and names the worst", async () => {
    const it = await site([row(1, 0, 5, BUCKET_MS, BUCKET_MS), row(2, 0, 5, 0, 0)]);
    const whole = await it.site();
    expect(whole).toMatchObject({
      rigs: 2,
      leftOut: 0,
      rangeMs: 2 * HOUR,
      upMs: BUCKET_MS,
      downMs: BUCKET_MS,
    });
    expect(whole.worst.map(({ rig, downMs }) => [rig, downMs])).toEqual([["r2", BUCKET_MS]]);
    it.muted.add(2);
    expect(await it.site()).toMatchObject({ rigs: 1, leftOut: 1, downMs: 0, ratio: 1, worst: [] });
  });

  test("of a range without a whole row says so", async () => {
    const it = await site([]);
    const ask = (fromMs: number, toMs: number) =>
      it.availability.ofRig(it.record, { fromMs, toMs }, START + HOUR);
    await expect(ask(START + HOUR - 60_000, START + HOUR)).rejects.toThrow(
      "no whole stretch of five minutes",
    );
    await expect(ask(START - 500 * 24 * HOUR, START)).rejects.toThrow("400 days");
  });

  test("has four parts that make up the range, whatever rows, stops and first sights there are", async () => {
    const bucket = fc.record({
      rig: fc.integer({ min: 1, max: 2 }),
      bucket: fc.integer({ min: -2, max: 13 }),
      samples: fc.integer({ min: 0, max: 5 }),
      covered: fc.integer({ min: 0, max: BUCKET_MS }),
      mining: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const at = fc.integer({ min: START - HOUR, max: START + 2 * HOUR });
    const stop = fc.record({ fromMs: at, lastsMs: fc.integer({ min: 1, max: HOUR }), one: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(bucket, { maxLength: 30 }),
        fc.array(stop, { maxLength: 4 }),
        at,
        async (rows, stops, seenMs) => {
          const it = await site(
            rows.map((each) =>
              row(each.rig, each.bucket, each.samples, each.covered, Math.floor(each.covered * each.mining)),
            ),
            stops.map(({ fromMs, lastsMs, one }) => ({
              fromMs,
              toMs: fromMs + lastsMs,
              ...(one && { rigs: ["r1"] }),
            })),
            [START - HOUR, seenMs],
          );
          const whole = await it.site();
          const rigs = [await it.rig(1), await it.rig(2)];
          for (const each of [whole, ...rigs]) {
            const { upMs, downMs, plannedMs, unknownMs, standingMs, rangeMs } = each;
            expect(upMs + downMs + plannedMs + unknownMs).toBe(rangeMs);
            for (const part of [upMs, downMs - standingMs, plannedMs, unknownMs, standingMs])
              expect(part).toBeGreaterThanOrEqual(0);
          }
          expect(rigs[0]!.rangeMs).toBe(HOUR);
          expect(whole.upMs).toBe(rigs[0]!.upMs + rigs[1]!.upMs);
        },
      ),
      { numRuns: 50 },
    );
  });
});
