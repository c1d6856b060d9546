import { MAX_HOLD_MS, MIN_HOLD_MS, UNREACHABLE } from "../../rollup/hold.js";
import { HELD_QUANTITIES, type RawSeriesQuery } from "../store.js";
import { HELD_COLUMNS } from "./heldSteps.js";
import { bare, literal, literals } from "./session.js";

const NAN = "'nan'::DOUBLE";

/**
 * Sample-and-hold in SQL: each reading becomes the piece of time that it stands for, cut at the steps, then weighted.
 * The same answer as `rawSeriesOf`; `algoId` −1 = readings without an algorithm only. What is not asked for is not read:
 * a column of all rigs is decompressed to find one rig's rows.
 */
export function rawSeriesSql(query: RawSeriesQuery, algoId: number | undefined): string {
  const [from, to, step] = [literal(query.fromMs), literal(query.toMs), literal(query.stepMs)];
  const read = (query.quantities ?? HELD_QUANTITIES).map((name) => HELD_COLUMNS[name]);
  const also = (names: readonly string[]) => names.map((name) => `, ${name}`).join("");
  const names = also(read);
  const weighted = read.map(
    (name) =>
      `,
    sum(CASE WHEN ${name} IS NOT NULL THEN ms END) AS ${name}_ms, sum(${name} * ms) AS ${name}_sum, min(${name}) AS ${name}_min, max(${name}) AS ${name}_max`,
  );
  /** An expression over a quantity that was read; else what stands for nothing measured. */
  const of = (name: string, expression: string, absent = NAN) => (read.includes(name) ? expression : absent);
  const sum = (name: string, of_: string) =>
    of(name, `coalesce(sum(${name}_${of_}), 0)::DOUBLE`, "0::DOUBLE");
  const rate = (name: string) => of(name, bare(`sum(${name}_sum / ${name}_ms)`));
  const end = (name: string, which: "min" | "max") => of(name, bare(`${which}(${name}_${which})`));
  const mean = (name: string) => of(name, bare(`sum(${name}_sum) / sum(${name}_ms)`));
  const columns = [
    `(b * ${step})::DOUBLE AS at_ms`,
    "count(*)::DOUBLE AS reporting",
    "sum(covered_ms)::DOUBLE AS covered_ms",
    `${sum("hashrate_ths", "ms")} AS hash_covered_ms`,
    `${sum("power_w", "ms")} AS power_covered_ms`,
    `${sum("hashrate_ths", "sum")} AS ths_ms`,
    `${sum("power_w", "sum")} AS w_ms`,
    `${rate("hashrate_ths")} AS hashrate_ths`,
    `${rate("power_w")} AS power_w`,
    `${end("hashrate_ths", "min")} AS hashrate_ths_min`,
    `${end("hashrate_ths", "max")} AS hashrate_ths_max`,
    `${end("power_w", "min")} AS power_w_min`,
    `${end("power_w", "max")} AS power_w_max`,
    `${end("board_c", "max")} AS board_c_max`,
    `${end("chip_c", "max")} AS chip_c_max`,
    ...["inlet_c", "board_c", "chip_c", "fan_rpm"].map((name) => `${mean(name)} AS ${name}`),
  ];
  const assumed = query.assumed === undefined ? "" : ` AND rig IN (${literals(query.assumed)})`;
  const algo = algoId === undefined ? "" : `AND ((algo IS NULL${assumed}) OR algo = ${literal(algoId)})`;
  const until = `least(lead(ts) OVER (PARTITION BY rig ORDER BY ts), ${to},
      ts + CASE WHEN status = ${UNREACHABLE} THEN 0 ELSE least(${MAX_HOLD_MS}, greatest(${MIN_HOLD_MS}, 3 * interval_ms))::BIGINT END)`;
  // A piece within one step, which nearly all are, needs no list of steps.
  return `WITH held AS (
  SELECT rig, greatest(ts, ${from}) AS since, ${until} AS until${algoId === undefined ? "" : ", algo"}${names}
  FROM samples
  WHERE rig IN (${literals(query.rigs)}) AND ts >= ${literal(query.fromMs - MAX_HOLD_MS)} AND ts < ${to}
), counted AS (
  SELECT *, since // ${step} AS first_b, (until - 1) // ${step} AS last_b FROM held WHERE until > since ${algo}
), pieces AS (
  SELECT rig, first_b AS b, least(until, (first_b + 1) * ${step}) - since AS ms${names} FROM counted
  UNION ALL
  SELECT rig, b, least(until, (b + 1) * ${step}) - b * ${step} AS ms${names}
  FROM (SELECT *, unnest(range(first_b + 1, last_b + 1)) AS b FROM counted WHERE last_b > first_b)
), by_rig AS (
  SELECT b, rig, sum(ms) AS covered_ms${weighted.join("")}
  FROM pieces GROUP BY b, rig
)
SELECT ${columns.join(", ")} FROM by_rig GROUP BY b ORDER BY b`;
}
