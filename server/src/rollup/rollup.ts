import type { RawRow } from "../store/store.js";
import { AlgoNames, addRow, clearRig, closeBefore, WIDTH } from "./accumulator.js";
import { BUCKET_MS, type RollupRow } from "./row.js";

/** Sorts a rig's readings by time and keeps one of those of the same instant, so that a redelivery counts once. */
function inOrder(rows: readonly RawRow[]): RawRow[] {
  const sorted = [...rows].sort((a, b) => a.atMs - b.atMs);
  return sorted.filter((row, i) => i === 0 || row.atMs !== sorted[i - 1]!.atMs);
}

/**
 * One rig's row for the bucket that begins at `bucketStartMs`: a pure function of its readings in that bucket and in the
 * one before, in any order; others are ignored. undefined when neither a reading nor a hold falls into the bucket.
 */
export function rollup(rows: readonly RawRow[], bucketStartMs: number): RollupRow | undefined {
  const own = rows.filter(
    ({ atMs }) => atMs >= bucketStartMs - BUCKET_MS && atMs < bucketStartMs + BUCKET_MS,
  );
  return rollups(own, bucketStartMs, bucketStartMs + BUCKET_MS)[0];
}

/**
 * The rows of one rig for all buckets from `fromMs` to `toMs` (both bucket starts), from its readings in them and in the
 * bucket before, in any order.
 */
export function rollups(rows: readonly RawRow[], fromMs: number, toMs: number): RollupRow[] {
  const state = new Float64Array(WIDTH);
  const algos = new AlgoNames();
  const done: RollupRow[] = [];
  const keep = (row: RollupRow) => {
    if (row.startMs >= fromMs && row.startMs < toMs) done.push(row);
  };
  clearRig(state, 0);
  const sorted = inOrder(rows);
  for (const row of sorted) addRow(state, 0, row, algos, keep);
  const last = sorted.at(-1);
  if (last) closeBefore(state, 0, last.rig, Math.floor(last.atMs / BUCKET_MS + 2) * BUCKET_MS, algos, keep);
  return done;
}

/** Splits rows that are sorted by rig. */
export function byRig(rows: readonly RawRow[]): RawRow[][] {
  const groups: RawRow[][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    if (group?.[0]?.rig === row.rig) group.push(row);
    else groups.push([row]);
  }
  return groups;
}
