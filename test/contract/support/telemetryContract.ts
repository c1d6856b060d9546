import { BUCKET_MS } from "@hashwatt/server/rollup/row";
import { MemoryTelemetryStore } from "@hashwatt/server/store/memory";
import {
  HELD_QUANTITIES,
  type StoredSample,
  type StreamMark,
  type TelemetryStore,
} from "@hashwatt/server/store/store";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeTo } from "./closeTo.js";
import { DAY_MS, fleetDay } from "./day.js";
import { type TelemetryStoreKind, tempFolder } from "./telemetryStores.js";
import { wholeSamplesContract } from "./wholeSamplesContract.js";

const HOUR_MS = 3_600_000;
const mark = (seq: number, stream = "s1"): StreamMark => ({
  site: "north",
  agent: "a1",
  stream,
  seq,
  updatedMs: DAY_MS + seq,
  lost: 0,
});

/** Appends in commits of uneven size, as ingest does. */
async function fill(store: TelemetryStore, samples: readonly StoredSample[]): Promise<void> {
  for (let first = 0, size = 1; first < samples.length; first += size, size = (size * 3) % 997 || 1)
    await store.append({ samples: samples.slice(first, first + size), marks: [mark(first + 1)] });
}

/** What every telemetry store does: the same answers as the memory store on the same day of data. */
export function telemetryContract(name: string, { durable, keptElsewhere, open }: TelemetryStoreKind): void {
  describe(`telemetry store ${name}`, () => {
    let folder: ReturnType<typeof tempFolder>;
    let store: TelemetryStore;
    const day = fleetDay({ seed: 7, rigs: 9, hours: 6, intervalMs: 15_000 });

    beforeEach(async () => {
      folder = tempFolder();
      store = await open(folder.path);
    });
    afterEach(async () => {
      await store.close();
      folder[Symbol.dispose]();
    });

    /** The same day in the memory store. */
    async function yardstick(): Promise<TelemetryStore> {
      const memory = new MemoryTelemetryStore();
      await fill(memory, day);
      return memory;
    }

    it("is empty at first", async () => {
      expect(await store.latest()).toEqual([]);
      expect(await store.marks()).toEqual([]);
      expect(await store.span()).toBeUndefined();
      expect(await store.raw({ fromMs: 0, toMs: DAY_MS * 2 })).toEqual([]);
      expect(await store.rawSeries({ rigs: [1], fromMs: 0, toMs: DAY_MS, stepMs: HOUR_MS })).toEqual([]);
    });

    it("gives back every scalar of the day as it was appended", async () => {
      await fill(store, day);
      const memory = await yardstick();
      const range = { fromMs: DAY_MS, toMs: DAY_MS + 6 * HOUR_MS };
      const raw = await store.raw(range);
      expect(raw).toHaveLength(day.length);
      expect(raw).toEqual(await memory.raw(range));
      const some = { fromMs: DAY_MS + HOUR_MS, toMs: DAY_MS + 2 * HOUR_MS, rigs: [7, 2] };
      expect(await store.raw(some)).toEqual(await memory.raw(some));
      expect(await store.raw({ ...some, rigs: [] })).toEqual([]);
      expect(await store.span()).toEqual(await memory.span());
      expect(await store.count(some)).toBe(await memory.count(some));
    });

    wholeSamplesContract({
      day,
      open,
      store: () => store,
      fill: (samples, into = store) => fill(into, samples),
      async reopen() {
        if (!durable) return;
        await store.close();
        store = await open(folder.path);
      },
    });

    it("keeps nothing of a trial, neither at once nor after the next append", async () => {
      await store.trial(day.slice(0, 50));
      expect(await store.latest()).toEqual([]);
      await store.append({ samples: day.slice(50, 60), marks: [mark(1)] });
      expect(await store.count({ fromMs: 0, toMs: DAY_MS * 2 })).toBe(10);
    });

    it("rebuilds the latest sample of every rig whole, boards, fans and faults included", async () => {
      await fill(store, day);
      expect(await store.latest()).toEqual(await (await yardstick()).latest());
      const last = day.findLast(({ sample }) => sample.faults);
      const upTo = day.filter(({ sample }) => sample.atMs <= last!.sample.atMs);
      const other = tempFolder();
      const second = await open(other.path);
      await fill(second, upTo);
      expect((await second.latest()).find(({ rig }) => rig === last!.rig)).toEqual(last);
      await second.close();
      other[Symbol.dispose]();
    });

    it("tells when rigs last answered within a window, by the stamp but no later than the arrival", async () => {
      const reading = (
        rig: number,
        atMs: number,
        status: "mining" | "unreachable",
        lagMs = 5,
      ): StoredSample => ({
        rig,
        receivedMs: atMs + lagMs,
        sample: { atMs, intervalMs: 5_000, status },
      });
      await store.append({
        samples: [
          reading(1, DAY_MS + 1_000, "mining"),
          reading(1, DAY_MS + 2_000, "mining", -300),
          reading(1, DAY_MS + 3_000, "unreachable"),
          reading(2, DAY_MS - 1, "mining"),
          reading(2, DAY_MS + 1_000, "unreachable"),
          reading(3, DAY_MS + 1_000, "mining"),
        ],
        marks: [],
      });
      const answered = await store.answered({ rigs: [1, 2, 9], fromMs: DAY_MS });
      expect([...answered]).toEqual([[1, DAY_MS + 1_700]]);
      expect(await store.answered({ rigs: [], fromMs: 0 })).toEqual(new Map());
    });

    it("tells which steps hold what arrived since an instant, however late it was", async () => {
      const at = (rig: number, atMs: number, receivedMs: number): StoredSample => ({
        rig,
        receivedMs,
        sample: { atMs, intervalMs: 5_000, status: "mining" },
      });
      await store.append({ samples: [at(1, DAY_MS + 10, DAY_MS + 20)], marks: [mark(1)] });
      const sinceMs = DAY_MS + 2 * HOUR_MS;
      await store.append({
        samples: [at(1, DAY_MS + HOUR_MS, sinceMs), at(2, sinceMs + 5, sinceMs + 400_000)],
        marks: [mark(2)],
      });
      const starts = [DAY_MS + HOUR_MS, sinceMs];
      expect(await store.bucketsSince(sinceMs, BUCKET_MS)).toEqual(starts);
      expect(await store.bucketsSince(sinceMs, HOUR_MS)).toEqual(starts);
      expect(await store.bucketsSince(0, BUCKET_MS)).toEqual([DAY_MS, ...starts]);
      expect(await store.bucketsSince(DAY_MS + 9 * HOUR_MS, BUCKET_MS)).toEqual([]);
    });

    it("answers series of any step, window and set of rigs as the yardstick does", async () => {
      await fill(store, day);
      const memory = await yardstick();
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { maxLength: 5 }),
          fc.constantFrom(5_000, 60_000, 300_000, 1_000_000, HOUR_MS),
          fc.integer({ min: -HOUR_MS, max: 6 * HOUR_MS }),
          fc.integer({ min: 0, max: 2 * HOUR_MS }),
          fc.constantFrom(undefined, "sha256d", "scrypt", "x11"),
          fc.option(fc.subarray([...HELD_QUANTITIES]), { nil: undefined }),
          fc.option(fc.subarray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), { nil: undefined }),
          async (rigs, stepMs, offset, length, algo, quantities, assumed) => {
            const fromMs = DAY_MS + offset;
            const query = {
              rigs,
              stepMs,
              fromMs,
              toMs: fromMs + length,
              ...(algo && { algo }),
              ...(assumed && { assumed }),
              ...(quantities && { quantities }),
            };
            closeTo(await store.rawSeries(query), await memory.rawSeries(query));
          },
        ),
        { numRuns: 60, seed: 1 },
      );
    });

    it("tells boards and fans by the minute the same before and after they are compacted", async () => {
      await fill(store, day);
      const memory = await yardstick();
      const compare = async () => {
        for (const rig of [2, 3, 4, 5])
          for (const stepMs of [60_000, BUCKET_MS]) {
            const range = { rig, stepMs, fromMs: DAY_MS + HOUR_MS / 2, toMs: DAY_MS + 5 * HOUR_MS };
            closeTo(await store.boards(range), await memory.boards(range));
            closeTo(await store.fans(range), await memory.fans(range));
          }
      };
      await compare();
      await store.compactBoards(DAY_MS + 2.5 * HOUR_MS);
      await compare();
      await store.compactBoards(DAY_MS + 7 * HOUR_MS);
      await compare();
      expect(await store.latest()).toEqual(await memory.latest());
    });

    it("moves a mark forward, keeps streams apart and forgets the old ones", async () => {
      await store.append({ samples: [], marks: [mark(1), mark(2), mark(5, "s2")] });
      await store.append({ samples: [], marks: [{ ...mark(3), lost: 4 }] });
      const marks = (await store.marks()).sort((a, b) => (a.stream < b.stream ? -1 : 1));
      expect(marks).toMatchObject([
        { stream: "s1", seq: 3, lost: 4 },
        { stream: "s2", seq: 5 },
      ]);
      await store.dropMarks(DAY_MS + 4);
      expect((await store.marks()).map(({ stream }) => stream)).toEqual(["s2"]);
      await store.append({ samples: [], marks: [mark(9)] });
      expect(await store.marks()).toHaveLength(2);
    });

    if (keptElsewhere)
      it("leaves it to its server to end what is old, and does not know how many bytes there are", async () => {
        await fill(store, day);
        expect(await store.dropBefore(DAY_MS + 3.5 * HOUR_MS)).toBe(0);
        expect(await store.count({ fromMs: 0, toMs: DAY_MS * 2 })).toBe(day.length);
        expect(await store.bytes()).toBeUndefined();
        expect(await store.usedBytes()).toBeUndefined();
      });
    else
      it("drops what is older than asked and says how many samples went", async () => {
        await fill(store, day);
        const before = DAY_MS + 3.5 * HOUR_MS;
        const old = day.filter(({ sample }) => sample.atMs < before).length;
        await store.compactBoards(before);
        expect(await store.dropBefore(before)).toBe(old);
        expect(await store.count({ fromMs: 0, toMs: DAY_MS * 2 })).toBe(day.length - old);
        const range = { rig: 2, fromMs: DAY_MS, toMs: before, stepMs: 60_000 };
        expect(await store.boards(range)).toEqual([]);
        expect(await store.fans(range)).toEqual([]);
      });

    it("takes an instant twice without losing either, as two streams may bring it", async () => {
      const [one] = day;
      await store.append({ samples: [one!, one!], marks: [] });
      await store.append({ samples: [one!], marks: [] });
      // Where a point that is written again is the same point, there is nothing to lose.
      expect([1, 3]).toContain(await store.count({ fromMs: 0, toMs: DAY_MS * 2 }));
      expect(await store.latest()).toHaveLength(1);
    });

    if (durable)
      it("holds all of it after it was closed and opened again", async () => {
        await fill(store, day);
        const [latest, marks] = [await store.latest(), await store.marks()];
        await store.close();
        store = await open(folder.path);
        expect(await store.latest()).toEqual(latest);
        expect(await store.marks()).toEqual(marks);
        expect(await store.count({ fromMs: 0, toMs: DAY_MS * 2 })).toBe(day.length);
        await store.append({ samples: day.slice(0, 3), marks: [mark(10_000)] });
        expect(await store.marks()).toMatchObject([{ seq: 10_000 }]);
        if (!keptElsewhere) expect(await store.bytes()).toBeGreaterThan(0);
      });
  });
}
