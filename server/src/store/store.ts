import type { Board, Sample } from "@hashwatt/protocol/sample";

/** A sample under its rig key; `receivedMs` is the server's time of arrival. */
export interface StoredSample {
  rig: number;
  receivedMs: number;
  sample: Omit<Sample, "rig">;
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

/** Board rows of one rig; means and maxima once compacted to a minute. */
export interface BoardPoint extends Board {
  atMs: number;
}

/**
 * Raw samples and stream marks. Every method may reject with a StoreError; a rejected `append` stored nothing.
 * Re-appending the same (rig, atMs) is prevented by the marks, not by the store.
 */
export interface TelemetryStore {
  readonly kind: string;
  append(commit: Commit): Promise<void>;
  marks(): Promise<StreamMark[]>;
  /** Forgets marks last moved before `beforeMs`. */
  dropMarks(beforeMs: number): Promise<void>;
  /** Latest sample per rig, boards and fans included. */
  latest(): Promise<StoredSample[]>;
  /** Scalars of all (or the given) rigs with fromMs <= atMs < toMs, by rig and time. */
  raw(range: { fromMs: number; toMs: number; rigs?: readonly number[] }): Promise<RawRow[]>;
  boards(range: { rig: number; fromMs: number; toMs: number; stepMs: number }): Promise<BoardPoint[]>;
  /** First and last atMs held; undefined when empty. */
  span(): Promise<{ fromMs: number; toMs: number } | undefined>;
  /** Compacts the boards of whole hours before `beforeMs` to one row per board and minute. */
  compactBoards(beforeMs: number): Promise<void>;
  /** Drops raw rows older than `beforeMs`; returns how many samples went. */
  dropBefore(beforeMs: number): Promise<number>;
  /** Bytes on disk. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}
