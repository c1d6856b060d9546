import { type KnownRig, UNKNOWN_ALGO } from "../rollup/fold.js";
import { BUCKET_MS } from "../rollup/row.js";
import type { Arrival, Stay } from "../store/state/ledger.js";
import type { Sighting } from "./sightings.js";

/** Arrivals by rig. */
export function byRig(arrivals: readonly Arrival[]): Map<number, readonly Arrival[]> {
  const all = new Map<number, Arrival[]>();
  for (const arrival of arrivals) {
    const own = all.get(arrival.rig);
    if (own) own.push(arrival);
    else all.set(arrival.rig, [arrival]);
  }
  return all;
}

/** The latest arrivals of rigs that are known elsewhere, or not at all. One that is new has always been there. */
export function newArrivals(
  rigs: Iterable<KnownRig>,
  known: ReadonlyMap<number, readonly Arrival[]>,
): Arrival[] {
  const fresh: Arrival[] = [];
  for (const { rig, site, toldMs, firstSeenMs } of rigs) {
    const own = known.get(rig) ?? [];
    const latest = own.at(-1);
    if (latest?.site === site) continue;
    const movedMs = Math.floor((toldMs ?? firstSeenMs) / BUCKET_MS) * BUCKET_MS;
    // An arrival before the latest one would be none.
    const sinceMs = own.length > 1 ? Math.max(movedMs, latest!.sinceMs) : movedMs;
    fresh.push({ rig, site, sinceMs: latest ? sinceMs : Number.NEGATIVE_INFINITY });
  }
  return fresh;
}

/** Arrivals of a rig that has come to a site at last. */
export function withArrival(own: readonly Arrival[], last: Arrival): Arrival[] {
  return merged([...own.filter(({ sinceMs }, i) => i === 0 || sinceMs < last.sinceMs), last]);
}

/** Arrivals of a rig that was elsewhere over [fromMs, toMs); before and after it stood where it is known to have stood. */
export function withSighting(own: readonly Arrival[], { rig, site, fromMs, toMs }: Sighting): Arrival[] {
  const next = own.findLast(({ sinceMs }, i) => i === 0 || sinceMs <= toMs)!;
  return merged([
    ...own.filter(({ sinceMs }, i) => i === 0 || sinceMs < fromMs),
    { rig, site, sinceMs: fromMs },
    { rig, site: next.site, sinceMs: toMs },
    ...own.filter(({ sinceMs }, i) => i > 0 && sinceMs > toMs),
  ]);
}

/** Arrivals without those at the site where a rig is already. */
export const merged = (own: readonly Arrival[]): Arrival[] =>
  own.filter(({ site }, i) => site !== own[i - 1]?.site);

/** Where every rig stood when. `arrivals` are sorted by rig and time. */
export function staysOf(rigs: Iterable<KnownRig>, arrivals: readonly Arrival[]): Stay[] {
  const all = byRig(arrivals);
  const stays: Stay[] = [];
  for (const { rig, site, algo = UNKNOWN_ALGO, firstSeenMs, gone = false } of rigs) {
    const own = all.get(rig) ?? [{ rig, site, sinceMs: Number.NEGATIVE_INFINITY }];
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
