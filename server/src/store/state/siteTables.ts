import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { literal, type Session } from "../duck/session.js";
import { optional, quoted } from "./sqlText.js";
import type { FxRecord, SiteRecord, TariffRecord } from "./state.js";

/** Sites of the state file, by name. */
export async function readSites(reader: Session): Promise<SiteRecord[]> {
  return (await reader.rows("SELECT * FROM sites ORDER BY site")).map((row) => {
    const gridRegion = optional(row.grid_region);
    return {
      site: String(row.site),
      name: String(row.name),
      zone: String(row.zone),
      currency: String(row.currency),
      ...(gridRegion !== undefined && { gridRegion }),
      ...(row.grid_year !== null && row.grid_year !== undefined && { gridYear: Number(row.grid_year) }),
      demo: row.demo === true,
    };
  });
}

/** Rows of a table that take the place of those with `condition`; each has its values in the order of the columns. */
export interface Replacement {
  table: string;
  condition: string;
  rows: readonly DuckDBValue[][];
}

/** Deletes the rows with a condition and inserts others in their place. */
export async function replaceRows(
  connection: DuckDBConnection,
  { table, condition, rows }: Replacement,
): Promise<void> {
  await connection.run(`DELETE FROM ${table} WHERE ${condition}`);
  for (const values of rows)
    await connection.run(
      `INSERT INTO ${table} VALUES (${values.map((_, i) => `$${i + 1}`).join(", ")})`,
      values,
    );
}

/** A site's record in the place of what is held of it. */
export const ofSite = (record: SiteRecord): Replacement => ({
  table: "sites",
  condition: `site = ${quoted(record.site)}`,
  rows: [siteRow(record)],
});

/** A flat price in the place of one of its site and moment. */
export const ofTariff = ({
  site,
  validFromMs,
  pricePerKwh,
  currency,
  source,
  demo,
}: TariffRecord): Replacement => ({
  table: "tariffs",
  condition: `site = ${quoted(site)} AND valid_from_ms = ${literal(validFromMs)}`,
  rows: [[site, validFromMs, pricePerKwh, currency, source, demo]],
});

/** An exchange rate in the place of one of its currency and moment. */
export const ofFx = ({ currency, validFromMs, perUsd, source }: FxRecord): Replacement => ({
  table: "fx",
  condition: `currency = ${quoted(currency)} AND valid_from_ms = ${literal(validFromMs)}`,
  rows: [[currency, validFromMs, perUsd, source]],
});

/** A site in the order of its columns. */
const siteRow = ({ site, name, zone, currency, gridRegion, gridYear, demo }: SiteRecord) => [
  ...[site, name, zone, currency],
  gridRegion ?? null,
  demo,
  gridYear ?? null,
];

/** Drops a site and its flat prices; what was measured there stays. */
export function dropSite(writer: Session, site: string): Promise<void> {
  return writer.transaction(async (connection) => {
    await connection.run(`DELETE FROM sites WHERE site = ${quoted(site)}`);
    await connection.run(`DELETE FROM tariffs WHERE site = ${quoted(site)}`);
  });
}

/** Flat prices of the state file, by site and date. */
export async function readTariffs(reader: Session): Promise<TariffRecord[]> {
  return (await reader.rows("SELECT * FROM tariffs ORDER BY site, valid_from_ms")).map((row) => ({
    site: String(row.site),
    validFromMs: Number(row.valid_from_ms),
    pricePerKwh: Number(row.price_per_kwh),
    currency: String(row.currency),
    source: String(row.source),
    demo: row.demo === true,
  }));
}

/** Exchange rates that were set by hand, by currency and date. */
export async function readFx(reader: Session): Promise<FxRecord[]> {
  return (await reader.rows("SELECT * FROM fx ORDER BY currency, valid_from_ms")).map((row) => ({
    currency: String(row.currency),
    validFromMs: Number(row.valid_from_ms),
    perUsd: Number(row.per_usd),
    source: String(row.source),
  }));
}
