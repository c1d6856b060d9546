import type { Logger } from "pino";
import { BUCKET_MS, HOUR_MS, type SiteRollupRow } from "../rollup/row.js";
import type { StateStore } from "../store/state/state.js";
import type { Metering } from "./metering.js";

const keyOf = (site: string): string => `${site}/feeders`;
const ALGO = "feeders";
/** Rows of a site's feeders stand among the sites' rows under a name that no site can have. */
export const feederRows = (site: string): { site: string; algo: string } => ({
  site: keyOf(site),
  algo: ALGO,
});
/** Between two looks no more than this is held: a process that stood still has measured nothing. */
const LONGEST_MS = 10_000;
/** A step of which the meters cover less is the rigs' to say. */
const LEAST_COVERED = 0.9;
/** Rows that wait for a state file that takes none; the oldest go first. */
const MAX_WAITING = 2_000;

/** What a site's feeders drew in a stretch of time: kWh over `coveredMs` of it, and nothing is known of the rest. */
interface Stretch {
  startMs: number;
  stepMs: number;
  coveredMs: number;
  kwh: number;
  /** When the meters were first heard in it; absent = from its start. */
  heardMs?: number;
  /** It is over, and on its way to the state file. */
  kept?: true;
}

/** Mean power of a site's feeders over a step, W; null where they do not cover it. */
export type FeederPower = (startMs: number, stepMs: number) => number | null;

/** History of what sites' meters say: 5-minute rows and hours in the state file, as long as those of sites are kept. */
export class Feeders {
  /** The rows of the present hour, the open one last, by site. */
  readonly #hours = new Map<string, Stretch[]>();
  readonly #sites: readonly string[];
  #lookedMs: number | undefined;
  #waiting: SiteRollupRow[] = [];
  #writing: Promise<void> | undefined;

  private constructor(
    private readonly metering: Pick<Metering, "meteredSites" | "site">,
    private readonly state: Pick<StateStore, "putRollups" | "siteRollups" | "siteColumns">,
    private readonly log: Pick<Logger, "warn">,
  ) {
    this.#sites = metering.meteredSites;
  }

  /** Takes up the present hour where the process before left it. */
  static async open(
    metering: Pick<Metering, "meteredSites" | "site">,
    state: Pick<StateStore, "putRollups" | "siteRollups" | "siteColumns">,
    log: Pick<Logger, "warn">,
    nowMs: number,
  ): Promise<Feeders> {
    const feeders = new Feeders(metering, state, log);
    const fromMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
    const range = { fromMs, toMs: fromMs + HOUR_MS, stepMs: BUCKET_MS };
    for (const site of feeders.#sites) {
      const rows = await state.siteRollups({ ...range, site: keyOf(site), algo: ALGO });
      feeders.#hours.set(
        site,
        rows.map(({ startMs, stepMs, powerCoveredMs, kwh }) => ({
          startMs,
          stepMs,
          coveredMs: powerCoveredMs,
          kwh,
        })),
      );
    }
    return feeders;
  }

  /** Adds what the meters say now for the time since the last look. To be called about once a second. */
  sweep(nowMs: number): void {
    const ms = Math.min(LONGEST_MS, nowMs - (this.#lookedMs ?? nowMs));
    this.#lookedMs = nowMs;
    if (ms <= 0) return;
    const startMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
    for (const site of this.#sites) {
      const powerW = this.metering.site(site, null, nowMs)?.powerW ?? null;
      const rows = this.#hours.get(site)!;
      const last = rows.at(-1);
      const within = Math.min(ms, nowMs - startMs);
      if (last && last.startMs < startMs && !last.kept) {
        // What lies before the bucket is the last one's.
        if (powerW !== null && last.startMs + BUCKET_MS === startMs) addTo(last, powerW, ms - within);
        last.kept = true;
        this.#keep(site, rows);
      }
      if (last && last.startMs < startMs) {
        if (Math.floor(last.startMs / HOUR_MS) < Math.floor(startMs / HOUR_MS)) rows.length = 0;
      }
      if (powerW === null) continue;
      let open = rows.at(-1);
      if (open?.startMs !== startMs) {
        open = { startMs, stepMs: BUCKET_MS, coveredMs: 0, kwh: 0, heardMs: nowMs - within };
        rows.push(open);
      }
      addTo(open, powerW, within);
    }
    this.#write();
  }

  /** What the feeders of a site drew over a range, to be asked by step; undefined for a site without meters. */
  async power(
    site: string,
    range: { fromMs: number; toMs: number; stepMs: number },
  ): Promise<FeederPower | undefined> {
    const hour = this.#hours.get(site);
    if (!hour) return undefined;
    const byHour = range.stepMs >= HOUR_MS && range.stepMs % HOUR_MS === 0;
    const { startMs, stepMs, columns } = await this.state.siteColumns({
      site: keyOf(site),
      algo: ALGO,
      // A row that began before the range reaches into it.
      fromMs: Math.floor(range.fromMs / (byHour ? HOUR_MS : BUCKET_MS)) * (byHour ? HOUR_MS : BUCKET_MS),
      hoursToMs: byHour ? range.toMs : 0,
      toMs: range.toMs,
      columns: ["powerCoveredMs", "kwh"],
    });
    const stretches = new Map<number, Stretch>();
    for (const [i, at] of startMs.entries())
      stretches.set(at, {
        startMs: at,
        stepMs: stepMs[i]!,
        coveredMs: columns[0]![i]!,
        kwh: columns[1]![i]!,
      });
    // What is not written yet is newer than what is.
    const newest = byHour ? hour.slice(0, 1).map(() => hourOf(hour)) : hour;
    for (const row of newest) {
      // Of a row that is still open no more is known than from the first word of the meters up to the last look.
      const fromMs = Math.max(row.startMs, row.heardMs ?? 0);
      const endMs = Math.min(row.startMs + row.stepMs, this.#lookedMs ?? row.startMs + row.stepMs);
      stretches.set(row.startMs, { ...row, startMs: fromMs, stepMs: Math.max(1, endMs - fromMs) });
    }
    return powerOver([...stretches.values()].sort((a, b) => a.startMs - b.startMs));
  }

  /** Writes the open rows too. */
  async close(): Promise<void> {
    for (const [site, rows] of this.#hours) if (rows.length) this.#keep(site, rows);
    await this.#writing;
    this.#write();
    await this.#writing;
  }

  #keep(site: string, rows: readonly Stretch[]): void {
    this.#waiting.push(rowOf(site, rows.at(-1)!), rowOf(site, hourOf(rows)));
    this.#waiting.splice(0, Math.max(0, this.#waiting.length - MAX_WAITING));
  }

  #write(): void {
    if (this.#writing || !this.#waiting.length) return;
    const rows = this.#waiting;
    this.#waiting = [];
    this.#writing = this.state
      .putRollups([], rows)
      .catch((error: unknown) => {
        this.log.warn({ err: error }, "rows of meters are not written yet");
        this.#waiting = [...rows, ...this.#waiting].slice(-MAX_WAITING);
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }
}

function addTo(stretch: Stretch, powerW: number, ms: number): void {
  stretch.coveredMs += ms;
  stretch.kwh += (powerW * ms) / 3.6e9;
}

/**
 * Mean power over a step from stretches by start, of which none overlap. A step of which they cover less than nine tenths is null; one that is not over is
 * judged by its part up to the last stretch.
 */
export function powerOver(stretches: readonly Stretch[]): FeederPower {
  const last = stretches.at(-1);
  const knownTo = last ? last.startMs + last.stepMs : 0;
  const endOf = (i: number) => stretches[i]!.startMs + stretches[i]!.stepMs;
  // Steps are asked for in their order: each is looked for from where the one before was, or years of hours would take minutes.
  let first = 0;
  return (startMs, stepMs) => {
    while (first > 0 && endOf(first - 1) > startMs) first--;
    while (first < stretches.length && endOf(first) <= startMs) first++;
    const endMs = startMs + stepMs;
    let coveredMs = 0;
    let kwh = 0;
    for (let i = first; i < stretches.length && stretches[i]!.startMs < endMs; i++) {
      const each = stretches[i]!;
      const overlap = Math.min(endMs, each.startMs + each.stepMs) - Math.max(startMs, each.startMs);
      coveredMs += (each.coveredMs * overlap) / each.stepMs;
      kwh += (each.kwh * overlap) / each.stepMs;
    }
    const whole = Math.min(endMs, Math.max(startMs, knownTo)) - startMs;
    if (coveredMs <= 0 || coveredMs < LEAST_COVERED * Math.min(whole, stepMs)) return null;
    return (kwh * 3.6e9) / coveredMs;
  };
}

function hourOf(rows: readonly Stretch[]): Stretch {
  const hour = {
    startMs: Math.floor(rows[0]!.startMs / HOUR_MS) * HOUR_MS,
    stepMs: HOUR_MS,
    coveredMs: 0,
    kwh: 0,
  };
  for (const { coveredMs, kwh } of rows) {
    hour.coveredMs += coveredMs;
    hour.kwh += kwh;
  }
  return hour;
}

const rowOf = (site: string, { startMs, stepMs, coveredMs, kwh }: Stretch): SiteRollupRow => ({
  site: keyOf(site),
  algo: ALGO,
  startMs,
  stepMs,
  rigMs: 0,
  coveredMs,
  miningMs: 0,
  hashCoveredMs: 0,
  thsHours: 0,
  powerCoveredMs: coveredMs,
  kwh,
  kwhBySource: [kwh, 0, 0, 0, 0],
  hashSpanMs: 0,
  powerSpanMs: coveredMs,
});
