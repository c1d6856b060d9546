import { z } from "zod";
import type { KnownRig } from "../rollup/fold.js";
import { BUCKET_MS, bucketOf } from "../rollup/row.js";
import type { Stay } from "../store/state/ledger.js";

/** Setting that holds sightings until the ledger has taken them up. */
export const SIGHTINGS_SETTING = "ledger.sightings";
/** Stretches kept at most: eight times as many as there can be rigs. A reading beyond counts for the site where its rig is known. */
const MAX_SIGHTINGS = 400_000;

const savedSchema = z.array(z.tuple([z.string(), z.number(), z.number(), z.array(z.int())]));

/** Whole buckets, [fromMs, toMs), of which late readings of a rig came from a site where it is not known to have been. */
export interface Sighting {
  rig: number;
  site: string;
  fromMs: number;
  toMs: number;
}

/**
 * Where late readings say that rigs were: a reading is of the site whose agent took it, and a rig that moves is described at its new
 * site only once its agent reaches the server, which may be hours after the first reading there. What is live tells of the present
 * alone, and that is known from the rig's description.
 */
export class Sightings {
  /** By rig, apart from each other. One that grows is replaced, so that who holds a list of them has them as they were. */
  readonly #seen = new Map<number, readonly Sighting[]>();
  /** The site of a rig that has stood at one alone, else its stays. */
  #known = new Map<number, string | readonly Stay[]>();
  #count = 0;
  #isUnsaved = false;

  /** A late reading of a rig came from an agent of that site; one that was not answered is none. */
  see(rig: number, site: string, atMs: number): void {
    // Nearly all there are: they pay for two look-ups alone.
    if (this.#known.get(rig) === site && !this.#seen.has(rig)) return;
    const fromMs = bucketOf(atMs);
    if (this.#placeAt(rig, fromMs)?.site === site) return;
    const toMs = fromMs + BUCKET_MS;
    const own = this.#seen.get(rig) ?? [];
    const others = own.flatMap((held) => without(held, fromMs, toMs));
    const beside = others.find(
      (held) => held.site === site && (held.toMs === fromMs || held.fromMs === toMs),
    );
    if (!beside && this.#count >= MAX_SIGHTINGS) return;
    const grown = {
      ...{ rig, site },
      fromMs: Math.min(fromMs, beside?.fromMs ?? fromMs),
      toMs: Math.max(toMs, beside?.toMs ?? toMs),
    };
    this.#put(rig, [...others.filter((held) => held !== beside), grown]);
    if (this.#known.has(rig)) this.#isUnsaved = true;
  }

  #put(rig: number, sightings: readonly Sighting[]): void {
    this.#count += sightings.length - (this.#seen.get(rig)?.length ?? 0);
    if (sightings.length) this.#seen.set(rig, sightings);
    else this.#seen.delete(rig);
  }

  /** What is not taken up yet. */
  list(): Sighting[] {
    return [...this.#seen.values()].flat();
  }

  /** Where rigs stood when, after `takenUp`, of `list`, was taken up. */
  settle(stays: readonly Stay[], takenUp: readonly Sighting[]): void {
    this.#known = new Map();
    for (const stay of stays) {
      const held = this.#known.get(stay.rig);
      if (typeof held === "object") this.#known.set(stay.rig, [...held, stay]);
      else if (stay.toMs < Number.POSITIVE_INFINITY) this.#known.set(stay.rig, [stay]);
      else this.#known.set(stay.rig, stay.site);
    }
    const done = new Set(takenUp);
    for (const rig of new Set(takenUp.map((each) => each.rig)))
      this.#put(
        rig,
        (this.#seen.get(rig) ?? []).filter((held) => !done.has(held)),
      );
    if (takenUp.length) this.#isUnsaved = true;
  }

  /** Whether it is known where a rig stood. */
  knows(rig: number): boolean {
    return this.#known.has(rig);
  }

  /** Whether a rig is known to have stood at another site at an instant. */
  isElsewhere(rig: number, site: string, atMs: number): boolean {
    const place = this.#placeAt(rig, bucketOf(atMs));
    return place !== undefined && place.site !== site;
  }

  /** Rigs with the site where they stood at an instant. */
  *placed(rigs: Iterable<KnownRig>, atMs: number): Iterable<KnownRig> {
    for (const rig of rigs) {
      const place = this.#placeAt(rig.rig, atMs);
      // Of a move that was heard of since the stays were made they do not know.
      const isThere =
        !place || place.site === rig.site || (place.isLast && atMs >= bucketOf(rig.toldMs ?? 0));
      yield isThere ? rig : { ...rig, site: place.site };
    }
  }

  #placeAt(rig: number, atMs: number): { site: string; isLast: boolean } | undefined {
    const holds = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => atMs >= fromMs && atMs < toMs;
    const seen = this.#seen.get(rig)?.find(holds);
    if (seen) return { site: seen.site, isLast: false };
    const known = this.#known.get(rig);
    if (typeof known === "string") return { site: known, isLast: true };
    const stay = known?.find(holds);
    return stay && { site: stay.site, isLast: stay.toMs === Number.POSITIVE_INFINITY };
  }

  /** The text to keep in the state before the readings that it is of; undefined while it is there already. */
  takeText(): string | undefined {
    if (!this.#isUnsaved) return undefined;
    this.#isUnsaved = false;
    // Rigs move in crowds: what an agent brings is of all of its rigs and the same time.
    const groups = new Map<string, z.infer<typeof savedSchema>[number]>();
    for (const { rig, site, fromMs, toMs } of this.list()) {
      if (!this.#known.has(rig)) continue;
      const key = `${site} ${fromMs} ${toMs}`;
      const group = groups.get(key) ?? [site, fromMs, toMs, []];
      groups.set(key, group);
      group[3].push(rig);
    }
    return JSON.stringify([...groups.values()]);
  }

  /** What `takeText` gave could not be kept. */
  putBack(): void {
    this.#isUnsaved = true;
  }

  /** Takes up what a former run has kept. Throws for a text that is none. */
  restore(text: string): void {
    for (const [site, fromMs, toMs, rigs] of savedSchema.parse(JSON.parse(text)))
      for (const rig of rigs) this.#put(rig, [...(this.#seen.get(rig) ?? []), { rig, site, fromMs, toMs }]);
  }
}

/** What is left of a sighting without a bucket. */
function without(held: Sighting, fromMs: number, toMs: number): Sighting[] {
  if (held.toMs <= fromMs || held.fromMs >= toMs) return [held];
  const parts = [
    { ...held, toMs: fromMs },
    { ...held, fromMs: toMs },
  ];
  return parts.filter((part) => part.toMs > part.fromMs);
}
