import { ServerError } from "@hashwatt/server/error";
import { type CopyPosition, copyHistory } from "@hashwatt/server/store/copy/copyHistory";
import { MemoryTelemetryStore } from "@hashwatt/server/store/memory";
import type { StoredSample } from "@hashwatt/server/store/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, fleetDay } from "./support/day.js";

const HOUR_MS = 3_600_000;

/** Copies between stores in memory that fail as told. */
class Copies {
  readonly source = new MemoryTelemetryStore();
  readonly target = new MemoryTelemetryStore();
  position: CopyPosition | undefined;
  nowMs = DAY_MS + 12 * HOUR_MS;
  #failAt = Number.POSITIVE_INFINITY;
  #afterwards = false;
  #appends = 0;

  /** The nth append of the coming run fails: before it is stored, or after that. */
  failAt(n: number, afterwards: boolean): void {
    this.#failAt = n;
    this.#afterwards = afterwards;
    this.#appends = 0;
  }

  run(over: Partial<Parameters<typeof copyHistory>[0]> = {}) {
    const { source, target } = this;
    return copyHistory({
      source,
      target: {
        raw: (range) => target.raw(range),
        count: (range) => target.count(range),
        append: async (commit) => {
          const fails = ++this.#appends === this.#failAt;
          if (fails && !this.#afterwards) throw new Error("killed");
          await target.append(commit);
          if (fails) throw new Error("killed");
        },
      },
      overwrites: false,
      fromMs: 0,
      position: this.position && { ...this.position },
      keep: async (position) => {
        this.position = position;
      },
      nowMs: this.nowMs,
      signal: new AbortController().signal,
      progress: () => undefined,
      ...over,
    });
  }

  all = (store: MemoryTelemetryStore) => store.samples({ fromMs: 0, toMs: DAY_MS * 2 });
}

describe("a copy between stores", () => {
  const day = fleetDay({ seed: 21, rigs: 12, hours: 6, intervalMs: 10_000 });

  it("brings every sample whole, and says how far it is", async () => {
    const copies = new Copies();
    await copies.source.append({ samples: day, marks: [] });
    const steps: [number, number][] = [];
    const done = await copies.run({ progress: (at, total) => steps.push([at, total]) });
    expect(done).toMatchObject({ copied: day.length, held: 0 });
    expect(await copies.all(copies.target)).toEqual(day);
    expect(steps.length).toBeGreaterThan(3);
    expect(steps.at(-1)).toEqual([day.length, day.length]);
    for (const [, total] of steps) expect(total).toBe(day.length);
    expect(await copies.run()).toMatchObject({ copied: 0, held: 0 });
  });

  it("that ends anywhere and is run again brings all of it once, with what arrived late meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.integer({ min: 1, max: 6 }), afterwards: fc.boolean() }), {
          maxLength: 6,
        }),
        fc.array(fc.nat({ max: day.length - 1 }), { maxLength: 400 }),
        fc.boolean(),
        async (failures, lateOnes, losesPosition) => {
          const copies = new Copies();
          const late = new Set(lateOnes);
          await copies.source.append({ samples: day.filter((_, i) => !late.has(i)), marks: [] });
          const waiting = [...late];
          for (const { at, afterwards } of failures) {
            copies.failAt(at, afterwards);
            await copies.run().catch((error: Error) => expect(error.message).toBe("killed"));
            if (losesPosition) copies.position = undefined;
            copies.nowMs += 60_000;
            // Late samples arrive in the source at any time, for any window.
            const arrived: StoredSample[] = waiting
              .splice(0, 50)
              .map((i) => ({ ...day[i]!, receivedMs: copies.nowMs - 1 }));
            await copies.source.append({ samples: arrived, marks: [] });
          }
          copies.failAt(Number.POSITIVE_INFINITY, false);
          await copies.run();
          expect(await copies.all(copies.target)).toEqual(await copies.all(copies.source));
          expect(await copies.target.count({ fromMs: 0, toMs: DAY_MS * 2 })).toBe(
            day.length - waiting.length,
          );
        },
      ),
      { numRuns: 25, seed: 3 },
    );
  }, 120_000);

  it("leaves what the target held already as it is", async () => {
    const copies = new Copies();
    await copies.source.append({ samples: day, marks: [] });
    const half = day.filter((_, i) => i % 2 === 0);
    await copies.target.append({ samples: half, marks: [] });
    expect(await copies.run()).toMatchObject({ copied: day.length - half.length, held: half.length });
    expect(await copies.all(copies.target)).toEqual(day);
  });

  it("takes nothing older than it is told to, and crosses years without a sample quickly", async () => {
    const copies = new Copies();
    const old = { ...day[0]!, sample: { ...day[0]!.sample, atMs: Date.UTC(2021, 0, 1) } };
    await copies.source.append({ samples: [old, ...day], marks: [] });
    expect(await copies.run({ fromMs: DAY_MS + HOUR_MS })).toMatchObject({
      copied: day.filter(({ sample }) => sample.atMs >= DAY_MS + HOUR_MS).length,
    });
    const all = new Copies();
    await all.source.append({ samples: [old, ...day], marks: [] });
    expect(await all.run()).toMatchObject({ copied: day.length + 1 });
  });

  it("stops at a sample that must not be copied, and when it is cancelled", async () => {
    const copies = new Copies();
    await copies.source.append({ samples: day, marks: [] });
    const prepare = (sample: StoredSample) => {
      if (sample.rig === 7) throw new ServerError("copyFailed", "r7 is not known here");
      return sample;
    };
    await expect(copies.run({ prepare })).rejects.toMatchObject({ code: "copyFailed" });
    const abort = new AbortController();
    const cancelled = copies.run({ signal: abort.signal, progress: () => abort.abort(new Error("enough")) });
    await expect(cancelled).rejects.toThrow("enough");
    expect(copies.position!.samples).toBeGreaterThan(0);
    await copies.run();
    expect(await copies.all(copies.target)).toEqual(day);
  });

  it("of an empty store is done at once", async () => {
    expect(await new Copies().run()).toMatchObject({ copied: 0, held: 0 });
  });
});
