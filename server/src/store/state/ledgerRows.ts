import type { DuckDBValue } from "@duckdb/node-api";
import { noCell } from "../../economics/cellSums.js";
import { CELL_AMOUNTS, CELL_TIMES } from "../../economics/ledgerCell.js";
import type { Columns } from "../duck/session.js";
import type { AlgoWork, LedgerSums, RigHour, Work } from "./ledger.js";
import { AMOUNT_COLUMNS, TIME_COLUMNS } from "./ledgerSql.js";

export const orNull = (value: DuckDBValue | undefined): number | null =>
  typeof value === "number" ? value : null;

/** Sums of stretches as rows, by start and algorithm, from an answer with the columns `start`, `algo` and those of a cell. */
export function decodeSums(columns: Columns): LedgerSums[] {
  // Sorting costs less here than there.
  return decodeCells(columns).sort((a, b) => a.startMs - b.startMs || (a.algo < b.algo ? -1 : 1));
}

function decodeCells(columns: Columns): LedgerSums[] {
  const decoded = (columns.start ?? []).map(
    (startMs, i): LedgerSums => ({
      startMs: Number(startMs),
      algo: String(columns.algo![i]),
      sums: noCell(),
    }),
  );
  for (const name of CELL_AMOUNTS) {
    const column = columns[AMOUNT_COLUMNS[name]]!;
    for (let i = 0; i < decoded.length; i++) decoded[i]!.sums[name] = orNull(column[i]);
  }
  for (const name of CELL_TIMES) {
    const column = columns[TIME_COLUMNS[name]]!;
    for (let i = 0; i < decoded.length; i++) decoded[i]!.sums[name] = orNull(column[i]) ?? 0;
  }
  return decoded;
}

/** Sums of rigs' hours, from the same columns and `rig`. */
export function decodeHours(columns: Columns): RigHour[] {
  const rigs = columns.rig ?? [];
  return decodeCells(columns)
    .map((sums, i): RigHour => ({ ...sums, rig: Number(rigs[i]) }))
    .sort((a, b) => a.startMs - b.startMs || a.rig - b.rig || (a.algo < b.algo ? -1 : 1));
}

/** Work by bucket, from rows of each bucket and series, sorted by both. */
export function workOf(rows: readonly Record<string, DuckDBValue>[]): Work[] {
  const byStart = new Map<number, Work & { algos: AlgoWork[] }>();
  for (const row of rows) {
    const startMs = Number(row.start_ms);
    const work = byStart.get(startMs) ?? {
      startMs,
      rigs: 0,
      coveredMs: 0,
      powerCoveredMs: 0,
      kwh: 0,
      algos: [],
    };
    byStart.set(startMs, work);
    work.rigs += Number(row.rigs);
    work.coveredMs += Number(row.covered_ms);
    work.powerCoveredMs += Number(row.power_ms);
    work.kwh += Number(row.kwh);
    if (!(Number(row.hash_ms) > 0)) continue;
    work.algos.push({
      series: String(row.series),
      hashCoveredMs: Number(row.hash_ms),
      thsHours: Number(row.ths_h),
      acceptedThsHours: Number(row.accepted),
      bothKwh: Number(row.both_kwh),
      bothThsHours: Number(row.both_ths_h),
      measuredThsHours: Number(row.measured_ths_h),
      devFeeThsHours: Number(row.fee_ths_h),
      bothMeasuredThsHours: Number(row.both_measured_ths_h),
      bothDevFeeThsHours: Number(row.both_fee_ths_h),
    });
  }
  return [...byStart.values()];
}
