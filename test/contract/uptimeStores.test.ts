import { rollups } from "@hashwatt/server/rollup/rollup";
import { BUCKET_MS, HOUR_MS, type RollupRow } from "@hashwatt/server/rollup/row";
import { rawRow } from "@hashwatt/server/store/rawRow";
import { describe, expect, it } from "vitest";
import { DAY_MS, fleetDay } from "./support/day.js";
import { STATE_STORES, tempFolder } from "./support/telemetryStores.js";

const day = fleetDay({ seed: 3, rigs: 2, hours: 3, intervalMs: 30_000 });
const rows: RollupRow[] = [1, 2].flatMap((rig) =>
  rollups(day.filter((stored) => stored.rig === rig).map(rawRow), DAY_MS, DAY_MS + 3 * HOUR_MS),
);

describe.each(Object.entries(STATE_STORES))("state store %s", (_name, open) => {
  it("sums up the time of rigs over windows of their rows", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    await store.putRollups(rows, []);
    const silent = { ...rows[0]!, rig: 77, samples: 3, coveredMs: 0, miningMs: 0 };
    await store.putRollups([silent], []);
    const windows = [
      { fromMs: DAY_MS, toMs: DAY_MS + 7 * BUCKET_MS },
      { fromMs: DAY_MS + HOUR_MS, toMs: DAY_MS + 2 * HOUR_MS },
    ];
    const rigs = [...new Set(rows.map((row) => row.rig))].slice(0, 2);
    const found = await store.uptimes([...rigs, 77, 999], windows);
    expect([...found.keys()].sort()).toEqual([...rigs, 77].sort());
    for (const rig of rigs) {
      const its = rows.filter(
        (row) =>
          row.rig === rig && windows.some(({ fromMs, toMs }) => row.startMs >= fromMs && row.startMs < toMs),
      );
      const sum = (of: (row: RollupRow) => number) => its.reduce((total, row) => total + of(row), 0);
      expect(found.get(rig)).toEqual({
        upMs: sum((row) => row.miningMs),
        standingMs: sum((row) => row.coveredMs - row.miningMs),
        missedMs: sum((row) => (row.samples > 0 ? BUCKET_MS - row.coveredMs : 0)),
      });
    }
    expect(found.get(77)).toEqual({ upMs: 0, standingMs: 0, missedMs: BUCKET_MS });
    expect(await store.uptimes(rigs, [])).toEqual(new Map());
    await store.close();
  });
});
