import type { DuckDBConnection } from "@duckdb/node-api";
import { ServerError } from "../../error.js";
import { DEV_FEES_STATEMENT, LEDGER_STATEMENTS } from "./ledgerSchema.js";

/** One step of a file's schema: the statements that lead to it from the step before. */
export interface Migration {
  version: number;
  statements: readonly string[];
}

/**
 * Values of a sample that nearly every rig reports, in the order of its columns; all DOUBLE, NULL = not reported. A commit
 * costs DuckDB about as much per column as per row, so that what few rigs report lies in {@link EXTRA_COLUMNS}.
 */
export const SAMPLE_COLUMNS = [
  "lag_ms",
  "interval_ms",
  "poll_ms",
  "status",
  "algo",
  "hashrate_ths",
  "hashrate_avg_ths",
  "power_w",
  "power_source",
  "power_limit_w",
  "inlet_c",
  "board_c",
  "chip_c",
  "fan_rpm",
  "accepted",
  "rejected",
  "stale",
  "accepted_diff",
  "uptime_s",
] as const;

/** The other values of a sample; a row exists where one of them changed, and holds for later samples of its rig. */
export const EXTRA_COLUMNS = [
  "hashrate_window_s",
  "target_ths",
  "power_mode",
  "outlet_c",
  "coolant_c",
  "psu_c",
  "board_limit_c",
  "chip_limit_c",
  "fan_duty",
  "rejected_diff",
  "pool",
  "clock",
] as const;

/** Columns of a row of extras. `alone` is 1 where it holds for no other reading than its own. */
export const EXTRA_ROW_COLUMNS = [...EXTRA_COLUMNS, "alone"] as const;

/** Values of a board row. */
export const BOARD_COLUMNS = [
  "slot",
  "hashrate_ths",
  "board_c",
  "chip_c",
  "chips",
  "chips_expected",
  "hw_errors",
  "frequency_mhz",
  "voltage_v",
] as const;

/** Values of a row of up to four fans; `bank` 0 holds places 0 to 3. */
export const FAN_COLUMNS = ["bank", "rpm0", "rpm1", "rpm2", "rpm3"] as const;

/** Values of a rig's rollup row. Means of hashrate and power follow from their sums and are not stored. */
export const ROLLUP_COLUMNS = [
  "algo",
  "samples",
  "covered_ms",
  "mining_ms",
  "hash_covered_ms",
  "ths_hours",
  "power_covered_ms",
  "kwh",
  "kwh_meter",
  "kwh_psu",
  "kwh_firmware",
  "kwh_model",
  "kwh_nameplate",
  "hashrate_min",
  "hashrate_max",
  "power_min",
  "power_max",
  "inlet_min",
  "inlet_mean",
  "inlet_max",
  "board_min",
  "board_mean",
  "board_max",
  "chip_min",
  "chip_mean",
  "chip_max",
  "fan_min",
  "fan_mean",
  "fan_max",
  "accepted",
  "rejected",
  "stale",
  "accepted_diff",
] as const;

const doubles = (names: readonly string[]): string => names.map((name) => `${name} DOUBLE`).join(", ");

/** Schema of `telemetry.duckdb`, oldest first. No primary key: it would make the file 3.4 times larger. */
export const TELEMETRY_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE samples (ts BIGINT, rig INTEGER, ${doubles(SAMPLE_COLUMNS)})`,
      `CREATE TABLE extras (ts BIGINT, rig INTEGER, ${doubles(EXTRA_COLUMNS)})`,
      `CREATE TABLE boards (ts BIGINT, rig INTEGER, ${doubles(BOARD_COLUMNS)})`,
      `CREATE TABLE fans (ts BIGINT, rig INTEGER, ${doubles(FAN_COLUMNS)})`,
      // The parts of a rig's newest reading outlive their compaction, so that a rig that went silent is still whole.
      `CREATE TABLE last_boards (ts BIGINT, rig INTEGER, ${doubles(BOARD_COLUMNS)})`,
      `CREATE TABLE last_fans (ts BIGINT, rig INTEGER, ${doubles(FAN_COLUMNS)})`,
      `CREATE TABLE board_minutes (ts BIGINT, rig INTEGER, ${doubles([
        "slot",
        "hashrate_ths",
        "hashrate_n",
        "board_c",
        "chip_c",
        "chips",
        "chips_expected",
        "frequency_mhz",
        "frequency_n",
        "voltage_v",
        "voltage_n",
        "hw_gained",
        "hw_last",
        "hw_last_ts",
      ])})`,
      `CREATE TABLE fan_minutes (ts BIGINT, rig INTEGER, n DOUBLE, ${doubles(FAN_COLUMNS)})`,
      "CREATE TABLE faults (ts BIGINT, rig INTEGER, faults VARCHAR)",
      "CREATE TABLE texts (id INTEGER, text VARCHAR)",
      "CREATE TABLE streams (id INTEGER, site VARCHAR, agent VARCHAR, stream VARCHAR, seq BIGINT, updated_ms BIGINT, lost BIGINT)",
    ],
  },
  {
    version: 2,
    statements: [
      // A row of extras holds from now on until the next; so far a sample without one had none of its values.
      `INSERT INTO extras (ts, rig) SELECT n.ts, n.rig FROM (SELECT rig, max(ts) AS ts FROM samples GROUP BY rig) n
       WHERE NOT EXISTS (SELECT 1 FROM extras e WHERE e.rig = n.rig AND e.ts = n.ts)`,
    ],
  },
  { version: 3, statements: ["ALTER TABLE extras ADD COLUMN IF NOT EXISTS alone DOUBLE"] },
];

/** Tables of `hashwatt.duckdb` that hold what an operator could not make again. */
export const PRECIOUS = [
  "rigs",
  "aliases",
  "sites",
  "tariffs",
  "fx",
  "settings",
  "notifications",
  "alerts",
  "audit",
  "rate_series",
  "documents",
  "rig_sites",
  "alert_care",
] as const;

/** Schema of `hashwatt.duckdb`, oldest first. */
export const STATE_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    statements: [
      "CREATE TABLE rigs (rig INTEGER, site VARCHAR, agent VARCHAR, handle VARCHAR, name VARCHAR, evidence VARCHAR, first_seen_ms BIGINT, last_seen_ms BIGINT)",
      "CREATE TABLE aliases (rig INTEGER, kind VARCHAR, value VARCHAR)",
      "CREATE TABLE sites (site VARCHAR, name VARCHAR, zone VARCHAR, currency VARCHAR, grid_region VARCHAR, demo BOOLEAN)",
      "CREATE TABLE tariffs (site VARCHAR, valid_from_ms BIGINT, price_per_kwh DOUBLE, currency VARCHAR, source VARCHAR, demo BOOLEAN)",
      "CREATE TABLE fx (currency VARCHAR, valid_from_ms BIGINT, per_usd DOUBLE, source VARCHAR)",
      `CREATE TABLE rollups_5m (start_ms BIGINT, rig INTEGER, ${doubles(ROLLUP_COLUMNS)})`,
      `CREATE TABLE rollups_1h (start_ms BIGINT, rig INTEGER, ${doubles(ROLLUP_COLUMNS)})`,
      `CREATE TABLE site_rollups (start_ms BIGINT, step_ms BIGINT, site VARCHAR, algo VARCHAR, ${doubles([
        "rig_ms",
        "covered_ms",
        "mining_ms",
        "hash_covered_ms",
        "hash_span_ms",
        "ths_hours",
        "power_covered_ms",
        "power_span_ms",
        "kwh",
        "kwh_meter",
        "kwh_psu",
        "kwh_firmware",
        "kwh_model",
        "kwh_nameplate",
        "nominal_ths",
      ])})`,
      "CREATE TABLE alerts (id VARCHAR, pending_ms BIGINT, resolved_ms BIGINT, alert VARCHAR)",
      "CREATE TABLE notifications (id VARCHAR, notifier VARCHAR, body VARCHAR, created_ms BIGINT, due_ms BIGINT, attempts INTEGER)",
      "CREATE TABLE events (at_ms BIGINT, n BIGINT, kind VARCHAR, site VARCHAR, rig INTEGER, text VARCHAR)",
      "CREATE TABLE settings (key VARCHAR, value VARCHAR)",
      "CREATE TABLE texts (id INTEGER, text VARCHAR)",
    ],
  },
  {
    version: 2,
    statements: [
      "CREATE TABLE streams (id INTEGER, site VARCHAR, agent VARCHAR, stream VARCHAR, seq BIGINT, updated_ms BIGINT, lost BIGINT)",
      "CREATE TABLE touched (start_ms BIGINT, received_ms BIGINT)",
    ],
  },
  {
    version: 3,
    statements: [
      `CREATE TABLE audit (n BIGINT, at_ms BIGINT, who VARCHAR, "by" VARCHAR, address VARCHAR, action VARCHAR, object VARCHAR,
       before VARCHAR, after VARCHAR, result VARCHAR)`,
    ],
  },
  {
    version: 4,
    statements: [
      "ALTER TABLE aliases ADD COLUMN since_ms BIGINT",
      `CREATE TABLE air (start_ms BIGINT, step_ms BIGINT, site VARCHAR, meter VARCHAR, place VARCHAR, unit VARCHAR,
       covered_ms DOUBLE, low DOUBLE, mean DOUBLE, high DOUBLE)`,
    ],
  },
  {
    version: 5,
    statements: [
      `CREATE TABLE IF NOT EXISTS rate_series (series VARCHAR, start_ms BIGINT, end_ms BIGINT, value DOUBLE, source VARCHAR,
       note VARCHAR, as_of_ms BIGINT)`,
      "CREATE TABLE IF NOT EXISTS documents (kind VARCHAR, site VARCHAR, id VARCHAR, body VARCHAR, changed_ms BIGINT)",
      ...LEDGER_STATEMENTS,
      "CREATE TABLE IF NOT EXISTS alert_care (id VARCHAR, changed_ms BIGINT, care VARCHAR)",
      // The failure of a message that is not tried any more, as JSON.
      "ALTER TABLE notifications ADD COLUMN IF NOT EXISTS failed VARCHAR",
      // The year whose factor of the grid counts; NULL = the newest.
      "ALTER TABLE sites ADD COLUMN IF NOT EXISTS grid_year INTEGER",
    ],
  },
  { version: 6, statements: [DEV_FEES_STATEMENT] },
];

/** The version that a list of migrations leads to. */
export const newestVersion = (migrations: readonly Migration[]): number => migrations.at(-1)?.version ?? 0;

/**
 * Brings a file to the newest schema, step by step, all in one transaction. Throws ServerError `storeSchema` when the file
 * is newer than this program; it is left as it is.
 */
export async function migrate(
  connection: DuckDBConnection,
  path: string,
  migrations: readonly Migration[],
): Promise<void> {
  await connection.run("BEGIN");
  try {
    await connection.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)");
    const reader = await connection.runAndReadAll("SELECT max(version) AS version FROM schema_version");
    const held = reader.getRowObjects()[0]?.version;
    const version = typeof held === "number" ? held : 0;
    const newest = newestVersion(migrations);
    if (version > newest)
      throw new ServerError(
        "storeSchema",
        `${path} has schema ${version}, this program knows up to ${newest}: start the newer Hashwatt that wrote it`,
      );
    for (const step of migrations) {
      if (step.version <= version) continue;
      for (const statement of step.statements) await connection.run(statement);
      await connection.run(`INSERT INTO schema_version VALUES (${step.version})`);
    }
    await connection.run("COMMIT");
  } catch (cause) {
    // What went wrong is told; a rollback after it has nothing to add.
    await connection.run("ROLLBACK").catch(() => undefined);
    throw cause;
  }
}
