import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { quoted } from "../state/sqlText.js";
import type { ExportControl, TelemetryExport } from "../store.js";
import { newestVersion, TELEMETRY_MIGRATIONS } from "./migrations.js";
import { literal, type Session } from "./session.js";

const HOUR_MS = 3_600_000;
/** Rows of one file at most, as far as whole hours allow: what a cancel waits for, and what progress steps by. */
const PIECE_ROWS = 2_000_000;
const PARQUET = "(FORMAT parquet, COMPRESSION zstd)";

/** One file to be: rows of a table, of whole hours where it has times. */
interface Piece {
  table: string;
  file: string;
  rows: number;
  where: string;
}

/**
 * Writes every table of the telemetry file as Parquet into `folder`, as it stands when `control.snapshot` is called: one
 * transaction that reads, beside which commits go on. Rejects with the signal's reason when that aborts.
 */
export async function exportTelemetry(
  session: Session,
  folder: string,
  control: ExportControl,
): Promise<TelemetryExport> {
  await mkdir(folder, { recursive: true });
  return session.transaction(async (connection) => {
    const cut = () => connection.interrupt();
    control.signal.addEventListener("abort", cut);
    try {
      return await copyTables(connection, folder, control);
    } catch (cause) {
      // An interrupted command says so in words of its own.
      control.signal.throwIfAborted();
      throw cause;
    } finally {
      control.signal.removeEventListener("abort", cut);
    }
  });
}

async function copyTables(
  connection: DuckDBConnection,
  folder: string,
  { signal, snapshot, progress }: ExportControl,
): Promise<TelemetryExport> {
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
  // The first read decides what the transaction sees.
  await rows("SELECT version FROM schema_version");
  snapshot();
  const found = await rows(
    `SELECT table_name, bool_or(column_name = 'ts') AS timed FROM duckdb_columns()
     WHERE NOT internal AND table_name <> 'schema_version' GROUP BY table_name ORDER BY table_name`,
  );
  const pieces: Piece[] = [];
  for (const { table_name, timed } of found) {
    signal.throwIfAborted();
    const table = String(table_name);
    if (timed !== true) {
      const [count] = await rows(`SELECT count(*)::DOUBLE AS n FROM ${table}`);
      pieces.push({ table, file: `${table}.parquet`, rows: Number(count?.n), where: "" });
      continue;
    }
    const hours = await rows(
      `SELECT (ts // ${HOUR_MS} * ${HOUR_MS})::DOUBLE AS hour, count(*)::DOUBLE AS n FROM ${table} GROUP BY 1 ORDER BY 1`,
    );
    pieces.push(
      ...piecesOf(
        table,
        hours.map(({ hour, n }) => ({ hour: Number(hour), rows: Number(n) })),
      ),
    );
  }
  const total = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  const tables: TelemetryExport["tables"] = {};
  for (const { table_name } of found) tables[String(table_name)] = { files: [], rows: 0 };
  let done = 0;
  for (const piece of pieces) {
    signal.throwIfAborted();
    progress(done, total);
    await connection.run(
      `COPY (SELECT * FROM ${piece.table} ${piece.where}) TO ${quoted(join(folder, piece.file))} ${PARQUET}`,
    );
    done += piece.rows;
    tables[piece.table]!.files.push(piece.file);
    tables[piece.table]!.rows += piece.rows;
  }
  progress(done, total);
  return { schema: newestVersion(TELEMETRY_MIGRATIONS), tables };
}

/** Consecutive hours together as long as they stay within one piece. */
function piecesOf(table: string, hours: readonly { hour: number; rows: number }[]): Piece[] {
  const pieces: Piece[] = [];
  for (let first = 0; first < hours.length; ) {
    let [end, rows] = [first, 0];
    do rows += hours[end++]!.rows;
    while (end < hours.length && rows + hours[end]!.rows <= PIECE_ROWS);
    const [from, to] = [hours[first]!.hour, hours[end - 1]!.hour + HOUR_MS];
    const name = new Date(from).toISOString().slice(0, 13);
    pieces.push({
      table,
      file: `${table}-${name}.parquet`,
      rows,
      where: `WHERE ts >= ${literal(from)} AND ts < ${literal(to)}`,
    });
    first = end;
  }
  return pieces;
}
