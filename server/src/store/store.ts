import type { Board, Sample } from "@hashwatt/protocol/sample";
import type { RowFileControl } from "./duck/copyRows.js";
import type { SampleExport } from "./duck/exportSamples.js";

/**
 * A sample under its rig key; `receivedMs` is the server's time of arrival. `site` is where it was taken; absent where that is
 * not known, as in what a store gives back.
 */
export interface StoredSample {
  rig: number;
  site?: string;
  receivedMs: number;
  sample: Omit<Sample, "rig">;
  /** The slowest fan, where the fans one by one are known no more, or only as means. */
  slowestFanRpm?: number;
}

/** How far a stream is committed. `lost` counts batches that the agent could no longer send. */
export interface StreamMark {
  site: string;
  agent: string;
  stream: string;
  seq: number;
  updatedMs: number;
  lost: number;
}

/** What one group commit holds. Samples and marks stand or fall together. */
export interface Commit {
  samples: readonly StoredSample[];
  marks: readonly StreamMark[];
}

/** The scalars of a stored reading, as rollups and charts need them; null = not reported. */
export interface RawRow {
  rig: number;
  atMs: number;
  intervalMs: number;
  /** Index into STATUSES. */
  status: number;
  algo: string | null;
  hashrateThs: number | null;
  powerW: number | null;
  /** Index into POWER_SOURCES. */
  powerSource: number | null;
  inletTempC: number | null;
  boardTempC: number | null;
  chipTempC: number | null;
  /** Slowest fan. */
  fanRpm: number | null;
  accepted: number | null;
  rejected: number | null;
  stale: number | null;
  acceptedDiff: number | null;
  uptimeS: number | null;
}

/**
 * One board over one step that begins at `atMs`: means of hashrate, frequency and voltage, highest temperatures, fewest
 * chips, and in `hwErrors` the errors gained (absent where no two readings within 10 minutes of each other tell).
 */
export interface BoardPoint extends Board {
  atMs: number;
}

/** One step of a rig's fans: mean rpm by place; null = not reported in that step. */
export interface FanPoint {
  atMs: number;
  fansRpm: (number | null)[];
}

/** A window of one rig's parts. `stepMs` below a minute is answered by the minute where rows are already compacted. */
export interface PartsRange {
  rig: number;
  fromMs: number;
  toMs: number;
  stepMs: number;
}

/** Quantities of a reading that are held over time. */
export const HELD_QUANTITIES = [
  "hashrateThs",
  "powerW",
  "inletTempC",
  "boardTempC",
  "chipTempC",
  "fanRpm",
] as const;
export type HeldQuantity = (typeof HELD_QUANTITIES)[number];

/** Asks for steps of `stepMs` (aligned to the epoch) between fromMs and toMs, summed over `rigs`. */
export interface RawSeriesQuery {
  rigs: readonly number[];
  /** Only readings of that algorithm, or of none. */
  algo?: string;
  /** With `algo`: rigs whose readings of no algorithm count as of that one; absent = those of all. */
  assumed?: readonly number[];
  fromMs: number;
  toMs: number;
  stepMs: number;
  /** Only these are worked out, the others read as not measured; absent = all. Each costs a column to read. */
  quantities?: readonly HeldQuantity[];
}

/**
 * One step by sample-and-hold, as a rollup would hold it. `hashrateThs` and `powerW` are the sums over the rigs of each
 * rig's own mean; extremes are those of any rig; temperatures and rpm are time-weighted means. null = nothing measured.
 */
export interface RawSeriesStep {
  atMs: number;
  /** Rigs with any held reading. */
  reportingRigs: number;
  coveredMs: number;
  hashCoveredMs: number;
  powerCoveredMs: number;
  thsHours: number;
  kwh: number;
  hashrateThs: number | null;
  hashrateThsMin: number | null;
  hashrateThsMax: number | null;
  powerW: number | null;
  powerWMin: number | null;
  powerWMax: number | null;
  inletTempC: number | null;
  boardTempC: number | null;
  boardTempCMax: number | null;
  chipTempC: number | null;
  chipTempCMax: number | null;
  fanRpm: number | null;
}

/** What an export needs of whoever asks for it. */
export interface ExportControl {
  signal: AbortSignal;
  /** What is exported stands now: what is committed from here on is no part of it. */
  snapshot(): void;
  /** Rows written, of so many. */
  progress(done: number, total: number): void;
}

/** What an export of raw samples holds: Parquet files by table, all of one folder. */
export interface TelemetryExport {
  /** Version of the schema that the tables have. */
  schema: number;
  tables: Record<string, { files: string[]; rows: number }>;
}

/**
 * Raw samples and stream marks. Every method may reject with a ServerError (store…). A rejected `append` has moved no mark,
 * unless it failed after all of it became durable: the marks tell. What it stored of its samples, if anything, the same append
 * writes over when it is tried again. An append that the rows themselves make impossible rejects with a `storeFailed` that is
 * not retryable. Re-appending the same (rig, atMs) is prevented by the marks, not by the store; a store may hold one of the two.
 */
export interface TelemetryStore {
  readonly kind: string;
  /** What it is called where people read it; absent = its kind. */
  readonly title?: string;
  /** Why it did not work when it was last used, where it may come back by itself; undefined while it works. */
  readonly problem?: string | undefined;
  /** How long it keeps samples whatever is dropped, in ms; Infinity also while that is not known. Absent = not at all. */
  readonly keepsMs?: number;
  /** Resolves when it works: for a store that may be away, and tells so in {@link problem}. */
  probe?(): Promise<void>;
  /** Until told otherwise it puts off what takes much memory for a moment and can wait; what is in hand is done before. Never rejects. */
  spare?(spares: boolean): Promise<void>;
  /** Ends what waits for an answer from elsewhere: nothing works afterwards. */
  cut?(): void;
  append(commit: Commit): Promise<void>;
  /** Rejects as an append of these samples would, and stores nothing in any case. */
  trial(samples: readonly StoredSample[]): Promise<void>;
  marks(): Promise<StreamMark[]>;
  /** Forgets marks last moved before `beforeMs`. */
  dropMarks(beforeMs: number): Promise<void>;
  /** Latest sample per rig, boards and fans included. */
  latest(): Promise<StoredSample[]>;
  /** When each of `rigs` last gave a reading that is not "unreachable", stamped at or after `fromMs`; absent where none is held. */
  answered(query: { rigs: readonly number[]; fromMs: number }): Promise<Map<number, number>>;
  /**
   * Whole samples with fromMs <= atMs < toMs, by time and rig: all that is held, boards and fans at least once a minute. The
   * window must hold no more than fits into memory; see {@link count}.
   */
  samples(range: { fromMs: number; toMs: number }): Promise<StoredSample[]>;
  /** Scalars of all (or the given) rigs with fromMs <= atMs < toMs, by rig and time. */
  raw(range: { fromMs: number; toMs: number; rigs?: readonly number[] }): Promise<RawRow[]>;
  /** Steps that hold any reading, by time. */
  rawSeries(query: RawSeriesQuery): Promise<RawSeriesStep[]>;
  /** About how many samples must be read to answer from raw what concerns `rigs`. */
  scanned(range: { fromMs: number; toMs: number; rigs: readonly number[] }): Promise<number>;
  /** How many samples lie in fromMs <= atMs < toMs. */
  count(range: { fromMs: number; toMs: number }): Promise<number>;
  /** Starts of the steps that hold samples which arrived at or after `receivedMs`, ascending; there may be others among them. */
  bucketsSince(receivedMs: number, stepMs: number): Promise<number[]>;
  boards(range: PartsRange): Promise<BoardPoint[]>;
  fans(range: PartsRange): Promise<FanPoint[]>;
  /** First and last atMs held; undefined when empty. */
  span(): Promise<{ fromMs: number; toMs: number } | undefined>;
  /** Compacts the boards of whole hours before `beforeMs` to one row per board and minute, where that saves room. */
  compactBoards(beforeMs: number): Promise<void>;
  /** Drops raw rows older than `beforeMs`, unless the store does so by itself; returns how many samples went. */
  dropBefore(beforeMs: number): Promise<number>;
  /** Writes a consistent copy of everything to `folder`, while commits go on; absent where no file of ours holds it. */
  exportTo?(folder: string, control: ExportControl): Promise<TelemetryExport>;
  /** Writes raw readings to a file and returns how many; absent where another program keeps them. */
  exportSamples?(
    order: SampleExport,
    control: RowFileControl,
    every: (ms: number, run: () => void) => Disposable,
  ): Promise<number>;
  /** Bytes on this machine's disk; undefined where the rows are kept elsewhere. */
  bytes(): Promise<number | undefined>;
  /** Bytes that hold data: a file keeps its size when rows go, and fills the room again. undefined as for {@link bytes}. */
  usedBytes(): Promise<number | undefined>;
  close(): Promise<void>;
}
