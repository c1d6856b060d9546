import { BUCKET_MS, HOUR_MS } from "../../rollup/row.js";
import { bare, literal, type Session } from "../duck/session.js";
import { quoted } from "./sqlText.js";
import type { SiteColumn, SiteColumns, SiteColumnsQuery } from "./state.js";

const EXPRESSIONS: Record<SiteColumn, string> = {
  rigMs: "rig_ms",
  coveredMs: "covered_ms",
  hashSpanMs: "hash_span_ms",
  thsHours: "ths_hours",
  powerCoveredMs: "power_covered_ms",
  powerSpanMs: "power_span_ms",
  kwh: "kwh",
  nominalThs: bare("nominal_ths"),
};

/** Reads site rows as columns, of both step lengths in one statement: a statement costs more than the rows of a month. */
export async function readSiteColumns(
  session: Session,
  { site, algo, fromMs, hoursToMs, toMs, columns }: SiteColumnsQuery,
): Promise<SiteColumns> {
  const pieces: Float64Array[][] = [];
  await session.numbers(
    `SELECT start_ms::DOUBLE, step_ms::DOUBLE${columns.map((name) => `, ${EXPRESSIONS[name]}`).join("")} FROM site_rollups
     WHERE start_ms >= ${literal(fromMs)} AND start_ms < ${literal(toMs)}
       AND step_ms = ${stepSql(fromMs, hoursToMs, toMs)} AND site = ${quoted(site)}
       ${algo === undefined ? "" : `AND algo = ${quoted(algo)}`}`,
    (read, rows) => pieces.push(read.map((column) => column.slice(0, rows))),
  );
  const [startMs, stepMs, ...rest] = byStart(joined(pieces, columns.length + 2));
  return { startMs: startMs!, stepMs: stepMs!, columns: rest };
}

/** The step length of the rows to read at their start. */
function stepSql(fromMs: number, hoursToMs: number, toMs: number): string {
  if (hoursToMs <= fromMs) return literal(BUCKET_MS);
  if (hoursToMs >= toMs) return literal(HOUR_MS);
  return `CASE WHEN start_ms < ${literal(hoursToMs)} THEN ${literal(HOUR_MS)} ELSE ${literal(BUCKET_MS)} END`;
}

function joined(pieces: readonly Float64Array[][], width: number): Float64Array[] {
  const [only, ...others] = pieces;
  if (only && !others.length) return only;
  const rows = pieces.reduce((sum, piece) => sum + piece[0]!.length, 0);
  return Array.from({ length: width }, (_, c) => {
    const column = new Float64Array(rows);
    let at = 0;
    for (const piece of pieces) {
      column.set(piece[c]!, at);
      at += piece[c]!.length;
    }
    return column;
  });
}

/** Sorts by the first column. Rows lie in order but for hours that were folded anew, and sorting here costs less than there. */
function byStart(columns: Float64Array[]): Float64Array[] {
  const starts = columns[0]!;
  let sorted = true;
  for (let i = 1; i < starts.length && sorted; i++) sorted = starts[i]! >= starts[i - 1]!;
  if (sorted) return columns;
  const order = Array.from(starts.keys()).sort((a, b) => starts[a]! - starts[b]!);
  return columns.map((column) => Float64Array.from(order, (i) => column[i]!));
}
