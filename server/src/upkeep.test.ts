import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import type { CommitQueue } from "./intake/commitQueue.js";
import type { Roller } from "./rollup/roller.js";
import { TooLate } from "./rollup/tooLate.js";
import type { Retention } from "./store/retention.js";
import { MemoryStateStore } from "./store/state/memory.js";
import type { EventRecord } from "./store/state/state.js";
import { StreamMarks } from "./streams/streamMarks.js";
import { Upkeep } from "./upkeep.js";

const HOUR_MS = 3_600_000;

function setUp({ startMs = Date.UTC(2026, 10, 26), exportTo = undefined as string | undefined } = {}) {
  const clock = fakeClock(startMs);
  const events: EventRecord[] = [];
  const done = {
    closed: 0,
    hours: 0,
    /** Rows that the next step writes, and how often the state gave back what they take. */
    rows: 0,
    settled: 0,
    calmed: 0,
    pricing: 0,
    /** Parts that the rollups still have to do, and so far as the ledger was told of each time. */
    parts: 0,
    told: [] as unknown[],
    /** Whether a bucket has ended, and what the samples' store was told of it. */
    due: false,
    spared: [] as boolean[],
    /** When the state was asked to lay its rows together. */
    merged: [] as number[],
    /** What readings came too late for. */
    tooLate: new TooLate(),
    /** Steps of rolling up and dropping, in their order. */
    order: [] as string[],
    failing: undefined as Error | undefined,
    retentionFailing: undefined as Error | undefined,
  };
  const upkeep = new Upkeep({
    state: Object.assign(new MemoryStateStore(), {
      async settle(merge = false) {
        if (merge) done.merged.push(clock.nowMs());
        else done.settled++;
      },
      async calm() {
        done.calmed++;
      },
      async exportTo(folder: string) {
        await mkdir(folder, { recursive: true });
        const manifest = { format: 1, schema: 1, tables: [], months: {} };
        await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
        return folder;
      },
    }),
    pricer: {
      get pending() {
        return done.pricing;
      },
      rolledUp: (...to: unknown[]) => done.told.push(to),
      async close() {},
    },
    telemetry: {
      spare: async (spares: boolean) => {
        if (spares !== (done.spared.at(-1) ?? false)) done.spared.push(spares);
      },
    },
    roller: {
      isDue: () => done.due,
      tooLate: done.tooLate,
      closedToMs: 5 * HOUR_MS,
      get foldedToMs() {
        return (5 - done.parts) * HOUR_MS;
      },
      async close(_nowMs: number, rawGoesMs?: number) {
        done.order.push(rawGoesMs === undefined ? "step" : "rolled up");
        if (done.failing) throw done.failing;
        done.closed++;
        const rigs = done.rows;
        done.rows = 0;
        done.parts = Math.max(0, done.parts - 1);
        return { rigs, sites: 0, more: done.parts > 0 };
      },
    } as unknown as Roller,
    retention: {
      async step() {
        done.order.push("dropped");
        done.hours++;
        return {
          droppedSamples: 0,
          droppedRows: 0,
          usedBytes: 0,
          events: ["the disk limit was reached"],
          failed: done.retentionFailing,
        };
      },
    } as unknown as Retention,
    marks: new StreamMarks(),
    exportTo,
    queue: { event: (event: EventRecord) => events.push(event) } as unknown as CommitQueue,
    clock,
    log: pino({ level: "silent" }),
  });
  return { clock, events, done, upkeep };
}

describe("upkeep", () => {
  test("closes rollups every few seconds and keeps retention hourly, with its events", async () => {
    const it = setUp();
    it.upkeep.start();
    await it.clock.advance(60_000);
    expect(it.done).toMatchObject({ closed: 12, hours: 0 });
    await it.clock.advance(2 * HOUR_MS);
    expect(it.done.hours).toBe(2);
    expect(it.events.map((event) => event.kind)).toEqual(["disk-limit", "disk-limit"]);
    await it.upkeep.close();
    expect(it.clock.pending).toBe(0);
  });

  test("has the state settle behind rows that it wrote, and again once they are priced", async () => {
    const it = setUp();
    await it.upkeep.step();
    expect(it.done).toMatchObject({ settled: 0, calmed: 1 });
    it.done.rows = 10_000;
    it.done.pricing = 1;
    await it.upkeep.step();
    await it.upkeep.step();
    expect(it.done.settled).toBe(1);
    it.done.pricing = 0;
    await it.upkeep.step();
    await it.upkeep.step();
    expect(it.done.settled).toBe(2);
  });

  test("has the samples' store do without what can wait, from the end of a bucket until its rows are priced", async () => {
    const it = setUp();
    await it.upkeep.step();
    expect(it.done.spared).toEqual([]);
    Object.assign(it.done, { due: true, rows: 10_000, pricing: 1 });
    await it.upkeep.step();
    it.done.due = false;
    await it.upkeep.step();
    expect(it.done.spared).toEqual([true]);
    it.done.pricing = 0;
    await it.upkeep.step();
    expect(it.done.spared).toEqual([true, false]);
    // Where the rows cannot be written nothing is put off for ever.
    Object.assign(it.done, { due: true, failing: new Error("no room on disk") });
    await it.upkeep.step();
    expect(it.done.spared).toEqual([true, false, true, false]);
  });

  test("goes on at once with what a long outage has left to roll up, and tells the ledger how far it is", async () => {
    const it = setUp();
    it.done.parts = 3;
    await it.upkeep.step();
    expect(it.done.closed).toBe(3);
    expect(it.done.told).toEqual([
      [5 * HOUR_MS, 3 * HOUR_MS],
      [5 * HOUR_MS, 4 * HOUR_MS],
      [5 * HOUR_MS, undefined],
    ]);
  });

  test("has the state lay rows together in the middle of a bucket, and never around its ends", async () => {
    const it = setUp();
    it.upkeep.start();
    await it.clock.advance(119_000);
    expect(it.done).toMatchObject({ settled: 0, merged: [] });
    await it.clock.advance(181_000);
    expect(it.done.merged.length).toBe(24);
    expect(it.done.merged[0]! % 300_000).toBe(120_000);
    expect(it.done.merged.at(-1)! % 300_000).toBe(235_000);
    await it.upkeep.close();
  });

  test("frees the disk every hour while rollups cannot be written", async () => {
    const it = setUp();
    it.done.failing = new Error("no room on disk");
    it.upkeep.start();
    await it.clock.advance(3 * HOUR_MS + 10_000);
    expect(it.done).toMatchObject({ closed: 0, hours: 3 });
    expect(it.upkeep.problem).toBe("no room on disk");
    await it.upkeep.close();
  });

  test("looks after the disk and forgets old marks some minutes after the start, and not at once", async () => {
    const it = setUp();
    it.upkeep.start();
    await it.clock.advance(5 * 60_000);
    expect(it.done.hours).toBe(0);
    await it.clock.advance(6 * 60_000);
    expect(it.done.hours).toBe(1);
    await it.upkeep.close();
  });

  test("has late readings rolled up before raw samples are dropped", async () => {
    const it = setUp();
    await it.clock.advance(HOUR_MS);
    await it.upkeep.step();
    expect(it.done.order).toEqual(["step", "rolled up", "dropped"]);
  });

  test("tells once of readings that came too late, how many rows lack them and of which time", async () => {
    const it = setUp();
    const startMs = Date.UTC(2026, 10, 20, 4);
    const tellings = () => it.events.filter(({ kind }) => kind === "readings-too-late");
    for (let n = 0; n < 5; n++) {
      it.done.tooLate.add(10, startMs + n * 300_000, it.clock.nowMs(), "raw");
      await it.upkeep.step();
      await it.clock.advance(60_000);
    }
    expect(tellings()).toEqual([]);
    await it.clock.advance(300_000);
    for (let n = 0; n < 3; n++) await it.upkeep.step();
    expect(tellings().map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /^50 sums .* 2026-11-20T04:00:00.000Z to 2026-11-20T04:25:00.000Z, lack readings/,
      ),
    ]);
    it.done.tooLate.add(2, startMs, it.clock.nowMs(), "raw");
    await it.upkeep.close();
    expect(tellings().map(({ text }) => text.split(" ")[0])).toEqual(["50", "2"]);
    expect(it.done.tooLate.total).toBe(52);
  });

  test("names what retention could not do until an hour in which it could, and passes its events on", async () => {
    const it = setUp();
    it.done.retentionFailing = new Error("no room for the mark");
    it.upkeep.start();
    await it.clock.advance(HOUR_MS + 60_000);
    expect(it.upkeep.problem).toBe("no room for the mark");
    expect(it.events).toHaveLength(1);
    it.done.retentionFailing = undefined;
    await it.clock.advance(HOUR_MS);
    expect(it.upkeep.problem).toBeUndefined();
    await it.upkeep.close();
  });

  test("says what fails until it works again", async () => {
    const it = setUp();
    it.done.failing = new Error("no room on disk");
    await it.upkeep.step();
    expect(it.upkeep.problem).toBe("no room on disk");
    it.done.failing = undefined;
    await it.upkeep.step();
    expect(it.upkeep.problem).toBeUndefined();
  });
});

describe("the export of a day", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "hashwatt-upkeep-"));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));
  /** Runs a server from `startMs` for some hours, a step every half an hour; returns how many exports it told of. */
  const run = async (startMs: number, hours: number) => {
    const { clock, upkeep, events } = setUp({ startMs, exportTo: dataDir });
    for (let half = 0; half < 2 * hours; half++) {
      await clock.advance(HOUR_MS / 2);
      await upkeep.step();
    }
    await upkeep.close();
    return events.filter(({ kind }) => kind === "exported").length;
  };
  const nine = (day: number) => Date.UTC(2026, 10, day, 9);
  const days = () => readdirSync(join(dataDir, "exports")).sort();

  test("is made by a server that never runs across midnight", async () => {
    expect(await run(nine(26), 11)).toBe(1);
    expect(await run(nine(27), 11)).toBe(1);
    expect(days()).toEqual(["state-20261126", "state-20261127"]);
  });

  test("is made once, however often the server starts, and at midnight where it goes on", async () => {
    expect(await run(nine(26), 1)).toBe(1);
    expect(await run(nine(26) + 2 * HOUR_MS, 2)).toBe(0);
    expect(await run(nine(26) + 5 * HOUR_MS, 12)).toBe(1);
    expect(days()).toEqual(["state-20261126", "state-20261127"]);
  });
});
