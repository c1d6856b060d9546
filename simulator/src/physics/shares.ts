import type { Random } from "../random.js";
import type { Conditions, PoolState } from "../rigState.js";

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

/** Late for reasons of the rig's own: a job that was replaced while a chip worked on it. */
const STALE_RATIO = 0.0003;
/** A share that is under way when the network finds a block is stale; blocks come every ten minutes. */
const BLOCK_MS = 600_000;
const HASHES_PER_DIFFICULTY = 2 ** 32;
/** From so many expected shares on they are drawn together and not one by one. */
const MANY = 64;

/** What changes in a rig when it finds shares. */
export interface Miner {
  given: Conditions;
  shares: ShareCounters;
  pools: readonly PoolState[];
  activePool: number;
  untilShare: number;
}

/** Shares of the pool's difficulty per second that this rate finds on average. */
export function sharesPerS(hashrateThs: number, poolDifficulty: number): number {
  return (hashrateThs * 1e12) / (poolDifficulty * HASHES_PER_DIFFICULTY);
}

/** Work until the next share, over what one takes on average: finding them is a Poisson process. */
export function nextShare(noise: number, random: Random): number {
  return noise === 0 ? 1 : -Math.log(1 - random.uniform());
}

/** The same counters so much later. */
export function older(counters: ShareCounters, elapsedMs: number): ShareCounters {
  const { lastShareAgoMs } = counters;
  return lastShareAgoMs === undefined
    ? counters
    : { ...counters, lastShareAgoMs: lastShareAgoMs + elapsedMs };
}

/** Ages all counters of a rig by the whole of a step; what is found within it says how long before the step's end. */
export function age(miner: Miner, elapsedMs: number): void {
  miner.shares = older(miner.shares, elapsedMs);
  miner.pools = miner.pools.map((pool) =>
    pool.shares.lastShareAgoMs === undefined ? pool : { ...pool, shares: older(pool.shares, elapsedMs) },
  );
}

function added(to: ShareCounters, found: ShareCounters): ShareCounters {
  return {
    accepted: to.accepted + found.accepted,
    rejected: to.rejected + found.rejected,
    stale: to.stale + found.stale,
    lastShareAgoMs: found.lastShareAgoMs ?? to.lastShareAgoMs,
  };
}

/** The chances of a share to be stale, and to be turned down, at this pool. */
function chances({ given, pools, activePool }: Miner): { stale: number; rejected: number } {
  if (given.noise === 0) return { stale: 0, rejected: 0 };
  const pool = pools[activePool];
  return { stale: STALE_RATIO + (pool?.latencyMs ?? 0) / BLOCK_MS, rejected: pool?.rejectRatio ?? 0 };
}

/** Shares that come one by one: each at its moment, so that the count does not depend on how a span is divided. */
function foundSingly(miner: Miner, ratePerS: number, elapsedMs: number, random: Random): ShareCounters {
  const found = { ...NO_SHARES };
  const { stale, rejected } = chances(miner);
  let work = (ratePerS * elapsedMs) / 1000;
  while (work >= miner.untilShare) {
    work -= miner.untilShare;
    miner.untilShare = nextShare(miner.given.noise, random);
    const fate = miner.given.noise === 0 ? 1 : random.uniform();
    if (fate < stale) found.stale++;
    else if (fate < stale + rejected) found.rejected++;
    else {
      found.accepted++;
      found.lastShareAgoMs = (work / ratePerS) * 1000;
    }
  }
  miner.untilShare -= work;
  return found;
}

function foundTogether(miner: Miner, ratePerS: number, elapsedMs: number, random: Random): ShareCounters {
  const expected = (ratePerS * elapsedMs) / 1000;
  const { stale, rejected } = chances(miner);
  if (miner.given.noise === 0)
    return { ...NO_SHARES, accepted: Math.round(expected), lastShareAgoMs: 500 / ratePerS };
  return {
    accepted: random.poisson(expected * (1 - stale - rejected)),
    stale: random.poisson(expected * stale),
    rejected: random.poisson(expected * rejected),
    lastShareAgoMs: Math.min(elapsedMs, (1000 / ratePerS) * nextShare(1, random)),
  };
}

/**
 * Lets a rig hash for `elapsedMs` at `ratePerS` shares and counts what its active pool makes of them; `leftMs` of the step are still to
 * come. Changes `miner`.
 */
export function findShares(
  miner: Miner,
  ratePerS: number,
  elapsedMs: number,
  leftMs: number,
  random: Random,
): void {
  const pool = miner.pools[miner.activePool];
  if (pool?.alive !== true || ratePerS <= 0) return;
  const paid = ratePerS * (1 - miner.given.divertedRatio);
  if (paid <= 0) return;
  const many = (paid * elapsedMs) / 1000 > MANY;
  if (!many && (paid * elapsedMs) / 1000 < miner.untilShare) {
    miner.untilShare -= (paid * elapsedMs) / 1000;
    return;
  }
  const found = (many ? foundTogether : foundSingly)(miner, paid, elapsedMs, random);
  if (found.accepted + found.rejected + found.stale === 0) return;
  // Whole ms, so that ages add up to the same however a span is divided.
  if (found.lastShareAgoMs !== undefined) found.lastShareAgoMs = Math.round(found.lastShareAgoMs + leftMs);
  const shares = added(pool.shares, found);
  miner.shares = added(miner.shares, found);
  miner.pools = miner.pools.map((other, i) => (i === miner.activePool ? { ...other, shares } : other));
}
