import { BEFORE_DEV_FEE } from "../../rates/hashprice/revenueSeries.js";
import { isoSql, type RowFile, safeSql } from "../duck/copyRows.js";
import { LEDGER_COLUMNS, LEDGER_FACTOR_COLUMNS } from "../duck/ledgerSchema.js";
import { literal } from "../duck/session.js";
import { earnedBySql } from "./ledgerSql.js";
import { quoted } from "./sqlText.js";

/** Rows of the ledger to be written to a file: of rigs by the hour, or of sites by 5 minutes. */
export interface LedgerExport extends RowFile {
  data: "rigs" | "sites";
  /** Absent = every site. */
  site?: string;
  fromMs: number;
  toMs: number;
}

/** The query of an export. Amounts are whole units as the ledger has them; NULL is unknown. */
export function exportSql({ data, site, fromMs, toMs, format }: LedgerExport): string {
  const within = (table: string) =>
    `${table}.start_ms >= ${literal(fromMs)} AND ${table}.start_ms < ${literal(toMs)}${site === undefined ? "" : ` AND ${table}.site = ${quoted(site)}`}`;
  const sums = LEDGER_COLUMNS.map((name) => `l.${name}`).join(", ");
  const text = (column: string) => safeSql(column, format);
  const common = `${isoSql("l.start_ms")} AS start, l.start_ms, l.site`;
  if (data === "rigs")
    return `SELECT ${common}, 'r' || l.rig AS rig, ${text("r.name")} AS name, ${text("l.algo")} AS algo, s.currency, ${sums}
      FROM ledger_1h l LEFT JOIN rigs r ON r.rig = l.rig LEFT JOIN sites s ON s.site = l.site
      WHERE ${within("l")} ORDER BY l.start_ms, l.rig, l.algo`;
  // Each algorithm stands beside what priced it.
  const value = (name: string): string => {
    const ofSha = `CASE WHEN ${earnedBySql("l.algo")} = '' THEN f.${name}`;
    if (name === "hashprice") return `${ofSha} ELSE o.hashprice END`;
    if (name === "hashprice_source") return `${ofSha} ELSE o.source END`;
    // What pools leave of an algorithm that has its own.
    if (name === "pool_factor") return `${ofSha} ELSE coalesce(p.hashprice, f.${name}) END`;
    if (name === "pool_factor_source")
      return `${ofSha} WHEN p.hashprice IS NULL THEN f.${name} ELSE p.source END`;
    return name.startsWith("hashprice_btc") ? `${ofSha} END` : `f.${name}`;
  };
  const pools = `CASE WHEN ${earnedBySql("l.algo")} = '' THEN ${quoted(BEFORE_DEV_FEE)} ELSE replace(${earnedBySql("l.algo")}, 'revenue/', 'poolFactor/') END`;
  const factors = LEDGER_FACTOR_COLUMNS.map(
    (name) => `${value(name)} AS ${name}, ${text(`${name}_t.text`)} AS ${name}_source`,
  );
  // Rigs whose firmware's fee was measured were left this, times what their own firmware leaves.
  const before = (column: string) => `CASE WHEN ${earnedBySql("l.algo")} = '' THEN ${column} END`;
  const devFee = `${before("p.hashprice")} AS pool_factor_before_dev_fee, ${text("before_t.text")} AS pool_factor_before_dev_fee_source`;
  const names = LEDGER_FACTOR_COLUMNS.map(
    (name) => `LEFT JOIN ledger_sources ${name}_t ON ${name}_t.id = ${value(`${name}_source`)}`,
  );
  return `SELECT ${common}, ${text("l.algo")} AS algo, s.currency, f.rigs, ${factors.join(", ")}, ${sums}, ${devFee}
    FROM ledger_site_5m l LEFT JOIN ledger_rates_5m f ON f.start_ms = l.start_ms AND f.site = l.site
    LEFT JOIN ledger_hashprices_5m o ON o.start_ms = l.start_ms AND o.site = l.site AND o.series = ${earnedBySql("l.algo")}
    LEFT JOIN ledger_hashprices_5m p ON p.start_ms = l.start_ms AND p.site = l.site AND p.series = ${pools}
    LEFT JOIN ledger_sources before_t ON before_t.id = ${before("p.source")} ${names.join(" ")}
    LEFT JOIN sites s ON s.site = l.site WHERE ${within("l")} ORDER BY l.start_ms, l.site, l.algo`;
}
