import type { Figures, PricedBy } from "../economics/figures.js";
import { figuresOf } from "../economics/figures.js";
import { ByRig } from "../identity/byRig.js";
import type { RigRecord, SiteRecord } from "../store/state/state.js";
import type { StoredSample } from "../store/store.js";
import { DevFeeMeter, type MeasuredShares } from "./devFeeMeter.js";
import { newRigView, type Reading, type RigLimits, type RigView } from "./rigView.js";

/** Below this age a rig is never stale, however often it is polled. */
const STALE_AFTER_MS = 30_000;
const UNKNOWN: Figures = {};

/** What the fleet asks to complete a view: prices of a site, and limits of a rig. */
export interface FleetSources {
  rates(site: string, nowMs: number): PricedBy;
  limits(view: RigView, nowMs: number): RigLimits;
}

/** When rigs last answered: all answers since `fromMs` were looked at. */
export interface KnownAnswers {
  fromMs: number;
  byRig: ReadonlyMap<number, number>;
}

/** Whether a reading that arrived at `receivedMs` is too old to stand for now. */
export const isStaleAt = (intervalMs: number, receivedMs: number, nowMs: number): boolean =>
  nowMs - receivedMs > staleAfterMs(intervalMs);

/** For how long a reading stands, ms. */
export const staleAfterMs = (intervalMs: number): number => Math.max(3 * intervalMs, STALE_AFTER_MS);

/** The state of all rigs, a pure reducer over arrivals: freshness is judged by the server's own time of arrival. */
export class Fleet {
  readonly #views = new ByRig<RigView>();
  readonly #sources: FleetSources;
  #newestMs: number | undefined;

  constructor(sources: FleetSources) {
    this.#sources = sources;
  }

  get size(): number {
    return this.#views.size;
  }

  /** Arrival of the newest live reading; undefined before the first. */
  get newestMs(): number | undefined {
    return this.#newestMs;
  }

  views(): IterableIterator<RigView> {
    return this.#views.values();
  }

  view(rig: number): RigView | undefined {
    return this.#views.get(rig);
  }

  /** Makes a rig known or replaces what identifies it. */
  putRig(record: RigRecord): RigView {
    const known = this.#views.get(record.rig);
    if (!known) {
      const view = newRigView(record);
      this.#views.set(record.rig, view);
      return view;
    }
    known.record = record;
    known.algo = known.reading?.algo ?? record.evidence.algo;
    return known;
  }

  /** Forgets a rig; false when it was not known. */
  remove(rig: number): boolean {
    return this.#views.delete(rig);
  }

  /** Takes in a live reading of a rig. */
  apply(view: RigView, reading: Reading, receivedMs: number): void {
    view.reading = reading;
    view.receivedMs = receivedMs;
    view.stale = false;
    view.algo = reading.algo ?? view.record.evidence.algo;
    if (reading.status === "unreachable") view.figures = UNKNOWN;
    else {
      view.answeredMs = receivedMs;
      if (reading.shares?.devFeeDiff !== undefined) {
        view.devFee ??= new DevFeeMeter();
        view.devFee.heard(reading.shares, receivedMs);
      }
      this.#price(view, reading, receivedMs);
    }
    view.limits = this.#sources.limits(view, receivedMs);
    if (this.#newestMs === undefined || receivedMs > this.#newestMs) this.#newestMs = receivedMs;
  }

  /**
   * Takes in what the store knew last, so that a restart does not begin with an empty screen; rigs not put are left out, and
   * those that have given a reading since.
   * `answers` tell when those that are unreachable last answered, as far back as they were looked for.
   */
  hydrate(latest: readonly StoredSample[], answers: KnownAnswers, nowMs: number): void {
    for (const view of this.#views.values()) if (!view.reading) view.mayHaveAnswered = true;
    for (const { rig, receivedMs, sample } of latest) {
      const view = this.#views.get(rig);
      if (!view || view.reading) continue;
      view.answeredMs = answers.byRig.get(rig);
      view.mayHaveAnswered = view.record.firstSeenMs < answers.fromMs;
      this.apply(view, sample, receivedMs);
    }
    this.sweep(nowMs);
  }

  /** Takes in what firmwares were measured to take before a restart; rigs not put are left out. */
  restoreDevFees(kept: readonly (MeasuredShares & { rig: number })[]): void {
    for (const { rig, ...part } of kept) {
      const view = this.#views.get(rig);
      if (!view) continue;
      view.devFee ??= new DevFeeMeter();
      view.devFee.restore(part);
    }
  }

  /** Ages every view; returns those that have just become stale. */
  sweep(nowMs: number): RigView[] {
    const gone: RigView[] = [];
    for (const view of this.#views.values()) {
      if (view.stale || view.reading === undefined || view.receivedMs === undefined) continue;
      if (!isStaleAt(view.reading.intervalMs, view.receivedMs, nowMs)) continue;
      view.stale = true;
      gone.push(view);
    }
    return gone;
  }

  /** Prices every rig of a site again, after its rates have changed. */
  reprice(site: SiteRecord["site"], nowMs: number): void {
    for (const view of this.#views.values())
      if (view.record.site === site && view.reading && view.reading.status !== "unreachable")
        this.#price(view, view.reading, nowMs);
  }

  #price(view: RigView, reading: Reading, nowMs: number): void {
    const by = this.#sources.rates(view.record.site, nowMs);
    view.figures = figuresOf(reading, view.algo, by, view.devFee?.over(nowMs)?.share);
    if (view.figures.profitPerH !== undefined && reading.status === "mining")
      view.lastProfitPerH = view.figures.profitPerH;
  }
}
