import { BUCKET_MS, HOUR_MS } from "@hashwatt/server/rollup/row";
import type { AirRow } from "@hashwatt/server/store/state/state";
import { describe, expect, it } from "vitest";
import { STATE_STORES, tempFolder } from "./support/telemetryStores.js";

describe.each(Object.entries(STATE_STORES))("state store %s", (_name, open) => {
  it("keeps what the air was by sensor, step and start, and forgets 5-minute rows before an instant", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    const row = (meter: string, startMs: number, rest: Partial<AirRow> = {}): AirRow => ({
      site: "no'rth",
      meter,
      place: "row",
      unit: "°C",
      startMs,
      stepMs: BUCKET_MS,
      coveredMs: 1_000,
      min: -3.5,
      mean: 18.25,
      max: 24,
      ...rest,
    });
    await store.air.put([row("b", 0), row("a", BUCKET_MS), row("a", 0, { unit: "ratio", place: "ambient" })]);
    await store.air.put([
      row("a", 0),
      row("a", 0, { mean: 19 }),
      row("a", 0, { stepMs: HOUR_MS }),
      row("c", 0, { site: "south" }),
    ]);
    await store.air.put([]);
    const range = { site: "no'rth", fromMs: 0, toMs: HOUR_MS, stepMs: BUCKET_MS };
    expect(await store.air.rows(range)).toEqual([
      row("a", 0, { mean: 19 }),
      row("a", BUCKET_MS),
      row("b", 0),
    ]);
    expect(await store.air.rows({ ...range, toMs: BUCKET_MS, meter: "a" })).toEqual([
      row("a", 0, { mean: 19 }),
    ]);
    expect(await store.air.rows({ ...range, stepMs: HOUR_MS })).toEqual([row("a", 0, { stepMs: HOUR_MS })]);
    const cold = row("a", BUCKET_MS, { coveredMs: 3_000, min: -9, mean: -1 });
    await store.air.put([cold, row("a", HOUR_MS)]);
    expect(await store.air.rows({ ...range, meter: "a", toMs: 2 * HOUR_MS, foldMs: HOUR_MS })).toEqual([
      row("a", 0, { stepMs: HOUR_MS, coveredMs: 4_000, min: -9, mean: 4 }),
      row("a", HOUR_MS, { stepMs: HOUR_MS }),
    ]);
    await store.air.put([row("a", BUCKET_MS)]);
    await store.air.drop(BUCKET_MS, BUCKET_MS);
    expect(await store.air.rows(range)).toEqual([row("a", BUCKET_MS)]);
    expect(await store.air.rows({ ...range, stepMs: HOUR_MS })).toHaveLength(1);
    await store.close();
  });
});
