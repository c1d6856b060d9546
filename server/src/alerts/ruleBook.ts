import type { AlertView } from "@hashwatt/protocol/http";
import { type BookEntry, newEntry } from "./bookEntry.js";
import type { ChangeLog } from "./changeLog.js";
import { advanceEntry, beginEntry, causeOf, isHeld, type Step } from "./entryMachine.js";
import { type Judged, keyOfAlert } from "./judged.js";
import { KeptPending, type Pending } from "./keptPending.js";
import { type Comparison, comparisonOf } from "./rules/numberRule.js";
import type { Rule, RuleContext, RuleId, RuleSettings, StopState } from "./rules/rule.js";

const NO_RULE = "Ended: its rule is switched off";

/** What an operator may set of the book. */
export interface BookOptions {
  /** Shortens the time for which a firing alert must be clear before it ends, where its rule asks for more. */
  resolveHoldMs?: number;
}

/** A rule with what is looked at of it each time it is asked: rules are objects of many shapes, and these of one, which is quicker. */
interface Asked<T> {
  readonly rule: Rule<T>;
  readonly id: RuleId;
  readonly timed: boolean;
  readonly quietInStop: boolean;
  readonly inhibitedBy: readonly RuleId[];
  /** Where nobody has set otherwise. */
  readonly enabled: boolean;
  readonly check: Rule<T>["check"];
  /** What it compares where that is all it does, with the limit that it has where nobody has set otherwise. */
  readonly measure: Comparison<T>["measure"] | undefined;
  readonly below: boolean;
  readonly limit: number;
}

const asked = <T>(rule: Rule<T>, compares = comparisonOf(rule)): Asked<T> => ({
  rule,
  id: rule.id,
  timed: rule.timed,
  quietInStop: rule.quietInStop === true,
  inhibitedBy: rule.inhibitedBy,
  enabled: rule.enabled !== false,
  check: rule.check,
  measure: rule.limit === undefined ? undefined : compares?.measure,
  below: compares?.below ?? false,
  limit: rule.limit ?? Number.NaN,
});

/** The alerts of subjects of one kind: per subject and rule pending → firing → resolved. Pure: time comes with the context. */
export class RuleBook<T> {
  #rules: readonly Rule<T>[] = [];
  #asked: readonly Asked<T>[] = [];
  /** Those of them that time alone can breach. */
  #timed: readonly Asked<T>[] = [];
  readonly #judged: Judged<T>;
  readonly #resolveHoldMs: number;
  readonly #log: ChangeLog;
  readonly #entries = new Map<string | number, Map<RuleId, BookEntry>>();
  readonly #kept = new KeptPending();
  /** Settings of a rule for a subject that differ from its own; undefined where none do. */
  settings: ((rule: Rule<T>, subject: T) => RuleSettings) | undefined;

  constructor(
    rules: readonly Rule<T>[],
    judged: Judged<T>,
    log: ChangeLog,
    { resolveHoldMs = Number.POSITIVE_INFINITY }: BookOptions = {},
  ) {
    this.#take(rules);
    this.#judged = judged;
    this.#log = log;
    this.#resolveHoldMs = resolveHoldMs;
  }

  get rules(): readonly Rule<T>[] {
    return this.#rules;
  }

  /** Judges by other rules from now on; alerts of those that are gone end. */
  setRules(rules: readonly Rule<T>[], nowMs: number): void {
    this.#take(rules);
    const ids = new Set(rules.map(({ id }) => id));
    for (const entries of this.#entries.values())
      for (const [id, entry] of entries) if (!ids.has(id)) this.#resolve(entries, entry, nowMs, NO_RULE);
  }

  #take(rules: readonly Rule<T>[]): void {
    this.#rules = rules;
    this.#asked = rules.map((rule) => asked(rule));
    this.#timed = this.#asked.filter(({ timed }) => timed);
  }

  /** Takes in an alert that was firing before a restart, so that it does not fire again. Returns whether it is of a rule of this book. */
  restore(alert: AlertView, nowMs: number): boolean {
    if (!this.#rules.some(({ id }) => id === alert.rule)) return false;
    this.#of(keyOfAlert(alert)).set(alert.rule, newEntry(alert, undefined, nowMs));
    return true;
  }

  /** Takes in a breach that nobody was told of before a restart: where it is seen again, its hold does not begin anew. */
  resume(pending: Pending): void {
    this.#kept.put(pending);
  }

  /** Breaches that nobody was told of yet: those that are pending, and the firing ones that `waits` names. */
  *pending(waits: ReadonlySet<string>): Iterable<Pending> {
    for (const [key, entries] of this.#entries)
      for (const { alert, samples, breachedMs } of entries.values())
        if (alert.state === "pending" || waits.has(alert.id))
          yield [key, alert.rule, alert.pendingMs, samples, breachedMs];
  }

  /** Judges a subject: by news of it (`arrival`), or by the passing of time alone. Returns whether an alert of it changed. */
  judge(subject: T, context: RuleContext, arrival: boolean, stop?: StopState | undefined): boolean {
    const key = this.#judged.key(subject);
    let entries = this.#entries.get(key);
    if (arrival && !entries?.size && !this.settings && !stop && !this.#isBreached(subject, key, context))
      return false;
    const { nowMs } = context;
    let changed = false;
    // Time alone changes nothing for the others, unless they have an alert open.
    for (const each of arrival || entries?.size ? this.#asked : this.#timed) {
      const { rule } = each;
      const entry = entries?.size ? entries.get(each.id) : undefined;
      const judged = arrival || each.timed;
      if (!judged && !entry) continue;
      const settings = this.settings ? this.settings(rule, subject) : rule;
      const enabled = settings === rule ? each.enabled : settings.enabled !== false;
      const silent = this.#silence(each, enabled, entries, entry, stop);
      if (silent !== undefined) {
        if (!entry) continue;
        if (isHeld(entry, silent, nowMs)) changed = this.#holdUnknown(entry, nowMs) || changed;
        else changed = this.#resolve(entries!, entry, nowMs, silent.reason);
        continue;
      }
      if (entry && this.#tellWhenDue(entry, nowMs)) changed = true;
      // What an open alert rests on is the last reading: it neither goes on nor ends by time, until that reading is too old.
      if (!judged && !this.#judged.isStale(subject)) continue;
      const firing = entry?.alert.state === "firing";
      const verdict = judged ? each.check(subject, firing, context, settings) : "unknown";
      if (!entry && verdict !== "breach") {
        if (verdict === "clear") this.#kept.forget(key, each.id);
        continue;
      }
      const at: Step<T> = { rule, settings, subject, context, holdMs: this.#holdOf(settings) };
      if (!entry) {
        entries ??= this.#of(key);
        this.#begin(entries, at);
        changed = true;
        continue;
      }
      const became = advanceEntry(entry, verdict, at, arrival, this.#judged.isStale(subject));
      changed = this.#apply(entries!, entry, became, at) || changed;
    }
    return changed;
  }

  /**
   * Whether a rule is breached by news of a subject of which nothing is open and nothing is set: nearly all that arrives is asked this,
   * and no more.
   */
  #isBreached(subject: T, key: string | number, context: RuleContext): boolean {
    for (const { rule, id, enabled, check, measure, below, limit } of this.#asked) {
      if (!enabled) continue;
      const now = measure ? measure(subject, context, rule, false) : check(subject, false, context, rule);
      if (now === undefined || now === "unknown") continue;
      if (typeof now === "number" ? (below ? now < limit : now > limit) : now === "breach") return true;
      // A limit of its own.
      if (typeof now === "object" && check(subject, false, context, rule) === "breach") return true;
      this.#kept.forget(key, id);
    }
    return false;
  }

  /** Ends every alert of a subject, for `reason`. */
  drop(key: string | number, reason: string, nowMs: number): void {
    const entries = this.#entries.get(key);
    for (const entry of [...(entries?.values() ?? [])]) this.#resolve(entries!, entry, nowMs, reason);
    this.#entries.delete(key);
  }

  /** Keys of the subjects that have open alerts. */
  keys(): IterableIterator<string | number> {
    return this.#entries.keys();
  }

  /** Open alerts, of one subject or of all. */
  *open(key?: string | number): Iterable<AlertView> {
    if (key !== undefined) {
      for (const { alert } of this.#entries.get(key)?.values() ?? []) yield alert;
      return;
    }
    for (const entries of this.#entries.values()) for (const { alert } of entries.values()) yield alert;
  }

  /** The open alert of a subject and rule; undefined where there is none. */
  find(key: string | number, rule: RuleId): AlertView | undefined {
    return this.#entries.get(key)?.get(rule)?.alert;
  }

  /** Says of what an open alert is a part, which is no transition. Returns it as it is then; undefined where it is not open. */
  amend(alert: AlertView, partOf: string | undefined): AlertView | undefined {
    const entry = this.#entries.get(keyOfAlert(alert))?.get(alert.rule);
    if (!entry || entry.alert.id !== alert.id) return undefined;
    entry.alert = amended(entry.alert, partOf);
    entry.breached = amended(entry.breached, partOf);
    this.#log.note(entry.alert);
    return entry.alert;
  }

  /** Why a rule is not to judge a subject now; undefined where it is. */
  #silence(
    { quietInStop, inhibitedBy }: Asked<T>,
    enabled: boolean,
    entries: Map<RuleId, BookEntry> | undefined,
    entry: BookEntry | undefined,
    stop: StopState | undefined,
  ): { reason: string; by?: RuleId } | undefined {
    if (!enabled) return { reason: NO_RULE };
    if (stop && quietInStop) return { reason: `Ended: planned stop "${stop.name}"` };
    if (!entries?.size || !inhibitedBy.length) return undefined;
    for (const by of inhibitedBy) {
      const other = entries.get(by);
      if (other?.alert.state === "firing")
        return { reason: `Ended: the ${this.#nameOf(entry)} is ${by}`, by };
    }
    return undefined;
  }

  #nameOf(entry: BookEntry | undefined): string {
    return entry?.alert.subject.kind === "board" ? "rig" : (entry?.alert.subject.kind ?? "rig");
  }

  #begin(entries: Map<RuleId, BookEntry>, at: Step<T>): void {
    const identity = this.#judged.identity(at.subject);
    const key = this.#judged.key(at.subject);
    const { nowMs } = at.context;
    const kept = this.#kept.take(key, at.rule.id, nowMs);
    const entry = beginEntry(at, identity, this.#log.ended.recent(key, at.rule.id, nowMs), kept?.[2]);
    if (kept) entry.samples = kept[3];
    entries.set(at.rule.id, entry);
    this.#log.note(entry.alert);
    this.#apply(entries, entry, advanceEntry(entry, "breach", at, true, false), at);
  }

  #apply(
    entries: Map<RuleId, BookEntry>,
    entry: BookEntry,
    became: ReturnType<typeof advanceEntry>,
    at: Step<T>,
  ): boolean {
    switch (became.kind) {
      case "same":
        return false;
      case "changed":
        this.#log.note(entry.alert);
        return true;
      case "fired": {
        const cause = causeOf(at.rule.id, entries.values(), at.context.nowMs);
        if (cause !== undefined) entry.alert = entry.breached = { ...entry.alert, probableCause: cause };
        this.#log.transition(entry.alert);
        return true;
      }
      case "ended":
        return this.#resolve(entries, entry, at.context.nowMs, became.reason);
    }
  }

  #holdOf(settings: RuleSettings): number {
    return Math.min(settings.resolveHoldMs, this.#resolveHoldMs);
  }

  #holdUnknown(entry: BookEntry, nowMs: number): boolean {
    if (entry.alert.unknownSinceMs !== undefined) return false;
    entry.unknownSinceMs ??= nowMs;
    entry.alert = { ...entry.alert, unknownSinceMs: entry.unknownSinceMs };
    this.#log.note(entry.alert);
    return true;
  }

  /** Notifies of a round that was kept quiet and goes on: nobody may believe for longer that it has ended. */
  #tellWhenDue(entry: BookEntry, nowMs: number): boolean {
    const untilMs = entry.alert.quietUntilMs;
    if (untilMs === undefined || nowMs < untilMs || entry.clearSinceMs !== undefined) return false;
    const { quietUntilMs: _over, ...told } = entry.alert;
    entry.alert = told;
    entry.breached = told;
    this.#log.transition(told);
    return true;
  }

  /** Ends an alert: as it stood while the breach lasted, or, where it ends by something else, for `reason`. */
  #resolve(entries: Map<RuleId, BookEntry>, entry: BookEntry, nowMs: number, reason?: string): true {
    entries.delete(entry.alert.rule);
    const { unknownSinceMs: _, ...last } = reason === undefined ? entry.breached : { ...entry.alert, reason };
    const alert: AlertView = { ...last, state: "resolved", resolvedMs: nowMs };
    if (entry.alert.state === "firing") {
      this.#log.ended.add(alert);
      this.#log.transition(alert);
    } else this.#log.note(entry.before ?? alert);
    return true;
  }

  #of(key: string | number): Map<RuleId, BookEntry> {
    let entries = this.#entries.get(key);
    if (!entries) {
      entries = new Map();
      this.#entries.set(key, entries);
    }
    return entries;
  }
}

function amended({ partOf: _, ...alert }: AlertView, partOf: string | undefined): AlertView {
  return partOf === undefined ? alert : { ...alert, partOf };
}
