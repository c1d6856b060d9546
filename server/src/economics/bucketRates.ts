import { LEDGER_FACTORS, type LedgerFactor } from "@hashwatt/protocol/ledger";
import type { Slot, TimeRange } from "../rates/slot.js";
import type { CellRates } from "./ledgerCell.js";

/** What one factor was over a bucket, and where it is from. */
export interface BucketFactor {
  value: number;
  source: string;
  asOfMs: number | null;
}

/**
 * What prices a site over one bucket; an absent factor is unknown for a part of it at least. `others` is of other algorithms than
 * SHA-256, by name: `revenue/scrypt` the hashprice in the site's currency, `poolFactor/scrypt` what its own pools leave of it.
 */
export type BucketRates = { startMs: number; others?: Readonly<Record<string, BucketFactor>> } & Partial<
  Record<LedgerFactor, BucketFactor>
>;

/**
 * Time-weighted means of a rate over the buckets of a range; a bucket that slots do not cover as a whole has none. Several sources
 * within a bucket are named together, dated by the oldest. Expects sorted slots without overlap, and a range of whole buckets.
 */
export function bucketFactors(
  slots: readonly Slot[],
  { fromMs, toMs }: TimeRange,
  stepMs: number,
): (BucketFactor | undefined)[] {
  const factors: (BucketFactor | undefined)[] = [];
  let first = 0;
  for (let startMs = fromMs; startMs < toMs; startMs += stepMs) {
    while (first < slots.length && slots[first]!.endMs <= startMs) first++;
    factors.push(overBucket(slots, first, startMs, startMs + stepMs));
  }
  return factors;
}

function overBucket(
  slots: readonly Slot[],
  first: number,
  startMs: number,
  endMs: number,
): BucketFactor | undefined {
  const only = slots[first];
  if (!only || only.startMs > startMs) return undefined;
  // The mean of one value is that value, to the last digit.
  if (only.endMs >= endMs) return { value: only.value, source: only.source, asOfMs: only.asOfMs };
  let sum = 0;
  let asOfMs: number | null = only.asOfMs;
  const sources = new Set<string>();
  for (let i = first, at = startMs; ; i++) {
    const slot = slots[i];
    if (!slot || slot.startMs > at) return undefined;
    const until = Math.min(slot.endMs, endMs);
    sum += slot.value * (until - at);
    sources.add(slot.source);
    asOfMs = asOfMs === null || slot.asOfMs === null ? null : Math.min(asOfMs, slot.asOfMs);
    at = until;
    if (at >= endMs) return { value: sum / (endMs - startMs), source: [...sources].join("; "), asOfMs };
  }
}

/** Whether buckets are priced alike: the same values, from the same sources. */
function sameRates(a: BucketRates, b: BucketRates): boolean {
  return (
    LEDGER_FACTORS.every((kind) => sameFactor(a[kind], b[kind])) &&
    Object.keys({ ...a.others, ...b.others }).every((series) =>
      sameFactor(a.others?.[series], b.others?.[series]),
    )
  );
}

const sameFactor = (x: BucketFactor | undefined, y: BucketFactor | undefined): boolean =>
  x?.value === y?.value && x?.source === y?.source && x?.asOfMs === y?.asOfMs;

/** Where buckets that are held go by other rates than those of now; what is not known now is left out. */
export function changedBuckets<T extends BucketRates>(held: readonly T[], now: readonly T[]): number[] {
  const byStart = new Map(now.map((bucket) => [bucket.startMs, bucket]));
  return held.flatMap((bucket) => {
    const other = byStart.get(bucket.startMs);
    return other && !sameRates(bucket, other) ? [bucket.startMs] : [];
  });
}

/** The values alone of what a bucket is rated with. */
export const valuesOf = (bucket: BucketRates): CellRates => ({
  ...Object.fromEntries(LEDGER_FACTORS.map((kind) => [kind, bucket[kind]?.value])),
  others: Object.fromEntries(
    Object.entries(bucket.others ?? {}).map(([series, { value }]) => [series, value]),
  ),
});
