import type { DuckDBValue } from "@duckdb/node-api";

/** A text as SQL writes it, or NULL. */
export const quoted = (text: string | undefined | null): string =>
  text === undefined || text === null ? "NULL" : `'${text.replaceAll("'", "''")}'`;

/** The text of a column; undefined for NULL. */
export const optional = (value: DuckDBValue | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);
