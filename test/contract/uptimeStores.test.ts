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

  it("tells the temperatures of rigs while they mined", async () => {
    using folder = tempFolder();
    const store = await open(folder.path);
    const [first] = rows;
    const temps = (rig: number, more: Partial<RollupRow>): RollupRow => {
      const { chipTempC: _chip, boardTempC: _board, ...bare } = first!;
      return { ...bare, rig, startMs: DAY_MS, coveredMs: BUCKET_MS, miningMs: BUCKET_MS, ...more };
    };
    const chipTempC = { min: 79, mean: 80.5, max: 82 };
    const boardTempC = { min: 60, mean: 61.25, max: 62 };
    await store.putRollups(
      [
        temps(1, { startMs: DAY_MS + BUCKET_MS, chipTempC, miningMs: BUCKET_MS / 2 }),
        temps(1, { chipTempC, boardTempC }),
        temps(2, { chipTempC, miningMs: BUCKET_MS / 2 - 1 }),
        temps(3, {}),
        temps(4, { boardTempC }),
        temps(5, { startMs: DAY_MS + 2 * BUCKET_MS, boardTempC }),
        temps(6, { boardTempC }),
      ],
      [],
    );
    const range = { fromMs: DAY_MS, toMs: DAY_MS + 2 * BUCKET_MS };
    expect(await store.meanTemps({ ...range, rigs: [1, 2, 3, 4, 5, 99] })).toEqual([
      { rig: 1, startMs: DAY_MS, chipC: 80.5, boardC: 61.25 },
      { rig: 3, startMs: DAY_MS },
      { rig: 4, startMs: DAY_MS, boardC: 61.25 },
      { rig: 1, startMs: DAY_MS + BUCKET_MS, chipC: 80.5 },
    ]);
    await store.close();
  });
});
