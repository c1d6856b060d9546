/** Length of a rollup bucket, ms. */
export const BUCKET_MS = 300_000;
/** Length of the second tier, ms: the fold of twelve buckets. */
export const HOUR_MS = 3_600_000;

/** Where the bucket, and the hour, begins that an instant lies in, epoch ms. */
export const bucketOf = (ms: number): number => Math.floor(ms / BUCKET_MS) * BUCKET_MS;
export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** Mean and extremes of one quantity over the covered part of a bucket; absent where nothing was measured. */
export interface Spread {
  min: number;
  /** Time-weighted. */
  mean: number;
  max: number;
}

/**
 * One rig over one bucket (5 minutes, or an hour as the fold of twelve). A pure function of the raw samples of the bucket
 * and the one before. `*CoveredMs` is the time for which the quantity was known by sample-and-hold; the rest is unknown, not 0.
 * A rig known to stand still (sleeping, idle, fault) with a reported 0 is covered; an unreachable one is not.
 */
export interface RollupRow {
  rig: number;
  startMs: number;
  stepMs: number;
  algo?: string;
  samples: number;
  /** Time under any held reading. */
  coveredMs: number;
  /** Time with status mining or starting. */
  miningMs: number;
  hashCoveredMs: number;
  /** TH/s × h. */
  thsHours: number;
  powerCoveredMs: number;
  kwh: number;
  /** kWh by power source, in the order of POWER_SOURCES. */
  kwhBySource: number[];
  hashrateThs?: Spread;
  powerW?: Spread;
  inletTempC?: Spread;
  boardTempC?: Spread;
  chipTempC?: Spread;
  fanRpm?: Spread;
  /** Share counters gained, restarts of the daemon respected; absent where not reported. */
  accepted?: number;
  rejected?: number;
  stale?: number;
  acceptedDiff?: number;
}

/** One site and algorithm over one bucket: sums over rigs. `rigMs` is rigs known × bucket, what coverage is a share of. */
export interface SiteRollupRow {
  site: string;
  algo: string;
  startMs: number;
  stepMs: number;
  rigMs: number;
  coveredMs: number;
  miningMs: number;
  hashCoveredMs: number;
  thsHours: number;
  powerCoveredMs: number;
  kwh: number;
  kwhBySource: number[];
  /** Longest time for which any one rig's hashrate was known: what a gap of the whole site leaves. */
  hashSpanMs: number;
  /** The same for power. */
  powerSpanMs: number;
  /** Sum of what the rigs were sold for; absent while one of them is unknown. */
  nominalThs?: number;
}
