import { POWER_SOURCES } from "@hashwatt/protocol/sample";
import { CELL_TIMES, type CellAmount } from "../../economics/ledgerCell.js";
import { MEAN_DIGITS, significant } from "../../rollup/means.js";
import type { RollupRow, SiteRollupRow } from "../../rollup/row.js";
import type { LedgerSums, RigHour } from "../state/ledger.js";
import { RIG, rigTag } from "./fields.js";
import { textField } from "./lines.js";

/** Measurement of a site's sums in the databases of rollups. Tags: site, algo. */
export const SITE = "site";

/** Quantities of a rig's row that are a mean and two extremes: fields under the name, and with `Min` and `Max` behind it. */
export const SPREADS = [
  "hashrateThs",
  "powerW",
  "inletTempC",
  "boardTempC",
  "chipTempC",
  "fanRpm",
] as const satisfies readonly (keyof RollupRow)[];
/** Times of a row, ms. */
const TIMES = ["coveredMs", "miningMs", "hashCoveredMs", "powerCoveredMs"] as const;
const GAINS = ["accepted", "rejected", "stale", "acceptedDiff"] as const;
/** kWh by source, in the order of POWER_SOURCES: `kwhMeter`, `kwhPsu` and so on. */
const KWH_BY_SOURCE = POWER_SOURCES.map((source) => `kwh${source[0]!.toUpperCase()}${source.slice(1)}`);

/** Every field of a rig's row. */
export const RIG_ROLLUP_FIELDS: readonly string[] = [
  "samples",
  ...TIMES,
  "thsHours",
  "kwh",
  ...KWH_BY_SOURCE,
  ...SPREADS.flatMap((name) => [name, `${name}Min`, `${name}Max`]),
  ...GAINS,
  "algo",
];
/** Every field of a site's row. */
export const SITE_ROLLUP_FIELDS: readonly string[] = [
  "rigMs",
  ...TIMES,
  "hashSpanMs",
  "powerSpanMs",
  "thsHours",
  "kwh",
  ...KWH_BY_SOURCE,
  "hashrateThs",
  "nominalThs",
  "powerW",
  "reportingRigs",
  "rigs",
];

/** Measurement of the hours of a site's ledger. Tags: site, algo. */
export const SITE_LEDGER = "siteLedger";
/** Measurement of the hours of rigs in the ledger. Tags: site, rig, algo. */
export const RIG_LEDGER = "rigLedger";
/** What stands for the part that a site's own meters tell, which is of no algorithm: a tag cannot be empty. */
const OWN_PART = "none";

/** Fields of the ledger's amounts, and how many of the ledger's units one of theirs is. */
const LEDGER_AMOUNTS = {
  energyMwh: ["kwh", 1e6],
  overheadMwh: ["overheadKwh", 1e6],
  hashTh: ["thsHours", 3_600],
  acceptedTh: ["acceptedThsHours", 3_600],
  revenueMicro: ["revenue", 1e6],
  revenueMsat: ["revenueBtc", 1e11],
  energyCostMicro: ["energyCost", 1e6],
  overheadCostMicro: ["overheadCost", 1e6],
  marginalProfitMicro: ["marginalProfit", 1e6],
  loadedProfitMicro: ["loadedProfit", 1e6],
  co2LocationMg: ["co2LocationKg", 1e6],
  co2MarketMg: ["co2MarketKg", 1e6],
  overheadCo2LocationMg: ["overheadCo2LocationKg", 1e6],
  overheadCo2MarketMg: ["overheadCo2MarketKg", 1e6],
} as const satisfies Record<CellAmount, readonly [string, number]>;

/** A text as the value of a tag. */
export const tag = (text: string): string => text.replace(/[\r\n]+/g, " ").replace(/[,= \\]/g, "\\$&");

/** Fields of an hour of the ledger that are added up, those that every point of it has first. */
export const LEDGER_SUMS: readonly string[] = [
  "energyMs",
  "hashMs",
  ...Object.values(LEDGER_AMOUNTS).map(([name]) => name),
  ...CELL_TIMES.filter((name) => name !== "energyMs" && name !== "hashMs"),
];
/** Fields of a rig's row that are added up. */
export const RIG_SUMS: readonly string[] = [
  "coveredMs",
  "samples",
  "kwh",
  "thsHours",
  ...TIMES.filter((name) => name !== "coveredMs"),
  ...KWH_BY_SOURCE,
  ...GAINS,
];

/** Fields of a line; what is absent is no field. All numbers are floats. */
class Fields {
  text = "";

  put(name: string, value: number | null | undefined): void {
    if (value !== undefined && value !== null) this.text += `${this.text && ","}${name}=${value}`;
  }
}

/** Energy and work; of a quantity that was known for no time at all there is no sum. */
function putSums(
  fields: Fields,
  row: Pick<RollupRow, "hashCoveredMs" | "thsHours" | "powerCoveredMs" | "kwh" | "kwhBySource">,
): void {
  if (row.hashCoveredMs > 0) fields.put("thsHours", row.thsHours);
  if (row.powerCoveredMs === 0) return;
  fields.put("kwh", row.kwh);
  for (const [i, name] of KWH_BY_SOURCE.entries())
    if (row.kwhBySource[i]) fields.put(name, row.kwhBySource[i]);
}

/** The line of a rig's row, under the site that the rig belongs to now; its time is the start of the step, in ms. */
export function rigRollupLine(row: RollupRow, site: string): string {
  const fields = new Fields();
  fields.put("samples", row.samples);
  for (const name of TIMES) fields.put(name, row[name]);
  putSums(fields, row);
  for (const name of SPREADS) {
    fields.put(name, row[name]?.mean);
    fields.put(`${name}Min`, row[name]?.min);
    fields.put(`${name}Max`, row[name]?.max);
  }
  for (const name of GAINS) fields.put(name, row[name]);
  if (row.algo !== undefined) fields.text += `,algo=${textField(row.algo)}`;
  return `${RIG},rig=${rigTag(row.rig)},site=${tag(site)} ${fields.text} ${row.startMs}`;
}

/** The line of a site's row. The algorithm is a tag: a site has a row of each, and algorithms are never summed. */
export function siteRollupLine(row: SiteRollupRow): string {
  const fields = new Fields();
  fields.put("rigMs", row.rigMs);
  for (const name of TIMES) fields.put(name, row[name]);
  fields.put("hashSpanMs", row.hashSpanMs);
  fields.put("powerSpanMs", row.powerSpanMs);
  putSums(fields, row);
  // Over the longest time that any rig was known: a rig that is missing is missing from the sum, a gap of all is none.
  if (row.hashSpanMs > 0)
    fields.put("hashrateThs", significant((row.thsHours * 3.6e6) / row.hashSpanMs, MEAN_DIGITS));
  fields.put("nominalThs", row.nominalThs);
  if (row.powerSpanMs > 0)
    fields.put("powerW", significant((row.kwh * 3.6e9) / row.powerSpanMs, MEAN_DIGITS));
  fields.put("reportingRigs", significant(row.coveredMs / row.stepMs, MEAN_DIGITS));
  fields.put("rigs", significant(row.rigMs / row.stepMs, MEAN_DIGITS));
  return `${SITE},algo=${tag(row.algo)},site=${tag(row.site)} ${fields.text} ${row.startMs}`;
}

/** The line of an hour of a site's ledger. What is not known is no field; the times say for how long each is. */
export const siteLedgerLine = (hour: LedgerSums, site: string): string =>
  `${SITE_LEDGER},algo=${tag(hour.algo || OWN_PART)},site=${tag(site)} ${ledgerFields(hour)} ${hour.startMs}`;

/** The same of a rig, under the site at which it stood then. */
export const rigLedgerLine = (hour: RigHour, site: string): string =>
  `${RIG_LEDGER},algo=${tag(hour.algo || OWN_PART)},rig=${rigTag(hour.rig)},site=${tag(site)} ${ledgerFields(hour)} ${hour.startMs}`;

function ledgerFields({ sums }: LedgerSums): string {
  const fields = new Fields();
  for (const [amount, [name, units]] of Object.entries(LEDGER_AMOUNTS)) {
    const value = sums[amount as CellAmount];
    fields.put(name, value === null ? undefined : value / units);
  }
  for (const name of CELL_TIMES) fields.put(name, sums[name]);
  return fields.text;
}
