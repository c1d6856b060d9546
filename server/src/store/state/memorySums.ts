import { BUCKET_MS, type RollupRow } from "../../rollup/row.js";
import type { MeanTemps, Uptime } from "./state.js";

/** Adds the time of 5-minute rows to that of their rigs. */
export function addUptimes(uptimes: Map<number, Uptime>, rows: readonly RollupRow[]): void {
  for (const row of rows) {
    const sum = uptimes.get(row.rig) ?? { upMs: 0, standingMs: 0, missedMs: 0 };
    sum.upMs += row.miningMs;
    sum.standingMs += row.coveredMs - row.miningMs;
    if (row.samples > 0) sum.missedMs += BUCKET_MS - row.coveredMs;
    uptimes.set(row.rig, sum);
  }
}

/** Temperatures of those 5-minute rows in which a rig mined for half of the time at least. */
export const meanTempsOf = (rows: readonly RollupRow[]): MeanTemps[] =>
  rows
    .filter(({ miningMs }) => miningMs >= BUCKET_MS / 2)
    .map(({ rig, startMs, chipTempC, boardTempC }) => ({
      rig,
      startMs,
      ...(chipTempC && { chipC: chipTempC.mean }),
      ...(boardTempC && { boardC: boardTempC.mean }),
    }));
