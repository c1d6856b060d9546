import { meanThs, meanW } from "../../rollup/means.js";
import type { RollupRow, SiteRollupRow, Spread } from "../../rollup/row.js";
import { ROLLUP_COLUMNS } from "../duck/migrations.js";
import { type Columns, known } from "../duck/session.js";
import type { Texts } from "../duck/texts.js";

const SPREADS = ["inletTempC", "boardTempC", "chipTempC", "fanRpm"] as const;
const SPREAD_COLUMNS = ["inlet", "board", "chip", "fan"] as const;
const GAINS = ["accepted", "rejected", "stale", "acceptedDiff"] as const;
const GAIN_COLUMNS = ["accepted", "rejected", "stale", "accepted_diff"] as const;
/** Columns of kWh by source, in the order of POWER_SOURCES. */
export const SOURCE_COLUMNS = ["kwh_meter", "kwh_psu", "kwh_firmware", "kwh_model", "kwh_nameplate"] as const;

const orNaN = (value: number | undefined): number => (value === undefined ? Number.NaN : value);

/** Writes a row into `into` in the order of ROLLUP_COLUMNS; NaN = absent. */
export function encodeRollup(row: RollupRow, into: Float64Array, texts: Texts): void {
  let at = 0;
  const put = (value: number | undefined) => {
    into[at++] = orNaN(value);
  };
  put(texts.idOf(row.algo));
  put(row.samples);
  put(row.coveredMs);
  put(row.miningMs);
  put(row.hashCoveredMs);
  put(row.thsHours);
  put(row.powerCoveredMs);
  put(row.kwh);
  for (const i of SOURCE_COLUMNS.keys()) put(row.kwhBySource[i]);
  put(row.hashrateThs?.min);
  put(row.hashrateThs?.max);
  put(row.powerW?.min);
  put(row.powerW?.max);
  for (const name of SPREADS) {
    put(row[name]?.min);
    put(row[name]?.mean);
    put(row[name]?.max);
  }
  for (const name of GAINS) put(row[name]);
}

/** The columns that {@link decodeRollups} reads. */
export const rollupSelect = (bare: (name: string) => string): string =>
  `start_ms::DOUBLE AS start_ms, rig, ${ROLLUP_COLUMNS.map((name) => `${bare(name)} AS ${name}`).join(", ")}`;

/** The rows behind columns as {@link rollupSelect} names them. */
export function decodeRollups(columns: Columns, stepMs: number, texts: Texts): RollupRow[] {
  return (columns.start_ms ?? []).map((startMs, i) => {
    const value = (name: string) => known(columns[name]?.[i]);
    const sum = (name: string) => columns[name]?.[i] as number;
    const row: RollupRow = {
      rig: Number(columns.rig![i]),
      startMs: Number(startMs),
      stepMs,
      samples: sum("samples"),
      coveredMs: sum("covered_ms"),
      miningMs: sum("mining_ms"),
      hashCoveredMs: sum("hash_covered_ms"),
      thsHours: sum("ths_hours"),
      powerCoveredMs: sum("power_covered_ms"),
      kwh: sum("kwh"),
      kwhBySource: SOURCE_COLUMNS.map(sum),
    };
    const algo = texts.textOf(value("algo"));
    if (algo !== undefined) row.algo = algo;
    const hashrateThs = spread(value("hashrate_min"), meanThs(row), value("hashrate_max"));
    if (hashrateThs) row.hashrateThs = hashrateThs;
    const powerW = spread(value("power_min"), meanW(row), value("power_max"));
    if (powerW) row.powerW = powerW;
    for (const [k, name] of SPREADS.entries()) {
      const column = SPREAD_COLUMNS[k]!;
      const mean = value(`${column}_mean`);
      const held = mean === null ? undefined : spread(value(`${column}_min`), mean, value(`${column}_max`));
      if (held) row[name] = held;
    }
    for (const [k, name] of GAINS.entries()) {
      const gain = value(GAIN_COLUMNS[k]!);
      if (gain !== null) row[name] = gain;
    }
    return row;
  });
}

const spread = (min: number | null, mean: number | undefined, max: number | null): Spread | undefined =>
  min === null || mean === undefined || max === null ? undefined : { min, mean, max };

/** Numbers of a site row in the order of its columns, after start, step, site and algorithm; null = absent. */
export const siteRollupValues = (row: SiteRollupRow): (number | null)[] => [
  row.rigMs,
  row.coveredMs,
  row.miningMs,
  row.hashCoveredMs,
  row.hashSpanMs,
  row.thsHours,
  row.powerCoveredMs,
  row.powerSpanMs,
  row.kwh,
  ...SOURCE_COLUMNS.map((_, i) => row.kwhBySource[i] ?? null),
  row.nominalThs ?? null,
];

/** The columns that {@link decodeSiteRollups} reads. */
export const siteRollupSelect = (bare: (name: string) => string): string =>
  `start_ms::DOUBLE AS start_ms, site, algo, rig_ms, covered_ms, mining_ms, hash_covered_ms, hash_span_ms, ths_hours,
   power_covered_ms, power_span_ms, kwh, ${SOURCE_COLUMNS.join(", ")}, ${bare("nominal_ths")} AS nominal_ths`;

/** The rows behind columns as {@link siteRollupSelect} names them. */
export function decodeSiteRollups(columns: Columns, stepMs: number): SiteRollupRow[] {
  return (columns.start_ms ?? []).map((startMs, i) => {
    const sum = (name: string) => columns[name]?.[i] as number;
    const row: SiteRollupRow = {
      site: String(columns.site![i]),
      algo: String(columns.algo![i]),
      startMs: Number(startMs),
      stepMs,
      rigMs: sum("rig_ms"),
      coveredMs: sum("covered_ms"),
      miningMs: sum("mining_ms"),
      hashCoveredMs: sum("hash_covered_ms"),
      hashSpanMs: sum("hash_span_ms"),
      thsHours: sum("ths_hours"),
      powerCoveredMs: sum("power_covered_ms"),
      powerSpanMs: sum("power_span_ms"),
      kwh: sum("kwh"),
      kwhBySource: SOURCE_COLUMNS.map(sum),
    };
    const nominalThs = known(columns.nominal_ths?.[i]);
    if (nominalThs !== null) row.nominalThs = nominalThs;
    return row;
  });
}
