import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LivePoint } from "../feed/liveTail.js";
import { type History, mergeWindow } from "./mergeWindow.js";

const MINUTE = 60_000;
const FIELD = "powerW";
const point = (atMs: number, value: number | null): LivePoint => ({ atMs, values: { [FIELD]: value } });
const history = (
  from: number,
  values: (number | null)[],
  stepMs = MINUTE,
  toMs = from + values.length * stepMs,
): History => ({
  toMs,
  stepMs,
  tMs: values.map((_, at) => from + at * stepMs),
  columns: { [FIELD]: values },
});
const window = (fromMs: number, toMs: number) => ({ fromMs, toMs, fields: [FIELD], holdMs: 30_000 });

describe("a window of history and live readings", () => {
  it("draws the mean of each ended step at its middle and the newest reading at its own time", () => {
    const merged = mergeWindow(history(0, [10, 20]), [point(130_000, 30)], window(0, 140_000));
    expect(merged.tMs).toEqual([30_000, 90_000, 130_000]);
    expect(merged.columns[FIELD]).toEqual([10, 20, 30]);
    expect(merged.gaps).toEqual([]);
  });

  it("a field that is named twice has one value for each time", () => {
    const merged = mergeWindow(history(0, [10, 20]), [point(130_000, 30)], {
      ...window(0, 140_000),
      fields: [FIELD, "other", FIELD],
    });
    expect(merged.columns[FIELD]).toEqual([10, 20, 30]);
    expect(merged.columns.other).toEqual([null, null, null]);
  });

  it("goes on with the means of live readings after the history ends", () => {
    const live = [point(121_000, 30), point(150_000, 50), point(185_000, 70)];
    const merged = mergeWindow(history(0, [10, 20]), live, window(0, 190_000));
    expect(merged.columns[FIELD]).toEqual([10, 20, 40, 70]);
  });

  it("trusts the history for a step that had ended when it was fetched", () => {
    const merged = mergeWindow(
      history(0, [10, 20]),
      [point(70_000, 99), point(130_000, 30)],
      window(0, 130_000),
    );
    expect(merged.columns[FIELD]).toEqual([10, 20, 30]);
  });

  it("goes on with what the history knows of the time after the newest reading", () => {
    const live = [point(70_000, 22)];
    const merged = mergeWindow(history(0, [10, 20, 30, null, 50]), live, window(0, 5 * MINUTE));
    expect(merged.tMs).toEqual([30_000, 70_000, 150_000, 210_000, 270_000]);
    expect(merged.columns[FIELD]).toEqual([10, 22, 30, null, 50]);
    expect(merged.gaps).toEqual([]);
    const ended = mergeWindow(history(0, [10, 20, null]), live, window(0, 3 * MINUTE));
    expect(ended.columns[FIELD]).toEqual([10, 22]);
  });

  it("fills a step that the history does not know yet from live readings", () => {
    const merged = mergeWindow(
      history(0, [10, null]),
      [point(70_000, 22), point(130_000, 30)],
      window(0, 130_000),
    );
    expect(merged.columns[FIELD]).toEqual([10, 22, 30]);
  });

  it("a step that was measured for less than the least share is a gap and joins nothing", () => {
    const sparse = history(0, [10, 20, 30, 40]);
    const covered = { ...sparse, columns: { ...sparse.columns, covered: [1, 0.4, 0.5, 1] } };
    const half = { ...window(0, 4 * MINUTE), holdMs: 10_000, leastCovered: 0.5 };
    const merged = mergeWindow(covered, [], half);
    expect(merged.columns[FIELD]).toEqual([10, null, 30, 40]);
    expect(merged.gaps).toEqual([[30_000, 150_000]]);
    expect(mergeWindow(covered, [], window(0, 4 * MINUTE)).columns[FIELD]).toEqual([10, 20, 30, 40]);
  });

  it("live readings count for as long as they hold towards the share of a step that the history does not know", () => {
    const half = { ...window(0, 5 * MINUTE), leastCovered: 0.5 };
    const live = [point(65_000, 5), point(121_000, 7), point(150_000, 8), point(245_000, 9)];
    const merged = mergeWindow(history(0, [10]), live, { ...half, holdMs: 20_000 });
    expect(merged.columns[FIELD]).toEqual([10, null, 7.5, 9]);
  });

  it("shows a gap where nothing was measured, also before the first and after the last value", () => {
    const merged = mergeWindow(
      history(5 * MINUTE, [10, null, null, null, null, 12]),
      [],
      window(0, 20 * MINUTE),
    );
    expect(merged.gaps).toEqual([
      [0, 5.5 * MINUTE],
      [5.5 * MINUTE, 10.5 * MINUTE],
      [10.5 * MINUTE, 20 * MINUTE],
    ]);
  });

  it("breaks the line where steps are missing altogether", () => {
    const sparse: History = {
      toMs: 11 * MINUTE,
      stepMs: MINUTE,
      tMs: [0, 10 * MINUTE],
      columns: { [FIELD]: [1, 2] },
    };
    const merged = mergeWindow(sparse, [], window(0, 11 * MINUTE));
    expect(merged.columns[FIELD]).toEqual([1, null, 2]);
  });

  it("takes extremes of live readings for fields that are extremes", () => {
    const merged = mergeWindow(
      { toMs: 0, stepMs: MINUTE, tMs: [], columns: {} },
      [point(1_000, 5), point(2_000, 9), point(61_000, 7)],
      { ...window(0, 62_000), fields: ["powerW", "powerWMin", "powerWMax"] },
    );
    expect([merged.columns.powerW![0], merged.columns.powerWMin![0], merged.columns.powerWMax![0]]).toEqual([
      7, 5, 9,
    ]);
  });

  it("is one gap when nothing is known at all", () => {
    expect(mergeWindow(undefined, [], window(0, MINUTE * 10))).toEqual({
      tMs: [],
      columns: { [FIELD]: [] },
      gaps: [[0, MINUTE * 10]],
    });
  });
});

describe("for any history and live readings", () => {
  const value = fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: null });
  const cases = fc.record({
    values: fc.array(value, { maxLength: 30 }),
    live: fc.array(fc.tuple(fc.integer({ min: 0, max: 40 * MINUTE }), value), { maxLength: 40 }),
    fromMs: fc.integer({ min: 0, max: 20 * MINUTE }),
    spanMs: fc.integer({ min: MINUTE, max: 30 * MINUTE }),
    cutMs: fc.integer({ min: 0, max: MINUTE }),
  });
  const build = ({
    values,
    live,
    fromMs,
    spanMs,
    cutMs,
  }: typeof cases extends fc.Arbitrary<infer T> ? T : never) => ({
    past: history(0, values, MINUTE, Math.max(0, values.length * MINUTE - cutMs)),
    points: [...new Map(live.map(([atMs, each]) => [atMs, point(atMs, each)])).values()],
    frame: window(fromMs, fromMs + spanMs),
  });

  it("time rises strictly and stays inside of the window", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { past, points, frame } = build(drawn);
        const { tMs } = mergeWindow(past, points, frame);
        tMs.forEach((ms, at) => {
          expect(ms).toBeGreaterThanOrEqual(frame.fromMs);
          expect(ms).toBeLessThanOrEqual(frame.toMs);
          if (at > 0) expect(ms).toBeGreaterThan(tMs[at - 1]!);
        });
      }),
    );
  });

  it("no value lies outside of what was measured", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { past, points, frame } = build(drawn);
        const known = [...drawn.values, ...points.map((each) => each.values[FIELD])].filter(
          (each) => typeof each === "number",
        );
        for (const each of mergeWindow(past, points, frame).columns[FIELD]!) {
          if (each === null) continue;
          expect(each).toBeGreaterThanOrEqual(Math.min(...known) - 1e-9);
          expect(each).toBeLessThanOrEqual(Math.max(...known) + 1e-9);
        }
      }),
    );
  });

  it("doubled and shuffled live readings change nothing", () => {
    fc.assert(
      fc.property(cases, fc.infiniteStream(fc.nat()), (drawn, order) => {
        const { past, points, frame } = build(drawn);
        const shuffled = [...points, ...points]
          .map((each) => ({ each, rank: order.next().value as number }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ each }) => each);
        const plain = mergeWindow(past, points, frame);
        const other = mergeWindow(past, shuffled, frame);
        expect(other.tMs).toEqual(plain.tMs);
        other.columns[FIELD]!.forEach((each, at) => {
          const same = plain.columns[FIELD]![at]!;
          if (each === null) expect(same).toBeNull();
          else expect(each).toBeCloseTo(same, 6);
        });
      }),
    );
  });

  it("no measured value lies strictly inside of a gap, and gaps come in order", () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { past, points, frame } = build(drawn);
        const { tMs, columns, gaps } = mergeWindow(past, points, frame);
        gaps.forEach(([fromMs, toMs], at) => {
          expect(toMs).toBeGreaterThan(fromMs);
          if (at > 0) expect(fromMs).toBeGreaterThanOrEqual(gaps[at - 1]![1]);
          tMs.forEach((ms, row) => {
            if (columns[FIELD]![row] !== null) expect(ms > fromMs && ms < toMs).toBe(false);
          });
        });
      }),
    );
  });
});
