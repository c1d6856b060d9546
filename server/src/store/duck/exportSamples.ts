import { POWER_SOURCES, STATUSES } from "@hashwatt/protocol/sample";
import { quoted } from "../state/sqlText.js";
import { isoSql, type RowFile, safeSql } from "./copyRows.js";
import { SAMPLE_COLUMNS } from "./migrations.js";
import { literal, literals } from "./session.js";

/** Raw readings to be written to a file. */
export interface SampleExport extends RowFile {
  /** Absent = all. */
  rigs?: readonly number[];
  fromMs: number;
  toMs: number;
}

const oneOf = (names: readonly string[], column: string): string =>
  `list_extract([${names.map(quoted).join(", ")}], ${column}::INTEGER + 1)`;

/** The query of an export of raw readings, in canonical units; NULL = not reported. */
export function samplesSql({ rigs, fromMs, toMs, format }: SampleExport): string {
  const columns = SAMPLE_COLUMNS.map((name) => {
    switch (name) {
      case "status":
        return `${oneOf(STATUSES, "s.status")} AS status`;
      case "power_source":
        return `${oneOf(POWER_SOURCES, "s.power_source")} AS power_source`;
      case "algo":
        return `${safeSql("t.text", format)} AS algo`;
      default:
        return `s.${name}`;
    }
  });
  const of = rigs ? ` AND s.rig IN (${literals(rigs)})` : "";
  return `SELECT ${isoSql("s.ts")} AS at, s.ts AS at_ms, 'r' || s.rig AS rig, ${columns.join(", ")}
    FROM samples s LEFT JOIN texts t ON t.id = s.algo
    WHERE s.ts >= ${literal(fromMs)} AND s.ts < ${literal(toMs)}${of} ORDER BY s.ts, s.rig`;
}
