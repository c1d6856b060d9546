import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { TimeRange } from "../rates/slot.js";
import type { KnownRig } from "../rollup/fold.js";
import type { StateStore } from "../store/state/state.js";
import type { Sightings } from "./sightings.js";
import type { BucketParts } from "./siteBuckets.js";

/** What the pricer stands on. */
export interface PricerOptions extends Omit<BucketParts, "ledger"> {
  state: Pick<StateStore, "ledger" | "rollups" | "setting" | "putSetting" | "oldestRollup">;
  rigs: () => Iterable<KnownRig>;
  /** Where late readings say that rigs were; absent = none come in late. */
  sightings?: Sightings;
  sites: () => Iterable<{ site: string }>;
  /** Sites that have meters, and so a ledger without a rig too. */
  meteredSites: readonly string[];
  /** Older hours are not looked at when the server starts: nothing is left to price them from. */
  keepMs: number;
  /** Has hours of the ledger written by `write`, once others that keep them too have noted that they change. */
  booking?: ((hours: TimeRange, write: () => Promise<void>) => Promise<void>) | undefined;
  clock: Clock;
  log: Pick<Logger, "info" | "error">;
  /** Rests between two slices that took so long; rejects when `signal` aborts. */
  rest?: (tookMs: number, signal: AbortSignal) => Promise<void>;
}
