import type { Session } from "../duck/session.js";
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

/** A site in the order of its columns. */
export const siteRow = ({ site, name, zone, currency, gridRegion, gridYear, demo }: SiteRecord) => [
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
