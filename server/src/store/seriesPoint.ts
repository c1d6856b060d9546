import type { RigSeriesField } from "@hashwatt/protocol/http";
import type { KnownRig } from "../rollup/fold.js";
import { MEAN_DIGITS, significant } from "../rollup/means.js";
import type { RollupRow } from "../rollup/row.js";
import type { Point, SiteBaseField } from "./series.js";
import type { RawSeriesStep } from "./store.js";

/** A step of raw samples in the shape of a rollup row, to be folded with others; it counts no samples and no shares. */
export function rowOfStep(rig: number, step: RawSeriesStep, stepMs: number): RollupRow {
  const row: RollupRow = {
    rig,
    startMs: step.atMs,
    stepMs,
    samples: 0,
    coveredMs: step.coveredMs,
    miningMs: 0,
    hashCoveredMs: step.hashCoveredMs,
    thsHours: step.thsHours,
    powerCoveredMs: step.powerCoveredMs,
    kwh: step.kwh,
    kwhBySource: [],
  };
  const put = (
    name: "hashrateThs" | "powerW" | "inletTempC" | "boardTempC" | "chipTempC" | "fanRpm",
    mean: number | null,
    min = mean,
    max = mean,
  ) => {
    if (mean !== null && min !== null && max !== null) row[name] = { min, mean, max };
  };
  put("hashrateThs", step.hashrateThs, step.hashrateThsMin, step.hashrateThsMax);
  put("powerW", step.powerW, step.powerWMin, step.powerWMax);
  put("inletTempC", step.inletTempC);
  put("boardTempC", step.boardTempC, step.boardTempC, step.boardTempCMax);
  put("chipTempC", step.chipTempC, step.chipTempC, step.chipTempCMax);
  put("fanRpm", step.fanRpm);
  return row;
}

/** A rig's step from a rollup row. */
export function rollupPoint(row: RollupRow): Point<RigSeriesField> {
  return {
    coveredMs: row.coveredMs,
    values: {
      hashrateThs: row.hashrateThs?.mean ?? null,
      hashrateThsMin: row.hashrateThs?.min ?? null,
      hashrateThsMax: row.hashrateThs?.max ?? null,
      powerW: row.powerW?.mean ?? null,
      powerWMin: row.powerW?.min ?? null,
      powerWMax: row.powerW?.max ?? null,
      inletTempC: row.inletTempC?.mean ?? null,
      boardTempC: row.boardTempC?.mean ?? null,
      boardTempCMax: row.boardTempC?.max ?? null,
      chipTempC: row.chipTempC?.mean ?? null,
      chipTempCMax: row.chipTempC?.max ?? null,
      fanRpm: row.fanRpm?.mean ?? null,
      energyKwh: row.powerCoveredMs > 0 ? row.kwh : null,
    },
  };
}

/** A site's step from raw samples; `rigs` are those of its algorithm. */
export function siteRawPoint(
  step: RawSeriesStep,
  rigs: readonly KnownRig[],
  stepMs: number,
): Point<SiteBaseField> {
  const known = rigs.filter(({ firstSeenMs }) => firstSeenMs < step.atMs + stepMs);
  let nominalThs: number | null = 0;
  for (const rig of known)
    nominalThs = nominalThs === null || rig.nominalThs === undefined ? null : nominalThs + rig.nominalThs;
  return {
    coveredMs: step.coveredMs,
    values: {
      hashrateThs: step.hashrateThs === null ? null : significant(step.hashrateThs, MEAN_DIGITS),
      nominalThs: known.length > 0 ? nominalThs : null,
      powerW: step.powerW === null ? null : significant(step.powerW, MEAN_DIGITS),
      energyKwh: step.powerCoveredMs > 0 ? significant(step.kwh) : null,
      reportingRigs: step.reportingRigs,
      rigs: Math.max(known.length, step.reportingRigs),
    },
  };
}

/** Steps of a site with those of rigs that count and draw power beside them, and whose rates do not add up. */
export function withUnrated(
  rated: readonly RawSeriesStep[],
  unrated: readonly RawSeriesStep[],
): RawSeriesStep[] {
  const steps = new Map(rated.map((step) => [step.atMs, step]));
  for (const more of unrated) {
    const step = steps.get(more.atMs);
    steps.set(
      more.atMs,
      step
        ? {
            ...step,
            reportingRigs: step.reportingRigs + more.reportingRigs,
            coveredMs: step.coveredMs + more.coveredMs,
            powerCoveredMs: step.powerCoveredMs + more.powerCoveredMs,
            kwh: step.kwh + more.kwh,
            powerW: step.powerW === null ? more.powerW : step.powerW + (more.powerW ?? 0),
          }
        : more,
    );
  }
  return [...steps.values()].sort((a, b) => a.atMs - b.atMs);
}
