/** Shares and hashrate are summed in parts of half an hour, of which nine reach over the last four hours. */
export const PART_MS = 1_800_000;
export const PARTS = 9;
/** Restarts that are kept in mind. */
export const RESTARTS = 4;

/** Numbers that must be exact: counters and times. */
export const EXACT = {
  atMs: 0,
  accepted: 1,
  rejected: 2,
  diff: 3,
  hwErrors: 4,
  uptimeS: 5,
  partMs: 6,
  tempMs: 7,
  restartMs: 8,
};
export const EXACT_SIZE = EXACT.restartMs + RESTARTS;
/** Numbers of which six digits are enough. Of the first {@link KEPT} earlier versions wrote a text. */
export const ROUGH = {
  usualThs: 0,
  usualJPerTh: 1,
  settledMin: 2,
  efficientMin: 3,
  boards: 4,
  chips: 5,
  powerReadings: 6,
  usualMHz: 7,
  recentThs: 8,
  recentJPerTh: 9,
  tempC: 10,
  beforeTempC: 11,
  parts: 12,
};
export const KEPT = 8;
/** Of each part: shares accepted, rejected, difficulty accepted, TH hashed, hardware errors. */
export const PART = { accepted: 0, rejected: 1, diff: 2, th: 3, hwErrors: 4 };
export const PART_SIZE = 5;
export const ROUGH_SIZE = ROUGH.parts + PARTS * PART_SIZE;

/** Sums over the last hours of a rig, as far as its counters tell. */
export interface RecentWork {
  accepted: number;
  rejected: number;
  /** Difficulty of the accepted shares. */
  acceptedDiff: number;
  /** TH that its reported hashrate makes. */
  hashedTh: number;
  hwErrors: number;
}

/** A rig that has just begun to mine is not yet as it usually is. */
const SETTLED_S = 1_800;

/** Whether a rig that tells how long it runs has run long enough; one that does not is taken as it is. */
export const isSettled = (uptimeS: number | undefined): boolean =>
  uptimeS === undefined || uptimeS >= SETTLED_S;
