import { MAX_HOLD_MS, MIN_HOLD_MS, UNREACHABLE } from "../../rollup/hold.js";
import type { RawSeriesQuery } from "../store.js";
import { bare, literal, literals } from "./session.js";

const QUANTITIES = ["hashrate_ths", "power_w", "inlet_c", "board_c", "chip_c", "fan_rpm"] as const;

/**
 * Sample-and-hold in SQL: each reading becomes the piece of time that it stands for, cut at the steps, then weighted.
 * The same answer as `rawSeriesOf`; `algoId` −1 = readings without an algorithm only.
 */
export function rawSeriesSql(query: RawSeriesQuery, algoId: number | undefined): string {
  const [from, to, step] = [literal(query.fromMs), literal(query.toMs), literal(query.stepMs)];
  const names = QUANTITIES.join(", ");
  const weighted = QUANTITIES.map(
    (name) =>
      `sum(CASE WHEN ${name} IS NOT NULL THEN ms END) AS ${name}_ms, sum(${name} * ms) AS ${name}_sum, min(${name}) AS ${name}_min, max(${name}) AS ${name}_max`,
  ).join(",\n    ");
  const mean = (name: string) => `sum(${name}_sum) / sum(${name}_ms)`;
  const columns = [
    `(b * ${step})::DOUBLE AS at_ms`,
    "count(*)::DOUBLE AS reporting",
    "sum(covered_ms)::DOUBLE AS covered_ms",
    "coalesce(sum(hashrate_ths_ms), 0)::DOUBLE AS hash_covered_ms",
    "coalesce(sum(power_w_ms), 0)::DOUBLE AS power_covered_ms",
    "coalesce(sum(hashrate_ths_sum), 0)::DOUBLE AS ths_ms",
    "coalesce(sum(power_w_sum), 0)::DOUBLE AS w_ms",
    `${bare("sum(hashrate_ths_sum / hashrate_ths_ms)")} AS hashrate_ths`,
    `${bare("sum(power_w_sum / power_w_ms)")} AS power_w`,
    `${bare("min(hashrate_ths_min)")} AS hashrate_ths_min`,
    `${bare("max(hashrate_ths_max)")} AS hashrate_ths_max`,
    `${bare("min(power_w_min)")} AS power_w_min`,
    `${bare("max(power_w_max)")} AS power_w_max`,
    `${bare("max(board_c_max)")} AS board_c_max`,
    `${bare("max(chip_c_max)")} AS chip_c_max`,
    ...["inlet_c", "board_c", "chip_c", "fan_rpm"].map((name) => `${bare(mean(name))} AS ${name}`),
  ];
  const algo = algoId === undefined ? "" : `AND (algo IS NULL OR algo = ${literal(algoId)})`;
  const end = `least(lead(ts) OVER (PARTITION BY rig ORDER BY ts), ${to},
      ts + CASE WHEN status = ${UNREACHABLE} THEN 0 ELSE least(${MAX_HOLD_MS}, greatest(${MIN_HOLD_MS}, 3 * interval_ms))::BIGINT END)`;
  // A piece within one step, which nearly all are, needs no list of steps.
  return `WITH held AS (
  SELECT rig, greatest(ts, ${from}) AS since, ${end} AS until, algo, ${names}
  FROM samples
  WHERE rig IN (${literals(query.rigs)}) AND ts >= ${literal(query.fromMs - MAX_HOLD_MS)} AND ts < ${to}
), counted AS (
  SELECT *, since // ${step} AS first_b, (until - 1) // ${step} AS last_b FROM held WHERE until > since ${algo}
), pieces AS (
  SELECT rig, first_b AS b, least(until, (first_b + 1) * ${step}) - since AS ms, ${names} FROM counted
  UNION ALL
  SELECT rig, b, least(until, (b + 1) * ${step}) - b * ${step} AS ms, ${names}
  FROM (SELECT *, unnest(range(first_b + 1, last_b + 1)) AS b FROM counted WHERE last_b > first_b)
), by_rig AS (
  SELECT b, rig, sum(ms) AS covered_ms,
    ${weighted}
  FROM pieces GROUP BY b, rig
)
SELECT ${columns.join(", ")} FROM by_rig GROUP BY b ORDER BY b`;
}
