import type { Random } from "./random.js";

/** Share counters since the daemon's start, as every firmware keeps them. */
export interface ShareCounters {
  accepted: number;
  rejected: number;
  stale: number;
  /** Since the last accepted share; undefined before the first one. */
  lastShareAgoMs: number | undefined;
}

/** A daemon that has just been started. */
export const NO_SHARES: ShareCounters = { accepted: 0, rejected: 0, stale: 0, lastShareAgoMs: undefined };

const REJECTED_RATIO = 0.0025;
const STALE_RATIO = 0.0003;
const HASHES_PER_DIFFICULTY = 2 ** 32;

/** Shares of the pool's difficulty per second that this rate finds on average. */
export function sharesPerS(hashrateThs: number, poolDifficulty: number): number {
  return (hashrateThs * 1e12) / (poolDifficulty * HASHES_PER_DIFFICULTY);
}

/** The counters after another `elapsedMs` at this rate: finding a share is a Poisson process. */
export function countShares(
  before: ShareCounters,
  hashrateThs: number,
  poolDifficulty: number,
  elapsedMs: number,
  random: Random,
): ShareCounters {
  const expected = (sharesPerS(hashrateThs, poolDifficulty) * elapsedMs) / 1000;
  const accepted = random.poisson(expected * (1 - REJECTED_RATIO - STALE_RATIO));
  const ageMs = before.lastShareAgoMs === undefined ? undefined : before.lastShareAgoMs + elapsedMs;
  return {
    accepted: before.accepted + accepted,
    rejected: before.rejected + random.poisson(expected * REJECTED_RATIO),
    stale: before.stale + random.poisson(expected * STALE_RATIO),
    lastShareAgoMs: accepted > 0 ? random.uniform() * elapsedMs : ageMs,
  };
}

/** The counters of a daemon that has been running at this rate for `elapsedMs`. */
export function sharesSince(
  elapsedMs: number,
  hashrateThs: number,
  poolDifficulty: number,
  random: Random,
): ShareCounters {
  const counted = countShares(NO_SHARES, hashrateThs, poolDifficulty, elapsedMs, random);
  // The last share is seconds old, however long the daemon has been running.
  return counted.lastShareAgoMs === undefined
    ? counted
    : {
        ...counted,
        lastShareAgoMs: Math.min(counted.lastShareAgoMs, 1000 / sharesPerS(hashrateThs, poolDifficulty)),
      };
}
