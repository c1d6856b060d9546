import { kwhFromWMs, thsHoursFromThsMs } from "@hashwatt/protocol/units";
import type { RawRow } from "../store/store.js";
import { holdMs, MINING, STARTING } from "./hold.js";
import { meanThs, meanW, significant, thousandths } from "./means.js";
import { BUCKET_MS, type RollupRow, type Spread } from "./row.js";

/** Values that are held and spread over time: hashrate, power, inlet, board, chip, fan. */
const HELD = 6;
const [HASH, POWER, INLET, BOARD, CHIP, FAN] = [0, 1, 2, 3, 4, 5];
const SOURCES = 5;
/** Share counters: accepted, rejected, stale, acceptedDiff. */
const COUNTERS = 4;

// Where each number lies in a rig's stretch of the array.
const LAST_AT = 0;
const LAST_HOLD = 1;
const LAST_STATUS = 2;
const LAST_SOURCE = 3;
const LAST_ALGO = 4;
const LAST_VALUES = 5;
/** Value, time and uptime of each counter's last reading. */
const LAST_COUNTERS = LAST_VALUES + HELD;
const START = LAST_COUNTERS + 3 * COUNTERS;
const DONE_TO = START + 1;
const SAMPLES = START + 2;
const COVERED = START + 3;
const MINED = START + 4;
const ALGO = START + 5;
/** Per held value: covered ms, sum of value × ms, min, max. */
const SPREADS = START + 6;
const BY_SOURCE = SPREADS + 4 * HELD;
const GAINS = BY_SOURCE + SOURCES;
/** Numbers that one rig takes. */
export const WIDTH = GAINS + COUNTERS;

/** Names of algorithms as small numbers, shared by the rigs of one array. */
export class AlgoNames {
  readonly #names: string[] = [];
  readonly #ids = new Map<string, number>();

  idOf(name: string | null): number {
    if (name === null) return Number.NaN;
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.#names.length;
      this.#names.push(name);
      this.#ids.set(name, id);
    }
    return id;
  }

  nameOf(id: number): string | undefined {
    return this.#names[id];
  }
}

/** Prepares a rig's stretch that begins at `offset`: nothing seen yet. */
export function clearRig(a: Float64Array, offset: number): void {
  a.fill(Number.NaN, offset, offset + WIDTH);
}

/** Start of the open bucket; NaN before the first reading. */
export const openStart = (a: Float64Array, offset: number): number => a[offset + START]!;

/** Time of the last reading; NaN before the first. */
export const lastAt = (a: Float64Array, offset: number): number => a[offset + LAST_AT]!;

function begin(a: Float64Array, o: number, startMs: number): void {
  a.fill(0, o + START, o + WIDTH);
  a[o + START] = startMs;
  a[o + DONE_TO] = startMs;
  a[o + ALGO] = Number.NaN;
  a.fill(Number.NaN, o + GAINS, o + GAINS + COUNTERS);
  for (let i = 0; i < HELD; i++) {
    a[o + SPREADS + 4 * i + 2] = Number.POSITIVE_INFINITY;
    a[o + SPREADS + 4 * i + 3] = Number.NEGATIVE_INFINITY;
  }
}

/** Counts the held reading for the time from where the open bucket stands up to `toMs`, as far as the hold reaches. */
function holdUpTo(a: Float64Array, o: number, toMs: number): void {
  const at = a[o + LAST_AT]!;
  const from = Math.max(a[o + DONE_TO]!, at);
  const to = Math.min(toMs, at + a[o + LAST_HOLD]!, a[o + START]! + BUCKET_MS);
  a[o + DONE_TO] = Math.max(a[o + DONE_TO]!, Math.min(toMs, a[o + START]! + BUCKET_MS));
  const ms = to - from;
  // Not a number while nothing was read yet.
  if (!(ms > 0)) return;
  a[o + COVERED]! += ms;
  const status = a[o + LAST_STATUS]!;
  if (status === MINING || status === STARTING) a[o + MINED]! += ms;
  if (!Number.isNaN(a[o + LAST_ALGO]!)) a[o + ALGO] = a[o + LAST_ALGO]!;
  for (let i = 0; i < HELD; i++) {
    const value = a[o + LAST_VALUES + i]!;
    if (Number.isNaN(value)) continue;
    const spread = o + SPREADS + 4 * i;
    a[spread]! += ms;
    a[spread + 1]! += value * ms;
    if (value < a[spread + 2]!) a[spread + 2] = value;
    if (value > a[spread + 3]!) a[spread + 3] = value;
  }
  const source = a[o + LAST_SOURCE]!;
  const power = a[o + LAST_VALUES + POWER!]!;
  if (!Number.isNaN(source) && !Number.isNaN(power)) a[o + BY_SOURCE + source]! += power * ms;
}

/** A rig's own clock and that of its readings may differ by so much between two of them, ms. */
const UPTIME_SLACK_MS = 300_000;

/**
 * What a counter gained within `elapsedMs`, of which it held `before` and the rig ran for `beforeUptimeS` (NaN = not told); undefined
 * where it is not known. A daemon that began anew counts from 0. Where the rig says that it has run for longer than that, it is another
 * counter, which began before: another rig answers, or another pool's is told.
 */
function gainOf(
  value: number,
  before: number,
  uptimeS: number | null,
  beforeUptimeS: number,
  elapsedMs: number,
): number | undefined {
  const ranMs = uptimeS === null ? Number.NaN : uptimeS * 1_000;
  const beforeMs = beforeUptimeS * 1_000;
  const mostMs = elapsedMs + UPTIME_SLACK_MS;
  if (value < before || ranMs < beforeMs) return ranMs > mostMs ? undefined : value;
  return ranMs - beforeMs > mostMs ? undefined : value - before;
}

/** Adds what one share counter gained since its last reading. */
function count(a: Float64Array, o: number, which: number, value: number | null, row: RawRow): void {
  if (value === null) return;
  const last = o + LAST_COUNTERS + 3 * which;
  const [before, beforeAt, beforeUptime] = [a[last]!, a[last + 1]!, a[last + 2]!];
  // A rollup is a function of its bucket and the one before, so that an older counter is no base for a difference.
  if (beforeAt >= a[o + START]! - BUCKET_MS) {
    const gain = gainOf(value, before, row.uptimeS, beforeUptime, row.atMs - beforeAt);
    const gained = a[o + GAINS + which]!;
    if (gain !== undefined) a[o + GAINS + which] = Number.isNaN(gained) ? gain : gained + gain;
  }
  a[last] = value;
  a[last + 1] = row.atMs;
  a[last + 2] = row.uptimeS ?? Number.NaN;
}

/**
 * Takes the next reading of a rig, in order of time. `finished` gets the buckets that it closes. A reading no newer than
 * the last must not come here.
 */
export function addRow(
  a: Float64Array,
  o: number,
  row: RawRow,
  algos: AlgoNames,
  finished: (row: RollupRow) => void,
): void {
  const startMs = Math.floor(row.atMs / BUCKET_MS) * BUCKET_MS;
  if (Number.isNaN(a[o + START]!)) begin(a, o, startMs);
  closeBefore(a, o, row.rig, startMs, algos, finished);
  holdUpTo(a, o, row.atMs);
  a[o + DONE_TO] = row.atMs;
  a[o + SAMPLES]! += 1;
  count(a, o, 0, row.accepted, row);
  count(a, o, 1, row.rejected, row);
  count(a, o, 2, row.stale, row);
  count(a, o, 3, row.acceptedDiff, row);
  a[o + LAST_AT] = row.atMs;
  a[o + LAST_HOLD] = holdMs(row.status, row.intervalMs);
  a[o + LAST_STATUS] = row.status;
  a[o + LAST_SOURCE] = row.powerSource ?? Number.NaN;
  a[o + LAST_ALGO] = algos.idOf(row.algo);
  a[o + LAST_VALUES + HASH!] = row.hashrateThs ?? Number.NaN;
  a[o + LAST_VALUES + POWER!] = row.powerW ?? Number.NaN;
  a[o + LAST_VALUES + INLET!] = row.inletTempC ?? Number.NaN;
  a[o + LAST_VALUES + BOARD!] = row.boardTempC ?? Number.NaN;
  a[o + LAST_VALUES + CHIP!] = row.chipTempC ?? Number.NaN;
  a[o + LAST_VALUES + FAN!] = row.fanRpm ?? Number.NaN;
  if (row.algo !== null) a[o + ALGO] = a[o + LAST_ALGO]!;
}

/** Closes every bucket of a rig that begins before `startMs`, so that the open one is that of `startMs`. */
export function closeBefore(
  a: Float64Array,
  o: number,
  rig: number,
  startMs: number,
  algos: AlgoNames,
  finished: (row: RollupRow) => void,
): void {
  while (a[o + START]! < startMs) {
    holdUpTo(a, o, a[o + START]! + BUCKET_MS);
    const row = read(a, o, rig, algos);
    if (row) finished(row);
    // A hold reaches into the next bucket and no further, so that what lies between is empty.
    const next = a[o + START]! + BUCKET_MS;
    begin(a, o, row && next < startMs && a[o + LAST_AT]! >= next - BUCKET_MS ? next : startMs);
  }
}

/** The open bucket of a rig as it stands at `nowMs`; undefined when nothing is known of it. Changes nothing. */
export function peek(
  a: Float64Array,
  o: number,
  rig: number,
  nowMs: number,
  algos: AlgoNames,
): RollupRow | undefined {
  const copy = a.slice(o, o + WIDTH);
  holdUpTo(copy, 0, nowMs);
  return read(copy, 0, rig, algos);
}

function read(a: Float64Array, o: number, rig: number, algos: AlgoNames): RollupRow | undefined {
  const [samples, coveredMs] = [a[o + SAMPLES]!, a[o + COVERED]!];
  if (samples === 0 && coveredMs === 0) return undefined;
  const at = (i: number | undefined) => o + SPREADS + 4 * i!;
  const row: RollupRow = {
    rig,
    startMs: a[o + START]!,
    stepMs: BUCKET_MS,
    samples,
    coveredMs,
    miningMs: a[o + MINED]!,
    hashCoveredMs: a[at(HASH)]!,
    thsHours: significant(thsHoursFromThsMs(a[at(HASH) + 1]!, 1)),
    powerCoveredMs: a[at(POWER)]!,
    kwh: significant(kwhFromWMs(a[at(POWER) + 1]!, 1)),
    kwhBySource: Array.from({ length: SOURCES }, (_, i) => significant(kwhFromWMs(a[o + BY_SOURCE + i]!, 1))),
  };
  const algo = algos.nameOf(a[o + ALGO]!);
  if (algo !== undefined) row.algo = algo;
  const spread = (i: number | undefined, mean: number | undefined): Spread | undefined =>
    mean === undefined ? undefined : { min: a[at(i) + 2]!, mean, max: a[at(i) + 3]! };
  const mean = (i: number | undefined) =>
    a[at(i)]! > 0 ? thousandths(a[at(i) + 1]! / a[at(i)]!) : undefined;
  const spreads = {
    hashrateThs: spread(HASH, meanThs(row)),
    powerW: spread(POWER, meanW(row)),
    inletTempC: spread(INLET, mean(INLET)),
    boardTempC: spread(BOARD, mean(BOARD)),
    chipTempC: spread(CHIP, mean(CHIP)),
    fanRpm: spread(FAN, mean(FAN)),
  };
  for (const [name, value] of Object.entries(spreads)) if (value) row[name as keyof typeof spreads] = value;
  for (const [i, name] of (["accepted", "rejected", "stale", "acceptedDiff"] as const).entries()) {
    const gain = a[o + GAINS + i]!;
    if (!Number.isNaN(gain)) row[name] = gain;
  }
  return row;
}
