import { meanThs, meanW, significant, thousandths } from "./means.js";
import { HOUR_MS, type RollupRow, type SiteRollupRow, type Spread } from "./row.js";
import { emptySite, SiteFold } from "./siteFold.js";

export { UNKNOWN_ALGO } from "./siteFold.js";

const TEMPERATURES = ["inletTempC", "boardTempC", "chipTempC", "fanRpm"] as const;
const GAINS = ["accepted", "rejected", "stale", "acceptedDiff"] as const;
const SUMS = [
  "samples",
  "coveredMs",
  "miningMs",
  "hashCoveredMs",
  "thsHours",
  "powerCoveredMs",
  "kwh",
] as const;

const addUp = (a: number[], b: readonly number[]): number[] => a.map((value, i) => value + (b[i] ?? 0));

/**
 * Folds one rig's rows of one step length into one of `stepMs` that begins at `startMs`; undefined for no rows. Means are
 * weighted by covered time; a gain is absent only when no row has it.
 */
export function foldRows(rows: readonly RollupRow[], startMs: number, stepMs: number): RollupRow | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const sorted = [...rows].sort((a, b) => a.startMs - b.startMs);
  const total: RollupRow = {
    rig: first.rig,
    startMs,
    stepMs,
    samples: 0,
    coveredMs: 0,
    miningMs: 0,
    hashCoveredMs: 0,
    thsHours: 0,
    powerCoveredMs: 0,
    kwh: 0,
    kwhBySource: first.kwhBySource.map(() => 0),
  };
  for (const row of sorted) {
    for (const name of SUMS) total[name] += row[name];
    total.kwhBySource = addUp(total.kwhBySource, row.kwhBySource);
    if (row.algo !== undefined) total.algo = row.algo;
    for (const name of GAINS) {
      const gain = row[name];
      if (gain !== undefined) total[name] = (total[name] ?? 0) + gain;
    }
  }
  total.thsHours = significant(total.thsHours);
  total.kwh = significant(total.kwh);
  total.kwhBySource = total.kwhBySource.map((kwh) => significant(kwh));
  const put = (name: "hashrateThs" | "powerW" | (typeof TEMPERATURES)[number], mean: number | undefined) => {
    const spreads = sorted.map((row) => row[name]).filter((spread) => spread !== undefined);
    if (mean === undefined || spreads.length === 0) return;
    total[name] = {
      min: Math.min(...spreads.map(({ min }) => min)),
      mean,
      max: Math.max(...spreads.map(({ max }) => max)),
    };
  };
  put("hashrateThs", meanThs(total));
  put("powerW", meanW(total));
  for (const name of TEMPERATURES) put(name, weightedMean(sorted, name));
  return total;
}

function weightedMean(rows: readonly RollupRow[], name: (typeof TEMPERATURES)[number]): number | undefined {
  let [sum, ms] = [0, 0];
  for (const row of rows) {
    const spread: Spread | undefined = row[name];
    if (!spread) continue;
    sum += spread.mean * row.coveredMs;
    ms += row.coveredMs;
  }
  return ms > 0 ? thousandths(sum / ms) : undefined;
}

/** Folds 5-minute rows of any rigs into hourly ones, by hour and rig. */
export function foldHours(rows: readonly RollupRow[]): RollupRow[] {
  const groups = new Map<string, RollupRow[]>();
  for (const row of rows) {
    const key = `${Math.floor(row.startMs / HOUR_MS)} ${row.rig}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].flatMap((group) => {
    const startMs = Math.floor(group[0]!.startMs / HOUR_MS) * HOUR_MS;
    return foldRows(group, startMs, HOUR_MS) ?? [];
  });
}

/** What a site row must know of a rig beside its rows. */
export interface KnownRig {
  rig: number;
  site: string;
  /** What its evidence says; a row's own algorithm, from the readings, goes before it. */
  algo?: string;
  nominalThs?: number;
  firstSeenMs: number;
  /** When it last said something new of itself, where it is included. */
  toldMs?: number;
  /** Another has taken its place: it is not expected any more. */
  gone?: boolean;
}

/** Folds the rows of one bucket into one per site and algorithm, as `SiteFold` does. */
export function foldSite(
  rows: readonly RollupRow[],
  known: Iterable<KnownRig>,
  startMs: number,
  stepMs: number,
): SiteRollupRow[] {
  const fold = new SiteFold(known, startMs, stepMs);
  fold.add(rows);
  return fold.rows();
}

/** Folds site rows of shorter steps, or of this one, into one per site and algorithm; the newest `nominalThs` stands. */
export function foldSiteRows(
  rows: readonly SiteRollupRow[],
  startMs: number,
  stepMs: number,
): SiteRollupRow[] {
  const [only, ...others] = rows;
  if (only?.startMs === startMs && only.stepMs === stepMs && !others.length) return [only];
  const totals = new Map<string, SiteRollupRow>();
  for (const row of [...rows].sort((a, b) => a.startMs - b.startMs)) {
    const key = `${row.site} ${row.algo}`;
    const total = totals.get(key) ?? emptySite(row.site, row.algo, startMs, stepMs);
    totals.set(key, total);
    for (const name of [
      "rigMs",
      "coveredMs",
      "miningMs",
      "hashCoveredMs",
      "hashSpanMs",
      "thsHours",
      "powerCoveredMs",
      "powerSpanMs",
      "kwh",
    ] as const)
      total[name] += row[name];
    total.kwhBySource = addUp(total.kwhBySource, row.kwhBySource);
    if (row.nominalThs === undefined) delete total.nominalThs;
    else total.nominalThs = row.nominalThs;
  }
  return [...totals.values()];
}
