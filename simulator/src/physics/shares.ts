import type { Random } from "../random.js";
import type { Draft } from "./draft.js";

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
export type Miner = Pick<
  Draft,
  "given" | "shares" | "pools" | "activePool" | "untilShare" | "shareAtMs" | "clockMs"
>;

/** Shares of the pool's difficulty per second that this rate finds on average. */
export function sharesPerS(hashrateThs: number, poolDifficulty: number): number {
  return (hashrateThs * 1e12) / (poolDifficulty * HASHES_PER_DIFFICULTY);
}

/** Work until the next share, over what one takes on average: finding them is a Poisson process. */
export function nextShare(noise: number, random: Random): number {
  return noise === 0 ? 1 : -Math.log(1 - random.uniform());
}

/** The chances of a share to be stale, and to be turned down, at this pool. */
function chances({ given, pools, activePool }: Miner): { stale: number; rejected: number } {
  if (given.noise === 0) return { stale: 0, rejected: 0 };
  const pool = pools[activePool];
  return { stale: STALE_RATIO + (pool?.latencyMs ?? 0) / BLOCK_MS, rejected: pool?.rejectRatio ?? 0 };
}

type Found = { accepted: number; rejected: number; stale: number; lastAgoMs: number | undefined };

/** Shares that come one by one: each at its moment, so that the count does not depend on how a span is divided. */
function foundSingly(miner: Miner, ratePerS: number, elapsedMs: number, random: Random): Found {
  const found: Found = { accepted: 0, rejected: 0, stale: 0, lastAgoMs: undefined };
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
      found.lastAgoMs = (work / ratePerS) * 1000;
    }
  }
  miner.untilShare -= work;
  return found;
}

function foundTogether(miner: Miner, ratePerS: number, elapsedMs: number, random: Random): Found {
  const expected = (ratePerS * elapsedMs) / 1000;
  const { stale, rejected } = chances(miner);
  if (miner.given.noise === 0)
    return { accepted: Math.round(expected), rejected: 0, stale: 0, lastAgoMs: 500 / ratePerS };
  return {
    accepted: random.poisson(expected * (1 - stale - rejected)),
    stale: random.poisson(expected * stale),
    rejected: random.poisson(expected * rejected),
    lastAgoMs: Math.min(elapsedMs, (1000 / ratePerS) * nextShare(1, random)),
  };
}

/**
 * Lets a rig hash for `elapsedMs`, to the moment `clockMs + elapsedMs`, at `ratePerS` shares and counts what its active pool makes of
 * them; changes `miner`, but for its clock.
 */
export function findShares(miner: Miner, ratePerS: number, elapsedMs: number, random: Random): void {
  const pool = miner.pools[miner.activePool];
  const paid = ratePerS * (1 - miner.given.divertedRatio);
  if (pool?.alive !== true || paid <= 0) return;
  const work = (paid * elapsedMs) / 1000;
  if (work < miner.untilShare) {
    miner.untilShare -= work;
    return;
  }
  const { accepted, rejected, stale, lastAgoMs } = (work > MANY ? foundTogether : foundSingly)(
    miner,
    paid,
    elapsedMs,
    random,
  );
  const { shares } = miner;
  pool.shares.accepted += accepted;
  pool.shares.rejected += rejected;
  pool.shares.stale += stale;
  shares.accepted += accepted;
  shares.rejected += rejected;
  shares.stale += stale;
  if (lastAgoMs !== undefined) miner.shareAtMs[miner.activePool] = miner.clockMs + elapsedMs - lastAgoMs;
}

/** Writes down how old the last shares are by now. */
export function age({
  shares,
  pools,
  shareAtMs,
  clockMs,
}: Omit<Miner, "given" | "activePool" | "untilShare">): void {
  let last: number | undefined;
  for (let i = 0; i < pools.length; i++) {
    const atMs = shareAtMs[i];
    (pools[i] as Miner["pools"][number]).shares.lastShareAgoMs =
      atMs === undefined ? undefined : clockMs - atMs;
    if (atMs !== undefined && (last === undefined || atMs > last)) last = atMs;
  }
  shares.lastShareAgoMs = last === undefined ? undefined : clockMs - last;
}
