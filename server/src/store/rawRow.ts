import { POWER_SOURCES, STATUSES } from "@hashwatt/protocol/sample";
import type { RawRow, StoredSample } from "./store.js";

/** The slowest fan of a reading; null when none is reported. */
export function slowestFan(fansRpm: readonly number[] | undefined): number | null {
  if (!fansRpm?.length) return null;
  let slowest = fansRpm[0]!;
  for (const rpm of fansRpm) if (rpm < slowest) slowest = rpm;
  return slowest;
}

/** The scalars of a sample as every store answers them; absent becomes null. */
export function rawRow({ rig, sample, slowestFanRpm }: StoredSample): RawRow {
  const { shares } = sample;
  return {
    rig,
    atMs: sample.atMs,
    intervalMs: sample.intervalMs,
    status: STATUSES.indexOf(sample.status),
    algo: sample.algo ?? null,
    hashrateThs: sample.hashrateThs ?? null,
    powerW: sample.powerW ?? null,
    powerSource: sample.powerSource === undefined ? null : POWER_SOURCES.indexOf(sample.powerSource),
    inletTempC: sample.inletTempC ?? null,
    boardTempC: sample.boardTempC ?? null,
    chipTempC: sample.chipTempC ?? null,
    fanRpm: slowestFanRpm ?? slowestFan(sample.fansRpm),
    accepted: shares?.accepted ?? null,
    rejected: shares?.rejected ?? null,
    stale: shares?.stale ?? null,
    acceptedDiff: shares?.acceptedDiff ?? null,
    uptimeS: sample.uptimeS ?? null,
  };
}
