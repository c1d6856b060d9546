import { BEFORE_DEV_FEE, poolOfRevenue } from "../rates/hashprice/revenueSeries.js";
import { HOUR_MS } from "../rollup/row.js";
import { type BookedSums, CELL_COLUMNS, larger, Sums } from "./bookedSums.js";
import { earnedBy } from "./figures.js";
import {
  type CellAmount,
  type CellRates,
  type CellTime,
  ROUNDED,
  THS_HOURS_PER_DIFFICULTY,
} from "./ledgerCell.js";

/** Where each column of a cell stands. */
const PLACES = Object.fromEntries(CELL_COLUMNS.map((name, i) => [name, i])) as Record<
  CellAmount | CellTime,
  number
>;
const {
  energyMwh: ENERGY,
  overheadMwh: OVERHEAD,
  hashTh: HASH,
  acceptedTh: ACCEPTED,
  revenueMicro: REVENUE,
  revenueMsat: REVENUE_MSAT,
  energyCostMicro: COST,
  overheadCostMicro: OVERHEAD_COST,
  marginalProfitMicro: MARGINAL,
  loadedProfitMicro: LOADED,
  co2LocationMg: CO2,
  co2MarketMg: CO2_MARKET,
  overheadCo2LocationMg: OVERHEAD_CO2,
  overheadCo2MarketMg: OVERHEAD_CO2_MARKET,
  energyMs: ENERGY_MS,
  hashMs: HASH_MS,
  earnedMs: EARNED_MS,
  earnedMsatMs: EARNED_MSAT_MS,
  pricedMs: PRICED_MS,
  profitMs: PROFIT_MS,
  overheadMs: OVERHEAD_MS,
  loadedMs: LOADED_MS,
  weighedMs: WEIGHED_MS,
  weighedMarketMs: WEIGHED_MARKET_MS,
} = PLACES;
const ROUNDED_AT = Int32Array.from(ROUNDED, (name) => PLACES[name]);
const EXACT = ROUNDED.length;
/** Of a day; a longer stretch has more room made. */
const BUCKETS = 288;

/** Rates of one bucket for one algorithm; NaN is unknown. */
interface Rated {
  pool: number;
  /** What counts instead where the firmware's own fee was measured. */
  poolBeforeFee: number;
  hashprice: number;
  hashpriceBtc: number;
  price: number;
  carbon: number;
  carbonMarket: number;
  /** Of the overhead factor what goes on top. */
  extra: number;
}

/**
 * Prices a site's buckets and adds their cells up, by rig and hour and by bucket: `hourCells` in `economics/ledgerCell.ts`, operation
 * for operation, on numbers alone. A month of 1,000 rigs has 8.6 million cells, of which no object is left.
 */
export class HourBook {
  readonly #algos: string[] = [];
  readonly #algoNumbers = new Map<string, number>();
  readonly #hours: Sums;
  readonly #steps = new Sums(BUCKETS);
  /** Sums of exact amounts since the hour began, by the place of a rig's first row of the hour. */
  #exact: Float64Array;
  readonly #cell = new Float64Array(CELL_COLUMNS.length);
  #ratedMs = Number.NaN;
  #rated: (Rated | undefined)[] = [];

  /**
   * `rates` by the start of their bucket: of one without there is no cell. Without `hours` those of rigs are not added up, as while
   * they are under way. There is room for `rigHours` of them at first.
   */
  constructor(
    private readonly rates: ReadonlyMap<number, CellRates>,
    private readonly options: { hours: boolean; rigHours: number },
  ) {
    this.#hours = new Sums(options.rigHours, options.hours);
    this.#exact = new Float64Array(EXACT * options.rigHours);
  }

  /** The number of an algorithm in this book. */
  algo(name: string): number {
    const known = this.#algoNumbers.get(name);
    if (known !== undefined) return known;
    this.#algoNumbers.set(name, this.#algos.length);
    return this.#algos.push(name) - 1;
  }

  get algos(): readonly string[] {
    return this.#algos;
  }

  /** Adds a bucket of a rig, or of the site itself (`rig` 0). Those of one rig and hour come in order; NaN is unknown. */
  add(
    startMs: number,
    rig: number,
    algo: number,
    powerMs: number,
    kwh: number,
    hashMs: number,
    thsHours: number,
    acceptedDiff: number,
    devFee: number,
  ): void {
    const rated = this.#ratedAt(startMs, algo);
    if (!rated) return;
    const hourMs = Math.floor(startMs / HOUR_MS) * HOUR_MS;
    const place = this.#hours.of(hourMs, rig, algo);
    this.#price(rated, this.#hours.first, rig, powerMs, kwh, hashMs, thsHours, acceptedDiff, devFee);
    if (this.options.hours) this.#hours.add(place, this.#cell);
    // One below another by algorithm: all rigs of the site share them.
    this.#steps.add(this.#steps.of(startMs, algo, algo), this.#cell);
  }

  /** Hours before an instant, of rigs and of the site itself (`rig` 0). */
  *hours(beforeMs: number): Generator<BookedSums> {
    for (const sums of this.#hours.all()) if (sums.startMs < beforeMs) yield sums;
  }

  /** Begins the hours anew, for other rigs; the site's buckets go on. */
  clearHours(): void {
    this.#hours.clear();
    this.#exact.fill(0);
  }

  /** Buckets of the site; `rig` is 0. */
  *steps(): Generator<BookedSums> {
    for (const sums of this.#steps.all()) yield { ...sums, rig: 0 };
  }

  #price(
    rated: Rated,
    place: number,
    rig: number,
    powerMs: number,
    kwh: number,
    hashMs: number,
    thsHours: number,
    acceptedDiff: number,
    devFee: number,
  ): void {
    // What a site's meters tell is known whether or not it adds to what rigs cover; nothing goes on top of it.
    const drawn = powerMs > 0 || rig === 0 ? kwh : Number.NaN;
    const extra = rig === 0 ? Number.NaN : drawn * rated.extra;
    const isAccepted = !Number.isNaN(acceptedDiff);
    const told = isAccepted ? acceptedDiff * THS_HOURS_PER_DIFFICULTY : thsHours;
    const ths = hashMs > 0 ? told : Number.NaN;
    const ownPool = rated.poolBeforeFee * (1 - devFee);
    const paid = ths * (Number.isNaN(ownPool) ? rated.pool : ownPool);
    const cell = this.#cell;
    cell[ENERGY] = drawn * 1e9;
    cell[OVERHEAD] = extra * 1e9;
    cell[HASH] = ths * 3_600_000;
    cell[REVENUE] = paid * rated.hashprice * (1e9 / 24_000);
    cell[REVENUE_MSAT] = paid * rated.hashpriceBtc * (1e14 / 24_000);
    cell[COST] = drawn * rated.price * 1e9;
    cell[OVERHEAD_COST] = extra * rated.price * 1e9;
    cell[CO2] = drawn * rated.carbon * 1e9;
    cell[CO2_MARKET] = drawn * rated.carbonMarket * 1e9;
    cell[OVERHEAD_CO2] = extra * rated.carbon * 1e9;
    cell[OVERHEAD_CO2_MARKET] = extra * rated.carbonMarket * 1e9;
    this.#round(place);
    const [revenue, cost] = [cell[REVENUE]!, cell[COST]!];
    const marginal = revenue - cost;
    const loaded = rig === 0 ? 0 - cost : marginal - cell[OVERHEAD_COST]!;
    const bothMs = Math.min(powerMs, hashMs);
    cell[ACCEPTED] = isAccepted ? cell[HASH]! : Number.NaN;
    cell[MARGINAL] = marginal;
    cell[LOADED] = loaded;
    cell[ENERGY_MS] = powerMs;
    cell[HASH_MS] = hashMs;
    cell[EARNED_MS] = msOf(revenue, hashMs);
    cell[EARNED_MSAT_MS] = msOf(cell[REVENUE_MSAT]!, hashMs);
    cell[PRICED_MS] = msOf(cost, powerMs);
    cell[PROFIT_MS] = msOf(marginal, bothMs);
    cell[OVERHEAD_MS] = msOf(cell[OVERHEAD]!, powerMs);
    cell[LOADED_MS] = rig === 0 ? 0 : msOf(loaded, bothMs);
    cell[WEIGHED_MS] = msOf(cell[CO2]!, powerMs);
    cell[WEIGHED_MARKET_MS] = msOf(cell[CO2_MARKET]!, powerMs);
  }

  /** Thousandths of units become whole ones: what the rounded sum since the hour began grows by. */
  #round(place: number): void {
    const base = place * EXACT;
    if (base + EXACT > this.#exact.length) this.#exact = larger(this.#exact, base + EXACT);
    const exact = this.#exact;
    for (let i = 0; i < EXACT; i++) {
      const column = ROUNDED_AT[i]!;
      const fine = Math.floor(this.#cell[column]! + 0.5);
      if (Number.isNaN(fine)) {
        this.#cell[column] = Number.NaN;
        continue;
      }
      const before = exact[base + i]!;
      const after = before + fine;
      exact[base + i] = after;
      this.#cell[column] = Math.floor((after + 500) / 1_000) - Math.floor((before + 500) / 1_000);
    }
  }

  #ratedAt(startMs: number, algo: number): Rated | undefined {
    if (startMs !== this.#ratedMs) {
      this.#ratedMs = startMs;
      this.#rated = [];
    }
    const rated = this.#rated[algo];
    if (rated) return rated;
    const rates = this.rates.get(startMs);
    if (!rates) return undefined;
    const made = ratedOf(this.#algos[algo]!, rates);
    this.#rated[algo] = made;
    return made;
  }
}

function ratedOf(algo: string, rates: CellRates): Rated {
  const series = earnedBy(algo);
  const pool = rates.poolFactor ?? Number.NaN;
  return {
    pool: series === "" ? pool : (rates.others?.[poolOfRevenue(series)] ?? pool),
    poolBeforeFee: series === "" ? (rates.others?.[BEFORE_DEV_FEE] ?? Number.NaN) : Number.NaN,
    hashprice: (series === "" ? rates.hashprice : rates.others?.[series]) ?? Number.NaN,
    hashpriceBtc: (series === "" ? rates.hashpriceBtc : null) ?? Number.NaN,
    price: rates.price ?? Number.NaN,
    carbon: rates.carbon ?? Number.NaN,
    carbonMarket: rates.carbonMarket ?? Number.NaN,
    extra: rates.overhead == null ? Number.NaN : rates.overhead - 1,
  };
}

const msOf = (amount: number, ms: number): number => (Number.isNaN(amount) ? 0 : ms);
