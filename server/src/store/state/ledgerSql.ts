import type { LedgerFactor } from "@hashwatt/protocol/ledger";
import { SHA256_NAMES } from "../../economics/figures.js";
import {
  CELL_AMOUNTS,
  CELL_TIMES,
  type CellAmount,
  type CellTime,
  ROUNDED,
  type Rounded,
  THS_HOURS_PER_DIFFICULTY,
} from "../../economics/ledgerCell.js";
import { BEFORE_DEV_FEE } from "../../rates/hashprice/revenueSeries.js";
import { HOUR_MS } from "../../rollup/row.js";
import { literal, literals } from "../duck/session.js";
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

/** The exact amounts in thousandths: the SQL of `fineAmounts` in `economics/ledgerCell.ts`, operation for operation. */
const FINE: Record<Rounded, string> = {
  energyMwh: `kwh * ${double(1e9)}`,
  overheadMwh: `extra * ${double(1e9)}`,
  hashTh: `ths_h * ${double(3_600_000)}`,
  revenueMicro: `paid * own_hashprice * ${double(1e9 / 24_000)}`,
  revenueMsat: `paid * own_hashprice_btc * ${double(1e14 / 24_000)}`,
  energyCostMicro: `kwh * price * ${double(1e9)}`,
  overheadCostMicro: `extra * price * ${double(1e9)}`,
  co2LocationMg: `kwh * carbon * ${double(1e9)}`,
  co2MarketMg: `kwh * carbon_market * ${double(1e9)}`,
  overheadCo2LocationMg: `extra * carbon * ${double(1e9)}`,
  overheadCo2MarketMg: `extra * carbon_market * ${double(1e9)}`,
};

/** Whether any bucket has a factor; `others` are those of other algorithms than SHA-256, `devFee` is what counts before a measured fee. */
export type KnownFactors = ReadonlySet<LedgerFactor | "others" | "devFee">;

/** Factors without which an amount is nowhere known. */
const NEEDS: Record<Rounded, readonly LedgerFactor[]> = {
  energyMwh: [],
  overheadMwh: ["overhead"],
  hashTh: [],
  revenueMicro: ["hashprice", "poolFactor"],
  revenueMsat: ["hashpriceBtc", "poolFactor"],
  energyCostMicro: ["price"],
  overheadCostMicro: ["overhead", "price"],
  co2LocationMg: ["carbon"],
  co2MarketMg: ["carbonMarket"],
  overheadCo2LocationMg: ["overhead", "carbon"],
  overheadCo2MarketMg: ["overhead", "carbonMarket"],
};

const isSha = (algo: string): string => `lower(${algo}) IN (${SHA256_NAMES.map(quoted).join(", ")})`;
/** `earnedBy` in SQL. */
export const earnedBySql = (algo: string): string =>
  `CASE WHEN ${isSha(algo)} THEN '' ELSE 'revenue/' ||
     left(regexp_replace(regexp_replace(lower(${algo}), '[^a-z0-9]+', '-', 'g'), '^-+|-+$', '', 'g'), 64) END`;
const when = (column: string, ms: string): string => `CASE WHEN ${column} IS NULL THEN 0 ELSE ${ms} END`;
const each = (make: (name: Rounded) => string): string => ROUNDED.map(make).join(", ");

/** A bucket of the site itself, as a row of cells are made of. */
export interface OwnRow {
  startMs: number;
  powerCoveredMs: number;
  kwh: number;
}

/**
 * The query of all cells of a site's buckets in [fromMs, toMs): `hourCells` in SQL. Reads rollups_5m, the stays in `ledger_stays` and
 * the rates in ledger_rates_5m. `known` are the factors that any of the buckets has: what rests on others need not be worked out.
 * `part` takes one of so many parts of the rigs: their cells have nothing to do with each other.
 */
export function cellsSql(
  site: string,
  fromMs: number,
  toMs: number,
  own: readonly OwnRow[],
  known: KnownFactors,
  part: { of: number; at: number },
): string {
  const ownRows = own.map(
    ({ startMs, powerCoveredMs, kwh }) =>
      `(${literal(startMs)}::BIGINT, ${double(powerCoveredMs)}, ${double(kwh)})`,
  );
  const isKnown = (name: Rounded): boolean =>
    NEEDS[name].every(
      (factor) =>
        known.has(factor) || (name === "revenueMicro" && factor === "hashprice" && known.has("others")),
    );
  // Of a site that knows one hashprice alone there is nothing to look up.
  const others = known.has("others")
    ? {
        series: `, ${earnedBySql("coalesce(t.text, s.algo)")} AS series`,
        ownSeries: ", '' AS series",
        price: "CASE WHEN k.series = '' THEN f.hashprice ELSE o.hashprice END",
        pool: "coalesce(p.hashprice, pool_factor)",
        join: ["o", "p"]
          .map(
            (as) => `LEFT JOIN (SELECT start_ms, series, hashprice FROM ledger_hashprices_5m
        WHERE site = ${quoted(site)} AND start_ms >= ${literal(fromMs)} AND start_ms < ${literal(toMs)}) ${as}
      ON ${as}.start_ms = k.start_ms AND ${as}.series = ${as === "o" ? "k.series" : "replace(k.series, 'revenue/', 'poolFactor/')"}`,
          )
          .join(" "),
      }
    : {
        series: "",
        ownSeries: "",
        price: `CASE WHEN ${isSha("k.algo")} THEN f.hashprice END`,
        pool: "pool_factor",
        join: "",
      };
  // Where no firmware shows its fee there is nothing to look up either.
  const devFee = known.has("devFee") ? devFeeJoin(fromMs, toMs) : undefined;
  const left = devFee
    ? `CASE WHEN k.dev_fee IS NOT NULL AND b.hashprice IS NOT NULL AND ${isSha("k.algo")} THEN b.hashprice * (1 - k.dev_fee) ELSE ${others.pool} END`
    : others.pool;
  const beforeFee = devFee
    ? `LEFT JOIN (SELECT start_ms, hashprice FROM ledger_hashprices_5m WHERE site = ${quoted(site)} AND series = ${quoted(BEFORE_DEV_FEE)}
        AND start_ms >= ${literal(fromMs)} AND start_ms < ${literal(toMs)}) b ON b.start_ms = k.start_ms`
    : "";
  const ownSql =
    ownRows.length && part.at === 0
      ? `UNION ALL SELECT start_ms, 0 AS rig, '' AS algo, ms AS power_ms, kwh, ${double(0)} AS hash_ms, NULL AS ths_h, false AS accepted${devFee ? ", NULL::DOUBLE AS dev_fee" : ""}${others.ownSeries}
       FROM (VALUES ${ownRows.join(", ")}) o(start_ms, ms, kwh)`
      : "";
  const sums = ROUNDED.filter(isKnown)
    .map((name) => `, sum(coalesce(${AMOUNT_COLUMNS[name]}, 0)) OVER hour AS ${AMOUNT_COLUMNS[name]}_sum`)
    .join("");
  const range = `start_ms >= ${literal(fromMs)} AND r.start_ms < ${literal(toMs)}`;
  return `WITH known AS (
    SELECT r.start_ms, r.rig, coalesce(t.text, s.algo) AS algo, r.power_covered_ms AS power_ms,
      CASE WHEN r.power_covered_ms > 0 THEN r.kwh END AS kwh, r.hash_covered_ms AS hash_ms,
      CASE WHEN r.hash_covered_ms > 0 THEN coalesce(r.accepted_diff * ${double(THS_HOURS_PER_DIFFICULTY)}, r.ths_hours) END AS ths_h,
      r.accepted_diff IS NOT NULL AS accepted${devFee ? `, ${devFee.column}` : ""}${others.series}
    FROM rollups_5m r JOIN ledger_stays s ON s.rig = r.rig AND r.start_ms >= s.from_ms AND r.start_ms < s.to_ms
      LEFT JOIN texts t ON t.id = r.algo ${devFee?.join ?? ""}
    WHERE r.${range} AND s.site = ${quoted(site)} ${part.of > 1 ? `AND r.rig % ${part.of} = ${part.at}` : ""}
    ${ownSql}
  ), rated AS (
    SELECT k.*, f.* EXCLUDE (start_ms, site, rigs), ths_h * ${left} AS paid,
      ${others.price} AS own_hashprice, CASE WHEN ${isSha("k.algo")} THEN f.hashprice_btc END AS own_hashprice_btc,
      CASE WHEN rig <> 0 THEN kwh * (overhead - 1) END AS extra
    FROM known k JOIN ledger_rates_5m f ON f.start_ms = k.start_ms ${others.join} ${beforeFee}
    WHERE f.site = ${quoted(site)} AND f.start_ms >= ${literal(fromMs)} AND f.start_ms < ${literal(toMs)}
  ), fine AS (
    SELECT start_ms, rig, algo, power_ms, hash_ms, accepted,
      ${each((name) => `${isKnown(name) ? `floor(${FINE[name]} + 0.5)` : "NULL::DOUBLE"} AS ${AMOUNT_COLUMNS[name]}`)}
    FROM rated
  ), summed AS (
    SELECT *${sums}
    FROM fine WINDOW hour AS (PARTITION BY rig, start_ms // ${HOUR_MS} ORDER BY start_ms ROWS UNBOUNDED PRECEDING)
  ), whole AS (
    SELECT start_ms, rig, algo, power_ms, hash_ms, accepted, least(power_ms, hash_ms) AS both_ms,
      ${each((name) => {
        const column = AMOUNT_COLUMNS[name];
        if (!isKnown(name)) return column;
        return `floor((${column}_sum + 500) / 1000.0) - floor((${column}_sum - ${column} + 500) / 1000.0) AS ${column}`;
      })}
    FROM summed
  ), booked AS (
    SELECT *, CASE WHEN accepted THEN hash_th END AS accepted_th,
      revenue_micro - energy_cost_micro AS marginal_profit_micro,
      CASE WHEN rig = 0 THEN -energy_cost_micro ELSE revenue_micro - energy_cost_micro - overhead_cost_micro END AS loaded_profit_micro
    FROM whole
  )
  SELECT start_ms, rig, algo, ${Object.values(AMOUNT_COLUMNS).join(", ")},
    power_ms AS energy_ms,
    hash_ms,
    ${when("revenue_micro", "hash_ms")} AS earned_ms,
    ${when("revenue_msat", "hash_ms")} AS earned_msat_ms,
    ${when("energy_cost_micro", "power_ms")} AS priced_ms,
    ${when("marginal_profit_micro", "both_ms")} AS profit_ms,
    ${when("overhead_mwh", "power_ms")} AS overhead_ms,
    CASE WHEN rig = 0 THEN 0 ELSE ${when("loaded_profit_micro", "both_ms")} END AS loaded_ms,
    ${when("co2_location_mg", "power_ms")} AS weighed_ms,
    ${when("co2_market_mg", "power_ms")} AS weighed_market_ms
  FROM booked`;
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

/** Sums of every column of cells, as whole numbers to be stored. */
export const BOOKED_SUMS = ALL_COLUMNS.map((column) => `sum(${column})::BIGINT AS ${column}`).join(", ");

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
