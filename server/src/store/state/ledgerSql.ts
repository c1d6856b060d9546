import { SHA256_NAMES } from "../../economics/figures.js";
import {
  CELL_AMOUNTS,
  CELL_TIMES,
  type CellAmount,
  type CellTime,
  THS_HOURS_PER_DIFFICULTY,
} from "../../economics/ledgerCell.js";
import { bare, literal, literals } from "../duck/session.js";
import { devFeeJoin } from "./devFeeTable.js";
import { quoted } from "./sqlText.js";

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Columns of amounts and times, in the order of CELL_AMOUNTS and CELL_TIMES. */
export const AMOUNT_COLUMNS = Object.fromEntries(CELL_AMOUNTS.map((name) => [name, snake(name)])) as Record<
  CellAmount,
  string
>;
export const TIME_COLUMNS = Object.fromEntries(CELL_TIMES.map((name) => [name, snake(name)])) as Record<
  CellTime,
  string
>;
const ALL_COLUMNS = [...Object.values(AMOUNT_COLUMNS), ...Object.values(TIME_COLUMNS)];

/** A number as a DOUBLE of SQL, to its last digit: without an exponent it would be a decimal. */
export const double = (value: number): string => {
  literal(value);
  return value.toExponential();
};

/** The condition for rows of a site in [fromMs, toMs). */
export const siteWithin = (site: string, fromMs: number, toMs: number): string =>
  `start_ms >= ${literal(fromMs)} AND start_ms < ${literal(toMs)} AND site = ${quoted(site)}`;

const isSha = (algo: string): string => `lower(${algo}) IN (${SHA256_NAMES.map(quoted).join(", ")})`;
/** `earnedBy` in SQL. */
export const earnedBySql = (algo: string): string =>
  `CASE WHEN ${isSha(algo)} THEN '' ELSE 'revenue/' ||
     left(regexp_replace(regexp_replace(lower(${algo}), '[^a-z0-9]+', '-', 'g'), '^-+|-+$', '', 'g'), 64) END`;

/**
 * The query of what is priced of rigs at a site in [fromMs, toMs), by time: its start, rig and algorithm (that of the row by the
 * number of its text, that of the stay by its place in a list), what is covered of energy and of work, and what is known of them. `part` takes one of so many parts of the rigs.
 */
export function bucketsSql(
  site: string,
  fromMs: number,
  toMs: number,
  hasDevFees: boolean,
  part: { of: number; at: number },
): string {
  const devFee = hasDevFees ? devFeeJoin(fromMs, toMs) : { column: "NULL::DOUBLE AS dev_fee", join: "" };
  const maybe = ["kwh", "ths_hours", "accepted_diff", "dev_fee"].map((name) => `${bare(name)} AS ${name}`);
  return `WITH known AS (
    SELECT r.start_ms, r.rig, r.algo, s.algo_place, r.power_covered_ms, r.kwh, r.hash_covered_ms, r.ths_hours, r.accepted_diff, ${devFee.column}
    FROM rollups_5m r JOIN ledger_stays s ON s.rig = r.rig AND r.start_ms >= s.from_ms AND r.start_ms < s.to_ms ${devFee.join}
    WHERE r.start_ms >= ${literal(fromMs)} AND r.start_ms < ${literal(toMs)} AND s.site = ${quoted(site)}
      ${part.of > 1 ? `AND r.rig % ${part.of} = ${part.at}` : ""}
  )
  SELECT start_ms::DOUBLE AS start_ms, rig, ${bare("algo")} AS algo, algo_place, power_covered_ms, hash_covered_ms, ${maybe.join(", ")}
  FROM known ORDER BY start_ms`;
}

/** The query of what rigs at a site drew and did by bucket and what their work is priced by; of some of them where they are named. */
export function workSql(
  site: string,
  fromMs: number,
  toMs: number,
  rigs: readonly number[] | undefined,
  hasDevFees: boolean,
): string {
  const of = rigs ? `AND r.rig IN (${literals(rigs)})` : "";
  const devFee = hasDevFees ? devFeeJoin(fromMs, toMs) : { column: "NULL::DOUBLE AS dev_fee", join: "" };
  const counted = "hash_ms > 0";
  const both = `${counted} AND power_ms > 0`;
  const measured = "dev_fee IS NOT NULL AND series = ''";
  const ths = "coalesce(accepted, ths_hours)";
  const sum = (what: string, condition: string) =>
    `coalesce(sum(${what}) FILTER (WHERE ${condition}), 0)::DOUBLE`;
  return `WITH known AS (
    SELECT r.start_ms, coalesce(t.text, s.algo) AS algo, r.covered_ms, r.power_covered_ms AS power_ms, r.kwh, r.hash_covered_ms AS hash_ms,
      r.accepted_diff * ${double(THS_HOURS_PER_DIFFICULTY)} AS accepted, r.ths_hours, ${devFee.column}
    FROM rollups_5m r JOIN ledger_stays s ON s.rig = r.rig AND r.start_ms >= s.from_ms AND r.start_ms < s.to_ms
      LEFT JOIN texts t ON t.id = r.algo ${devFee.join}
    WHERE r.start_ms >= ${literal(fromMs)} AND r.start_ms < ${literal(toMs)} AND s.site = ${quoted(site)} ${of}
  ), named AS (SELECT *, ${earnedBySql("algo")} AS series FROM known)
  SELECT start_ms::DOUBLE AS start_ms, series, count(*)::DOUBLE AS rigs, sum(covered_ms)::DOUBLE AS covered_ms, sum(power_ms)::DOUBLE AS power_ms,
    ${sum("kwh", "power_ms > 0")} AS kwh, ${sum("hash_ms", counted)} AS hash_ms,
    ${sum(ths, counted)} AS ths_h, ${sum("accepted", counted)} AS accepted,
    ${sum("kwh", both)} AS both_kwh, ${sum(ths, both)} AS both_ths_h,
    ${sum(ths, `${counted} AND ${measured}`)} AS measured_ths_h, ${sum(`${ths} * dev_fee`, `${counted} AND ${measured}`)} AS fee_ths_h,
    ${sum(ths, `${both} AND ${measured}`)} AS both_measured_ths_h, ${sum(`${ths} * dev_fee`, `${both} AND ${measured}`)} AS both_fee_ths_h
  FROM named GROUP BY ALL ORDER BY ALL`;
}

/** The columns of cells in the order of `CELL_COLUMNS`, as a table of numbers has them. */
export const CELL_DOUBLES = ALL_COLUMNS.map((column) => `${column} DOUBLE`).join(", ");
/** The same as whole numbers to be stored. */
export const BOOKED = ALL_COLUMNS.map((column) => `${column}::BIGINT AS ${column}`).join(", ");

/** Sums of what is stored, as numbers: exact up to 2^53, and several times as fast as sums of 128 bits. */
export const READ_SUMS = ALL_COLUMNS.map((column) => `sum(${column}::DOUBLE) AS ${column}`).join(", ");

/**
 * The start of the stretch that a row belongs to, and what must be joined to know it. Stretches of one length that lie on its
 * multiples are worked out; others are looked up.
 */
export function stretchSql(edges: readonly number[], toMs: number): { start: string; join: string } {
  const [first] = edges;
  const lengthMs = (edges[1] ?? toMs) - (first ?? 0);
  const even = edges.every(
    (edge, i) => edge % lengthMs === 0 && (edges[i + 1] ?? edge + lengthMs) - edge === lengthMs,
  );
  if (even) return { start: `(l.start_ms // ${literal(lengthMs)}) * ${literal(lengthMs)}`, join: "" };
  const list = edges.map(literal).join(", ");
  return {
    start: "e.edge",
    join: `ASOF JOIN (SELECT unnest([${list}]::BIGINT[]) AS edge) e ON l.start_ms >= e.edge`,
  };
}
