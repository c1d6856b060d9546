import type { AuditEntry, AuditPage } from "@hashwatt/protocol/access";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { LOOKS, VISITS } from "../store/state/noChanges.js";
import type { AuditQuery, AuditStore } from "../store/state/state.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const KEPT_MS = 400 * DAY_MS;
/** What was refused or failed, and who came and went, have bounds of their own, so that who makes much of it pushes no change out of the record. */
const KEPT = { done: 100_000, notDone: 20_000, visits: 20_000 };
/** The record is brought back to its bounds each time that so many entries were added, however short a time that took. */
const TRIMMED_AFTER = 1_000;
/** Of what was refused to one, or failed, and of their log-ins, so much is written at once, and so much more an hour; the rest is counted. */
const NOT_DONE_BURST = 200;
const NOT_DONE_PER_HOUR = 200;
/** Beyond so many that wait to be written, the newest is only logged. */
const MAX_WAITING = 1_000;
const MAX_TEXT = 200;

/** Something that somebody did or tried. */
export type Deed = Pick<AuditEntry, "who" | "by" | "address" | "action" | "object"> &
  Partial<Pick<AuditEntry, "before" | "after" | "result">>;

/** The record of every change: who, from where, when, what, with what result. Bounded in time and number. */
export class Audit {
  readonly #store: AuditStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #added = 0;
  /** By who it was; users and tokens are few, and all whom the server does not know are one. */
  readonly #budgets = new Map<string, { left: number; atMs: number; skipped: number }>();

  constructor(store: AuditStore, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Trims the record now and every hour, until disposed. */
  start(): Disposable {
    void this.#trim();
    return this.#clock.every(HOUR_MS, () => void this.#trim());
  }

  /**
   * Writes an entry, unless nothing was changed; resolves when it is on disk. Never rejects: what is done is done, and the log says
   * that its entry is missing.
   */
  note({ before = null, after = null, result = "done", ...deed }: Deed): Promise<void> {
    if (result === "done" && LOOKS.includes(deed.action)) return Promise.resolve();
    const isVisit = VISITS.includes(deed.action);
    const isChange = result === "done" && !isVisit;
    const more = isChange ? 0 : this.#take(`${deed.by} ${deed.who}${result === "done" ? " came" : ""}`);
    if (more === undefined) return Promise.resolve();
    const entry: Omit<AuditEntry, "n"> = {
      atMs: this.#clock.nowMs(),
      ...deed,
      object: deed.object.slice(0, MAX_TEXT),
      before,
      after: more > 0 ? { ...after, notRecordedBefore: more } : after,
      result,
    };
    if (this.#waiting >= MAX_WAITING) {
      this.#log.error({ entry }, "audit entry not written: too many wait for the disk");
      return Promise.resolve();
    }
    this.#waiting++;
    this.#tail = this.#tail
      .then(() => this.#add(entry))
      .catch((error: unknown) => this.#log.error({ err: error, entry }, "audit entry not written"))
      .finally(() => {
        this.#waiting--;
      });
    return this.#tail;
  }

  /** Entries newest first, a page at a time. */
  async page(query: AuditQuery): Promise<AuditPage> {
    const entries = await this.#store.list({ ...query, limit: query.limit + 1 });
    const shown = entries.slice(0, query.limit);
    return { entries: shown, next: entries.length > query.limit ? shown.at(-1)!.n : null };
  }

  /** Resolves when everything noted so far is on disk. */
  async flush(): Promise<void> {
    await this.#tail;
  }

  async #add(entry: Omit<AuditEntry, "n">): Promise<void> {
    await this.#store.add(entry);
    if (++this.#added % TRIMMED_AFTER === 0) await this.#trim();
  }

  /** Never rejects. */
  #trim(): Promise<void> {
    return this.#store
      .trim({ fromMs: this.#clock.nowMs() - KEPT_MS, ...KEPT })
      .catch((error: unknown) => this.#log.warn({ err: error }, "audit log not trimmed"));
  }

  /** Whether one more that was not done is written: how many were only counted since the last that was; undefined when not. */
  #take(who: string): number | undefined {
    const nowMs = this.#clock.monoMs();
    const budget = this.#budgets.get(who) ?? { left: NOT_DONE_BURST, atMs: nowMs, skipped: 0 };
    this.#budgets.set(who, budget);
    const refilled = ((nowMs - budget.atMs) * NOT_DONE_PER_HOUR) / HOUR_MS;
    budget.left = Math.min(NOT_DONE_BURST, budget.left + refilled);
    budget.atMs = nowMs;
    if (budget.left < 1) {
      budget.skipped++;
      return undefined;
    }
    budget.left--;
    const { skipped } = budget;
    budget.skipped = 0;
    return skipped;
  }
}
