import type { AuditEntry } from "@hashwatt/protocol/access";
import type { AlertView } from "@hashwatt/protocol/http";
import type { Evidence } from "@hashwatt/protocol/sample";
import type { AlertCare } from "../../alerts/delivery/alertCare.js";
import type { RateSeriesStore } from "../../rates/rateSeriesStore.js";
import type { RollupRow, SiteRollupRow } from "../../rollup/row.js";
import type { StreamMark } from "../store.js";
import type { DocumentStore } from "./documents.js";
import type { LedgerStore } from "./ledger.js";

/** What a rig is known by. An alias names at most one rig. */
export type AliasKind = "mac" | "serial" | "hostname" | "address";
export interface Alias {
  kind: AliasKind;
  /** For an address: `site/agent/handle`; the others as reported. */
  value: string;
  /** When the rig was first known by it; absent where that was not noted. */
  sinceMs?: number;
}

/** A rig's identity. `rig` is the key; its public id is `r<rig>`. */
export interface RigRecord {
  rig: number;
  site: string;
  agent: string;
  handle: string;
  name: string;
  evidence: Evidence;
  aliases: Alias[];
  firstSeenMs: number;
  lastSeenMs: number;
}

export interface SiteRecord {
  site: string;
  name: string;
  /** IANA. */
  zone: string;
  currency: string;
  /** Region of the grid factor; absent = not told. */
  gridRegion?: string;
  /** The year whose factor of that region counts; absent = the newest that is published. */
  gridYear?: number;
  demo: boolean;
}

/** A flat price from `validFromMs` until the next one. */
export interface TariffRecord {
  site: string;
  validFromMs: number;
  pricePerKwh: number;
  currency: string;
  source: string;
  demo: boolean;
}

/** Units of `currency` per USD, set by hand. */
export interface FxRecord {
  currency: string;
  validFromMs: number;
  perUsd: number;
  source: string;
}

/** Something that happened and must be explainable later: a loss, a swap, a dropped day. */
export interface EventRecord {
  atMs: number;
  kind: string;
  site?: string;
  rig?: number;
  text: string;
}

/** A notification that has yet to be delivered. `dueMs` is the next try. */
export interface QueuedNotification {
  id: string;
  /** Id of its channel. */
  notifier: string;
  body: unknown;
  createdMs: number;
  dueMs: number;
  attempts: number;
  /** It is not tried any more, since when and why; absent while it is. */
  failed?: { atMs: number; reason: string };
}

/** What is kept at once: what is done about alerts, and the messages that this makes. */
export interface KeptCares {
  cares: readonly AlertCare[];
  notifications: readonly QueuedNotification[];
  atMs: number;
}

/** What is done about alerts. */
export interface AlertCareStore {
  /** Those of some alerts, by id. */
  of(ids: readonly string[]): Promise<AlertCare[]>;
  /** Replaces by id, and queues notifications; all of it or nothing, committed when it resolves. */
  keep(kept: KeptCares): Promise<void>;
  /** Forgets those last kept before an instant. */
  trim(beforeMs: number): Promise<void>;
}

/** A 5-minute bucket that got a sample; it last arrived at `receivedMs` or before. */
export interface TouchedBucket {
  startMs: number;
  receivedMs: number;
}

export interface RollupRange {
  fromMs: number;
  toMs: number;
  stepMs: number;
}

/** The time of rows of a rig: mining or about to, standing still, and in buckets in which it was read, not answering. */
export interface Uptime {
  upMs: number;
  standingMs: number;
  missedMs: number;
}

/** What a rig's sensors said on average in five minutes, °C; absent where they said nothing. */
export interface MeanTemps {
  rig: number;
  startMs: number;
  chipC?: number;
  boardC?: number;
}

/** What histories of sites are made of: columns of site rows. */
export const SITE_COLUMNS = [
  "rigMs",
  "coveredMs",
  "hashSpanMs",
  "thsHours",
  "powerCoveredMs",
  "powerSpanMs",
  "kwh",
  "nominalThs",
] as const satisfies readonly (keyof SiteRollupRow)[];
export type SiteColumn = (typeof SITE_COLUMNS)[number];

/**
 * Asks for columns of one site and algorithm: hourly rows that start before `hoursToMs`, 5-minute rows from there on. Without an algorithm
 * the rows of each are there, several of one start.
 */
export interface SiteColumnsQuery {
  site: string;
  algo?: string;
  fromMs: number;
  hoursToMs: number;
  toMs: number;
  columns: readonly SiteColumn[];
}

/** Rows as columns, by start; NaN = absent. */
export interface SiteColumns {
  startMs: Float64Array;
  stepMs: Float64Array;
  /** In the order that was asked for. */
  columns: Float64Array[];
}

/** What a sensor of the air said over a bucket (5 minutes, or an hour): in °C, or 0–1. */
export interface AirRow {
  site: string;
  meter: string;
  /** What it stands at, and in what it measures, as the config had it then. */
  place: "inlet" | "row" | "ambient";
  unit: "°C" | "ratio";
  startMs: number;
  stepMs: number;
  /** Time for which a figure stood; the rest is unknown. */
  coveredMs: number;
  min: number;
  /** Time-weighted. */
  mean: number;
  max: number;
}

/** Which rows of the air: of one site. */
export interface AirQuery extends RollupRange {
  site: string;
  meter?: string;
  foldMs?: number;
}

/** History of the air, kept with the state. */
export interface AirStore {
  /** Replaces rows of the same meter, step and start. */
  put(rows: readonly AirRow[]): Promise<void>;
  /** Rows of a step length by meter, then by start; of one meter where it is named, folded into steps of `foldMs` where that is given. */
  rows(query: AirQuery): Promise<AirRow[]>;
  /** Forgets rows of a step length that start before an instant. */
  drop(stepMs: number, beforeMs: number): Promise<void>;
}

/** Which entries of the record of changes: of that time, person and action, and older than `before`; newest first. */
export interface AuditQuery {
  fromMs?: number;
  toMs?: number;
  who?: string;
  /** The action itself, or with a dot at its end all that begin with it: `user.`. */
  action?: string;
  before?: number;
  limit: number;
}

/** How much of the record is kept: what is younger, and of that the newest changes, the newest that were not done, and the newest visits. */
export interface AuditBound {
  fromMs: number;
  done: number;
  notDone: number;
  visits: number;
}

/** The record of changes. */
export interface AuditStore {
  /** Numbers the entry; committed when it resolves. */
  add(entry: Omit<AuditEntry, "n">): Promise<void>;
  list(query: AuditQuery): Promise<AuditEntry[]>;
  trim(bound: AuditBound): Promise<void>;
}

/** The small and precious store: identities, rollups, rates, alert book, notifications, settings, the record of changes. Rejects with a ServerError (store…). */
export interface StateStore {
  readonly audit: AuditStore;
  readonly air: AirStore;
  readonly rateSeries: RateSeriesStore;
  readonly documents: DocumentStore;
  readonly ledger: LedgerStore;
  readonly alertCare: AlertCareStore;
  rigs(): Promise<RigRecord[]>;
  /** Inserts or replaces by `rig`. Committed when it resolves: before the first sample that uses the key. */
  putRigs(rigs: readonly RigRecord[]): Promise<void>;
  sites(): Promise<SiteRecord[]>;
  putSite(site: SiteRecord): Promise<void>;
  /** Drops a site's record and its flat prices; what was measured there stays. */
  dropSite(site: string): Promise<void>;
  tariffs(): Promise<TariffRecord[]>;
  putTariff(tariff: TariffRecord): Promise<void>;
  fx(): Promise<FxRecord[]>;
  putFx(fx: FxRecord): Promise<void>;
  /** Replaces rows with the same rig (site, algo), step and start. */
  putRollups(rows: readonly RollupRow[], sites: readonly SiteRollupRow[]): Promise<void>;
  /**
   * Gives back what rows take of memory until they are in the file: to be called behind a large write. With `merge` it lays
   * together what was written piece by piece instead, once it is worth it. Never rejects.
   */
  settle(merge?: boolean): Promise<void>;
  /** Gives back what readers have left in memory, once they have been quiet for some seconds: to be called every few. Never rejects. */
  calm(): Promise<void>;
  rollups(range: RollupRange & { rigs?: readonly number[] }): Promise<RollupRow[]>;
  siteRollups(range: RollupRange & { site: string; algo?: string }): Promise<SiteRollupRow[]>;
  /** The same rows of two step lengths in one, without an object for each. */
  siteColumns(query: SiteColumnsQuery): Promise<SiteColumns>;
  /** What 5-minute rows in any of some windows come to, by rig; windows begin and end with a bucket and do not overlap. */
  uptimes(
    rigs: readonly number[],
    windows: readonly { fromMs: number; toMs: number }[],
  ): Promise<Map<number, Uptime>>;
  /** Temperatures of the 5-minute rows in which rigs mined for half of the time at least, by start and rig. */
  meanTemps(range: { fromMs: number; toMs: number; rigs: readonly number[] }): Promise<MeanTemps[]>;
  /** Newest startMs of a rig rollup row of that step; undefined when none. */
  newestRollup(stepMs: number): Promise<number | undefined>;
  /** Oldest startMs of a rig rollup row of that step; undefined when none. */
  oldestRollup(stepMs: number): Promise<number | undefined>;
  dropRollups(stepMs: number, beforeMs: number): Promise<number>;
  /** Inserts or replaces by id. */
  putAlerts(alerts: readonly AlertView[]): Promise<void>;
  /** Unresolved alerts, and resolved ones since `sinceMs`, newest first. */
  alerts(sinceMs: number): Promise<AlertView[]>;
  putNotification(notification: QueuedNotification): Promise<void>;
  notifications(): Promise<QueuedNotification[]>;
  dropNotification(id: string): Promise<void>;
  addEvent(event: EventRecord): Promise<void>;
  /** Newest first; of some rigs only where they are named. */
  events(sinceMs: number, limit: number, rigs?: readonly number[]): Promise<EventRecord[]>;
  /** Forgets alerts that ended before an instant, and of events the oldest beyond a bound. */
  trimHistory(beforeMs: number): Promise<void>;
  setting(key: string): Promise<string | undefined>;
  putSetting(key: string, value: string): Promise<void>;
  /** Marks of streams whose samples lie in a telemetry store that cannot hold them itself. No export has them. */
  streamMarks(): Promise<StreamMark[]>;
  /** Moves marks, and notes the buckets that their samples lie in; all of it or nothing. */
  putStreamMarks(marks: readonly StreamMark[], buckets: readonly TouchedBucket[]): Promise<void>;
  /** Forgets marks last moved, and buckets last touched, before `beforeMs`. */
  dropStreamMarks(beforeMs: number): Promise<void>;
  /** Starts of the buckets touched at or after `receivedMs`, ascending. */
  bucketsTouched(receivedMs: number): Promise<number[]>;
  /** Writes a consistent copy to `folder`; returns its path. `snapshot` is called when what is copied stands. */
  exportTo(folder: string, snapshot?: () => void): Promise<string>;
  /** Bytes on disk. */
  bytes(): Promise<number>;
  /** Bytes that hold data: a file keeps its size when rows go, and fills the room again. */
  usedBytes(): Promise<number>;
  close(): Promise<void>;
}
