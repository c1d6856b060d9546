import type { StateStore } from "../store/state/state.js";
import type { TelemetryStore } from "../store/store.js";
import type { KnownRig } from "./fold.js";
import type { RollupRow, SiteRollupRow } from "./row.js";

/** What a roller stands on. `rigs` are all known rigs, at the sites of an instant or of now; raw samples before `rawFromMs` and rows of rigs before `fineFromMs` are gone. */
export interface RollerOptions {
  telemetry: Pick<TelemetryStore, "raw" | "bucketsSince">;
  state: Pick<
    StateStore,
    "rollups" | "siteRollups" | "putRollups" | "newestRollup" | "setting" | "putSetting"
  >;
  rigs: (atMs?: number) => Iterable<KnownRig>;
  rawFromMs?: () => number;
  fineFromMs?: () => number;
  /** Has every row written by `write`, before or after whatever else; when it rejects, the rows stay due. */
  writing?: (
    rigs: readonly RollupRow[],
    sites: readonly SiteRollupRow[],
    write: () => Promise<void>,
  ) => Promise<void>;
  /** Hears of every row that was written. */
  written?: (rigs: readonly RollupRow[], sites: readonly SiteRollupRow[]) => void;
  /** How long after its end a bucket waits for samples on their way, ms. */
  graceMs?: number;
  /** How long a bucket that late data touches must be left alone before it is recomputed, ms. */
  quietMs?: number;
}

/** How many rows one step wrote, and whether it has left some that are due. */
export interface Closed {
  rigs: number;
  sites: number;
  more: boolean;
}
