import { POWER_SOURCES, type Sample, STATUSES } from "@hashwatt/protocol/sample";
import { slowestFan } from "../rawRow.js";
import type { StoredSample } from "../store.js";
import type { EXTRA_COLUMNS, SAMPLE_COLUMNS } from "./migrations.js";
import type { Texts } from "./texts.js";

const CLOCKS = ["unsure", "server"] as const;
const orNaN = (value: number | undefined): number => (value === undefined ? Number.NaN : value);

/** Writes a sample's common scalars into `row` in the order of SAMPLE_COLUMNS; NaN = not reported. */
export function encodeSample(
  { sample, receivedMs, slowestFanRpm }: StoredSample,
  row: Float64Array,
  texts: Texts,
): void {
  const { shares } = sample;
  row[0] = receivedMs - sample.atMs;
  row[1] = sample.intervalMs;
  row[2] = orNaN(sample.pollMs);
  row[3] = STATUSES.indexOf(sample.status);
  row[4] = texts.idOf(sample.algo);
  row[5] = orNaN(sample.hashrateThs);
  row[6] = orNaN(sample.hashrateAvgThs);
  row[7] = orNaN(sample.powerW);
  row[8] = sample.powerSource === undefined ? Number.NaN : POWER_SOURCES.indexOf(sample.powerSource);
  row[9] = orNaN(sample.powerLimitW);
  row[10] = orNaN(sample.inletTempC);
  row[11] = orNaN(sample.boardTempC);
  row[12] = orNaN(sample.chipTempC);
  row[13] = slowestFanRpm ?? slowestFan(sample.fansRpm) ?? Number.NaN;
  row[14] = orNaN(shares?.accepted);
  row[15] = orNaN(shares?.rejected);
  row[16] = orNaN(shares?.stale);
  row[17] = orNaN(shares?.acceptedDiff);
  row[18] = orNaN(sample.uptimeS);
}

/** Writes a sample's other scalars in the order of EXTRA_COLUMNS; NaN = not reported. */
export function encodeExtras({ sample }: StoredSample, row: Float64Array, texts: Texts): void {
  row[0] = orNaN(sample.hashrateWindowS);
  row[1] = orNaN(sample.targetThs);
  row[2] = texts.idOf(sample.powerMode);
  row[3] = orNaN(sample.outletTempC);
  row[4] = orNaN(sample.coolantTempC);
  row[5] = orNaN(sample.psuTempC);
  row[6] = orNaN(sample.boardLimitC);
  row[7] = orNaN(sample.chipLimitC);
  row[8] = orNaN(sample.fanDutyRatio);
  row[9] = orNaN(sample.shares?.rejectedDiff);
  row[10] = texts.idOf(sample.pool);
  row[11] = sample.clock === undefined ? Number.NaN : CLOCKS.indexOf(sample.clock);
}

/** A column of a sample or of its extras. */
export type Column = (typeof SAMPLE_COLUMNS | typeof EXTRA_COLUMNS)[number];
type NumberKey = { [K in keyof Sample]-?: Sample[K] extends number | undefined ? K : never }[keyof Sample];

/** Columns that are a sample's number as it is. */
const PLAIN: readonly (readonly [NumberKey, Column])[] = [
  ["pollMs", "poll_ms"],
  ["hashrateThs", "hashrate_ths"],
  ["hashrateWindowS", "hashrate_window_s"],
  ["hashrateAvgThs", "hashrate_avg_ths"],
  ["targetThs", "target_ths"],
  ["powerW", "power_w"],
  ["powerLimitW", "power_limit_w"],
  ["inletTempC", "inlet_c"],
  ["outletTempC", "outlet_c"],
  ["coolantTempC", "coolant_c"],
  ["psuTempC", "psu_c"],
  ["boardTempC", "board_c"],
  ["chipTempC", "chip_c"],
  ["boardLimitC", "board_limit_c"],
  ["chipLimitC", "chip_limit_c"],
  ["fanDutyRatio", "fan_duty"],
  ["uptimeS", "uptime_s"],
];
const SHARES = [
  ["accepted", "accepted"],
  ["rejected", "rejected"],
  ["stale", "stale"],
  ["acceptedDiff", "accepted_diff"],
  ["rejectedDiff", "rejected_diff"],
] as const;

/**
 * The sample behind a row; `value` reads a column, null = not reported. Boards, further fans and faults lie elsewhere.
 * Throws a RangeError on a status that this program does not know.
 */
export function decodeSample(
  rig: number,
  atMs: number,
  value: (column: Column) => number | null,
  texts: Texts,
): StoredSample {
  const status = STATUSES[value("status") ?? -1];
  const intervalMs = value("interval_ms");
  if (status === undefined || intervalMs === null)
    throw new RangeError(`row of rig ${rig} at ${atMs} has no status or interval`);
  const sample: Omit<Sample, "rig"> = { atMs, intervalMs, status };
  for (const [key, column] of PLAIN) {
    const held = value(column);
    if (held !== null) sample[key] = held;
  }
  const algo = texts.textOf(value("algo"));
  if (algo !== undefined) sample.algo = algo;
  const powerMode = texts.textOf(value("power_mode"));
  if (powerMode !== undefined) sample.powerMode = powerMode;
  const pool = texts.textOf(value("pool"));
  if (pool !== undefined) sample.pool = pool;
  const source = POWER_SOURCES[value("power_source") ?? -1];
  if (source !== undefined) sample.powerSource = source;
  const clock = CLOCKS[value("clock") ?? -1];
  if (clock !== undefined) sample.clock = clock;
  const slowest = value("fan_rpm");
  if (slowest !== null) sample.fansRpm = [slowest];
  for (const [key, column] of SHARES) {
    const held = value(column);
    if (held !== null) sample.shares = { ...sample.shares, [key]: held };
  }
  return { rig, receivedMs: atMs + (value("lag_ms") ?? 0), sample };
}
