import { quoted } from "../state/sqlText.js";
import type { Session } from "./session.js";

/** A file of rows to be. */
export interface RowFile {
  path: string;
  format: "csv" | "parquet";
  /** CSV: whether it begins with the names of its columns. */
  header: boolean;
}

/** How a file of rows is written: `progress` hears of the share (0–1) that is done. */
export interface RowFileControl {
  signal: AbortSignal;
  progress?(done: number): void;
}

const LOOK_MS = 500;

/** Writes the answer of a query to a file, as DuckDB reads it, without holding it. Returns its rows; rejects with the signal's reason. */
export async function copyRows(
  session: Session,
  select: string,
  { path, format, header }: RowFile,
  { signal, progress }: RowFileControl,
  every: (ms: number, run: () => void) => Disposable,
): Promise<number> {
  const how = format === "csv" ? `FORMAT csv, HEADER ${header}` : "FORMAT parquet, COMPRESSION zstd";
  return session.alone(async (connection) => {
    const cut = () => connection.interrupt();
    signal.addEventListener("abort", cut);
    using _look = every(LOOK_MS, () => progress?.(Math.max(0, connection.progress.percentage) / 100));
    try {
      signal.throwIfAborted();
      return (await connection.run(`COPY (${select}) TO ${quoted(path)} (${how})`)).rowsChanged;
    } catch (cause) {
      // An interrupted command says so in words of its own.
      signal.throwIfAborted();
      throw cause;
    } finally {
      signal.removeEventListener("abort", cut);
    }
  });
}

/** An instant as text, for whoever reads the file. */
export const isoSql = (column: string): string =>
  `strftime(make_timestamp(${column} * 1000), '%Y-%m-%dT%H:%M:%SZ')`;

/** A text that no spreadsheet takes for a formula; Parquet is read by none that would. */
export const safeSql = (column: string, format: RowFile["format"]): string =>
  format === "csv"
    ? `CASE WHEN regexp_matches(${column}, '^[=+\\-@\\t\\r]') THEN '''' || ${column} ELSE ${column} END`
    : column;
