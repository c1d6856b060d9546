import type { Input } from "@hashwatt/protocol/http";
import { Zone } from "@hashwatt/protocol/zone";
import { isSha256 } from "../economics/figures.js";
import { type Matched, matchLoad, type Supply } from "../economics/matching.js";
import type { SiteRecord } from "../store/state/state.js";
import { suppliesOver } from "./carbon/contract.js";
import { perThHour } from "./hashprice/formula.js";
import { algoOfSeries, poolSeries, revenueSeries } from "./hashprice/revenueSeries.js";
import { otherRates } from "./otherRates.js";
import { type DevFeeIn, poolAlgo } from "./pools/pool.js";
import { poolChange } from "./pools/poolChange.js";
import { type RigPools, rigPools } from "./pools/rigPools.js";
import { changedRange } from "./putSlots.js";
import { quietSeries } from "./quietSeries.js";
import { otherHashprice, poolFactors, priceContextOf, type RateTables, sourcesOf } from "./registry.js";
import { ratesUsing } from "./seriesUse.js";
import { isStale, siteInputs } from "./siteInputs.js";
import { RATES_OF_TERMS, type SiteTerms } from "./siteTerms.js";
import {
  bestSlots,
  meanOver,
  RATE_KINDS,
  type RateKind,
  type RateSource,
  type Slot,
  slotAt,
  type TimeRange,
} from "./slot.js";
import { type PriceContext, startOf } from "./tariffs/energyPrice.js";
import type { Tariff } from "./tariffs/tariff.js";

/** Age changes what is stale, and a slot may begin: what holds now is looked up again this often. */
const REFRESH_MS = 60_000;
/** Prices are known for so long ahead at most: a change of terms is looked at until then. */
const AHEAD_MS = 2 * 86_400_000;

/** What a site's live figures are made of, in its currency; an absent one is unknown. */
export interface SiteRates {
  currency: string;
  /** Per TH/s and hour, SHA-256 only, after what the pool takes. */
  hashpricePerThH?: number;
  /** The same of other algorithms, by the name of their series; absent where none is told. */
  otherPerThH?: ReadonlyMap<string, number>;
  /** Where the firmware's fee is measured by rig; what is above has their mean by hashrate. */
  rigPools?: RigPools;
  pricePerKwh?: number;
  kgCo2PerKwh?: number;
  inputs: readonly Input[];
  /** SHA-256's hashprice is older than a day: no decision should rest on it. */
  stale: boolean;
  /** The same of other algorithms, by the name of their series; absent where all are fresh. */
  otherStale?: ReadonlySet<string>;
  demo: boolean;
}

/** Series of intensities by site. */
export type LiveSeries = Pick<RateTables, "liveCarbon" | "liveMarginal">;

/** Hears over which range a rate of a site has other values than before. */
export type RateListener = (site: string, kind: RateKind, range: TimeRange) => void;

/** Looks up what holds for a site, now or over a range. */
export class Rates {
  #tables: RateTables;
  readonly #terms: Map<string, SiteTerms>;
  readonly #sites = new Map<string, SiteRecord>();
  readonly #now = new Map<string, { fromMs: number; untilMs: number; rates: SiteRates }>();
  readonly #sources = new Map<string, RateSource[]>();
  readonly #listeners = new Set<RateListener>();

  constructor(tables: RateTables, sites: readonly SiteRecord[]) {
    this.#terms = new Map(tables.terms);
    this.#tables = { ...tables, terms: this.#terms };
    for (const site of sites) this.#sites.set(site.site, site);
    tables.series?.onChange((series, range) => this.#seriesChanged(series, range));
  }

  /** The same rates for another time than the present: looking that up leaves what holds now where it is. */
  apart(terms: ReadonlyMap<string, SiteTerms> = this.#terms): Rates {
    const { series, ...tables } = this.#tables;
    // It hears of no change, and is gone when nobody looks at it any more.
    return new Rates({ ...tables, terms, series: series && quietSeries(series) }, [...this.#sites.values()]);
  }

  /** Makes a site known or replaces what is known of it. */
  putSite(site: SiteRecord): void {
    this.#sites.set(site.site, site);
    this.#forget(site.site);
  }

  /** What an operator has set for a site; empty where nothing is. */
  terms(site: string): SiteTerms {
    return this.#terms.get(site) ?? {};
  }

  /** Replaces what an operator has set for a site, and tells which values that changes, up to two days ahead of `nowMs`. */
  setTerms(site: string, terms: SiteTerms, nowMs: number): void {
    const changed = this.termsChange(site, terms, nowMs);
    this.#terms.set(site, terms);
    this.#forget(site);
    for (const { kind, range } of changed) this.#tell(site, kind, range);
  }

  /** Where sites' figures of carbon are taken from, from now on; tells which values that changes. */
  setLive(live: LiveSeries, nowMs: number): void {
    const changed = this.liveChange(live, nowMs);
    this.#tables = { ...this.#tables, ...live };
    for (const { site } of changed) this.#forget(site);
    for (const { site, kind, range } of changed) this.#tell(site, kind, range);
  }

  /** Which values that would change, of which sites; nothing is. */
  liveChange(live: LiveSeries, nowMs: number): { site: string; kind: RateKind; range: TimeRange }[] {
    const range = { fromMs: this.#tables.sinceMs ?? 0, toMs: nowMs + AHEAD_MS };
    const then = { ...this.#tables, ...live };
    return [...this.#sites.values()].flatMap((record) =>
      (["carbon", "marginal"] as const).flatMap((kind) => {
        const is = bestSlots(sourcesOf(kind, record, then), range);
        const changed = changedRange(this.slots(record.site, kind, range), is);
        return changed ? [{ site: record.site, kind, range: changed }] : [];
      }),
    );
  }

  /** Which values other terms would change, up to two days ahead of `nowMs`; nothing is. */
  termsChange(site: string, terms: SiteTerms, nowMs: number): { kind: RateKind; range: TimeRange }[] {
    const record = this.#siteOf(site);
    const before = this.terms(site);
    const range = { fromMs: this.#tables.sinceMs ?? 0, toMs: nowMs + AHEAD_MS };
    const then = { ...this.#tables, terms: new Map([[site, terms]]) };
    return Object.entries(RATES_OF_TERMS).flatMap(([term, kind]) => {
      const [was, is] = [before[term as keyof SiteTerms], terms[term as keyof SiteTerms]];
      if (JSON.stringify(was) === JSON.stringify(is)) return [];
      // Contracts meet the load of each hour: all hours that they hold for are others.
      if (term === "contracts") {
        const zone = Zone.of(record.zone);
        const starts = [...(before.contracts ?? []), ...(terms.contracts ?? [])].map(({ validFrom }) =>
          startOf(validFrom, zone),
        );
        return [{ kind, range: { ...range, fromMs: Math.max(range.fromMs, Math.min(...starts)) } }];
      }
      const changed =
        term === "pools"
          ? poolChange(record, [this.#tables, then], range)
          : changedRange(this.slots(site, kind, range), bestSlots(sourcesOf(kind, record, then), range));
      return changed ? [{ kind, range: changed }] : [];
    });
  }

  /** Says that a rate of a site has other values over a range, for a reason that is not among the terms or the series. */
  changed(site: string, kind: RateKind, range: TimeRange): void {
    this.#now.delete(site);
    this.#tell(site, kind, range);
  }

  /** The same rates, with other terms of one site: for a look at what they would be. */
  withTerms(site: string, terms: SiteTerms): Rates {
    return this.apart(new Map([...this.#terms, [site, terms]]));
  }

  /** What the prices of a site's tariff rest on beside the clock. */
  priceContext(site: string, tariff: Tariff): PriceContext {
    return priceContextOf(this.#siteOf(site), this.#tables)(tariff);
  }

  /** Calls `listener` for each change of values; the result takes it off. */
  onChange(listener: RateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
    return bestSlots(this.#sourcesOf(kind, site), range);
  }

  /**
   * What an algorithm earns in the site's currency per PH/s and day, before any fee; empty where nobody knows. Algorithms are never
   * summed with each other.
   */
  hashprice(site: string, algo: string, range: TimeRange): Slot[] {
    if (isSha256(algo)) return this.slots(site, "hashprice", range);
    const source = otherHashprice(this.#siteOf(site), this.#tables, revenueSeries(algo));
    return source.slots(range).filter(({ startMs, endMs }) => startMs < range.toMs && endMs > range.fromMs);
  }

  /** What pools leave of the hashprice of an algorithm; a gap where none is set for it. */
  poolFactor(site: string, algo: string, range: TimeRange, devFeeIn: DevFeeIn = "mean"): Slot[] {
    if (isSha256(algo) && devFeeIn === "mean") return this.slots(site, "poolFactor", range);
    return bestSlots(poolFactors(this.#siteOf(site), this.#tables, algo, devFeeIn), range);
  }

  /**
   * What the ledger prices algorithms other than SHA-256 with, by name: `revenue/scrypt` is a hashprice, `poolFactor/scrypt` what pools
   * leave of it where the algorithm has its own.
   */
  otherFactors(site: string, range: TimeRange): Map<string, Slot[]> {
    const known = this.otherHashprices(site, range);
    for (const algo of new Set((this.terms(site).pools ?? []).map(poolAlgo)))
      if (algo !== "" && algo !== "sha256") known.set(poolSeries(algo), this.poolFactor(site, algo, range));
    return known;
  }

  /** The same of every algorithm but SHA-256 that a series tells of, by the name of the series; those unknown over the range are left out. */
  otherHashprices(site: string, range: TimeRange): Map<string, Slot[]> {
    const known = new Map<string, Slot[]>();
    for (const series of this.#tables.series?.names("revenue/") ?? []) {
      const algo = algoOfSeries(series);
      const slots = isSha256(algo) ? [] : this.hashprice(site, algo, range);
      if (slots.length) known.set(series, slots);
    }
    return known;
  }

  /**
   * Market-based carbon of an interval in which a site draws `loadKwh`: what its contracts supply of it in that very interval, and the
   * rest at `carbonMarket`. Undefined where a factor or the generation of a contract is not known.
   */
  marketCarbon(site: string, range: TimeRange, loadKwh: number): Matched | undefined {
    const residual = meanOver(this.slots(site, "carbonMarket", range), range);
    if (residual === undefined) return undefined;
    const supplies = this.supplies(site, range, loadKwh);
    return supplies && matchLoad(loadKwh, supplies, residual);
  }

  /** What contracts supply in an interval in which a site draws `loadKwh`; undefined where the generation of one is not known. */
  supplies(site: string, range: TimeRange, loadKwh: number): Supply[] | undefined {
    return suppliesOver(
      this.terms(site).contracts ?? [],
      Zone.of(this.#siteOf(site).zone),
      range,
      loadKwh,
      (series, within) => this.#tables.series?.slots(series, within) ?? [],
    );
  }

  #seriesChanged(series: string, range: TimeRange): void {
    for (const site of this.#sites.values()) {
      const kinds = ratesUsing(series, site, this.#tables);
      if (!kinds.length) continue;
      this.#forget(site.site);
      for (const kind of kinds) this.#tell(site.site, kind, range);
    }
  }

  #tell(site: string, kind: RateKind, range: TimeRange): void {
    for (const listener of this.#listeners) listener(site, kind, range);
  }

  #forget(site: string): void {
    this.#now.delete(site);
    for (const kind of RATE_KINDS) this.#sources.delete(`${kind} ${site}`);
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
    const now: Partial<Record<RateKind, Slot>> = {};
    let untilMs = range.toMs;
    for (const kind of RATE_KINDS) {
      const slots = this.slots(site.site, kind, range);
      const slot = slotAt(slots, nowMs);
      if (slot) now[kind] = slot;
      // A price that changes on the hour does so at once.
      for (const { startMs, endMs } of slots)
        for (const edge of [startMs, endMs]) if (edge > nowMs && edge < untilMs) untilMs = edge;
    }
    const { hashprice, price, carbon } = now;
    const byRig = rigPools((...of) => this.poolFactor(site.site, "sha256", ...of), hashprice, range);
    const leftOf = (series: string) =>
      slotAt(this.poolFactor(site.site, algoOfSeries(series), range), nowMs)?.value ?? 1;
    const [others, more] = [new Map<string, Slot>(), new Map<string, Slot>()];
    for (const series of this.#tables.series?.names("revenue/") ?? []) {
      const slot = slotAt(otherHashprice(site, this.#tables, series).slots(range), nowMs);
      if (slot) others.set(series, slot);
    }
    for (const [series, slots] of this.otherFactors(site.site, range)) {
      const slot = series.startsWith("poolFactor/") ? slotAt(slots, nowMs) : undefined;
      if (slot) more.set(series, slot);
    }
    const rates: SiteRates = {
      currency: site.currency,
      ...(hashprice && { hashpricePerThH: perThHour(hashprice.value * (now.poolFactor?.value ?? 1)) }),
      ...(byRig && { rigPools: byRig }),
      ...otherRates(others, leftOf, nowMs),
      ...(price && { pricePerKwh: price.value }),
      ...(carbon && { kgCo2PerKwh: carbon.value }),
      inputs: siteInputs(site, this.#tables, { ...now, others: new Map([...others, ...more]) }, nowMs),
      stale: hashprice !== undefined && isStale("hashprice", hashprice, nowMs),
      demo: site.demo,
    };
    return { rates, untilMs };
  }
}
