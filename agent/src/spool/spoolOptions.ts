import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { Disk } from "./disk.js";

/** Bounds of a spool; what exceeds them goes oldest first, counted and logged. */
export interface SpoolLimits {
  maxBytes: number;
  maxAgeMs: number;
  segmentBytes: number;
}

/** What a spool needs to be told. */
export interface SpoolOptions extends SpoolLimits {
  folder: string;
  clock: Clock;
  log: Logger;
  /** The oldest batches of `stream` are gone; `first` is the oldest that is left, or the one to come. */
  onDropped(stream: string, first: number): void;
  disk?: Disk;
  /** Bound of what is kept in memory while the disk refuses. */
  memoryBytes?: number;
}
