import { COUNTER_GAP_MS, PART_STEP_MS } from "../parts.js";
import type { PartsRange } from "../store.js";
import { bare, literal } from "./session.js";

/**
 * Board rows between two instants with the errors each one gained on the one before. Compacted minutes lend their last
 * counter, so that the first reading after them has something to be compared with. Rows of a rig whose minute was
 * compacted before they came gain nothing: the neighbours' difference holds their errors already.
 */
const gains = (from: string, to: string, rig: string): string => `
counters AS (
  SELECT ts, rig, slot, hw_errors, TRUE AS full_row FROM boards
  WHERE ts >= ${from} - ${COUNTER_GAP_MS} AND ts < ${to} ${rig} AND hw_errors IS NOT NULL
  UNION ALL
  SELECT hw_last_ts::BIGINT, rig, slot, hw_last, FALSE FROM board_minutes
  WHERE ts >= ${from} - ${COUNTER_GAP_MS + PART_STEP_MS} AND ts < ${to} ${rig} AND hw_last IS NOT NULL
), steps AS (
  SELECT *, lag(ts) OVER w AS ts_before, lag(hw_errors) OVER w AS hw_before FROM counters
  WINDOW w AS (PARTITION BY rig, slot ORDER BY ts)
), compacted AS (
  SELECT DISTINCT rig, ts FROM board_minutes WHERE ts >= ${from} - ${PART_STEP_MS} AND ts < ${to} ${rig}
), gained AS (
  SELECT s.ts, s.rig, s.slot,
    CASE WHEN s.hw_errors >= s.hw_before THEN s.hw_errors - s.hw_before ELSE s.hw_errors END AS hw_gained
  FROM steps s ANTI JOIN compacted c ON s.rig = c.rig AND s.ts - s.ts % ${PART_STEP_MS} = c.ts
  WHERE s.full_row AND s.ts - s.ts_before <= ${COUNTER_GAP_MS} AND s.ts >= ${from}
), rows AS (
  SELECT b.*, g.hw_gained FROM boards b LEFT JOIN gained g USING (ts, rig, slot)
  WHERE b.ts >= ${from} AND b.ts < ${to} ${rig.replace("rig", "b.rig")}
)`;

/** Steps of one rig's boards, from rows at full rate and compacted minutes alike. */
export function boardsSql({ rig, fromMs, toMs, stepMs }: PartsRange): string {
  const [from, to, step] = [literal(fromMs), literal(toMs), literal(stepMs)];
  const own = `AND rig = ${literal(rig)}`;
  const mean = (name: string, n: string) => `${bare(`sum(${name} * ${n}) / sum(${n})`)} AS ${name}`;
  return `WITH ${gains(from, to, own)}, every_row AS (
  SELECT ts, slot, hashrate_ths, (hashrate_ths IS NOT NULL)::INTEGER AS hashrate_n, board_c, chip_c, chips, chips_expected,
    frequency_mhz, (frequency_mhz IS NOT NULL)::INTEGER AS frequency_n, voltage_v, (voltage_v IS NOT NULL)::INTEGER AS voltage_n,
    hw_gained
  FROM rows
  UNION ALL
  SELECT ts, slot, hashrate_ths, hashrate_n, board_c, chip_c, chips, chips_expected, frequency_mhz, frequency_n, voltage_v,
    voltage_n, hw_gained
  FROM board_minutes WHERE ts >= ${from} AND ts < ${to} ${own}
)
SELECT (ts // ${step} * ${step})::DOUBLE AS at_ms, slot,
  ${mean("hashrate_ths", "hashrate_n")}, ${bare("max(board_c)")} AS board_c, ${bare("max(chip_c)")} AS chip_c,
  ${bare("min(chips)")} AS chips, ${bare("max(chips_expected)")} AS chips_expected, ${bare("sum(hw_gained)")} AS hw_errors,
  ${mean("frequency_mhz", "frequency_n")}, ${mean("voltage_v", "voltage_n")}
FROM every_row GROUP BY 1, 2 ORDER BY 1, 2`;
}

/** Steps of one rig's fans. A single fan is in the sample's own row. */
export function fansSql({ rig, fromMs, toMs, stepMs }: PartsRange): string {
  const [from, to, step] = [literal(fromMs), literal(toMs), literal(stepMs)];
  const where = `rig = ${literal(rig)} AND ts >= ${from} AND ts < ${to}`;
  const rpm = [0, 1, 2, 3].map(
    (i) => `${bare(`sum(rpm${i} * n) / sum(CASE WHEN rpm${i} IS NOT NULL THEN n END)`)} AS rpm${i}`,
  );
  return `WITH every_row AS (
  SELECT ts, 1 AS n, bank, rpm0, rpm1, rpm2, rpm3 FROM fans WHERE ${where}
  UNION ALL SELECT ts, n, bank, rpm0, rpm1, rpm2, rpm3 FROM fan_minutes WHERE ${where}
  UNION ALL SELECT ts, 1, 0, fan_rpm, NULL, NULL, NULL FROM samples s
    WHERE ${where} AND fan_rpm IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM fans f WHERE f.rig = s.rig AND f.ts = s.ts AND ${where.replace(/rig|ts/g, "f.$&")})
      AND NOT EXISTS (SELECT 1 FROM fan_minutes m WHERE m.rig = s.rig AND m.ts = s.ts - s.ts % ${PART_STEP_MS}
        AND m.rig = ${literal(rig)} AND m.ts >= ${from} - ${PART_STEP_MS} AND m.ts < ${to})
)
SELECT (ts // ${step} * ${step})::DOUBLE AS at_ms, bank, ${rpm.join(", ")}
FROM every_row GROUP BY 1, 2 ORDER BY 1, 2`;
}

/**
 * Statements that turn the full rows of boards and fans between two instants (whole minutes) into one row per part and
 * minute; run them in one transaction. Each rig's newest reading is kept aside whole.
 */
export function compactSql(fromMs: number, toMs: number): string[] {
  const [from, to] = [literal(fromMs), literal(toMs)];
  const within = `ts >= ${from} AND ts < ${to}`;
  const keepLast = (table: string, last: string): string[] => [
    `CREATE OR REPLACE TEMP TABLE newest AS SELECT rig, max(ts) AS ts FROM ${table} WHERE ${within} GROUP BY rig`,
    `DELETE FROM ${last} USING newest n WHERE ${last}.rig = n.rig AND ${last}.ts <= n.ts`,
    `INSERT INTO ${last} SELECT t.* FROM ${table} t JOIN newest n ON t.rig = n.rig AND t.ts = n.ts
     WHERE t.ts >= ${from} AND t.ts < ${to} AND t.rig NOT IN (SELECT rig FROM ${last})`,
  ];
  return [
    ...keepLast("boards", "last_boards"),
    ...keepLast("fans", "last_fans"),
    `INSERT INTO board_minutes WITH ${gains(from, to, "")}
     SELECT ts - ts % ${PART_STEP_MS} AS minute, rig, slot, avg(hashrate_ths), count(hashrate_ths), max(board_c), max(chip_c),
       min(chips), max(chips_expected), avg(frequency_mhz), count(frequency_mhz), avg(voltage_v), count(voltage_v),
       sum(hw_gained), arg_max(hw_errors, ts), max(CASE WHEN hw_errors IS NOT NULL THEN ts END)
     FROM rows GROUP BY minute, rig, slot ORDER BY minute, rig, slot`,
    `INSERT INTO fan_minutes SELECT ts - ts % ${PART_STEP_MS} AS minute, rig, count(*), bank,
       avg(rpm0), avg(rpm1), avg(rpm2), avg(rpm3)
     FROM fans WHERE ${within} GROUP BY minute, rig, bank ORDER BY minute, rig, bank`,
    `DELETE FROM boards WHERE ${within}`,
    `DELETE FROM fans WHERE ${within}`,
    "DROP TABLE IF EXISTS newest",
  ];
}
