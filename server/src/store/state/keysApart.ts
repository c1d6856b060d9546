import type { DuckDBConnection } from "@duckdb/node-api";

/** Setting that says from which key on new rigs are numbered. */
export const NEXT_RIG = "rigs.nextKey";
/** More rigs than a server holds: so many may have been made since what is known. */
const APART = 50_000;

/**
 * Has new rigs numbered far beyond the known ones. Where a state may be older than the samples that rest on it, keys that it
 * does not know may be taken, and a rig must not come into the history of another.
 */
export async function keepKeysApart(connection: DuckDBConnection): Promise<void> {
  const reader = await connection.runAndReadAll(
    `SELECT greatest(
       coalesce((SELECT max(rig) FROM rigs), 0) + 1,
       coalesce((SELECT max(TRY_CAST(value AS BIGINT)) FROM settings WHERE key = '${NEXT_RIG}'), 1)
     )::DOUBLE`,
  );
  const next = Number(reader.getRows()[0]?.[0]) + APART;
  await connection.run(`DELETE FROM settings WHERE key = '${NEXT_RIG}'`);
  await connection.run(`INSERT INTO settings VALUES ('${NEXT_RIG}', '${next}')`);
}
