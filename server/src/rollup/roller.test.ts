import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RIGS, Rig, START, sample } from "../fixtures/rollerRig.js";
import { MemoryTelemetryStore } from "../store/memory.js";
import { foldSite } from "./fold.js";
import { Roller } from "./roller.js";
import { BUCKET_MS, HOUR_MS } from "./row.js";

describe("a roller", () => {
  it("writes a bucket once it is over and its grace has passed, and the hour as the fold of twelve", async () => {
    const rig = new Rig();
    await rig.roller.recover(START);
    for (let at = START; at < START + HOUR_MS; at += 30_000) {
      await rig.commit([sample(1, at, at), sample(3, at + 7, at)], at);
      await rig.roller.close(at);
    }
    await rig.roller.close(START + HOUR_MS + 10_000);
    expect(await rig.state.rollups({ fromMs: START, toMs: START + HOUR_MS, stepMs: HOUR_MS })).toEqual([]);
    rig.written = [];
    const { rigs } = await rig.roller.close(START + HOUR_MS + 20_000);
    expect(rigs).toBe(rig.written.length);
    expect(rig.written.filter(({ stepMs }) => stepMs === HOUR_MS)).toHaveLength(2);
    await rig.expectPure(START + HOUR_MS);
    expect((await rig.roller.close(START + HOUR_MS + 21_000)).rigs).toBe(0);
  });

  it("recomputes the bucket of a late sample and the next, once it has been quiet", async () => {
    const rig = new Rig();
    await rig.commit([sample(1, START + 10_000, START + 10_000)], START + 10_000);
    const now = START + 2 * BUCKET_MS + 20_000;
    await rig.roller.close(now);
    await rig.commit([sample(1, START + BUCKET_MS - 10_000, now, 1000)], now);
    expect((await rig.roller.close(now + 5_000)).rigs).toBe(0);
    rig.written = [];
    await rig.roller.close(now + 15_000);
    expect(rig.written.map(({ startMs }) => startMs - START)).toEqual([0, BUCKET_MS]);
    await rig.expectPure(START + 2 * BUCKET_MS);
  });

  it.each([
    ["one rig goes on", true],
    ["every rig is silent", false],
  ])(
    "writes the hour of a rig that fell silent before a restart that outlasts it, where %s",
    async (_where, goesOn) => {
      const rig = new Rig();
      await rig.roller.recover(START);
      for (let at = START; at < START + 35 * 60_000; at += 30_000) {
        const early = at < START + 10 * 60_000;
        if (early || goesOn) await rig.commit([sample(1, at, at)], at);
        if (early) await rig.commit([sample(2, at, at), sample(3, at, at)], at);
        await rig.roller.close(at);
      }
      const now = START + 2.5 * HOUR_MS;
      await rig.restart().recover(now);
      await rig.roller.close(now + 20_000);
      await rig.roller.close(now + BUCKET_MS);
      const hour = await rig.state.rollups({ fromMs: START, toMs: START + HOUR_MS, stepMs: HOUR_MS });
      expect(hour.map((row) => row.rig)).toEqual([1, 2, 3]);
      await rig.expectPure(START + 2 * HOUR_MS);
    },
  );

  it("keeps rows due while the state store refuses them", async () => {
    const rig = new Rig();
    const put = rig.state.putRollups.bind(rig.state);
    await rig.commit([sample(1, START + 10_000, START), sample(2, START + 10_000, START)], START);
    let refusals = 2;
    rig.state.putRollups = async (rows, sites) => {
      if (refusals-- > 0) throw new Error("no room");
      await put(rows, sites);
    };
    const now = START + BUCKET_MS + 20_000;
    await expect(rig.roller.close(now)).rejects.toThrow("no room");
    await expect(rig.roller.close(now + 1)).rejects.toThrow("no room");
    await rig.roller.close(now + 2);
    await rig.expectPure(START + BUCKET_MS);
  });

  it("does not touch the rows of buckets whose raw samples are gone", async () => {
    const rig = new Rig();
    await rig.commit([sample(1, START + 10_000, START)], START);
    const now = START + 3 * BUCKET_MS;
    await rig.roller.close(now);
    const before = await rig.state.rollups({ fromMs: START, toMs: now, stepMs: BUCKET_MS });
    await rig.telemetry.dropBefore(START + BUCKET_MS);
    const { telemetry, state } = rig;
    rig.roller = new Roller({ telemetry, state, rigs: () => RIGS, rawFromMs: () => START + BUCKET_MS });
    await rig.roller.recover(now);
    await rig.commit([sample(1, START + 20_000, now)], now);
    await rig.roller.close(now + BUCKET_MS);
    expect(await rig.state.rollups({ fromMs: START, toMs: START + BUCKET_MS, stepMs: BUCKET_MS })).toEqual(
      before.filter(({ startMs }) => startMs === START),
    );
  });

  it("shows open buckets as they stand", async () => {
    const rig = new Rig();
    await rig.commit([sample(1, START, START)], START);
    expect(rig.roller.open(START + 60_000)).toMatchObject([{ rig: 1, coveredMs: 60_000, samples: 1 }]);
    expect(rig.roller.open(START + 600_000)).toMatchObject([{ coveredMs: 120_000 }]);
  });

  describe("after a restart", () => {
    const served = (rig: Rig, nowMs: number) => {
      const rows = rig.roller.open(nowMs).sort((a, b) => a.startMs - b.startMs || a.rig - b.rig);
      const starts = [...new Set(rows.map(({ startMs }) => startMs))];
      return {
        rigs: rows,
        sites: starts.flatMap((at) =>
          foldSite(
            rows.filter((row) => row.startMs === at),
            RIGS,
            at,
            BUCKET_MS,
          ),
        ),
      };
    };
    /** Three rigs that report every 30 s and, but for rig 2, go on until `toMs`. */
    const run = async (toMs: number) => {
      const rig = new Rig();
      await rig.roller.recover(START);
      for (let at = START + 7_000; at < toMs; at += 30_000) {
        await rig.commit([sample(1, at, at, 3000 + (at % 7)), sample(3, at + 5, at)], at);
        if (at < toMs - 100_000) await rig.commit([sample(2, at + 9, at)], at);
        await rig.roller.close(at);
      }
      return rig;
    };

    it.each([
      ["in the middle of a bucket", 2 * BUCKET_MS + 200_000, 3_000],
      ["in the first bucket of all", 200_000, 3_000],
      ["while the bucket before waits for samples on their way", 2 * BUCKET_MS + 15_000, 1_000],
      ["that outlasts the end of the bucket", 2 * BUCKET_MS + 200_000, 150_000],
      ["that outlasts several buckets", 2 * BUCKET_MS + 200_000, 4 * BUCKET_MS],
    ])("%s serves what was served before it", async (_when, stoppedMs, awayMs) => {
      const rig = await run(START + stoppedMs);
      const now = START + stoppedMs + awayMs;
      const before = served(rig, now);
      expect(before.rigs.length).toBeGreaterThanOrEqual(3);
      await rig.restart().recover(now);
      expect(served(rig, now)).toEqual(before);
      const end = Math.ceil(now / BUCKET_MS + 1) * BUCKET_MS;
      await rig.roller.close(end + 20_000);
      await rig.roller.close(end + 20_000 + BUCKET_MS);
      await rig.expectPure(end);
    });

    it("reads the raw samples of no more than a few buckets, whatever was never rolled up", async () => {
      const rig = new Rig();
      for (let at = START; at < START + HOUR_MS; at += 30_000)
        await rig.telemetry.append({ samples: [sample(1, at, at)], marks: [] });
      const now = START + HOUR_MS + 60_000;
      await rig.roller.recover(now);
      const starts = rig.roller.open(now).map(({ startMs }) => (startMs - START) / BUCKET_MS);
      expect(starts.sort((a, b) => a - b)).toEqual([9, 10, 11]);
      await rig.roller.close(now + BUCKET_MS);
      await rig.expectPure(START + HOUR_MS);
    });
  });

  it("ends with the rows that follow from raw, whatever the order, doubling, lateness and restarts", async () => {
    const event = fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({
          what: fc.constant("sample" as const),
          rig: fc.integer({ min: 1, max: 3 }),
          lateMs: fc.oneof(fc.constant(0), fc.integer({ min: -60_000, max: 2 * HOUR_MS })),
          powerW: fc.integer({ min: 0, max: 4000 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ what: fc.constant("close" as const) }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant("restart" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(event, fc.integer({ min: 0, max: 200_000 })), { maxLength: 120 }),
        async (events) => {
          const rig = new Rig();
          let now = START + HOUR_MS;
          const seen = new Set<string>();
          await rig.roller.recover(now);
          for (const [step, passedMs] of events) {
            now += passedMs;
            if (step.what === "close") await rig.roller.close(now);
            else if (step.what === "restart") await rig.restart().recover(now);
            else {
              const atMs = Math.max(START, now - step.lateMs);
              if (seen.has(`${step.rig} ${atMs}`)) continue;
              seen.add(`${step.rig} ${atMs}`);
              await rig.commit([sample(step.rig, atMs, now, step.powerW)], now);
            }
          }
          const end = Math.ceil(now / HOUR_MS + 1) * HOUR_MS;
          await rig.roller.close(end + 20_000);
          await rig.roller.close(end + 20_000 + BUCKET_MS);
          await rig.expectPure(end);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps a row of more samples than a damaged telemetry store has left, also where late ones touch it", async () => {
    const rig = new Rig();
    await rig.roller.recover(START);
    const whole = Array.from({ length: 10 }, (_, i) => sample(1, START + i * 30_000, START + i * 30_000));
    await rig.commit(whole, START + 290_000);
    await rig.roller.close(START + BUCKET_MS + 30_000);
    const range = { fromMs: START, toMs: START + BUCKET_MS, stepMs: BUCKET_MS };
    const before = await rig.state.rollups(range);
    expect(before).toMatchObject([{ rig: 1, samples: 10 }]);

    const fresh = new MemoryTelemetryStore();
    const late = [sample(1, START + 15_000, START + 400_000), sample(2, START + 15_000, START + 400_000)];
    await fresh.append({ samples: late, marks: [] });
    const roller = new Roller({ telemetry: fresh, state: rig.state, rigs: () => RIGS });
    await roller.recover(START + 400_000);
    await roller.close(START + 2 * BUCKET_MS + 60_000);
    const after = await rig.state.rollups(range);
    expect(after.find((row) => row.rig === 1)).toEqual(before[0]);
    expect(after.find((row) => row.rig === 2)).toMatchObject({ samples: 1 });
  });
});
