import { pino } from "pino";
import { beforeEach, describe, expect, test } from "vitest";
import { type MeterConfig, meterSchema } from "../config/meters.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { Air } from "./air.js";
import { airSeries } from "./airSeries.js";
import { Meter } from "./meter.js";

const MINUTE = 60_000;
const BUCKET = 5 * MINUTE;
const HOUR = 12 * BUCKET;
const START = Date.UTC(2026, 10, 26);
const log = pino({ level: "silent" });

let state: MemoryStateStore;
beforeEach(() => {
  state = new MemoryStateStore();
});

const sensor = (meter: string, rest: Partial<MeterConfig> = {}) =>
  new Meter(
    meterSchema.parse({ meter, site: "farm", topic: `air/${meter}`, at: "ambient", unit: "C", ...rest }),
  );
/** A look a second at sensors that say `value` each minute; what is written gets its turn in between. */
async function run(
  air: Air,
  meters: Meter[],
  fromMs: number,
  toMs: number,
  value: (atMs: number) => number | undefined,
) {
  for (let atMs = fromMs; atMs <= toMs; atMs += 1_000) {
    const said = atMs % MINUTE === 0 ? value(atMs) : undefined;
    if (said !== undefined) for (const meter of meters) meter.take(Buffer.from(String(said)), atMs);
    air.sweep(atMs);
    if (atMs % BUCKET < 2_000) await new Promise((resolve) => setImmediate(resolve));
  }
}
const ask = (air: Air, nowMs: number, rest: { fromMs: number; stepMs?: number; meter?: string }) =>
  airSeries(
    { site: "farm", toMs: nowMs, nowMs, now: air.now("farm", nowMs), open: air.open("farm"), ...rest },
    state,
  );

describe("the history of the air", () => {
  test("has mean, extremes and the time that they are of, up to this second, and by the hour", async () => {
    const hall = sensor("hall");
    const air = await Air.open([hall], state, log, START);
    const end = START + HOUR + 7 * MINUTE;
    await run(air, [hall], START, end, (atMs) => (atMs < START + HOUR / 2 ? 18 : 24));
    const fine = await ask(air, end, { fromMs: START, stepMs: BUCKET });
    expect(fine.tMs).toHaveLength(14);
    const [only] = fine.sensors;
    expect(only).toMatchObject({ meter: "hall", at: "ambient", unit: "°C", value: 24, atMs: end });
    expect(only!.columns.mean[0]).toBe(18);
    expect(only!.columns.mean[13]).toBe(24);
    expect(only!.columns.covered[1]).toBeCloseTo(1, 2);
    expect(only!.columns.covered[13]).toBeCloseTo(0.4, 2);
    const [hours] = (await ask(air, end, { fromMs: START, stepMs: HOUR })).sensors;
    expect(hours!.columns.mean[0]).toBeCloseTo(21, 1);
    expect([hours!.columns.min[0], hours!.columns.max[0]]).toEqual([18, 24]);
  });

  test("leaves a gap where a sensor was silent for too long, and writes nothing over and over for it", async () => {
    const hall = sensor("hall", { staleMs: 2 * MINUTE });
    const air = await Air.open([hall], state, log, START);
    let written = 0;
    const put = state.air.put.bind(state.air);
    state.air.put = async (rows) => {
      written += rows.length;
      await put(rows);
    };
    await run(air, [hall], START, START + 4 * BUCKET, (atMs) => (atMs < START + BUCKET ? 18 : undefined));
    expect(written).toBe(4);
    const { sensors } = await ask(air, START + 4 * BUCKET, { fromMs: START });
    expect(sensors[0]).toMatchObject({ value: null, columns: { mean: [18, 18, null, null] } });
    expect(sensors[0]!.columns.covered[1]).toBeLessThan(0.4);
  });

  test("goes on after a restart, counts no second twice, and keeps what a sensor said that is there no more", async () => {
    const meters = [sensor("hall"), sensor("row-a", { at: "row", unit: "percent", rigs: ["10.0.0.1"] })];
    const air = await Air.open(meters, state, log, START);
    await run(air, meters, START, START + 12 * MINUTE, () => 40);
    await air.close();
    const again = await Air.open([meters[0]!], state, log, START + 13 * MINUTE);
    await run(again, [meters[0]!], START + 13 * MINUTE, START + 16 * MINUTE, () => 20);
    const nowMs = START + 16 * MINUTE;
    const { sensors } = await ask(again, nowMs, { fromMs: START, stepMs: HOUR });
    const [hall, row] = sensors;
    expect(hall!.columns.mean[0]).toBeCloseTo((12 * 40 + 3 * 20) / 15, 1);
    expect(hall!.columns.covered[0]).toBeCloseTo(15 / 60, 2);
    expect(row).toMatchObject({
      meter: "row-a",
      at: "row",
      unit: "ratio",
      value: null,
      atMs: null,
      columns: { max: [0.4] },
    });
    expect((await ask(again, nowMs, { fromMs: START, meter: "row-a" })).sensors).toHaveLength(1);
  });

  test("is told by the hour where 5-minute rows are gone, and by longer steps for more sensors", async () => {
    const hall = sensor("hall");
    const air = await Air.open([hall], state, log, START);
    await run(air, [hall], START, START + HOUR + MINUTE, () => 18);
    await state.air.drop(BUCKET, START + HOUR);
    const nowMs = START + 9 * HOUR;
    const old = await airSeries(
      { site: "farm", fromMs: START, toMs: START + HOUR, stepMs: BUCKET, nowMs, now: [], open: [] },
      state,
    );
    expect([old.stepMs, old.sensors[0]!.columns.mean]).toEqual([HOUR, [18]]);
    const many = Array.from({ length: 2_000 }, (_, i) => ({ ...air.now("farm", nowMs)[0]!, meter: `m${i}` }));
    const wide = await airSeries(
      { site: "farm", fromMs: START, toMs: nowMs, nowMs, now: many, open: [] },
      state,
    );
    expect(wide.stepMs).toBe(HOUR);
    expect(wide.sensors.length * wide.tMs.length).toBeLessThanOrEqual(60_000);
  });
});
