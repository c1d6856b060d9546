import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import type { DuckDBValue } from "@duckdb/node-api";
import { ServerError } from "../../error.js";
import { literal } from "../duck/session.js";

/** Tables that grow with time and of which an old month seldom changes: each month is a file of its own. */
export const MONTHLY = [
  "rollups_5m",
  "rollups_1h",
  "ledger_1h",
  "ledger_site_5m",
  "ledger_rates_5m",
  "ledger_hashprices_5m",
  "rig_dev_fees",
] as const;
/** Whether a table is kept by the month. */
export const isByMonth = (table: string): boolean => (MONTHLY as readonly string[]).includes(table);
/** The column that says when a row begins. */
const startOf = (table: (typeof MONTHLY)[number]): string =>
  table === "rig_dev_fees" ? "from_ms" : "start_ms";

/** One file holds 30 days. */
const MONTH_MS = 30 * 86_400_000;
/** A month of a table: the file it goes into, the fingerprint of its rows and the query for them. */
interface Month {
  name: string;
  mark: string;
  rowsSql: string;
}

/** The months of a table, oldest first. `rows` runs a query. */
export async function monthsOf(
  table: (typeof MONTHLY)[number],
  rows: (sql: string) => Promise<Record<string, DuckDBValue>[]>,
): Promise<Month[]> {
  // Of every column: a price that was corrected may have left all sums but one as they were.
  const start = startOf(table);
  const held = await rows(
    `SELECT (${start} // ${MONTH_MS})::DOUBLE AS month, count(*)::VARCHAR || '-' || sum(hash(t))::VARCHAR AS mark
     FROM ${table} t GROUP BY 1 ORDER BY 1`,
  );
  return held.map(({ month, mark }) => {
    const from = Number(month) * MONTH_MS;
    return {
      name: `${table}-${new Date(from).toISOString().slice(0, 10)}.parquet`,
      mark: String(mark),
      rowsSql: `SELECT * FROM ${table} WHERE ${start} >= ${literal(from)} AND ${start} < ${literal(from + MONTH_MS)}`,
    };
  });
}

/** The table that a month's file belongs to. Throws RangeError for a name of none. */
export function tableOf(file: string): string {
  const table = basename(file).replace(/-\d{4}-\d{2}-\d{2}\.parquet$/, "");
  if (!isByMonth(table)) throw new RangeError(`"${file}" is no month of a table`);
  return table;
}

export async function checksumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Throws ServerError `restoreFailed` that names the first file of an export which is missing or not as it was written. */
export async function checkFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, checksum] of Object.entries(files)) {
    let found: string;
    try {
      found = await checksumOf(join(folder, basename(name)));
    } catch (cause) {
      throw new ServerError(
        "restoreFailed",
        `${folder} cannot be restored: ${name} cannot be read; take another night's`,
        { cause },
      );
    }
    if (found !== checksum)
      throw new ServerError(
        "restoreFailed",
        `${folder} cannot be restored: ${name} is not as it was written (its checksum differs); take another night's`,
      );
  }
}
