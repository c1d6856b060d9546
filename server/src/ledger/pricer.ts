import { changedBuckets } from "../economics/bucketRates.js";
import type { TimeRange } from "../rates/slot.js";
import { BUCKET_MS, HOUR_MS, hourOf, type RollupRow } from "../rollup/row.js";
import type { Stay } from "../store/state/ledger.js";
import { KeptDue } from "./keptDue.js";
import { OpenWrites } from "./openWrites.js";
import type { PricerOptions } from "./pricerOptions.js";
import { siteBuckets } from "./siteBuckets.js";
import { SpanOrKept } from "./spanOrKept.js";
import { StayBook } from "./stayBook.js";

/** Rows priced in one transaction, and hours at most: what others wait for, and what a crash repeats. */
const SLICE_ROWS = 72_000;
const SLICE_HOURS = 24;
/** Rows of the hour under way that are worked out at once: it is priced anew every 5 minutes, and room counts for more than time. */
const LIVE_ROWS = 24_000;
/** Hours whose rates are looked at in one go. */
const LOOK_HOURS = 48;
/** What was priced is taken out of the setting so often at most; after a crash it is priced once more. */
const SAVE_MS = 10_000;
/** After a failure it is tried again so late at most. */
const MAX_REST_MS = 60_000;

const endOf = (ms: number): number => Math.ceil(ms / HOUR_MS) * HOUR_MS;

/**
 * Keeps the ledger: prices what has been rolled up, and again what late readings or a changed rate touch, the newest first, in slices
 * beside everything else. What waits is on disk before the rows that make it wait, so that no crash leaves a wrong figure.
 */
export class Pricer {
  readonly #due: KeptDue;
  readonly #pricedTo = new Map<string, number>();
  readonly #stays: StayBook;
  readonly #spans: SpanOrKept;
  #staysMs = Number.NEGATIVE_INFINITY;
  #closedToMs: number | undefined;
  #foldedToMs = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;
  #savedMs = Number.NEGATIVE_INFINITY;
  readonly #writes = new OpenWrites();
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  readonly #closing = new AbortController();
  /** Why the last slice failed; undefined while it works. */
  problem: string | undefined;
  /** Hours priced since the start. */
  hoursPriced = 0;

  constructor(private readonly options: PricerOptions) {
    this.#due = new KeptDue(options.state);
    this.#stays = new StayBook(options.state, options.rigs, options.sightings);
    this.#spans = new SpanOrKept(options);
  }

  /** Takes up what a former run left, and has looked at what may have changed since: rates that the config names. */
  async load(): Promise<void> {
    const { state, sites, keepMs, clock } = this.options;
    const readable = await this.#due.load();
    await this.#stays.load();
    for (const { site } of sites()) {
      const span = await state.ledger.span(site);
      if (!span) continue;
      this.#pricedTo.set(site, span.toMs);
      const fromMs = Math.max(span.fromMs, clock.nowMs() - keepMs);
      if (fromMs < span.toMs) this.#due.add(site, readable ? "rates" : "data", fromMs, span.toMs);
    }
  }

  /** Hours that wait to be priced or looked at. */
  get pending(): number {
    return this.#due.size + (this.#due.busy ? 1 : 0);
  }

  /** The ledger of a site ends here; undefined before it has begun. */
  pricedToMs(site: string): number | undefined {
    return this.#pricedTo.get(site);
  }

  /** Stretches of a site that are to be priced anew, those included that are only looked at. */
  due(site: string, range: TimeRange): TimeRange[] {
    const { data, rates } = this.#due.of(site);
    const at = this.#due.busy?.site === site ? this.#due.busy : undefined;
    const busy = at ? [[at.fromMs, at.toMs] as const] : [];
    return [...data.ranges, ...rates.ranges, ...busy]
      .map(([fromMs, toMs]) => ({
        fromMs: Math.max(fromMs, range.fromMs),
        toMs: Math.min(toMs, range.toMs, this.#pricedTo.get(site) ?? fromMs),
      }))
      .filter(({ fromMs, toMs }) => toMs > fromMs)
      .sort((a, b) => a.fromMs - b.fromMs);
  }

  /** Where rigs stood when, as the ledger has it. */
  get stays(): readonly Stay[] {
    return this.#stays.list;
  }

  /**
   * Buckets before this instant are rolled up: prices them in the background. `foldedToMs`: so far only, and the present, since more
   * comes in late; a ledger that is behind goes no further, so that no hour is priced before its rows are there.
   */
  rolledUp(closedToMs: number | undefined, foldedToMs = Number.POSITIVE_INFINITY): void {
    this.#closedToMs = closedToMs;
    this.#foldedToMs = foldedToMs;
    void this.step();
  }

  /** Has rollup rows written by `write`, once it is noted on disk which hours of the ledger they change. */
  around(rows: readonly RollupRow[], write: () => Promise<void>): Promise<void> {
    return this.#writes.during(async () => {
      const newestMs = Math.max(...this.#pricedTo.values());
      // Of a rig that is new here nobody could say whose hours its rows change.
      if (this.#stays.lacks(rows, newestMs)) await this.#refreshStays();
      for (const { site, startMs } of this.#stays.placesOf(rows, newestMs))
        if (startMs < (this.#pricedTo.get(site) ?? startMs))
          this.#due.add(site, "data", startMs, startMs + BUCKET_MS);
      await this.#due.saveNoted();
      await write();
    });
  }

  /** A rate of a site may be another over a range: what it changes is priced anew. Never rejects: what fails is logged, and done later. */
  async rateChanged(site: string, changed: TimeRange): Promise<void> {
    const range = await this.#spans.within(site, this.#pricedTo.get(site), changed);
    if (range) this.#due.add(site, "rates", range.fromMs, range.toMs);
    await this.#due.saveNoted().catch(this.#unsaved);
    void this.step();
  }

  /** Prices a range anew, whatever it is now; resolves when it is done. `progress` hears of hours. Throws when it fails or is aborted. */
  async reprice(
    sites: readonly string[],
    range: TimeRange,
    { signal, progress }: { signal: AbortSignal; progress(done: number, total: number): void },
  ): Promise<number> {
    for (const site of sites) {
      const span = await this.options.state.ledger.span(site);
      if (!span) continue;
      const [from, to] = [Math.max(range.fromMs, span.fromMs), Math.min(range.toMs, span.toMs)];
      if (to > from) this.#due.add(site, "data", from, to);
    }
    await this.#due.saveNoted();
    const total = this.#due.size;
    for (let before = -1; this.#due.size > 0; ) {
      signal.throwIfAborted();
      progress(Math.max(0, total - this.#due.size), total);
      await this.step(signal);
      if (this.problem !== undefined) throw new Error(this.problem);
      // What waits for an hour to end, or for readings on their way, is no part of this.
      if (before === this.#due.size) break;
      before = this.#due.size;
    }
    progress(total, total);
    return total;
  }

  /** Prices what is due, newest first; a call while one runs joins it. Never rejects. */
  step(signal?: AbortSignal): Promise<void> {
    this.#running ??= this.#step(signal).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Waits for the slice under way and keeps what is left for the next run. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the server ends"));
    await this.#running;
    await this.#due.save().catch(this.#unsaved);
  }

  readonly #unsaved = (error: unknown): void => this.options.log.error({ err: error }, "ledger not saved");

  async #step(signal?: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    if (this.#closedToMs === undefined || this.#isClosed || clock.monoMs() < this.#restUntilMs) return;
    try {
      await this.#goOn(this.#closedToMs);
      let worked = false;
      while (!this.#isClosed && !signal?.aborted && (await this.#slice(this.#closedToMs))) {
        worked = true;
        if (clock.monoMs() - this.#savedMs > SAVE_MS) await this.#save();
      }
      if (worked) await this.#save();
      if (this.problem !== undefined) log.info("the ledger is priced again");
      this.problem = undefined;
      this.#failures = 0;
    } catch (error) {
      this.#due.putBack();
      const why = error instanceof Error ? error.message : String(error);
      if (this.problem !== why) log.error({ err: error }, "ledger not priced");
      this.problem = why;
      this.#restUntilMs = clock.monoMs() + Math.min(MAX_REST_MS, 1_000 * 2 ** this.#failures++);
    }
  }

  /** Brings up to date where rigs stood; hours that are priced at a site where a rig was not are due again. */
  #refreshStays(): Promise<void> {
    return this.#stays.refresh((moves) => {
      for (const { sites, fromMs, toMs } of moves)
        for (const site of sites) {
          const endMs = Math.min(toMs, this.#pricedTo.get(site) ?? fromMs);
          if (fromMs < endMs) this.#due.add(site, "data", fromMs, endMs);
        }
      return this.#due.saveNoted();
    });
  }

  /** Notes the buckets that have closed since the last one that is priced, and where rigs have moved. */
  async #goOn(presentMs: number): Promise<void> {
    const { sites, meteredSites } = this.options;
    if (presentMs !== this.#staysMs) {
      await this.#refreshStays();
      this.#staysMs = presentMs;
    }
    const withRigs = new Set(this.#stays.list.map(({ site }) => site));
    for (const { site } of sites()) {
      if (!withRigs.has(site) && !meteredSites.includes(site)) continue;
      const fromMs = this.#pricedTo.get(site) ?? (await this.#begin(site, presentMs));
      const closedToMs = presentMs - fromMs > HOUR_MS ? Math.min(presentMs, this.#foldedToMs) : presentMs;
      if (fromMs >= closedToMs) continue;
      // Of several hours the newest is priced first, and what is left must not be forgotten by a crash.
      if (endOf(closedToMs) - hourOf(fromMs) > HOUR_MS) this.#due.add(site, "data", fromMs, closedToMs);
      else this.#due.of(site).data.add(hourOf(fromMs), endOf(closedToMs));
    }
    await this.#due.saveNoted();
  }

  /** Begins the ledger of a site with the oldest row that there is. */
  async #begin(site: string, presentMs: number): Promise<number> {
    // What is written from here on is noted, however old it is.
    this.#pricedTo.set(site, presentMs);
    try {
      await this.#writes.ended();
      const fromMs = (await this.options.state.oldestRollup(BUCKET_MS)) ?? presentMs - BUCKET_MS;
      this.#pricedTo.set(site, Math.min(fromMs, presentMs));
      return fromMs;
    } catch (cause) {
      this.#pricedTo.delete(site);
      throw cause;
    }
  }

  /** Prices or looks at the newest hours of some site; false when nothing is due. */
  async #slice(closedToMs: number): Promise<boolean> {
    // What is noted and not yet in the state must not be taken for done.
    const writes = await this.#writes.ended();
    const firstMs = (await this.options.state.oldestRollup(BUCKET_MS)) ?? Number.NEGATIVE_INFINITY;
    for (const { site } of this.options.sites()) {
      const due = this.#due.of(site);
      if (due.data.size + due.rates.size === 0) continue;
      const span = await this.options.state.ledger.span(site);
      // What was asked knows nothing of a write that began meanwhile, whose hours wait already: it is asked again.
      if (this.#writes.begun !== writes) return true;
      // Of an hour that lost its first rows nothing can be priced; of one that the ledger begins with nothing was lost.
      const begun = span === undefined || span.fromMs >= hourOf(firstMs);
      this.#due.dropBefore(site, begun ? hourOf(firstMs) : endOf(firstMs));
      const hours = Math.floor(SLICE_ROWS / (12 * Math.max(1, this.#stays.count(site))));
      const most = Math.max(1, Math.min(SLICE_HOURS, hours));
      const data = due.data.takeNewest(most);
      if (data) {
        await this.#price(site, data[0], data[1], closedToMs);
        return true;
      }
      const rates = due.rates.takeNewest(LOOK_HOURS);
      if (rates) {
        await this.#look(site, rates[0], rates[1], closedToMs);
        return true;
      }
    }
    return false;
  }

  async #price(site: string, fromMs: number, toMs: number, closedToMs: number): Promise<void> {
    const { state, clock, booking = (_hours, write) => write() } = this.options;
    if (fromMs >= closedToMs) return;
    this.#due.busy = { site, what: "data", fromMs, toMs };
    const startedMs = clock.monoMs();
    const { buckets, own } = await this.#buckets(site, fromMs, Math.min(toMs, closedToMs));
    const hoursToMs = Math.min(toMs, hourOf(closedToMs));
    const live = toMs >= closedToMs && { rowsAtOnce: LIVE_ROWS };
    const order = { site, fromMs, toMs, buckets, own, stays: this.#stays.list, hoursToMs, ...live };
    await booking({ fromMs, toMs: hoursToMs }, () => state.ledger.price(order));
    this.#due.busy = undefined;
    this.hoursPriced += (toMs - fromMs) / HOUR_MS;
    this.#pricedTo.set(site, Math.max(this.#pricedTo.get(site) ?? fromMs, Math.min(toMs, closedToMs)));
    await this.#rest(clock.monoMs() - startedMs);
  }

  async #rest(tookMs: number): Promise<void> {
    // Whoever ends the pause is waiting for the end of the work.
    await this.options.rest?.(tookMs, this.#closing.signal).catch(() => undefined);
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #buckets(site: string, fromMs: number, toMs: number) {
    const { rates, feeders, state } = this.options;
    return siteBuckets({ rates, feeders, ledger: state.ledger }, site, this.#stays.list, { fromMs, toMs });
  }

  /** Compares what hours were priced with to what holds for them now, and notes those that differ. */
  async #look(site: string, fromMs: number, toMs: number, closedToMs: number): Promise<void> {
    this.#due.busy = { site, what: "rates", fromMs, toMs };
    const held = await this.options.state.ledger.rates(site, fromMs, toMs);
    const { buckets } = await this.#buckets(site, fromMs, Math.min(toMs, closedToMs));
    for (const at of changedBuckets(held, buckets)) this.#due.add(site, "data", at, at + BUCKET_MS);
    this.#due.busy = undefined;
    await this.#rest(0);
  }

  async #save(): Promise<void> {
    await this.#due.save();
    this.#savedMs = this.options.clock.monoMs();
  }
}
