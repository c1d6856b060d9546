import type { LedgerFactor, LedgerSource } from "@hashwatt/protocol/ledger";
import type { BucketRates } from "../../economics/bucketRates.js";
import type { Cell, RigBucket } from "../../economics/ledgerCell.js";
import type { RowFileControl } from "../duck/copyRows.js";
import type { DevFeeStore } from "./devFees.js";
import type { LedgerExport } from "./ledgerExport.js";

/** A stretch of time for which a rig stood at a site; what it did then is that site's. */
export interface Stay {
  rig: number;
  site: string;
  /** [fromMs, toMs); infinite where it has neither come nor gone. */
  fromMs: number;
  toMs: number;
  /** It is expected to be heard from this instant on. */
  knownFromMs: number;
  /** Another has taken its place: it is expected no more, and counts in the buckets that have a row of it. */
  gone: boolean;
  /** What it is known to mine, for rows that do not say. */
  algo: string;
}

/** Where a rig was first seen at a site. */
export interface Arrival {
  rig: number;
  site: string;
  sinceMs: number;
}

/** What is to be priced: buckets of a site in whole hours, each as it is replaced. */
export interface PricingOrder {
  site: string;
  /** [fromMs, toMs), both whole hours. */
  fromMs: number;
  toMs: number;
  /** Of every bucket that is over, with the number of rigs known in it, those without that are gone. */
  buckets: readonly (BucketRates & { rigs: number })[];
  stays: readonly Stay[];
  /** What the site itself draws, as `rig` 0. */
  own: readonly RigBucket[];
  /** Rows of rigs are written for hours before this instant: later ones still grow. */
  hoursToMs: number;
  /** Rows that a store works on at a time; absent = as many as suit it. */
  rowsAtOnce?: number;
}

/** Whose work is asked for: of the rigs at a site, or of some of them. */
export interface WorkQuery extends Pick<PricingOrder, "site" | "fromMs" | "toMs" | "stays"> {
  rigs?: readonly number[];
}

/** What rigs at a site drew and did in a bucket, at full precision; sums of what is known. */
export interface Work {
  startMs: number;
  /** Rigs of which there is a row. */
  rigs: number;
  /** Time for which they answered, whatever they told. */
  coveredMs: number;
  powerCoveredMs: number;
  kwh: number;
  /** The work of each algorithm, by the name of its series; SHA-256 has none and comes first. */
  algos: readonly AlgoWork[];
}

/** What rigs did in a bucket that work on one algorithm. */
export interface AlgoWork {
  /** As `earnedBy` names it. */
  series: string;
  hashCoveredMs: number;
  thsHours: number;
  /** As much of it as was counted by accepted shares. */
  acceptedThsHours: number;
  /** Of the rigs of which both energy and work are known, which alone a profit is made of. */
  bothKwh: number;
  bothThsHours: number;
  /** Of SHA-256: what of the work above is of rigs whose firmware's fee was measured, and of it what went to the firmware. */
  measuredThsHours: number;
  devFeeThsHours: number;
  bothMeasuredThsHours: number;
  bothDevFeeThsHours: number;
}

/** Which sums: of the stretches that begin at `edges` (ascending) and end at the next; the last ends at `toMs`. */
export interface LedgerQuery {
  site: string;
  /** Of these rigs alone, by their hours; absent = of the site, by its 5-minute rows. */
  rigs?: readonly number[];
  edges: readonly number[];
  toMs: number;
}

/** Sums of one stretch and algorithm; the site's own part has none (""). */
export interface LedgerSums {
  startMs: number;
  algo: string;
  sums: Cell;
}

/** An hour of a rig at a site, of one algorithm. */
export interface RigHour extends LedgerSums {
  rig: number;
}

/** The ledger as it is kept: rigs by hour, sites by 5 minutes, and what they were priced with. */
export interface LedgerStore {
  readonly devFees: DevFeeStore;
  /** Sorted by rig and time; a rig was always where it first was. */
  arrivals(): Promise<Arrival[]>;
  /** Takes the place of all that is kept of these rigs. */
  putArrivals(arrivals: readonly Arrival[]): Promise<void>;
  /** What 5-minute rows tell of buckets in [fromMs, toMs), by start; a bucket without any is left out. */
  work(query: WorkQuery): Promise<Work[]>;
  /** Prices 5-minute rollup rows and replaces what the ledger holds of the site in the range; one transaction. */
  price(order: PricingOrder): Promise<void>;
  /** What buckets were priced with, by start, and how many rigs were known. */
  rates(site: string, fromMs: number, toMs: number): Promise<(BucketRates & { rigs: number })[]>;
  /** Rigs known × ms of each stretch that has any. */
  spans(query: Pick<LedgerQuery, "site" | "edges" | "toMs">): Promise<Map<number, number>>;
  /** By start and algorithm. */
  sums(query: LedgerQuery): Promise<LedgerSums[]>;
  /** The same, one after another, to be gone through once. */
  eachSum(query: LedgerQuery): Promise<Iterable<LedgerSums>>;
  /** The hours in [fromMs, toMs) of the rigs from `rigFrom` to before `rigTo`, by start, rig and algorithm. The site's own part is none of them. */
  hours(query: {
    site: string;
    fromMs: number;
    toMs: number;
    rigFrom: number;
    rigTo: number;
  }): Promise<RigHour[]>;
  /** Hours of which there are rows of rigs, of each stretch that has any. */
  rigHours(query: LedgerQuery & { rigs: readonly number[] }): Promise<Map<number, number>>;
  sources(site: string, fromMs: number, toMs: number): Promise<Omit<LedgerSource, "unit">[]>;
  /** Writes rows to a file and returns how many; absent where nothing can be written. */
  export?(
    order: LedgerExport,
    control: RowFileControl,
    every: (ms: number, run: () => void) => Disposable,
  ): Promise<number>;
  /** Start of the oldest and end of the newest bucket that is priced; undefined where none is. */
  span(site: string): Promise<{ fromMs: number; toMs: number } | undefined>;
}

/** Columns of each factor. */
export const FACTOR_COLUMNS: Readonly<Record<LedgerFactor, string>> = {
  hashprice: "hashprice",
  hashpriceBtc: "hashprice_btc",
  poolFactor: "pool_factor",
  price: "price",
  overhead: "overhead",
  carbon: "carbon",
  carbonMarket: "carbon_market",
};
