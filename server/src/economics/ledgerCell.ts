import type { LedgerFactor } from "@hashwatt/protocol/ledger";
import { BEFORE_DEV_FEE, poolOfRevenue } from "../rates/hashprice/revenueSeries.js";
import { earnedBy } from "./figures.js";

/** TH/s·h behind one accepted share of difficulty 1: 2^32 hashes. */
export const THS_HOURS_PER_DIFFICULTY = 2 ** 32 / 1e12 / 3600;

/** What is known of a rig in one bucket: a part of its rollup row. Of the site's own part (`rig` 0) only the energy. */
export interface RigBucket {
  rig: number;
  startMs: number;
  /** Of the row, else what the rig is known for. */
  algo: string;
  powerCoveredMs: number;
  kwh: number;
  hashCoveredMs: number;
  thsHours: number;
  /** Difficulty of the shares that the pool accepted. */
  acceptedDiff?: number | undefined;
  /** What its firmware was measured to take, 0–1. */
  devFee?: number | undefined;
}

/** Rates of the bucket; undefined or null is unknown. `others` as {@link BucketRates} has them. */
export type CellRates = Partial<Record<LedgerFactor, number | null | undefined>> & {
  others?: Readonly<Record<string, number>>;
};

/** Amounts of a cell, in the order of their columns. */
export const CELL_AMOUNTS = [
  "energyMwh",
  "overheadMwh",
  "hashTh",
  "acceptedTh",
  "revenueMicro",
  "revenueMsat",
  "energyCostMicro",
  "overheadCostMicro",
  "marginalProfitMicro",
  "loadedProfitMicro",
  "co2LocationMg",
  "co2MarketMg",
  "overheadCo2LocationMg",
  "overheadCo2MarketMg",
] as const;
export type CellAmount = (typeof CELL_AMOUNTS)[number];

/** For how long each is known, in the order of their columns. */
export const CELL_TIMES = [
  "energyMs",
  "hashMs",
  "earnedMs",
  "earnedMsatMs",
  "pricedMs",
  "profitMs",
  "overheadMs",
  "loadedMs",
  "weighedMs",
  "weighedMarketMs",
] as const;
export type CellTime = (typeof CELL_TIMES)[number];

/** Sums of cells: an amount that is nowhere known is null. */
export type Cell = Record<CellAmount, number | null> & Record<CellTime, number>;

/** What is rounded by itself; the others follow from these. */
export const ROUNDED = [
  "energyMwh",
  "overheadMwh",
  "hashTh",
  "revenueMicro",
  "revenueMsat",
  "energyCostMicro",
  "overheadCostMicro",
  "co2LocationMg",
  "co2MarketMg",
  "overheadCo2LocationMg",
  "overheadCo2MarketMg",
] as const satisfies readonly CellAmount[];
export type Rounded = (typeof ROUNDED)[number];

/** Thousandths of a stored unit that exact amounts are counted in until they are rounded. */
const FINE = 1_000;

/** The work that a rig is paid for: by accepted shares where it tells them. TH/s·h. */
export const paidThsHours = ({ acceptedDiff, thsHours }: RigBucket): number =>
  acceptedDiff === undefined ? thsHours : acceptedDiff * THS_HOURS_PER_DIFFICULTY;

/**
 * Exact amounts of a cell in thousandths of their units; null where a factor or the reading is unknown. This is the arithmetic of the
 * ledger: revenue = TH/s·h × hashprice of the algorithm / 24,000 × pool factor (in BTC of SHA-256 alone), cost = kWh × price, carbon = kWh × factor, overhead = kWh × (overhead
 * factor − 1). `hourBook.ts` says the same on numbers alone, operation for operation.
 */
export function fineAmounts(bucket: RigBucket, rates: CellRates): Record<Rounded, number | null> {
  // What a site's meters tell is known whether or not it adds to what rigs cover.
  const kwh = bucket.powerCoveredMs > 0 || bucket.rig === 0 ? bucket.kwh : null;
  const thsH = bucket.hashCoveredMs > 0 ? paidThsHours(bucket) : null;
  const series = earnedBy(bucket.algo);
  const hashprice = series === "" ? rates.hashprice : rates.others?.[series];
  const hashpriceBtc = series === "" ? rates.hashpriceBtc : null;
  const { price, carbon, carbonMarket } = rates;
  const paid = times(thsH, leftBy(series, bucket.devFee, rates));
  // What the site itself draws is measured where it comes in: nothing goes on top of it.
  const extra = bucket.rig === 0 || rates.overhead == null ? null : times(kwh, rates.overhead - 1);
  return {
    energyMwh: fine(kwh, 1e9),
    overheadMwh: fine(extra, 1e9),
    hashTh: fine(thsH, 3_600_000),
    revenueMicro: fine(times(paid, hashprice), 1e9 / 24_000),
    revenueMsat: fine(times(paid, hashpriceBtc), 1e14 / 24_000),
    energyCostMicro: fine(times(kwh, price), 1e9),
    overheadCostMicro: fine(times(extra, price), 1e9),
    co2LocationMg: fine(times(kwh, carbon), 1e9),
    co2MarketMg: fine(times(kwh, carbonMarket), 1e9),
    overheadCo2LocationMg: fine(times(extra, carbon), 1e9),
    overheadCo2MarketMg: fine(times(extra, carbonMarket), 1e9),
  };
}

/** What pool and firmware leave of what a series earns: that of the rig where its firmware's fee was measured. */
function leftBy(series: string, devFee: number | undefined, rates: CellRates): number | null | undefined {
  const ownPool = rates.others?.[series === "" ? BEFORE_DEV_FEE : poolOfRevenue(series)];
  if (series !== "") return ownPool ?? rates.poolFactor;
  return ownPool === undefined || devFee === undefined ? rates.poolFactor : ownPool * (1 - devFee);
}

const times = (amount: number | null, rate: number | null | undefined): number | null =>
  amount === null || rate == null ? null : amount * rate;
const fine = (amount: number | null, scale: number): number | null =>
  amount === null ? null : Math.floor(amount * scale + 0.5);
const rounded = (sum: number): number => Math.floor((sum + FINE / 2) / FINE);

/**
 * The cells of one rig's buckets within one hour, sorted by time. What is rounded is the sum since the hour began, and a cell is what
 * that has grown by: so the cells of an hour add up to its exact amount, rounded once, and every sum of cells is a sum of whole units.
 */
export function hourCells(
  buckets: readonly RigBucket[],
  ratesOf: (startMs: number) => CellRates,
): { bucket: RigBucket; cell: Cell }[] {
  const sums = Object.fromEntries(ROUNDED.map((name) => [name, 0])) as Record<Rounded, number>;
  return buckets.map((bucket) => {
    const rates = ratesOf(bucket.startMs);
    const exact = fineAmounts(bucket, rates);
    const whole = {} as Record<Rounded, number | null>;
    for (const name of ROUNDED) {
      const before = rounded(sums[name]);
      const amount = exact[name];
      if (amount !== null) sums[name] += amount;
      whole[name] = amount === null ? null : rounded(sums[name]) - before;
    }
    return { bucket, cell: cellOf(bucket, whole) };
  });
}

function cellOf(bucket: RigBucket, whole: Record<Rounded, number | null>): Cell {
  const { powerCoveredMs, hashCoveredMs, rig } = bucket;
  const bothMs = Math.min(powerCoveredMs, hashCoveredMs);
  const revenue = whole.revenueMicro;
  const cost = whole.energyCostMicro;
  const marginal = revenue === null || cost === null ? null : revenue - cost;
  const overhead = whole.overheadCostMicro;
  const own = cost === null ? null : 0 - cost;
  const loaded = rig === 0 ? own : marginal === null || overhead === null ? null : marginal - overhead;
  const time = (amount: number | null, ms: number): number => (amount === null ? 0 : ms);
  return {
    ...whole,
    acceptedTh: bucket.acceptedDiff === undefined ? null : whole.hashTh,
    marginalProfitMicro: marginal,
    loadedProfitMicro: loaded,
    energyMs: powerCoveredMs,
    hashMs: hashCoveredMs,
    earnedMs: time(revenue, hashCoveredMs),
    earnedMsatMs: time(whole.revenueMsat, hashCoveredMs),
    pricedMs: time(cost, powerCoveredMs),
    profitMs: time(marginal, bothMs),
    overheadMs: time(whole.overheadMwh, powerCoveredMs),
    loadedMs: time(loaded, rig === 0 ? 0 : bothMs),
    weighedMs: time(whole.co2LocationMg, powerCoveredMs),
    weighedMarketMs: time(whole.co2MarketMg, powerCoveredMs),
  };
}
