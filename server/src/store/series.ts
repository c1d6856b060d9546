import {
  RIG_SERIES_FIELDS,
  type RigSeriesField,
  type Series,
  type SiteSeriesField,
} from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import { foldRows, foldSite, type KnownRig, UNKNOWN_ALGO } from "../rollup/fold.js";
import { MEAN_DIGITS, significant } from "../rollup/means.js";
import type { Roller } from "../rollup/roller.js";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "../rollup/row.js";
import { SeriesColumns, type SeriesWindow } from "./seriesColumns.js";
import { rollupPoint, rowOfStep, siteRawPoint, withUnrated } from "./seriesPoint.js";
import { SiteSteps, siteColumnsOf } from "./siteSteps.js";
import type { StateStore } from "./state/state.js";
import { HELD_QUANTITIES, type HeldQuantity, type RawSeriesStep, type TelemetryStore } from "./store.js";
import { chooseTier, type TierChoice, type TierQuery } from "./tier.js";

/** What histories are answered from. `rigs` are all known rigs; without a roller a site's answer ends with its last row. */
export interface SeriesSources {
  telemetry: TelemetryStore;
  state: StateStore;
  clock: Pick<Clock, "nowMs">;
  rigs: () => Iterable<KnownRig>;
  /** Rigs whose history a rig has beside its own. */
  joined?: (rig: number) => readonly number[];
  roller?: Pick<Roller, "open" | "foldedToMs">;
  /** Before these instants raw samples and 5-minute rows of rigs are gone; absent = all are there. Those of sites always are. */
  rawFromMs?: () => number;
  fineFromMs?: () => number;
}

/** A window of one rig's history; no `fields` = all. */
export interface RigSeriesQuery {
  rig: number;
  fromMs: number;
  toMs: number;
  fields?: readonly RigSeriesField[];
  stepMs?: number;
}

/** Fields of a site that its rows hold; money is worked out from them by those who know prices. */
export type SiteBaseField = Exclude<SiteSeriesField, "revenuePerH" | "costPerH" | "profitPerH" | "co2KgPerH">;

/** A window of one site's history, of one algorithm: algorithms are never summed. */
export interface SiteSeriesQuery {
  site: string;
  algo: string;
  fromMs: number;
  toMs: number;
  fields?: readonly SiteBaseField[];
  stepMs?: number;
}

const SITE_FIELDS: readonly SiteBaseField[] = [
  "hashrateThs",
  "nominalThs",
  "powerW",
  "energyKwh",
  "reportingRigs",
  "rigs",
];

/** Windows that raw samples answer, and how many samples of all rigs such a window may hold. */
const RIG_RAW_MS = 50 * HOUR_MS;
const MAX_SCANNED = 10_000_000;
const SITE_RAW_MS = 6 * HOUR_MS;
const MAX_SITE_SAMPLES = 300_000;
/** So far back 5-minute rows stand in for hourly rows that are still on their way. */
const RECENT_MS = 3 * HOUR_MS;
/** The open buckets of a site are summed so seldom, ms. */
const OPEN_CACHE_MS = 2_000;

type Values<F extends string> = Partial<Record<F, number | null>>;
/** One step of an answer; `coveredMs` of `wholeMs` was measured. */
export interface Point<F extends string> {
  coveredMs: number;
  values: Values<F>;
}

/** A window, and from when 5-minute rows of it are there. */
type Kept = Pick<TierQuery, "fromMs" | "toMs" | "stepMs" | "fineFromMs">;

/** Answers histories of rigs and sites from the tier that holds them. */
export class SeriesReader {
  #open: { atMs: number; rows: RollupRow[] } | undefined;

  constructor(private readonly from: SeriesSources) {}

  #choose(query: Kept, rawRangeMs: number): TierChoice {
    return chooseTier({
      ...query,
      rawRangeMs,
      rawFromMs: this.from.rawFromMs?.() ?? Number.NEGATIVE_INFINITY,
    });
  }

  /** The history of a rig. A rig without any reading in the window is all gaps. */
  async rigSeries(query: RigSeriesQuery): Promise<Series> {
    const { fields = RIG_SERIES_FIELDS } = query;
    const rigs = [query.rig, ...(this.from.joined?.(query.rig) ?? [])];
    const fineFromMs = this.from.fineFromMs?.() ?? Number.NEGATIVE_INFINITY;
    const { choice, window } = await this.#narrow({ ...query, fineFromMs }, rigs, RIG_RAW_MS, MAX_SCANNED);
    const series = new SeriesColumns(fields, window);
    for (const rig of rigs) await this.#putRig(rig, fields, choice, series);
    return series.answer(query, choice, 1);
  }

  /** Fills in what is held of one key of a rig. Where two tell of a step, the one that measured more of it counts. */
  async #putRig(
    rig: number,
    fields: readonly RigSeriesField[],
    choice: TierChoice,
    series: SeriesColumns<RigSeriesField>,
  ): Promise<void> {
    const { window } = series;
    if (choice.tier === "raw") {
      const quantities = quantitiesOf(fields);
      for (const held of await this.from.telemetry.rawSeries({ rigs: [rig], ...window, quantities })) {
        const step = series.stepAt(held.atMs);
        if (step !== undefined) series.putMore(step, held.coveredMs, (field) => rawValue(held, field));
      }
    } else {
      const rows = await this.#rigRows(rig, choice.tier === "5m" ? BUCKET_MS : HOUR_MS, window);
      for (const [atMs, own] of byStep(rows, choice.stepMs)) {
        const step = series.stepAt(atMs);
        const row = foldRows(own, atMs, choice.stepMs);
        if (step === undefined || !row) continue;
        const { coveredMs, values } = rollupPoint(row);
        series.putMore(step, coveredMs, (field) => values[field] ?? null);
      }
    }
  }

  /** The history of a site and algorithm. */
  async siteSeries(query: SiteSeriesQuery): Promise<Series> {
    const { site, algo, fields = SITE_FIELDS } = query;
    const told = algo !== UNKNOWN_ALGO;
    const rigs = [...this.from.rigs()].filter((rig) => rig.site === site && (told || rig.algo === undefined));
    const keysOf = (of: readonly KnownRig[]) => of.map(({ rig }) => rig);
    const kept = { ...query, fineFromMs: Number.NEGATIVE_INFINITY };
    const { choice, window } = await this.#narrow(kept, keysOf(rigs), SITE_RAW_MS, MAX_SITE_SAMPLES);
    const series = new SeriesColumns(fields, window);
    if (choice.tier !== "raw") {
      const steps = new SiteSteps(series, told);
      await this.#siteRows(query, choice.tier === "5m" ? BUCKET_MS : HOUR_MS, window, steps);
      return series.answer(query, choice, steps.mostRigs);
    }
    // Rigs that never told what they mine are there and draw power; their rates are no sum, not even their own.
    const untold = rigs.filter((rig) => rig.algo === undefined);
    const named = rigs.filter((rig) => rig.algo !== undefined);
    const own = named.filter((rig) => rig.algo === algo);
    const { telemetry } = this.from;
    const assumed = own.length < named.length ? { assumed: keysOf(own) } : {};
    const quantities = ["hashrateThs", "powerW"] as const;
    const rated = told
      ? await telemetry.rawSeries({ rigs: keysOf(named), algo, ...assumed, ...window, quantities })
      : [];
    const unrated = untold.length
      ? await telemetry.rawSeries({ rigs: keysOf(untold), ...window, quantities: ["powerW"] })
      : [];
    let most = 1;
    for (const held of withUnrated(rated, unrated)) {
      const step = series.stepAt(held.atMs);
      if (step === undefined) continue;
      const { coveredMs, values } = siteRawPoint(held, [...own, ...untold], choice.stepMs);
      if (untold.length) values.nominalThs = null;
      series.put(step, coveredMs, (field) => values[field] ?? null);
      most = Math.max(most, Math.ceil(values.rigs ?? 1));
    }
    return series.answer(query, choice, most);
  }

  /** The tier and window of a query; raw samples only where few enough of them must be read. */
  async #narrow(query: Kept, rigs: readonly number[], rawRangeMs: number, maxSamples: number) {
    const choice = this.#choose(query, rawRangeMs);
    const window = this.#window(query, choice.stepMs);
    if (choice.tier !== "raw" || (await this.from.telemetry.scanned({ ...window, rigs })) <= maxSamples)
      return { choice, window };
    const { tier, stepMs } = this.#choose(query, 0);
    const note = `step ${stepMs / 1000} s: the window holds more than ${maxSamples} samples`;
    return { choice: { tier, stepMs, note }, window: this.#window(query, stepMs) };
  }

  /** Whole steps from the one that holds `fromMs` up to the present. */
  #window(query: { fromMs: number; toMs: number }, stepMs: number): SeriesWindow {
    const fromMs = Math.floor(query.fromMs / stepMs) * stepMs;
    const toMs = Math.max(fromMs, Math.min(query.toMs, this.from.clock.nowMs()));
    return { fromMs, toMs, stepMs };
  }

  /** Where hourly rows end and 5-minute rows take over. */
  #recent(stepMs: number, { fromMs, toMs }: { fromMs: number; toMs: number }): number {
    if (stepMs === BUCKET_MS) return fromMs;
    const folded =
      this.from.roller?.foldedToMs ?? Math.floor(this.from.clock.nowMs() / HOUR_MS - 1) * HOUR_MS;
    // Late data may have hours folded anew for a while; what was folded before is still there, and right again soon.
    const recent = Math.max(folded, Math.floor(this.from.clock.nowMs() / HOUR_MS) * HOUR_MS - RECENT_MS);
    return Math.max(fromMs, Math.min(toMs, recent));
  }

  async #rigRows(
    rig: number,
    tierMs: number,
    { fromMs, toMs }: { fromMs: number; toMs: number },
  ): Promise<RollupRow[]> {
    const { state, telemetry } = this.from;
    const recent = this.#recent(tierMs, { fromMs, toMs });
    const hours =
      recent > fromMs ? await state.rollups({ fromMs, toMs: recent, stepMs: HOUR_MS, rigs: [rig] }) : [];
    if (recent >= toMs) return hours;
    const fine = await state.rollups({ fromMs: recent, toMs, stepMs: BUCKET_MS, rigs: [rig] });
    // What is not written yet, at most the newest buckets, comes from raw samples.
    const writtenTo = Math.max(recent, (fine.at(-1)?.startMs ?? toMs - 4 * BUCKET_MS) + BUCKET_MS);
    const openFrom = Math.floor(writtenTo / BUCKET_MS) * BUCKET_MS;
    const steps =
      openFrom < toMs
        ? await telemetry.rawSeries({ rigs: [rig], fromMs: openFrom, toMs, stepMs: BUCKET_MS })
        : [];
    const open = steps.map((step) => rowOfStep(rig, step, BUCKET_MS));
    return [...hours, ...fine, ...open];
  }

  /** Adds a site's rows to `steps`: hourly ones, 5-minute ones for what is not folded yet, open buckets for what is not written. */
  async #siteRows(
    { site, algo, fields = SITE_FIELDS }: SiteSeriesQuery,
    tierMs: number,
    { fromMs, toMs }: SeriesWindow,
    steps: SiteSteps,
  ): Promise<void> {
    const hoursToMs = this.#recent(tierMs, { fromMs, toMs });
    const columns = siteColumnsOf(fields);
    const rows = await this.from.state.siteColumns({ site, algo, fromMs, hoursToMs, toMs, columns });
    steps.addColumns(rows, columns);
    const fineMs = rows.stepMs.at(-1) === BUCKET_MS ? rows.startMs.at(-1)! : Number.NEGATIVE_INFINITY;
    for (const row of this.#openSiteRows(site, algo, Math.max(hoursToMs, fineMs + 1), toMs))
      steps.addRow(row);
    steps.finish();
  }

  /** Rows of a site's buckets that are not written yet, each as long as it is old. */
  #openSiteRows(site: string, algo: string, fromMs: number, toMs: number): SiteRollupRow[] {
    const { roller, clock, rigs } = this.from;
    if (!roller) return [];
    const nowMs = clock.nowMs();
    if (!this.#open || Math.abs(nowMs - this.#open.atMs) > OPEN_CACHE_MS)
      this.#open = { atMs: nowMs, rows: roller.open(nowMs) };
    const { atMs, rows } = this.#open;
    return [...byStep(rows, BUCKET_MS)]
      .filter(([startMs]) => startMs >= fromMs && startMs < toMs)
      .sort(([a], [b]) => a - b)
      .flatMap(([startMs, own]) => {
        const lengthMs = Math.max(1, Math.min(BUCKET_MS, atMs - startMs));
        return foldSite(own, rigs(), startMs, lengthMs).filter(
          (row) => row.site === site && row.algo === algo,
        );
      });
  }
}

/** The quantities that fields are made of. */
function quantitiesOf(fields: readonly RigSeriesField[]): HeldQuantity[] {
  return HELD_QUANTITIES.filter((name) =>
    fields.some((field) => field.startsWith(name) || (name === "powerW" && field === "energyKwh")),
  );
}

/** A field of a step of raw samples, to as many digits as a row that is kept for ever. */
function rawValue(step: RawSeriesStep, field: RigSeriesField): number | null {
  if (field === "energyKwh") return step.powerCoveredMs > 0 ? significant(step.kwh) : null;
  const value = step[field];
  return value === null ? null : significant(value, MEAN_DIGITS);
}

/** Groups rows by the step that their start falls into. */
function byStep<Row extends { startMs: number }>(rows: readonly Row[], stepMs: number): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const atMs = Math.floor(row.startMs / stepMs) * stepMs;
    const group = groups.get(atMs);
    if (group) group.push(row);
    else groups.set(atMs, [row]);
  }
  return groups;
}
