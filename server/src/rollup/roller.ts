import { rawRow } from "../store/rawRow.js";
import type { StoredSample } from "../store/store.js";
import { type DirtyBucket, DirtyBuckets } from "./dirty.js";
import { foldHours, foldSite, foldSiteRows } from "./fold.js";
import { OpenBuckets } from "./openBuckets.js";
import { firstUnwritten, refill } from "./refill.js";
import { lacksRaw, replacing } from "./replacing.js";
import type { Closed, RollerOptions } from "./rollerOptions.js";
import { byRig, rollup } from "./rollup.js";
import { BUCKET_MS, bucketOf, HOUR_MS, hourOf, type RollupRow, type SiteRollupRow } from "./row.js";
import { SiteFolds } from "./siteFold.js";
import { TooLate } from "./tooLate.js";

/** Setting that says up to which instant of arrival all samples are rolled up. */
const CLEAN = "rollup.cleanMs";
/** Rigs whose rows are made between two turns of the event loop. */
const CLOSE_SLICE = 500;
/** Rigs whose raw samples are read at once: about 8,000 rows at 5 s. */
const RAW_SLICE = 64;
/** Rigs whose 5-minute rows of an hour are read at once. */
const HOUR_SLICE = 200;
/** A bucket touched again and again is recomputed after this time all the same, ms. */
const MAX_WAIT_MS = 300_000;
/** For so long one whose raw samples are gone must be left alone, and at most: what comes after its row was made may be left out of it. */
const LATE_QUIET_MS = 300_000;
const LATE_MAX_WAIT_MS = 3_600_000;
/** Buckets closed at once after a step of the clock. */
const MAX_BUCKETS = 288;
/** Buckets recomputed in one step: of a month that comes in late, hours are folded and the present is closed meanwhile. */
const MAX_RECOMPUTED = 48;
/** A live sample may be from 5 minutes ahead, so that the present bucket and the next are open. */
const AHEAD_BUCKETS = 2;

/**
 * Turns committed samples into rollup rows: 5-minute rows when a bucket closes, hourly ones as the fold of twelve, site
 * rows from rig rows. What late data, a doubled sample or a restart touches is recomputed from raw, so that every row is
 * what `rollup` says of its samples, however they came. Every step may be repeated.
 */
export class Roller {
  readonly #open = new OpenBuckets();
  readonly #dirty = new DirtyBuckets();
  /** Hours to fold anew, each with its rigs; undefined = all. */
  readonly #hours = new DirtyBuckets();
  /** What readings came too late for. */
  readonly tooLate = new TooLate();
  #closedTo: number | undefined;
  #cleanMs = Number.NEGATIVE_INFINITY;
  /** Oldest bucket or hour that a running step works on. */
  #busyFromMs = Number.POSITIVE_INFINITY;
  #closing: Promise<Closed> | undefined;

  constructor(private readonly options: RollerOptions) {}

  /** Buckets before this instant are closed; undefined before the first step. */
  get closedToMs(): number | undefined {
    return this.#closedTo;
  }

  /** Hours before this instant are folded and nothing in them waits; undefined before the first step. */
  get foldedToMs(): number | undefined {
    if (this.#closedTo === undefined) return undefined;
    const waiting = [this.#dirty.oldestMs, this.#hours.oldestMs].filter((ms) => ms !== undefined);
    return hourOf(Math.min(this.#closedTo, this.#busyFromMs, ...waiting));
  }

  /** Buckets that wait to be recomputed. */
  get pending(): number {
    return this.#dirty.size;
  }

  /** Whether a bucket has ended whose rows are not written. */
  isDue(nowMs: number): boolean {
    return this.#target(nowMs) > (this.#closedTo ?? Number.NEGATIVE_INFINITY);
  }

  /** Takes samples that the telemetry store has committed, in any order. */
  add(samples: readonly StoredSample[], nowMs: number): void {
    for (const stored of samples) {
      const { atMs } = stored.sample;
      const startMs = bucketOf(atMs);
      if (this.#closedTo !== undefined && startMs < this.#closedTo) this.#touch(startMs, stored.rig, nowMs);
      else if (!this.#open.add(rawRow(stored))) this.#touch(startMs, stored.rig, nowMs);
    }
  }

  /** A sample bears on its bucket and, through its hold and its counters, on the next. */
  #touch(startMs: number, rig: number | undefined, nowMs: number): void {
    this.#dirty.mark(startMs, rig, nowMs);
    this.#dirty.mark(startMs + BUCKET_MS, rig, nowMs);
  }

  /**
   * Takes up what a former run left: the buckets that have no row yet are filled from raw samples, so that they are served
   * and close as though it had gone on; older ones that samples touched since its last clean step are recomputed by the
   * coming steps, and every hour since is folded. Call it once, before the first sample.
   */
  async recover(nowMs: number): Promise<void> {
    const { state, telemetry } = this.options;
    const clean = Number(await state.setting(CLEAN));
    const newest = await state.newestRollup(BUCKET_MS);
    const sinceMs = clean > 0 ? clean : (newest ?? 0);
    // An hour that was not over at the last clean step was not folded, whether or not anything touches it again.
    if (newest !== undefined)
      for (let at = hourOf(sinceMs); at <= newest; at += HOUR_MS) this.#hours.mark(at, undefined, 0);
    const starts = await telemetry.bucketsSince(sinceMs, BUCKET_MS);
    // A sample bears on its bucket and on the next.
    const touched = [...new Set(starts.flatMap((startMs) => [startMs, startMs + BUCKET_MS]))];
    const target = this.#target(nowMs);
    const wholeFromMs = (this.options.rawFromMs?.() ?? Number.NEGATIVE_INFINITY) + BUCKET_MS;
    const unwritten = { writtenMs: newest ?? Number.NEGATIVE_INFINITY, wholeFromMs, beforeMs: target };
    const openFromMs = firstUnwritten(touched, unwritten) ?? target;
    const openToMs = bucketOf(nowMs) + AHEAD_BUCKETS * BUCKET_MS;
    this.#closedTo = openFromMs;
    for (const startMs of touched)
      if (startMs < openFromMs || startMs >= openToMs)
        this.#dirty.mark(startMs, undefined, nowMs - MAX_WAIT_MS);
    const rigs = Array.from(this.options.rigs(), ({ rig }) => rig);
    await refill(this.#open, telemetry, rigs, { fromMs: openFromMs, toMs: openToMs });
  }

  #target(nowMs: number): number {
    return bucketOf(nowMs - (this.options.graceMs ?? 20_000));
  }

  /**
   * Writes rows that are due and says how many: closed buckets, four hours of recomputed ones, hours. With `more`, it is to be called
   * again at once. Rejects when a store does; the rows stay due. A call while one runs waits for that one. `rawGoesMs`: raw samples are
   * about to be dropped since then, so that what late ones have touched before, which may be among them, does not wait for others.
   */
  close(nowMs: number, rawGoesMs = Number.NEGATIVE_INFINITY): Promise<Closed> {
    this.#closing ??= this.#step(nowMs, rawGoesMs).finally(() => {
      this.#closing = undefined;
      this.#busyFromMs = Number.POSITIVE_INFINITY;
    });
    return this.#closing;
  }

  async #step(nowMs: number, rawGoesMs: number): Promise<Closed> {
    const done: Closed = { rigs: 0, sites: 0, more: false };
    const target = this.#target(nowMs);
    const from = this.#closedTo ?? target - BUCKET_MS;
    this.#closedTo = Math.max(target, this.#closedTo ?? target);
    this.#busyFromMs = from;
    await this.#closeOpen(from, done);
    done.more = await this.#recompute(nowMs, done, rawGoesMs);
    await this.#foldHours(done);
    const cleanMs = this.#closedTo - 2 * BUCKET_MS;
    if (!this.#dirty.anyBefore(this.#closedTo) && cleanMs > this.#cleanMs) {
      await this.options.state.putSetting(CLEAN, String(cleanMs));
      this.#cleanMs = cleanMs;
    }
    return done;
  }

  async #write(done: Closed, rigs: readonly RollupRow[], sites: readonly SiteRollupRow[]): Promise<void> {
    if (rigs.length + sites.length === 0) return;
    const write = () => this.options.state.putRollups(rigs, sites);
    await (this.options.writing?.(rigs, sites, write) ?? write());
    done.rigs += rigs.length;
    done.sites += sites.length;
    this.options.written?.(rigs, sites);
  }

  async #closeOpen(fromMs: number, done: Closed): Promise<void> {
    const closedTo = this.#closedTo!;
    const firstMs = Math.max(fromMs, closedTo - MAX_BUCKETS * BUCKET_MS);
    const buckets = new SiteFolds(this.options.rigs, BUCKET_MS, firstMs, closedTo);
    const rigs = this.#open.rigs;
    for (let first = 0; first === 0 || first < rigs.length; first += CLOSE_SLICE) {
      this.#open.closeBefore(rigs.slice(first, first + CLOSE_SLICE), closedTo);
      // What the rigs' own next samples have closed is there at once; it goes in slices as well.
      for (;;) {
        const due = this.#open.takeClosed(closedTo, CLOSE_SLICE);
        if (due.length === 0) break;
        await this.#writeDue(due, buckets, done);
      }
    }
    for (const startMs of buckets.starts) {
      this.#hours.mark(hourOf(startMs), undefined, 0);
      // Where some rigs are to be recomputed, the site's row follows with them.
      if (!this.#dirty.has(startMs)) await this.#write(done, [], buckets.rows(startMs));
    }
  }

  async #writeDue(due: readonly RollupRow[], buckets: SiteFolds, done: Closed): Promise<void> {
    const good = due.filter(({ startMs, rig }) => !this.#dirty.has(startMs, rig));
    try {
      await this.#write(done, good, []);
    } catch (cause) {
      this.#open.putBack(due);
      for (const at of buckets.starts) this.#dirty.mark(at, undefined, 0);
      throw cause;
    }
    // A row of a bucket that was closed before: its site rows follow from all rigs' rows.
    for (const row of good) if (!buckets.add(row)) this.#dirty.mark(row.startMs, row.rig, 0);
  }

  /** Whether buckets are left that could be recomputed now. */
  async #recompute(nowMs: number, done: Closed, rawGoesMs: number): Promise<boolean> {
    const rawFromMs = this.options.rawFromMs?.() ?? Number.NEGATIVE_INFINITY;
    const quietMs = this.options.quietMs ?? 15_000;
    for (let recomputed = 0; ; recomputed++) {
      const bucket = this.#dirty.take(({ startMs, firstMs, lastMs }) => {
        if (startMs >= this.#closedTo!) return false;
        const isLate = lacksRaw(startMs, rawFromMs);
        return (
          firstMs <= rawGoesMs ||
          nowMs - lastMs >= (isLate ? LATE_QUIET_MS : quietMs) ||
          nowMs - firstMs >= (isLate ? LATE_MAX_WAIT_MS : MAX_WAIT_MS)
        );
      });
      if (!bucket) return false;
      if (recomputed === MAX_RECOMPUTED) {
        this.#dirty.putBack(bucket);
        return true;
      }
      this.#busyFromMs = Math.min(this.#busyFromMs, bucket.startMs);
      try {
        await this.#recomputeBucket(bucket, done, { rawFromMs, nowMs });
      } catch (cause) {
        this.#dirty.restore(bucket);
        throw cause;
      }
    }
  }

  async #recomputeBucket(
    { startMs, rigs }: DirtyBucket,
    done: Closed,
    { rawFromMs, nowMs }: { rawFromMs: number; nowMs: number },
  ): Promise<void> {
    const known = [...this.options.rigs(startMs)];
    const place = { startMs, rawFromMs, fineFromMs: this.options.fineFromMs?.() ?? Number.NEGATIVE_INFINITY };
    let made = 0;
    const touched = rigs ? [...rigs] : known.map(({ rig }) => rig);
    for (let first = 0; first < touched.length; first += RAW_SLICE) {
      const slice = touched.slice(first, first + RAW_SLICE);
      const raw = await this.options.telemetry.raw({
        fromMs: startMs - BUCKET_MS,
        toMs: startMs + BUCKET_MS,
        rigs: slice,
      });
      const own = byRig(raw).flatMap((rows) => rollup(rows, startMs) ?? []);
      const { rows, same, tooLate, gone } = await replacing(this.options.state, own, place);
      await this.#write(done, rows, []);
      // What a step before has written, and ended before its sums were made, counts as written now.
      made += rows.length + same.length;
      this.tooLate.add(tooLate, startMs, nowMs, gone);
      for (const rig of [...rows.map((row) => row.rig), ...same]) this.#hours.mark(hourOf(startMs), rig, 0);
    }
    // Of what is left of dropped rows no sum is made anew.
    if (made === 0 && lacksRaw(startMs, rawFromMs)) return;
    const all: RollupRow[] = [];
    for (let first = 0; first < known.length; first += CLOSE_SLICE) {
      const slice = known.slice(first, first + CLOSE_SLICE).map(({ rig }) => rig);
      const range = { fromMs: startMs, toMs: startMs + BUCKET_MS, stepMs: BUCKET_MS, rigs: slice };
      for (const row of await this.options.state.rollups(range)) all.push(row);
    }
    await this.#write(done, [], foldSite(all, known, startMs, BUCKET_MS));
    if (all.length === 0) this.#hours.mark(hourOf(startMs), undefined, 0);
  }

  async #foldHours(done: Closed): Promise<void> {
    for (;;) {
      const hour = this.#hours.take(
        ({ startMs }) =>
          startMs + HOUR_MS <= this.#closedTo! && !this.#dirty.anyWithin(startMs, startMs + HOUR_MS),
      );
      if (!hour) return;
      this.#busyFromMs = Math.min(this.#busyFromMs, hour.startMs);
      try {
        await this.#foldHour(hour, done);
      } catch (cause) {
        this.#hours.restore(hour);
        throw cause;
      }
    }
  }

  async #foldHour({ startMs, rigs }: DirtyBucket, done: Closed): Promise<void> {
    const known = [...this.options.rigs()];
    const touched = rigs ? [...rigs] : known.map(({ rig }) => rig);
    const range = { fromMs: startMs, toMs: startMs + HOUR_MS, stepMs: BUCKET_MS };
    for (let first = 0; first < touched.length; first += HOUR_SLICE) {
      const slice = touched.slice(first, first + HOUR_SLICE);
      await this.#write(done, foldHours(await this.options.state.rollups({ ...range, rigs: slice })), []);
    }
    const then = Array.from(this.options.rigs(startMs), (rig) => rig.site);
    for (const site of new Set([...then, ...known.map((rig) => rig.site)])) {
      const rows = await this.options.state.siteRollups({ ...range, site });
      await this.#write(done, [], foldSiteRows(rows, startMs, HOUR_MS));
    }
  }

  /** Rows of the buckets that are not written yet, as they stand at `nowMs`; a rig may have two. */
  open(nowMs: number): RollupRow[] {
    return this.#open.peek(nowMs);
  }
}
