import { type KnownRig, UNKNOWN_ALGO } from "../rollup/fold.js";
import { BUCKET_MS } from "../rollup/row.js";
import type { Arrival, Stay } from "../store/state/ledger.js";

/** Rigs whose latest arrival is not at the site where they are now. One that is new has always been there. */
export function newArrivals(rigs: Iterable<KnownRig>, arrivals: readonly Arrival[]): Arrival[] {
  const latest = new Map(arrivals.map(({ rig, site }) => [rig, site]));
  const fresh: Arrival[] = [];
  for (const { rig, site, toldMs, firstSeenMs } of rigs) {
    const known = latest.get(rig);
    if (known === site) continue;
    const movedMs = Math.floor((toldMs ?? firstSeenMs) / BUCKET_MS) * BUCKET_MS;
    fresh.push({ rig, site, sinceMs: known === undefined ? Number.NEGATIVE_INFINITY : movedMs });
  }
  return fresh;
}

/** Where every rig stood when. `arrivals` are sorted by rig and time. */
export function staysOf(rigs: Iterable<KnownRig>, arrivals: readonly Arrival[]): Stay[] {
  const byRig = new Map<number, Arrival[]>();
  for (const arrival of arrivals) {
    const held = byRig.get(arrival.rig);
    if (held) held.push(arrival);
    else byRig.set(arrival.rig, [arrival]);
  }
  const stays: Stay[] = [];
  for (const { rig, site, algo = UNKNOWN_ALGO, firstSeenMs, gone = false } of rigs) {
    const own = byRig.get(rig) ?? [{ rig, site, sinceMs: Number.NEGATIVE_INFINITY }];
    for (const [i, arrival] of own.entries()) {
      const toMs = own[i + 1]?.sinceMs ?? Number.POSITIVE_INFINITY;
      const fromMs = i === 0 ? Number.NEGATIVE_INFINITY : arrival.sinceMs;
      if (toMs <= fromMs) continue;
      const knownFromMs = Math.max(fromMs, Math.floor(firstSeenMs / BUCKET_MS) * BUCKET_MS);
      stays.push({ rig, site: arrival.site, fromMs, toMs, knownFromMs, algo, gone });
    }
  }
  return stays;
}

/** How many rigs of a site are expected in each bucket of [fromMs, toMs). */
export function expectedRigs(stays: readonly Stay[], site: string, fromMs: number, toMs: number): number[] {
  const counts = new Array<number>(Math.max(0, Math.ceil((toMs - fromMs) / BUCKET_MS))).fill(0);
  for (const stay of stays) {
    if (stay.site !== site || stay.gone) continue;
    const first = Math.max(0, Math.ceil((stay.knownFromMs - fromMs) / BUCKET_MS));
    const end = Math.min(counts.length, Math.ceil((stay.toMs - fromMs) / BUCKET_MS));
    for (let i = first; i < end; i++) counts[i]!++;
  }
  return counts;
}
