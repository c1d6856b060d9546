/** What a rig's firmware was measured to take for its makers, from an instant on until the next such row, for {@link DEV_FEE_HOLDS_MS} at most. */
export interface DevFeeRow {
  rig: number;
  /** Start of the first 5 minutes that it counts for. */
  fromMs: number;
  /** 0–1, of the 24 hours before; undefined while less than an hour of them was measured. */
  share?: number | undefined;
  /** Difficulty that pools accepted in [sinceMs, toMs), since the row before: all of it, and that of the firmware's own pools. */
  sinceMs: number;
  toMs: number;
  acceptedDiff: number;
  devFeeDiff: number;
}

/** What firmwares were measured to take, by rig: kept so that a restart goes on from it, and hours are priced with it. */
export interface DevFeeStore {
  put(rows: readonly DevFeeRow[]): Promise<void>;
  /** Those that count from `fromMs` on or later, by rig and time. */
  since(fromMs: number): Promise<DevFeeRow[]>;
  drop(beforeMs: number): Promise<void>;
  /**
   * Start of the first 5 minutes for which the share of any rig is known, Infinity while there are none: before, the mean of its site is
   * all that is known. What is dropped need not move it.
   */
  readonly sinceMs: number;
}

/** Start of the first of some rows that has a share; Infinity where none has. */
export const firstShareMs = (rows: readonly DevFeeRow[]): number =>
  rows.reduce(
    (first, { share, fromMs }) => (share === undefined ? first : Math.min(first, fromMs)),
    Number.POSITIVE_INFINITY,
  );

/** So long a measured fee counts where nothing newer is measured. */
export const DEV_FEE_HOLDS_MS = 24 * 3_600_000;
