import { PART_STEP_MS } from "../parts.js";
import { compactSql } from "./partsSql.js";
import { literal, type Session } from "./session.js";

const HOUR_MS = 3_600_000;
/** Rows that one transaction compacts at most, so that it stays within the memory limit. */
const SLICE_ROWS = 250_000;

/** Compacts boards and fans of the whole hours before `beforeMs`, slice by slice, each in its own transaction. */
export async function compactParts(session: Session, beforeMs: number): Promise<void> {
  const end = Math.floor(beforeMs / HOUR_MS) * HOUR_MS;
  const hours = await session.rows(
    `SELECT (ts // ${HOUR_MS} * ${HOUR_MS})::DOUBLE AS hour, count(*)::DOUBLE AS n
     FROM (SELECT ts FROM boards WHERE ts < ${literal(end)} UNION ALL SELECT ts FROM fans WHERE ts < ${literal(end)})
     GROUP BY 1 ORDER BY 1`,
  );
  for (const { hour, n } of hours) {
    const from = Number(hour);
    const slices = Math.min(HOUR_MS / PART_STEP_MS, Math.ceil(Number(n) / SLICE_ROWS));
    const minutes = Math.ceil(HOUR_MS / PART_STEP_MS / slices);
    for (let at = from; at < from + HOUR_MS; at += minutes * PART_STEP_MS) {
      const to = Math.min(from + HOUR_MS, at + minutes * PART_STEP_MS);
      await session.transaction(async (connection) => {
        for (const statement of compactSql(at, to)) await connection.run(statement);
      });
    }
  }
}
