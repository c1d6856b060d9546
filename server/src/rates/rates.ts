import type { Input } from "@hashwatt/protocol/http";
import type { SiteRecord } from "../store/state/state.js";
import { perThHour } from "./hashprice/formula.js";
import { type RateTables, sourcesOf } from "./registry.js";
import { isStale, siteInputs } from "./siteInputs.js";
import { fillGaps, type RateKind, type RateSource, type Slot, slotAt, type TimeRange } from "./slot.js";

const KINDS = ["hashprice", "price", "carbon", "fx"] as const satisfies readonly RateKind[];
/** Age changes what is stale, and a slot may begin: what holds now is looked up again this often. */
const REFRESH_MS = 60_000;

/** What a site's live figures are made of, in its currency; an absent one is unknown. */
export interface SiteRates {
  currency: string;
  /** Per TH/s and hour, SHA-256 only. */
  hashpricePerThH?: number;
  pricePerKwh?: number;
  kgCo2PerKwh?: number;
  inputs: readonly Input[];
  /** An input of the profit is older than a day: no decision should rest on it. */
  stale: boolean;
  demo: boolean;
}

/** Looks up what holds for a site, now or over a range. */
export class Rates {
  readonly #tables: RateTables;
  readonly #sites = new Map<string, SiteRecord>();
  readonly #now = new Map<string, { fromMs: number; untilMs: number; rates: SiteRates }>();
  readonly #sources = new Map<string, RateSource[]>();

  constructor(tables: RateTables, sites: readonly SiteRecord[]) {
    this.#tables = tables;
    for (const site of sites) this.#sites.set(site.site, site);
  }

  /** The same rates for another time than the present: looking that up leaves what holds now where it is. */
  apart(): Rates {
    return new Rates(this.#tables, [...this.#sites.values()]);
  }

  /** Makes a site known or replaces what is known of it. */
  putSite(site: SiteRecord): void {
    this.#sites.set(site.site, site);
    this.#now.delete(site.site);
    for (const kind of KINDS) this.#sources.delete(`${kind} ${site.site}`);
  }

  /** What holds for a site now. Throws on a site that was never put: a caller's bug. */
  now(site: string, nowMs: number): SiteRates {
    const cached = this.#now.get(site);
    if (cached && nowMs < cached.untilMs && nowMs >= cached.fromMs) return cached.rates;
    const { rates, untilMs } = this.#lookUp(this.#siteOf(site), nowMs);
    this.#now.set(site, { fromMs: nowMs, untilMs, rates });
    return rates;
  }

  /** The slots of one kind over a range: at each moment of the best source that knows it. */
  slots(site: string, kind: RateKind, range: TimeRange): Slot[] {
    let known: Slot[] = [];
    for (const source of this.#sourcesOf(kind, site)) known = fillGaps(known, source.slots(range));
    return known.filter(({ startMs, endMs }) => startMs < range.toMs && endMs > range.fromMs);
  }

  #sourcesOf(kind: RateKind, site: string): RateSource[] {
    const key = `${kind} ${site}`;
    let sources = this.#sources.get(key);
    if (!sources) {
      sources = sourcesOf(kind, this.#siteOf(site), this.#tables);
      this.#sources.set(key, sources);
    }
    return sources;
  }

  #siteOf(site: string): SiteRecord {
    const record = this.#sites.get(site);
    if (!record) throw new RangeError(`no site "${site}"`);
    return record;
  }

  #lookUp(site: SiteRecord, nowMs: number): { rates: SiteRates; untilMs: number } {
    const range = { fromMs: nowMs, toMs: nowMs + REFRESH_MS };
    const now: Record<RateKind, Slot | undefined> = {
      hashprice: undefined,
      price: undefined,
      carbon: undefined,
      fx: undefined,
    };
    let untilMs = range.toMs;
    for (const kind of KINDS) {
      const slots = this.slots(site.site, kind, range);
      now[kind] = slotAt(slots, nowMs);
      // A price that changes on the hour does so at once.
      for (const { startMs, endMs } of slots)
        for (const edge of [startMs, endMs]) if (edge > nowMs && edge < untilMs) untilMs = edge;
    }
    const { hashprice, price, carbon } = now;
    const rates: SiteRates = {
      currency: site.currency,
      ...(hashprice && { hashpricePerThH: perThHour(hashprice.value) }),
      ...(price && { pricePerKwh: price.value }),
      ...(carbon && { kgCo2PerKwh: carbon.value }),
      inputs: siteInputs(site, this.#tables, now, nowMs),
      stale: hashprice !== undefined && isStale("hashprice", hashprice, nowMs),
      demo: site.demo,
    };
    return { rates, untilMs };
  }
}
