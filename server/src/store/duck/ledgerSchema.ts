/** Sums of a row of the ledger, as whole units; NULL = nothing of it is known. */
export const LEDGER_COLUMNS = [
  "energy_mwh",
  "overhead_mwh",
  "hash_th",
  "accepted_th",
  "revenue_micro",
  "revenue_msat",
  "energy_cost_micro",
  "overhead_cost_micro",
  "marginal_profit_micro",
  "loaded_profit_micro",
  "co2_location_mg",
  "co2_market_mg",
  "overhead_co2_location_mg",
  "overhead_co2_market_mg",
  "energy_ms",
  "hash_ms",
  "earned_ms",
  "earned_msat_ms",
  "priced_ms",
  "profit_ms",
  "overhead_ms",
  "loaded_ms",
  "weighed_ms",
  "weighed_market_ms",
] as const;

/** What a site was priced with over a bucket; NULL = unknown. */
export const LEDGER_FACTOR_COLUMNS = [
  "hashprice",
  "hashprice_btc",
  "pool_factor",
  "price",
  "overhead",
  "carbon",
  "carbon_market",
] as const;

const bigints = (names: readonly string[]): string => names.map((name) => `${name} BIGINT`).join(", ");

/** Tables of the ledger in the state file. */
export const LEDGER_STATEMENTS: readonly string[] = [
  // Which site a rig stood at since when: an hour belongs to the site where its samples were taken.
  "CREATE TABLE IF NOT EXISTS rig_sites (rig INTEGER, site VARCHAR, since_ms BIGINT)",
  `CREATE TABLE IF NOT EXISTS ledger_1h (start_ms BIGINT, rig INTEGER, site VARCHAR, algo VARCHAR, ${bigints(LEDGER_COLUMNS)})`,
  `CREATE TABLE IF NOT EXISTS ledger_site_5m (start_ms BIGINT, site VARCHAR, algo VARCHAR, ${bigints(LEDGER_COLUMNS)})`,
  `CREATE TABLE IF NOT EXISTS ledger_rates_5m (start_ms BIGINT, site VARCHAR, rigs INTEGER, ${LEDGER_FACTOR_COLUMNS.map(
    (name) => `${name} DOUBLE, ${name}_source INTEGER, ${name}_as_of_ms BIGINT`,
  ).join(", ")})`,
  // Hashprices of other algorithms than SHA-256, by the name of their series.
  "CREATE TABLE IF NOT EXISTS ledger_hashprices_5m (start_ms BIGINT, site VARCHAR, series VARCHAR, hashprice DOUBLE, source INTEGER, as_of_ms BIGINT)",
  "CREATE TABLE IF NOT EXISTS ledger_sources (id INTEGER, text VARCHAR)",
];

/** What the firmware of a rig was measured to take, from an instant on. */
export const DEV_FEES_STATEMENT =
  "CREATE TABLE IF NOT EXISTS rig_dev_fees (rig INTEGER, from_ms BIGINT, share DOUBLE, since_ms BIGINT, to_ms BIGINT, accepted_diff DOUBLE, dev_fee_diff DOUBLE)";
