import type { PoolState } from "../rigState.js";
import { inOnePiece } from "./numberText.js";

/** A fleet has a handful of pools; what came up before is kept, up to so many. */
const MOST_KEPT = 256;
const hosts = new Map<string, string>();

/** `pool.example.com` of a pool's url; empty where there is none. */
export function hostOf(url: string): string {
  let host = hosts.get(url);
  if (host === undefined) {
    host = url.split(/[/:]+/)[1] ?? "";
    if (hosts.size >= MOST_KEPT) hosts.clear();
    hosts.set(url, host);
  }
  return host;
}

/** Whether nothing was ever mined at a pool, and nothing is now: most of what it says is the same for every rig then. */
export const isUntouched = ({ active, shares }: PoolState): boolean =>
  !active &&
  shares.accepted === 0 &&
  shares.rejected === 0 &&
  shares.stale === 0 &&
  shares.lastShareAgoMs === undefined;

/** What stands before and behind the user in the object of a pool. */
export type Halves = readonly [before: string, behind: string];

/**
 * Remembers the halves of untouched pools, by url, place and whether they answer: two of three pools of every rig are such, and `rest`
 * has no say in them.
 */
export function keptHalves<Rest extends unknown[]>(
  make: (pool: PoolState, index: number, ...rest: Rest) => Halves,
) {
  const kept = new Map<string, Halves[]>();
  return (pool: PoolState, index: number, ...rest: Rest): Halves => {
    let own = kept.get(pool.url);
    if (own === undefined) {
      own = [];
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(pool.url, own);
    }
    const place = index * 2 + (pool.alive ? 1 : 0);
    let halves = own[place];
    if (halves === undefined) {
      const [before, behind] = make(pool, index, ...rest);
      halves = [inOnePiece(before), inOnePiece(behind)];
      own[place] = halves;
    }
    return halves;
  };
}
