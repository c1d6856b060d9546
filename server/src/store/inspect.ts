import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ServerError } from "../error.js";
import { duckError } from "./duck/error.js";
import { checkLength } from "./duck/file.js";
import { type Migration, newestVersion, STATE_MIGRATIONS, TELEMETRY_MIGRATIONS } from "./duck/migrations.js";
import { walShape } from "./duck/wal.js";

/** The file of identities, rollups, prices and alerts in a data folder. */
export const STATE_FILE = "hashwatt.duckdb";
/** The file of raw samples in a data folder. */
export const TELEMETRY_FILE = "telemetry.duckdb";

/** Tables that nobody could make again, and small: they are read whole, so that a damaged block shows. */
const PRECIOUS = ["rigs", "aliases", "sites", "tariffs", "fx", "settings", "alerts"];

/** What a look at one file tells. `rows` of its main table; absent with the file, or with `problem`. */
export interface FileReport {
  path: string;
  exists: boolean;
  rows?: number;
  /** Why it cannot be read as it is. */
  problem?: ServerError;
}

/** Looks at both files of a data folder that no server has open. Opens them for reading alone: nothing is made or changed. */
export async function inspectStores(dataDir: string): Promise<{ state: FileReport; telemetry: FileReport }> {
  return {
    state: await inspectFile(join(dataDir, STATE_FILE), "rigs", STATE_MIGRATIONS, PRECIOUS),
    telemetry: await inspectFile(join(dataDir, TELEMETRY_FILE), "samples", TELEMETRY_MIGRATIONS),
  };
}

async function inspectFile(
  path: string,
  table: string,
  migrations: readonly Migration[],
  whole: readonly string[] = [],
): Promise<FileReport> {
  if (!existsSync(path)) return { path, exists: false };
  try {
    refuseTornLog(path);
    return { path, exists: true, rows: await countRows(path, table, newestVersion(migrations), whole) };
  } catch (cause) {
    return { path, exists: true, problem: problemOf(cause, path) };
  }
}

/** A log without its end opens without a word, so that this looks first. */
function refuseTornLog(path: string): void {
  const shape = walShape(`${path}.wal`);
  if (shape && (!shape.headerOk || shape.wholeBytes < shape.bytes))
    throw new ServerError("storeDamaged", `the write-ahead log of ${path} is damaged, as after a crash`);
}

function problemOf(cause: unknown, path: string): ServerError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/replaying WAL/i.test(text))
    return new ServerError("storeDamaged", `the write-ahead log of ${path} is damaged`, { cause });
  return duckError(cause, path);
}

/**
 * Rows of a table; reads the tables of `whole` to their end. Throws for a file that is newer than this program, shorter than
 * it says, or cannot be read.
 */
async function countRows(
  path: string,
  table: string,
  newest: number,
  whole: readonly string[],
): Promise<number> {
  return reading(path, async (connection) => {
    await checkLength(connection, path);
    const one = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0]?.[0];
    const version = Number(await one("SELECT coalesce(max(version), 0)::INTEGER FROM schema_version"));
    if (version > newest)
      throw new ServerError(
        "storeSchema",
        `${path} has schema ${version}, this program knows up to ${newest}: start the newer Hashwatt that wrote it`,
      );
    for (const name of whole) await one(`SELECT count(DISTINCT hash(COLUMNS(*))) FROM ${name}`);
    return Number(await one(`SELECT count(*)::DOUBLE FROM ${table}`));
  });
}

/** Reads a file that nobody has open, and changes nothing of it. Rejects with what DuckDB says. */
export async function reading<T>(
  path: string,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(path, {
    access_mode: "READ_ONLY",
    memory_limit: "96MB",
    threads: "1",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    try {
      return await use(connection);
    } finally {
      connection.disconnectSync();
    }
  } finally {
    instance.closeSync();
  }
}
