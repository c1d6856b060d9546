import type { AlertView, FleetColumns, RigDetail, Totals } from "./http.js";

/** Channels of `/live`. */
export type Channel = "totals" | "fleet" | "alerts" | `rig:${string}`;

/**
 * What a client may say. `from` resumes after a broken connection: deltas after `seq` are replayed when the server still
 * has them, else a `gap` frame and a fresh snapshot follow.
 */
export type ClientFrame =
  | { op: "subscribe"; channel: Channel; from?: { epoch: string; seq: number } }
  | { op: "unsubscribe"; channel: Channel };

/** A row of changed figures: the rig's number, then the values in the order of {@link LIVE_COLUMNS}; null = unknown. */
export type LiveRow = (number | string | null)[];
/** A row of a new or changed rig: the rig's number, then the values in the order of {@link STATIC_COLUMNS}. */
export type StaticRow = (number | string | null)[];

export interface FleetDelta {
  rows?: LiveRow[];
  info?: StaticRow[];
  gone?: number[];
}

/** So many open alerts a snapshot of what is live has at most; those that stand under another come last. */
export const MAX_OPEN_ALERTS = 2_000;

export interface SnapshotOf {
  totals: Totals;
  fleet: FleetColumns;
  /** The first {@link MAX_OPEN_ALERTS} open ones, and what has ended of late; in a replay all of them. */
  alerts: AlertView[];
  rig: RigDetail;
}
export interface DeltaOf {
  totals: Totals;
  fleet: FleetDelta;
  /** Alerts that are new or changed; a resolved one comes with state "resolved". */
  alerts: AlertView[];
  rig: RigDetail;
}

/**
 * What the server says. `epoch` is one run of the server: sequence numbers start again with it. A heartbeat comes every
 * `heartbeatMs` whether or not there is news, so that silence means a broken connection.
 */
export type ServerFrame =
  | { t: "hello"; v: 1; epoch: string; serverMs: number; heartbeatMs: number; version: string }
  | { t: "hb"; serverMs: number }
  | { t: "snap"; ch: Channel; seq: number; serverMs: number; data: SnapshotOf[keyof SnapshotOf] }
  | { t: "delta"; ch: Channel; seq: number; serverMs: number; data: DeltaOf[keyof DeltaOf] }
  | { t: "gap"; ch: Channel; seq: number }
  | { t: "error"; ch?: string; message: string };

/** Code with which the server closes a connection whose session has ended; connecting again needs a login. */
export const SESSION_OVER = 4401;
/** Code with which the server closes a connection at once for which there is no place; the reason says whose are too many. */
export const NO_PLACE = 4429;

/** What seldom changes of a rig. `rig` comes first in every row and is not repeated here. */
export const STATIC_COLUMNS = [
  "name",
  "site",
  "agent",
  "address",
  "make",
  "model",
  "firmware",
  "algo",
  "nominalThs",
] as const;

/**
 * What changes with every reading. Temperatures in °C, money per hour in the site's currency, `atMs` the time of the
 * reading, `receivedMs` the server's time of arrival, `limitC` the chip (else board) limit that alerts use,
 * `alert` the worst firing rule's severity or null, `faults` how many fault codes the reading tells (null = it tells none).
 */
export const LIVE_COLUMNS = [
  "status",
  "hashrateThs",
  "powerW",
  "powerSource",
  "inletTempC",
  "boardTempC",
  "chipTempC",
  "limitC",
  "fanRpm",
  "revenuePerH",
  "costPerH",
  "profitPerH",
  "co2KgPerH",
  "intervalMs",
  "pollMs",
  "atMs",
  "receivedMs",
  "alert",
  "faults",
] as const;
export type StaticColumn = (typeof STATIC_COLUMNS)[number];
export type LiveColumn = (typeof LIVE_COLUMNS)[number];
