import { Zone } from "@hashwatt/protocol/zone";
import type { NetworkSnapshot } from "../bundledData.js";
import type { FxRecord, SiteRecord, TariffRecord } from "../store/state/state.js";
import type { GridFactors } from "./carbon/gridFactors.js";
import { FRESH_MS, freshOf, newest, newestOf } from "./freshFirst.js";
import { fetchedFx } from "./fx/fetched.js";
import { manualFx } from "./fx/manual.js";
import { subsidyBtc } from "./hashprice/formula.js";
import { btcPrice, inCurrency } from "./hashprice/inCurrency.js";
import { NETWORK_SERIES, networkHashprice, quotedHashprice } from "./hashprice/network.js";
import { snapshotHashprice, snapshotHashpriceBtc } from "./hashprice/snapshot.js";
import { ambientSlots } from "./overhead/ambient.js";
import { climateOf } from "./overhead/climate.js";
import { setOverhead } from "./overhead/overhead.js";
import { older, overlap } from "./overlap.js";
import {
  algoName,
  beforeDevFee,
  type DevFeeIn,
  devFeeAlone,
  type PoolContext,
  poolAlgo,
  poolFactor,
} from "./pools/pool.js";
import type { RateSeries } from "./rateSeries.js";
import type { SiteTerms } from "./siteTerms.js";
import { type RateKind, type RateSource, type Slot, type TimeRange, timesSlots } from "./slot.js";
import type { PriceContext, UsedEnergy } from "./tariffs/energyPrice.js";
import { flatTariff } from "./tariffs/flat.js";
import { marketCurrency } from "./tariffs/markets/market.js";
import { type ContextOf, siteTariffs } from "./tariffs/siteTariffs.js";
import type { Tariff } from "./tariffs/tariff.js";

/** What rate sources draw on: bundled tables, what was fetched or imported, and what the operator has set. */
export interface RateTables {
  snapshot: NetworkSnapshot;
  factors: GridFactors;
  tariffs: readonly TariffRecord[];
  fx: readonly FxRecord[];
  /** Absent = nothing was ever fetched or imported. */
  series?: Pick<RateSeries, "slots" | "names" | "onChange"> | undefined;
  /** By site. */
  terms?: ReadonlyMap<string, SiteTerms> | undefined;
  /** Nothing was measured before: what prices were earlier changes no figure. Absent = since ever. */
  sinceMs?: number | undefined;
  /** What the prices of a site's tariffs rest on beside the clock and the series. */
  used?: ((site: SiteRecord, readingDay: number, atMs: number) => UsedEnergy | undefined) | undefined;
  /** Series of live intensities by site, the first that knows a moment counts: `carbon/<id>`. */
  liveCarbon?: ReadonlyMap<string, readonly string[]> | undefined;
  /** The same of marginal intensities: `marginal/<id>`. */
  liveMarginal?: ReadonlyMap<string, readonly string[]> | undefined;
}

type MakeSources = (site: SiteRecord, tables: RateTables) => (RateSource | undefined)[];
type Series = NonNullable<RateTables["series"]>;

const NOTHING: Series = { slots: () => [], names: () => [], onChange: () => () => undefined };

/** The series that a tariff of a market means by a name. */
export const priceSeries = (name: string): string => (name.includes("/") ? name : `price/${name}`);

const termsOf = ({ terms }: RateTables, { site }: SiteRecord): SiteTerms => terms?.get(site) ?? {};

/** Units per USD as told or as set by hand: whichever is of the newer date. */
const fxOf = ({ fx, series = NOTHING }: RateTables, currency: string): RateSource[] => [
  fetchedFx(series, currency),
  manualFx(fx, currency),
];

const fxSlots =
  (tables: RateTables, currency: string) =>
  (range: TimeRange): Slot[] =>
    newest(fxOf(tables, currency).map((source) => source.slots(range)));

const snapshotInSiteCurrency = (site: SiteRecord, tables: RateTables): RateSource | undefined => {
  const { snapshot } = tables;
  const own = snapshot.btcPrice[site.currency];
  if (own !== undefined) return snapshotHashprice(snapshot, site.currency, own);
  const usd = snapshot.btcPrice.USD;
  if (usd === undefined) return undefined;
  return converted(snapshotHashprice(snapshot, "USD", usd), site, tables);
};

/** A rate in USD in the currency of a site. */
function converted(usd: RateSource, { currency }: SiteRecord, tables: RateTables): RateSource {
  if (currency === "USD") return usd;
  const fx = fxSlots(tables, currency);
  return {
    ...usd,
    unit: `${currency}/PH/day`,
    slots: (range) => timesSlots(usd.slots(range), fx(range)),
  };
}

/** What another algorithm earns in the currency of a site, by the name of its series. */
export const otherHashprice = (site: SiteRecord, tables: RateTables, series: string): RateSource =>
  inCurrency(
    {
      kind: "hashpriceBtc",
      id: series,
      unit: "BTC/PH/day",
      slots: (range) => tables.series?.slots(series, range) ?? [],
    },
    site.currency,
    priceOfBtc(site, tables),
  );

const priceOfBtc = (site: SiteRecord, tables: RateTables) => (range: TimeRange) =>
  btcPrice(tables.series ?? NOTHING, site.currency, fxSlots(tables, site.currency), range);

/** What tells a hashprice in BTC, best first. */
const earnedBtc = ({ series = NOTHING }: RateTables): RateSource[] => [
  ...quotedHashprice(series, "hashpriceBtc", "BTC/PH/day"),
  networkHashprice(series),
];

/** Share of the subsidy in a block's reward, where fees are known. */
const subsidyShare =
  (series: Series) =>
  (range: TimeRange): Slot[] =>
    overlap(
      [series.slots(NETWORK_SERIES.height, range), series.slots(NETWORK_SERIES.fees, range)],
      ([height, fees]) => {
        if (!height || !fees) return undefined;
        const subsidy = subsidyBtc(height.value);
        return {
          value: subsidy / (subsidy + fees.value),
          source: fees.source,
          note: `fees ${fees.value} BTC a block taken out`,
          asOfMs: older(height.asOfMs, fees.asOfMs),
        };
      },
    );

const seriesSources = (
  kind: RateKind,
  unit: string,
  names: readonly string[],
  series: Series,
): RateSource[] =>
  names.map((name) => ({ kind, id: name, unit, slots: (range) => series.slots(name, range) }));

/** What prices of a site's tariffs rest on beside the clock: series of markets, and what its billing period has used. */
export const priceContextOf =
  (site: SiteRecord, { series = NOTHING, used }: RateTables): ContextOf =>
  ({ readingDay }: Tariff): PriceContext => ({
    // A price in other money is none here: nobody has said at which rate.
    series: (name, range) =>
      series
        .slots(priceSeries(name), range)
        .filter(({ note }) => (marketCurrency(note) ?? site.currency) === site.currency),
    ...(used && { used: (atMs) => used(site, readingDay, atMs) }),
  });

/**
 * What pools leave of the hashprice of an algorithm, by its name in series: of its own pools, else of those that are of none. What the
 * firmware takes is measured of SHA-256 alone.
 */
export function poolFactors(
  site: SiteRecord,
  tables: RateTables,
  algorithm: string,
  devFeeIn: DevFeeIn = "mean",
): RateSource[] {
  const { series = NOTHING } = tables;
  const { pools = [] } = termsOf(tables, site);
  const algo = algoName(algorithm);
  const bitcoin = algo === "sha256";
  const devFee = (range: TimeRange) => ({
    fee: series.slots(`devFee/${site.site}`, range),
    of: series.slots(`devFeeOf/${site.site}`, range),
  });
  const context: PoolContext = {
    // What a block's fees are to its subsidy is known of Bitcoin.
    subsidyShare: bitcoin ? subsidyShare(series) : () => [],
    ...(bitcoin && devFeeIn === "mean" && { devFee }),
  };
  const of = (name: string) => {
    const own = pools
      .filter((pool) => poolAlgo(pool) === name)
      .map((pool) => (devFeeIn === "before" ? { ...pool, devFeePercent: 0 } : pool));
    return own.length ? [poolFactor(own, Zone.of(site.zone), context)] : [];
  };
  const set = [...of(algo), ...of("")];
  if (!bitcoin || devFeeIn === "set") return set;
  if (devFeeIn === "mean") return [...set, devFeeAlone(devFee)];
  return [...set.map((factor) => beforeDevFee(factor, devFee)), beforeDevFee(undefined, devFee)];
}

/** Every source of every kind, best first: the first that covers a moment counts. */
const SOURCES: Record<RateKind, MakeSources> = {
  hashprice: (site, tables) => {
    const quoted = quotedHashprice(tables.series ?? NOTHING, "hashprice", "USD/PH/day");
    // The age is that of the figure itself: an exchange rate of a weekend makes no quote old.
    const priced = (aged: (source: RateSource) => RateSource) => [
      ...quoted.map((usd) => converted(aged(usd), site, tables)),
      ...earnedBtc(tables).map((btc) => inCurrency(aged(btc), site.currency, priceOfBtc(site, tables))),
    ];
    return [
      ...priced(freshOf),
      newestOf(
        priced((source) => source),
        FRESH_MS,
      ),
      snapshotInSiteCurrency(site, tables),
    ];
  },
  hashpriceBtc: (_site, tables) => {
    const earned = earnedBtc(tables);
    return [...earned.map(freshOf), newestOf(earned, FRESH_MS), snapshotHashpriceBtc(tables.snapshot)];
  },
  price: (site, tables) => {
    const { tariffs } = termsOf(tables, site);
    return [
      tariffs && siteTariffs(tariffs, site.currency, Zone.of(site.zone), priceContextOf(site, tables)),
      flatTariff(
        tables.tariffs.filter((tariff) => tariff.site === site.site),
        site,
      ),
    ];
  },
  carbon: (site, { factors, series = NOTHING, liveCarbon }) => [
    ...seriesSources(
      "carbon",
      "kgCO2/kWh",
      [...(liveCarbon?.get(site.site) ?? []), `carbon/${site.site}`],
      series,
    ),
    site.gridRegion === undefined ? undefined : factors.source(site.gridRegion, site.gridYear),
  ],
  carbonMarket: (site, { factors, series = NOTHING }) => [
    ...seriesSources("carbonMarket", "kgCO2/kWh", [`residual/${site.site}`], series),
    site.gridRegion === undefined ? undefined : factors.residual(site.gridRegion, site.gridYear),
  ],
  marginal: (site, { series = NOTHING, liveMarginal }) =>
    seriesSources(
      "marginal",
      "kgCO2/kWh",
      [...(liveMarginal?.get(site.site) ?? []), `marginal/${site.site}`],
      series,
    ),
  fx: (site, tables) => [newestOf(fxOf(tables, site.currency))],
  overhead: (site, tables) => {
    const { series = NOTHING } = tables;
    const { overheads } = termsOf(tables, site);
    const ambient = (range: TimeRange, climate: string | undefined): Slot[] => {
      const row = climate === undefined ? undefined : climateOf(climate);
      return ambientSlots(series.slots(`ambient/${site.site}`, range), row, Zone.of(site.zone), range);
    };
    return [
      ...seriesSources("overhead", "kWh/kWh", [`overhead/${site.site}`], series),
      overheads && setOverhead(overheads, Zone.of(site.zone), ambient),
    ];
  },
  poolFactor: (site, tables) => poolFactors(site, tables, "sha256"),
};

/** The sources of one kind that serve a site, best first; empty where none does. */
export const sourcesOf = (kind: RateKind, site: SiteRecord, tables: RateTables): RateSource[] =>
  SOURCES[kind](site, tables).filter((source) => source !== undefined);
