import { type ClimateRow, readClimates } from "../../bundledData.js";

/** Temperatures of a place by month, known. */
export interface Climate extends ClimateRow {
  monthly_mean_c: readonly number[];
}

/** The climate of a place of the bundled table; where only a neighbour's is known that one, which its name says. */
export function climateOf(region: string, rows: readonly ClimateRow[] = readClimates()): Climate | undefined {
  const row = rows.find((each) => each.region === region);
  if (!row) return undefined;
  if (row.monthly_mean_c) return { ...row, monthly_mean_c: row.monthly_mean_c };
  const proxy = row.proxy_region === undefined ? undefined : climateOf(row.proxy_region, rows);
  return proxy && { ...proxy, region, name: `${proxy.name} (for want of figures of ${row.name})` };
}

/** The places of the bundled table. */
export const climateRegions = (): string[] => readClimates().map(({ region }) => region);
