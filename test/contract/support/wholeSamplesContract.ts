import { MemoryTelemetryStore } from "@hashwatt/server/store/memory";
import type { BoardPoint, StoredSample, TelemetryStore } from "@hashwatt/server/store/store";
import { expect, it } from "vitest";
import { closeTo } from "./closeTo.js";
import { DAY_MS } from "./day.js";
import { tempFolder } from "./telemetryStores.js";

const HOUR_MS = 3_600_000;

/** What the tests work on. */
export interface WholeSamplesParts {
  day: readonly StoredSample[];
  open(folder: string): Promise<TelemetryStore>;
  /** The store under test. */
  store(): TelemetryStore;
  /** Appends in commits of uneven size; by default to the store under test. */
  fill(samples: readonly StoredSample[], into?: TelemetryStore): Promise<void>;
  /** Closes the store under test and opens it again, where it keeps what it holds. */
  reopen(): Promise<void>;
}

/** What every telemetry store gives back of whole samples, which copies are made of. */
export function wholeSamplesContract({ day, open, store, fill, reopen }: WholeSamplesParts): void {
  /** The day in slices of uneven length, none of which begins with a minute. */
  async function inSlices(from: TelemetryStore): Promise<StoredSample[]> {
    const all: StoredSample[] = [];
    for (let at = DAY_MS - 1_234, step = 700_123; at < DAY_MS + 7 * HOUR_MS; at += step, step += 90_001)
      all.push(...(await from.samples({ fromMs: at, toMs: at + step })));
    return all;
  }

  it("gives back whole samples of any window as they were appended", async () => {
    await fill(day);
    expect(await inSlices(store())).toEqual(day);
    expect(await store().samples({ fromMs: 0, toMs: DAY_MS })).toEqual([]);
  });

  it("gives back whole samples in whatever order they came, over its own end as well", async () => {
    const late = day.filter((_, i) => i % 7 === 3);
    const early = day.filter((_, i) => i % 7 !== 3);
    const middle = early.length >> 1;
    await fill(early.slice(0, middle));
    await fill(late.slice(0, late.length >> 2));
    await fill(early.slice(middle));
    await reopen();
    await fill(late.slice(late.length >> 2).reverse());
    expect(await inSlices(store())).toEqual(day);
  });

  it("keeps the slowest fan of a reading whose fans are known no more, or only as means", async () => {
    const [known, means] = [day[0]!, day[1]!].map(({ rig, receivedMs, sample }) => {
      const { fansRpm: _fans, ...others } = sample;
      return { rig, receivedMs, sample: others, slowestFanRpm: 4_321 };
    });
    const both: StoredSample[] = [
      known!,
      { ...means!, sample: { ...means!.sample, fansRpm: [5_000, 4_400] } },
    ];
    await store().append({ samples: both, marks: [] });
    const all = { fromMs: DAY_MS, toMs: DAY_MS + HOUR_MS };
    expect(await store().samples(all)).toEqual(both);
    expect((await store().raw(all)).map(({ fanRpm }) => fanRpm)).toEqual([4_321, 4_321]);
    const fans = async (rig: number) => await store().fans({ ...all, rig, stepMs: HOUR_MS });
    expect(await fans(known!.rig)).toEqual([]);
    expect(await fans(means!.rig)).toEqual([{ atMs: DAY_MS, fansRpm: [5_000, 4_400] }]);
    expect((await store().latest()).map(({ slowestFanRpm }) => slowestFanRpm)).toEqual([4_321, 4_321]);
  });

  it("gives back what it holds of compacted boards and fans, so that a copy tells the same by the minute", async () => {
    await fill(day);
    await store().compactBoards(DAY_MS + 3 * HOUR_MS);
    const copied = await inSlices(store());
    expect(copied.length).toBe(day.length);
    const copy = tempFolder();
    for (const target of [new MemoryTelemetryStore(), await open(copy.path)]) {
      await fill(copied, target);
      const all = { fromMs: DAY_MS, toMs: DAY_MS + 6 * HOUR_MS };
      expect(await target.raw(all)).toEqual(await store().raw(all));
      for (const rig of [2, 3, 4]) {
        const range = { ...all, rig, stepMs: 60_000 };
        const counted = ({ hwErrors: _errors, ...board }: BoardPoint) => board;
        closeTo((await target.boards(range)).map(counted), (await store().boards(range)).map(counted));
        closeTo(await target.fans(range), await store().fans(range));
        // Errors gained before a daemon's restart within a compacted minute are known no more; all others are.
        const gained = async (of: TelemetryStore) =>
          (await of.boards({ ...range, stepMs: HOUR_MS })).reduce(
            (sum, { hwErrors = 0 }) => sum + hwErrors,
            0,
          );
        expect(await gained(target)).toBeGreaterThan(0.8 * (await gained(store())));
        expect(await gained(target)).toBeLessThanOrEqual(await gained(store()));
      }
      await target.compactBoards(DAY_MS + 7 * HOUR_MS);
      closeTo(
        await target.fans({ ...all, rig: 2, stepMs: 60_000 }),
        await store().fans({ ...all, rig: 2, stepMs: 60_000 }),
      );
      await target.close();
    }
    copy[Symbol.dispose]();
  });
}
