import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { ServerError } from "../../error.js";
import { quoted } from "../state/sqlText.js";
import type { TelemetryExport } from "../store.js";
import { migrate, newestVersion, TELEMETRY_MIGRATIONS } from "./migrations.js";

/**
 * Builds a telemetry file at `path`, which must not exist, from an export. Throws ServerError `restoreFailed` and leaves
 * nothing there when the export is newer than this program, not whole or not readable.
 */
export async function restoreTelemetry(path: string, folder: string, told: TelemetryExport): Promise<void> {
  if (told.schema > newestVersion(TELEMETRY_MIGRATIONS))
    throw new ServerError(
      "restoreFailed",
      `${folder} was made by a newer version (schema ${told.schema}): update Hashwatt first`,
    );
  const instance = await DuckDBInstance.create(path, {
    memory_limit: "512MB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    const upTo = TELEMETRY_MIGRATIONS.filter(({ version }) => version <= told.schema);
    await migrate(connection, path, upTo);
    for (const [table, { files, rows }] of Object.entries(told.tables)) {
      if (!/^[a-z0-9_]+$/.test(table)) throw new RangeError(`"${table}" is no table`);
      let held = 0;
      for (const file of files) {
        const from = quoted(join(folder, basename(file)));
        const result = await connection.run(
          `INSERT INTO ${table} BY NAME SELECT * FROM read_parquet(${from})`,
        );
        held += result.rowsChanged;
      }
      if (held !== rows) throw new RangeError(`${table} has ${held} rows of ${rows}`);
    }
    await migrate(connection, path, TELEMETRY_MIGRATIONS);
    await connection.run("CHECKPOINT");
    connection.disconnectSync();
  } catch (cause) {
    instance.closeSync();
    for (const each of [path, `${path}.wal`]) await rm(each, { force: true });
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new ServerError("restoreFailed", `${folder} cannot be restored: ${why}`, { cause });
  }
  instance.closeSync();
}
