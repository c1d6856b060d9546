import { RateSeries } from "@hashwatt/server/rates/rateSeries";
import { meanOver, type Slot } from "@hashwatt/server/rates/slot";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "./support/day.js";
import { DURABLE, STATE_STORES, tempFolder } from "./support/telemetryStores.js";

const OPEN = Number.POSITIVE_INFINITY;
const slot = (from: number, to: number, value: number, more: Partial<Slot> = {}): Slot => ({
  startMs: DAY_MS + from,
  endMs: DAY_MS + to,
  value,
  source: "o'source",
  asOfMs: null,
  ...more,
});
const ALL = { fromMs: 0, toMs: OPEN };
const range = (from: number, to: number) => ({ fromMs: DAY_MS + from, toMs: DAY_MS + to });

describe.each(Object.entries(STATE_STORES))("rate series in state store %s", (name, open) => {
  it("take new slots in the place of what they overlap, and say where values changed", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    const series = await RateSeries.open(store.rateSeries);
    const heard: unknown[] = [];
    const stop = series.onChange((...change) => heard.push(change));
    expect(
      await series.put("btc/USD", [slot(20, OPEN, 2), slot(0, 10, 1, { note: "n", asOfMs: 5 })]),
    ).toEqual(range(0, OPEN));
    // Newer of an open one: what was cut keeps its value, what follows has another.
    expect(await series.put("btc/USD", [slot(30, OPEN, 3)])).toEqual(range(30, OPEN));
    // The same again changes nothing, but is dated anew.
    expect(await series.put("btc/USD", [slot(40, OPEN, 3, { asOfMs: 7 })])).toBeUndefined();
    // In the midst of another: both of its ends stay.
    expect(await series.put("btc/USD", [slot(22, 24, -1)])).toEqual(range(22, 24));
    expect(await series.put("btc/USD", [])).toBeUndefined();
    stop();
    await series.putAll([
      { series: "carbon/x", slots: [slot(0, 1, 0.5)] },
      { series: "price/é", slots: [slot(0, 1, -0.01), slot(1, 2, 0)] },
    ]);
    const expected = [
      slot(0, 10, 1, { note: "n", asOfMs: 5 }),
      slot(20, 22, 2),
      slot(22, 24, -1),
      slot(24, 30, 2),
      slot(30, OPEN, 3, { asOfMs: 7 }),
    ];
    expect(heard).toEqual([
      ["btc/USD", range(0, OPEN)],
      ["btc/USD", range(30, OPEN)],
      ["btc/USD", range(22, 24)],
    ]);
    const check = (held: RateSeries) => {
      expect(held.slots("btc/USD", ALL)).toEqual(expected);
      expect(held.slots("btc/USD", range(10, 20))).toEqual([]);
      expect(held.slots("btc/USD", range(23, 25))).toEqual(expected.slice(2, 4));
      expect(held.last("btc/USD")).toEqual(expected[4]);
      expect(held.names("price/")).toEqual(["price/é"]);
      expect(held.list().map(({ series: each, slots }) => [each, slots])).toEqual([
        ["btc/USD", 5],
        ["carbon/x", 1],
        ["price/é", 2],
      ]);
    };
    check(series);
    check(await RateSeries.open(store.rateSeries));
    await store.close();
    if (!DURABLE.includes(name)) return;
    const again = await open(folder.path);
    check(await RateSeries.open(again.rateSeries));
    await again.close();
  });

  it("refuse slots that overlap each other or are none, and then hold nothing of them", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    const series = await RateSeries.open(store.rateSeries);
    const good = { series: "btc/USD", slots: [slot(0, 1, 1)] };
    for (const bad of [
      [slot(0, 10, 1), slot(9, 12, 2)],
      [slot(5, 5, 1)],
      [slot(0, 1, Number.NaN)],
      [slot(0, 1, 1, { source: "" })],
      [slot(Number.NEGATIVE_INFINITY, 1, 1)],
    ]) {
      await expect(series.putAll([good, { series: "fx/CNY", slots: bad }])).rejects.toThrow();
      expect(series.list()).toEqual([]);
    }
    expect(await store.rateSeries.load()).toEqual([]);
    await store.close();
  });

  it("hold in memory what is on disk, and at each moment what was put last", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    let n = 0;
    const runs = fc.array(
      fc.record({
        from: fc.nat(40),
        long: fc.integer({ min: 1, max: 12 }),
        value: fc.nat(3),
        open: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(runs, async (puts) => {
        const name = `price/p${n++}`;
        const series = await RateSeries.open(store.rateSeries);
        const truth = new Map<number, number>();
        for (const { from, long, value, open: isOpen } of puts) {
          const end = isOpen ? 60 : from + long;
          const before = new Map(truth);
          for (let ms = from; ms < end; ms++) truth.set(ms, value);
          const changed = await series.put(name, [slot(from, isOpen ? OPEN : end, value)]);
          for (let ms = 0; ms < 60; ms++)
            if (before.get(ms) !== truth.get(ms))
              expect(changed && changed.fromMs <= DAY_MS + ms && changed.toMs > DAY_MS + ms).toBe(true);
        }
        const slots = series.slots(name, ALL);
        for (let ms = 0; ms < 60; ms++) expect(meanOver(slots, range(ms, ms + 1))).toBe(truth.get(ms));
        expect((await RateSeries.open(store.rateSeries)).slots(name, ALL)).toEqual(slots);
      }),
      { numRuns: name === "memory" ? 50 : 10 },
    );
    await store.close();
  });
});
