import { readFileSync } from "node:fs";

/** The dated network figures behind the default hashprice, as `data/network-snapshot.json` has them. */
export interface NetworkSnapshot {
  asOfMs: number;
  height: number;
  difficulty: number;
  /** BTC price by currency; a currency that is not here is unknown. */
  btcPrice: Readonly<Record<string, number>>;
  /** Fees per block in BTC; absent = not known, so only the subsidy counts. */
  feesBtc?: number;
  /** Short, to stand beside a figure; `note` says what the snapshot itself comes from. */
  source: string;
  note: string;
}

/** One row of `data/grid-emission-factors.json`. */
export interface GridFactorRow {
  region: string;
  name: string;
  kgco2_per_kwh: number;
  year: number;
  basis: string;
  source: string;
}

/** One row of `data/climate.json`: temperatures outside by month, January first, °C. */
export interface ClimateRow {
  region: string;
  name: string;
  /** Null where nobody has told them: those of `proxy_region` stand in. */
  monthly_mean_c: readonly number[] | null;
  monthly_high_c?: readonly number[];
  monthly_low_c?: readonly number[];
  kind: string;
  source: string;
  proxy_region?: string;
}

/** One row of `data/thermal-limits.json`; null = not known. */
export interface ThermalLimitRow {
  make: string;
  models: string;
  firmware: string;
  cooling: "air" | "hydro" | "immersion" | "any" | "air or immersion";
  quantity: string;
  unit: string;
  warn: number | null;
  critical: number | null;
  note: string;
  source: string;
  confidence: "firmware-source" | "vendor-doc" | "other-tool-default" | "community";
}

// `src/x.ts` and `dist/x.js` both lie one folder below the package, so one path serves tests and the built program.
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../data/${name}`, import.meta.url), "utf8"));

/** Reads the bundled network snapshot. Throws when the file is missing from the installation. */
export function readNetworkSnapshot(): NetworkSnapshot {
  const { row } = read("network-snapshot.json") as {
    row: {
      id: string;
      as_of: string;
      height_next_retarget: number;
      remaining_blocks: number;
      difficulty: number;
      price_usd: number;
      price_eur: number;
      price_gbp: number;
      fees_btc_per_block: number | null;
      source: string;
    };
  };
  return {
    asOfMs: Date.parse(row.as_of),
    height: row.height_next_retarget - row.remaining_blocks,
    difficulty: row.difficulty,
    btcPrice: { USD: row.price_usd, EUR: row.price_eur, GBP: row.price_gbp },
    ...(row.fees_btc_per_block !== null && { feesBtc: row.fees_btc_per_block }),
    source: `bundled snapshot of ${row.id} (mempool.space format)`,
    note: row.source,
  };
}

/** Reads the bundled grid emission factors. Throws when the file is missing from the installation. */
export const readGridFactors = (): GridFactorRow[] =>
  (read("grid-emission-factors.json") as { rows: GridFactorRow[] }).rows;

/** Reads the bundled thermal limits. Throws when the file is missing from the installation. */
export const readThermalLimits = (): ThermalLimitRow[] => read("thermal-limits.json") as ThermalLimitRow[];

let climates: ClimateRow[] | undefined;

/** Reads the bundled climates, once. Throws when the file is missing from the installation. */
export function readClimates(): readonly ClimateRow[] {
  climates ??= (read("climate.json") as { rows: ClimateRow[] }).rows;
  return climates;
}

/** One row of `data/regulatory-notes.json`; `date` is that of the fact, as far as it is known. */
export interface RegulatoryRow {
  region: string;
  status: "prohibited" | "prohibited+surcharge";
  fact: string;
  source: string;
  date: string;
}

/** Reads the bundled notes on regions in which mining is prohibited. Throws when the file is missing from the installation. */
export const readRegulatoryNotes = (): { retrieved: string; rows: RegulatoryRow[] } =>
  read("regulatory-notes.json") as { retrieved: string; rows: RegulatoryRow[] };
