import { LEDGER_FACTORS } from "@hashwatt/protocol/ledger";
import { type BucketFactor, type BucketRates, bucketFactors } from "../economics/bucketRates.js";
import type { RigBucket } from "../economics/ledgerCell.js";
import { isLoadKnown } from "../economics/matching.js";
import type { FeederPower } from "../metering/feeders.js";
import type { TimeRange } from "../rates/slot.js";
import { BUCKET_MS } from "../rollup/row.js";
import type { LedgerStore, PricingOrder, Stay } from "../store/state/ledger.js";
import type { FactorSlots } from "./factorSlots.js";
import { expectedRigs } from "./stays.js";

/** What buckets are made from. `feeders` tells what a site's own meters say; undefined for a site without. */
export interface BucketParts {
  rates: FactorSlots;
  ledger: Pick<LedgerStore, "work">;
  feeders(site: string, range: TimeRange & { stepMs: number }): Promise<FeederPower | undefined>;
}

/** Of a site where no pool is set nothing is taken off: the factor is one, and says why. */
const NO_POOL: BucketFactor = { value: 1, source: "no pool set: no fee taken off", asOfMs: null };
const MEASURED = "measured by the site's meters";
/** A meter's ratio to what rigs draw counts as their overhead within these bounds; beyond, it tells of something else. */
const LEAST_RATIO = 1;
const MOST_RATIO = 2;
/** So much of the rigs' time must be known for it. */
const LEAST_COVERED = 0.9;

const NO_WORK = { kwh: 0, powerCoveredMs: 0, coveredMs: 0 };

type Bucket = BucketRates & { rigs: number };

/**
 * What a site is priced with in each bucket of [fromMs, toMs), and what it draws itself. Where its meters cover a bucket and the rigs
 * are known, their ratio is the overhead; what the meters tell beyond that is the site's own part, so that the whole is what they say.
 * The market-based factor is that of the whole load of a bucket, matched with what is contracted for; where the load is not known it is
 * not either, unless all that is contracted for is a share of whatever is drawn.
 */
export async function siteBuckets(
  { rates, ledger, feeders }: BucketParts,
  site: string,
  stays: readonly Stay[],
  range: TimeRange,
): Promise<Pick<PricingOrder, "buckets" | "own">> {
  const { fromMs, toMs } = range;
  const buckets = ratedBuckets(rates, site, expectedRigs(stays, site, fromMs, toMs), range);
  const power = await feeders(site, { ...range, stepMs: BUCKET_MS });
  const contracted = rates.isContracted(site);
  if (!power && !contracted) return { buckets, own: [] };
  const plug = new Map(
    (await ledger.work({ site, fromMs, toMs, stays })).map((work) => [work.startMs, work]),
  );
  const own: RigBucket[] = [];
  for (const bucket of buckets) {
    const { startMs } = bucket;
    const { kwh, powerCoveredMs, coveredMs } = plug.get(startMs) ?? NO_WORK;
    const watts = power?.(startMs, BUCKET_MS) ?? null;
    const meteredKwh = watts === null ? undefined : (watts * BUCKET_MS) / 3.6e9;
    if (meteredKwh !== undefined) own.push(...ownPart(bucket, meteredKwh, kwh, powerCoveredMs));
    if (!contracted) continue;
    const isKnown = meteredKwh !== undefined || isLoadKnown(powerCoveredMs, coveredMs);
    matchBucket(bucket, rates, site, meteredKwh ?? kwh * (bucket.overhead?.value ?? 1), isKnown);
  }
  return { buckets, own };
}

function ratedBuckets(
  rates: FactorSlots,
  site: string,
  expected: readonly number[],
  range: TimeRange,
): Bucket[] {
  const factors = LEDGER_FACTORS.map(
    (kind) => [kind, bucketFactors(rates.slots(site, kind, range), range, BUCKET_MS)] as const,
  );
  const others = [...rates.otherFactors(site, range)].map(
    ([series, slots]) => [series, bucketFactors(slots, range, BUCKET_MS)] as const,
  );
  return expected.map((rigs, i) => {
    const bucket: Bucket = { startMs: range.fromMs + i * BUCKET_MS, rigs };
    for (const [kind, values] of factors) {
      const factor = values[i];
      if (factor) bucket[kind] = factor;
    }
    const earned = others.flatMap(([series, values]) => (values[i] ? [[series, values[i]] as const] : []));
    if (earned.length) bucket.others = Object.fromEntries(earned);
    bucket.poolFactor ??= NO_POOL;
    return bucket;
  });
}

/** What a site's meters make of a bucket: an overhead that is measured, else a part of the site's own. */
function ownPart(bucket: Bucket, meteredKwh: number, plugKwh: number, powerCoveredMs: number): RigBucket[] {
  const { startMs, rigs } = bucket;
  const ratio = plugKwh > 0 ? meteredKwh / plugKwh : Number.NaN;
  if (ratio >= LEAST_RATIO && ratio <= MOST_RATIO && powerCoveredMs >= LEAST_COVERED * rigs * BUCKET_MS) {
    bucket.overhead = { value: ratio, source: MEASURED, asOfMs: startMs + BUCKET_MS };
    return [];
  }
  if (rigs === 0) bucket.rigs = 1;
  return [
    {
      rig: 0,
      startMs,
      algo: "",
      // The meters know what the rigs do not tell.
      powerCoveredMs: Math.max(0, bucket.rigs * BUCKET_MS - powerCoveredMs),
      kwh: meteredKwh - plugKwh * (bucket.overhead?.value ?? 1),
      hashCoveredMs: 0,
      thsHours: 0,
    },
  ];
}

function matchBucket(
  bucket: Bucket,
  rates: FactorSlots,
  site: string,
  loadKwh: number,
  isKnown: boolean,
): void {
  const residual = bucket.carbonMarket;
  if (!residual) return;
  const range = { fromMs: bucket.startMs, toMs: bucket.startMs + BUCKET_MS };
  if (!isKnown && rates.needsLoad(site, range)) {
    delete bucket.carbonMarket;
    return;
  }
  // Of nothing drawn nothing is matched: the rest of the grid is what one more kWh would be.
  if (!(loadKwh > 0)) return;
  const kg = rates.marketKg(site, range, loadKwh);
  if (kg === undefined) delete bucket.carbonMarket;
  else
    bucket.carbonMarket = { ...residual, value: kg / loadKwh, source: `contracts; rest: ${residual.source}` };
}
