import type { ExplainedStep, LedgerExplanation, LedgerFactor, LedgerSource } from "@hashwatt/protocol/ledger";
import type { BucketRates } from "../economics/bucketRates.js";
import { ServerError } from "../error.js";
import {
  algoOfSeries,
  BEFORE_DEV_FEE,
  poolOfRevenue,
  poolSeries,
  revenueSeries,
} from "../rates/hashprice/revenueSeries.js";
import type { Slot, TimeRange } from "../rates/slot.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import type { AlgoWork, LedgerStore, Work } from "../store/state/ledger.js";
import { explainedPerBtc } from "./explainedPerBtc.js";
import type { FactorSlots } from "./factorSlots.js";
import { FORMULAS } from "./formulas.js";
import { sumOf } from "./ledgerFold.js";
import type { Pricer } from "./pricer.js";
import { type LedgerReader, type LedgerScope, named, withUnits } from "./reader.js";
import { unknownOf } from "./unknownOf.js";

/** An explanation goes through every 5 minutes: of so much time at most. */
export const MAX_EXPLAINED_MS = 48 * HOUR_MS;

/** What explanations are made from. */
export interface ExplainParts {
  ledger: LedgerStore;
  reader: LedgerReader;
  rates: FactorSlots;
  pricer: Pick<Pricer, "stays">;
}

/**
 * How the figures of a stretch came about, bucket by bucket at full precision, with what each was priced with. Throws ServerError
 * `badRequest` for a stretch that is too long.
 */
export async function explain(
  { ledger, reader, rates, pricer }: ExplainParts,
  scope: LedgerScope,
  range: TimeRange,
): Promise<LedgerExplanation> {
  const record = reader.site(scope.site);
  const { site, zone, currency } = record;
  const unitMs = scope.rigs ? HOUR_MS : BUCKET_MS;
  const fromMs = Math.floor(range.fromMs / unitMs) * unitMs;
  const toMs = Math.ceil(range.toMs / unitMs) * unitMs;
  if (toMs - fromMs > MAX_EXPLAINED_MS)
    throw new ServerError("badRequest", "from: an explanation covers two days at most; ask for less");
  // Asked for at once: work is read on a connection of its own, and the store goes on while the rest is decoded here.
  const [used, worked, own, { totals: booked, owed }, found] = await Promise.all([
    ledger.rates(site, fromMs, toMs),
    ledger.work({ site, fromMs, toMs, stays: pricer.stays, ...(scope.rigs && { rigs: scope.rigs }) }),
    scope.rigs ? new Map<number, number>() : ownEnergy(ledger, site, fromMs, toMs),
    reader.owed(scope, { fromMs, toMs }),
    ledger.sources(site, fromMs, toMs),
  ]);
  const work = new Map(worked.map((each) => [each.startMs, each]));
  const told = used.map((bucket) => toldOf(bucket, work.get(bucket.startMs), own.get(bucket.startMs)));
  const steps = told.map(({ step }) => step);
  const sources = withUnits(found, currency);
  return {
    ...named(scope),
    site,
    zone,
    currency,
    fromMs,
    toMs,
    booked,
    exact: exactOf(told),
    steps,
    formulas: FORMULAS,
    factors: sources.map((source) => ({ ...source, ...noteOf(rates, site, source) })),
    siteLines: owed.lines.map((line) => ({ ...line, partMicro: owed.shareOf(line) })),
    unknown: unknownOf(steps, booked.coverage.spanMs, work.size > 0 || used.length === 0),
  };
}

/** What the site itself drew in each bucket, kWh. */
async function ownEnergy(
  ledger: LedgerStore,
  site: string,
  fromMs: number,
  toMs: number,
): Promise<Map<number, number>> {
  const edges = Array.from({ length: (toMs - fromMs) / BUCKET_MS }, (_, i) => fromMs + i * BUCKET_MS);
  const sums = await ledger.sums({ site, edges, toMs });
  return new Map(
    sums.flatMap(({ startMs, algo, sums: { energyMwh } }) =>
      algo === "" && energyMwh !== null ? [[startMs, energyMwh / 1e6] as const] : [],
    ),
  );
}

const times = (...factors: (number | null | undefined)[]): number | null => {
  let product = 1;
  for (const factor of factors) {
    if (factor == null) return null;
    product *= factor;
  }
  return product;
};

/** A step, and what the rigs of which both work and energy are known earned and paid; undefined where none did. */
interface Told {
  step: ExplainedStep;
  both: { kwh: number; revenue: number; cost: number } | undefined;
  /** Of the rigs of SHA-256 of which both are known: their share of the energy at the plugs, and what they earned. */
  sha256: { energyRatio: number; btc: number } | undefined;
}

function toldOf(bucket: BucketRates & { rigs: number }, work: Work | undefined, ownKwh?: number): Told {
  const value = (kind: LedgerFactor): number | null => bucket[kind]?.value ?? null;
  const plug = work && work.powerCoveredMs > 0 ? work.kwh : null;
  const kwh = sumOf([plug, ownKwh ?? null]);
  const overhead = value("overhead");
  const overheadKwh = overhead === null ? null : times(plug, overhead - 1);
  const all = sumOf([kwh, overheadKwh]);
  const algos = (work?.algos ?? []).map((algo) => {
    const factor = algo.series === "" ? bucket.hashprice : bucket.others?.[algo.series];
    const hashprice = factor?.value ?? null;
    const [left, bothLeft] = leftOf(algo, bucket);
    const revenue = times(algo.thsHours, hashprice, left, 1 / 24_000);
    return { ...algo, hashprice, left, bothLeft, revenue };
  });
  const sha256 = algos.find(({ series }) => series === "");
  const thsHours = sha256?.thsHours ?? null;
  const poolFactor = sha256 ? sha256.left : value("poolFactor");
  const isMeasured = sha256 && bucket.others?.[BEFORE_DEV_FEE] && sha256.measuredThsHours > 0;
  const both = bothOf(algos, value("price"));
  const step: ExplainedStep = {
    startMs: bucket.startMs,
    endMs: bucket.startMs + BUCKET_MS,
    rigs: bucket.rigs,
    energyMs: work?.powerCoveredMs ?? 0,
    hashMs: algos.reduce((sum, { hashCoveredMs }) => sum + hashCoveredMs, 0),
    kwh,
    thsHours,
    basis: basisOf(sha256),
    hashprice: value("hashprice"),
    others: algos
      .filter(({ series }) => series !== "")
      .map((algo) => ({
        algo: algoOfSeries(algo.series),
        hashMs: algo.hashCoveredMs,
        thsHours: algo.thsHours,
        basis: basisOf(algo),
        hashprice: algo.hashprice,
        poolFactor: algo.left,
        revenue: algo.revenue,
      })),
    hashpriceBtc: value("hashpriceBtc"),
    poolFactor,
    devFee: isMeasured
      ? {
          share: sha256.devFeeThsHours / sha256.measuredThsHours,
          ofWork: sha256.measuredThsHours / sha256.thsHours,
        }
      : null,
    price: value("price"),
    overhead,
    carbon: value("carbon"),
    carbonMarket: value("carbonMarket"),
    // Money of different algorithms may be added; their hashes never are.
    revenue: sumOf(algos.map(({ revenue }) => revenue)),
    revenueBtc: times(thsHours, value("hashpriceBtc"), poolFactor, 1 / 24_000),
    energyCost: times(kwh, value("price")),
    marginalProfit: both === undefined ? null : both.revenue - both.cost,
    overheadKwh,
    overheadCost: times(overheadKwh, value("price")),
    co2LocationKg: times(all, value("carbon")),
    co2MarketKg: times(all, value("carbonMarket")),
  };
  const btc = times(sha256?.bothThsHours, value("hashpriceBtc"), sha256?.bothLeft, 1 / 24_000);
  const energyRatio = sha256 && plug ? sha256.bothKwh / plug : null;
  return { step, both, sha256: btc === null || energyRatio === null ? undefined : { energyRatio, btc } };
}

/**
 * What pools and firmwares leave of an algorithm's hashprice: of all its work, and of that of rigs whose energy is known too. Where the
 * firmware's fee was measured by rig it is the mean by work of what each rig was left.
 */
function leftOf(algo: AlgoWork, { poolFactor, others }: BucketRates): [number | null, number | null] {
  const pool = poolFactor?.value ?? null;
  const { series, thsHours, bothThsHours } = algo;
  const own = others?.[series === "" ? BEFORE_DEV_FEE : poolOfRevenue(series)]?.value;
  if (own === undefined) return [pool, pool];
  if (series !== "") return [own, own];
  const mean = (all: number, measured: number, fee: number): number | null =>
    measured === 0 || pool === null ? pool : ((all - measured) * pool + (measured - fee) * own) / all;
  return [
    mean(thsHours, algo.measuredThsHours, algo.devFeeThsHours),
    mean(bothThsHours, algo.bothMeasuredThsHours, algo.bothDevFeeThsHours),
  ];
}

const basisOf = (work: AlgoWork | undefined): ExplainedStep["basis"] =>
  work === undefined
    ? null
    : work.acceptedThsHours === 0
      ? "reported"
      : work.acceptedThsHours === work.thsHours
        ? "accepted"
        : "mixed";

/** What the rigs of a bucket earn of which both sides are known: an algorithm without a hashprice is no part of it. */
function bothOf(
  algos: readonly (AlgoWork & { hashprice: number | null; bothLeft: number | null })[],
  price: number | null,
): Told["both"] {
  let both: Told["both"];
  for (const { hashprice, bothLeft, bothKwh, bothThsHours } of algos) {
    const revenue = times(bothThsHours, hashprice, bothLeft, 1 / 24_000);
    const cost = times(bothKwh, price);
    if (revenue === null || cost === null || bothThsHours + bothKwh === 0) continue;
    both = {
      kwh: (both?.kwh ?? 0) + bothKwh,
      revenue: (both?.revenue ?? 0) + revenue,
      cost: (both?.cost ?? 0) + cost,
    };
  }
  return both;
}

type Summed = keyof Pick<
  LedgerExplanation["exact"],
  | "kwh"
  | "thsHours"
  | "revenue"
  | "revenueBtc"
  | "energyCost"
  | "marginalProfit"
  | "overheadKwh"
  | "overheadCost"
  | "co2LocationKg"
  | "co2MarketKg"
>;

function exactOf(told: readonly Told[]): LedgerExplanation["exact"] {
  const sum = (name: Summed): number | null => {
    const known = told.flatMap(({ step }) => step[name] ?? []);
    return known.length ? known.reduce((total, amount) => total + amount, 0) : null;
  };
  const bothKwh = told.reduce((total, { both }) => total + (both?.kwh ?? 0), 0);
  const bothRevenue = told.reduce((total, { both }) => total + (both?.revenue ?? 0), 0);
  const exact = {
    kwh: sum("kwh"),
    thsHours: sum("thsHours"),
    revenue: sum("revenue"),
    revenueBtc: sum("revenueBtc"),
    energyCost: sum("energyCost"),
    marginalProfit: sum("marginalProfit"),
    overheadKwh: sum("overheadKwh"),
    overheadCost: sum("overheadCost"),
    co2LocationKg: sum("co2LocationKg"),
    co2MarketKg: sum("co2MarketKg"),
  };
  return {
    ...exact,
    breakEvenPerKwh: bothKwh > 0 ? bothRevenue / bothKwh : null,
    ...explainedPerBtc(told),
  };
}

/** The whole citation of a source, as the rates have it for the time in question. */
function noteOf(
  rates: FactorSlots,
  site: string,
  { kind, algo, source, fromMs, toMs }: LedgerSource,
): { note?: string } {
  const range = { fromMs, toMs };
  const slots: readonly Slot[] =
    algo === undefined
      ? rates.slots(site, kind, range)
      : (rates
          .otherFactors(site, range)
          .get(kind === "poolFactor" ? poolSeries(algo) : revenueSeries(algo)) ?? []);
  const note = slots.find((slot) => slot.source === source)?.note;
  return note === undefined ? {} : { note };
}
