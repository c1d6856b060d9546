/** Rigs of one bucket beyond which all of them are recomputed, so that a mark stays small. */
const MAX_RIGS = 500;

/** What must be recomputed in one bucket: some rigs, or all (`rigs` undefined). */
export interface DirtyBucket {
  startMs: number;
  rigs: Set<number> | undefined;
  /** When it was first and last touched, server time. */
  firstMs: number;
  lastMs: number;
}

/** Buckets whose rows no longer follow from the raw samples. One entry per bucket, so that it is bounded by retention. */
export class DirtyBuckets {
  readonly #buckets = new Map<number, DirtyBucket>();

  get size(): number {
    return this.#buckets.size;
  }

  has(startMs: number, rig?: number): boolean {
    const bucket = this.#buckets.get(startMs);
    if (!bucket) return false;
    return rig === undefined || bucket.rigs === undefined || bucket.rigs.has(rig);
  }

  /** Marks one rig of a bucket, or all of them. */
  mark(startMs: number, rig: number | undefined, nowMs: number): void {
    let bucket = this.#buckets.get(startMs);
    if (!bucket) {
      bucket = { startMs, rigs: new Set(), firstMs: nowMs, lastMs: nowMs };
      this.#buckets.set(startMs, bucket);
    }
    bucket.lastMs = nowMs;
    if (rig === undefined) bucket.rigs = undefined;
    else bucket.rigs?.add(rig);
    if (bucket.rigs && bucket.rigs.size > MAX_RIGS) bucket.rigs = undefined;
  }

  /** Takes out a bucket that `ready` accepts, oldest first. */
  take(ready: (bucket: DirtyBucket) => boolean): DirtyBucket | undefined {
    let oldest: DirtyBucket | undefined;
    for (const bucket of this.#buckets.values())
      if (ready(bucket) && (oldest === undefined || bucket.startMs < oldest.startMs)) oldest = bucket;
    if (oldest) this.#buckets.delete(oldest.startMs);
    return oldest;
  }

  /** Puts back a bucket that was taken out, as it was. */
  putBack(bucket: DirtyBucket): void {
    this.#buckets.set(bucket.startMs, bucket);
  }

  /** Puts back what could not be dealt with. */
  restore(bucket: DirtyBucket): void {
    if (!bucket.rigs) this.mark(bucket.startMs, undefined, bucket.lastMs);
    else for (const rig of bucket.rigs) this.mark(bucket.startMs, rig, bucket.lastMs);
  }

  /** Start of the oldest marked bucket; undefined when none is marked. */
  get oldestMs(): number | undefined {
    let oldest: number | undefined;
    for (const startMs of this.#buckets.keys())
      if (oldest === undefined || startMs < oldest) oldest = startMs;
    return oldest;
  }

  /** Whether any bucket from `fromMs` up to `toMs` is marked. */
  anyWithin(fromMs: number, toMs: number): boolean {
    for (const startMs of this.#buckets.keys()) if (startMs >= fromMs && startMs < toMs) return true;
    return false;
  }

  /** Whether any bucket before `toMs` is marked. */
  anyBefore(toMs: number): boolean {
    return this.anyWithin(Number.NEGATIVE_INFINITY, toMs);
  }
}
