import type { AlertView } from "@hashwatt/protocol/http";
import type { RigView } from "../fleet/rigView.js";
import { type BookEntry, describeEntry, newEntry, refreshEntry } from "./bookEntry.js";
import { EndedAlerts, nextRound } from "./endedAlerts.js";
import type { Rule, RuleContext, RuleId, Verdict } from "./rules/rule.js";

/** A firing alert that cannot be judged any more resolves after this long. */
const UNKNOWN_MS = 600_000;
const UNKNOWN = "Ended: what it rests on is not known any more";
const SILENT = "Ended: no reading arrives any more, so what it rests on is not known";
/** Changes kept for whoever takes them; the oldest go first, and the book itself still knows every open alert. */
const MAX_CHANGES = 20_000;

const SEVERITIES: readonly AlertView["severity"][] = ["danger", "money", "notice"];

/** What an operator may set of the book. */
export interface BookOptions {
  /** Shortens the time for which a firing alert must be clear before it ends, where its rule asks for more. */
  resolveHoldMs?: number;
}

/** What happened since the last call. `transitions` are to be stored and told; `changed` holds those and mere updates. */
export interface AlertChanges {
  transitions: AlertView[];
  changed: AlertView[];
}

/**
 * The alert book: per rig and rule pending → firing → resolved. Pure: time comes with the context. A breach that ends while
 * pending has never been an alert; it ends as "resolved" without a time of firing, for screens that showed it. What begins
 * again soon after its end is another round of the same alert: it fires at once, and nobody is notified before `quietUntilMs`.
 */
export class AlertBook {
  readonly #rules: readonly Rule[];
  readonly #resolveHoldMs: number;
  readonly #ended = new EndedAlerts();
  readonly #byRig = new Map<number, (BookEntry | undefined)[]>();
  readonly #muted = new Set<number>();
  readonly #changed = new Map<string, AlertView>();
  readonly #transitions: AlertView[] = [];

  constructor(rules: readonly Rule[], { resolveHoldMs = Number.POSITIVE_INFINITY }: BookOptions = {}) {
    this.#rules = rules;
    this.#resolveHoldMs = resolveHoldMs;
  }

  /** Takes in what was firing before a restart, so that it does not fire again, and what had ended, so that it is known again. */
  restore(alerts: readonly AlertView[], nowMs: number): void {
    const ended = alerts.filter(({ firedMs, resolvedMs }) => firedMs !== null && resolvedMs !== null);
    for (const alert of ended.sort((a, b) => a.resolvedMs! - b.resolvedMs!)) this.#ended.add(alert);
    for (const alert of alerts) {
      const at = this.#rules.findIndex((rule) => rule.id === alert.rule);
      if (at >= 0 && alert.state === "firing")
        this.#entries(alert.rig)[at] = newEntry(alert, undefined, nowMs);
    }
  }

  /** Judges a rig by a reading that has just arrived. Returns whether an alert of it changed. */
  step(view: RigView, context: RuleContext): boolean {
    return this.#judge(view, context, true);
  }

  /** Judges a rig by the passing of time alone. Returns whether an alert of it changed. */
  sweep(view: RigView, context: RuleContext): boolean {
    return this.#judge(view, context, false);
  }

  /** Ends every alert of a rig, for `reason`. */
  drop(rig: number, reason: string, nowMs: number): void {
    const entries = this.#byRig.get(rig);
    entries?.forEach((entry, at) => {
      if (entry) this.#resolve(entries, at, entry, nowMs, reason);
    });
    this.#byRig.delete(rig);
  }

  /** Raises no alarm for a rig, and ends those that it has, for `reason`. */
  mute(rig: number, reason: string, nowMs: number): void {
    this.drop(rig, reason, nowMs);
    this.#muted.add(rig);
  }

  /** Judges a rig again. */
  unmute(rig: number): void {
    this.#muted.delete(rig);
  }

  isMuted(rig: number): boolean {
    return this.#muted.has(rig);
  }

  /** Severity of the worst firing alert of a rig; null when none fires. */
  worst(rig: number): AlertView["severity"] | null {
    let worst: number = SEVERITIES.length;
    for (const entry of this.#byRig.get(rig) ?? [])
      if (entry?.alert.state === "firing") worst = Math.min(worst, SEVERITIES.indexOf(entry.alert.severity));
    return SEVERITIES[worst] ?? null;
  }

  firingCount(rig: number): number {
    let count = 0;
    const entries = this.#byRig.get(rig);
    if (entries) for (const entry of entries) if (entry?.alert.state === "firing") count++;
    return count;
  }

  /** Open alerts, of one rig or of all. */
  open(rig?: number): AlertView[] {
    const all = rig === undefined ? [...this.#byRig.values()] : [this.#byRig.get(rig) ?? []];
    return all.flatMap((entries) => entries.flatMap((entry) => entry?.alert ?? []));
  }

  takeChanges(): AlertChanges {
    const changes = { transitions: this.#transitions.splice(0), changed: [...this.#changed.values()] };
    this.#changed.clear();
    return changes;
  }

  #judge(view: RigView, context: RuleContext, arrival: boolean): boolean {
    if (this.#muted.has(view.rig)) return false;
    const entries = this.#byRig.get(view.rig);
    let changed = false;
    for (let at = 0; at < this.#rules.length; at++) {
      const rule = this.#rules[at]!;
      const entry = entries?.[at];
      const judged = arrival || rule.timed;
      if (!judged && !entry) continue;
      if (rule.inhibitedBy.length && this.#inhibited(entries, rule.inhibitedBy)) {
        const reason = `Ended: the rig is ${rule.inhibitedBy[0]}`;
        if (entry) changed = this.#resolve(entries!, at, entry, context.nowMs, reason);
        continue;
      }
      if (entry && this.#tellWhenDue(entry, context.nowMs)) changed = true;
      // What an open alert rests on is the last reading: it neither goes on nor ends by time, until that reading is too old.
      if (!judged && !view.stale) continue;
      const firing = entry?.alert.state === "firing";
      const verdict = judged ? rule.check(view, firing, context) : "unknown";
      if (entry)
        changed = this.#advance(entries!, at, entry, rule, verdict, view, context, arrival) || changed;
      else if (verdict === "breach") changed = this.#begin(at, rule, view, context);
    }
    return changed;
  }

  #inhibited(entries: (BookEntry | undefined)[] | undefined, by: readonly RuleId[]): boolean {
    return (
      entries?.some((entry) => entry?.alert.state === "firing" && by.includes(entry.alert.rule)) ?? false
    );
  }

  #begin(at: number, rule: Rule, view: RigView, context: RuleContext): true {
    const sinceMs = rule.since?.(view, context) ?? context.nowMs;
    const { record } = view;
    const before = this.#ended.recent({ rig: view.rig, rule: rule.id }, context.nowMs);
    const alert: AlertView = {
      id: before?.id ?? `r${view.rig}-${rule.id}-${Math.floor(sinceMs).toString(36)}`,
      rule: rule.id,
      severity: rule.severity,
      state: "pending",
      site: record.site,
      rig: view.rig,
      rigName: record.name,
      ...(record.evidence.model !== undefined && { model: record.evidence.model }),
      pendingMs: sinceMs,
      firedMs: null,
      resolvedMs: null,
      ...rule.describe(view, context, sinceMs, before),
    };
    const entry = newEntry(alert, before, context.nowMs);
    entry.samples = 1;
    this.#entries(view.rig)[at] = entry;
    this.#note(alert);
    this.#fireWhenDue(entry, rule, view, context);
    return true;
  }

  #advance(
    entries: (BookEntry | undefined)[],
    at: number,
    entry: BookEntry,
    rule: Rule,
    verdict: Verdict,
    view: RigView,
    context: RuleContext,
    arrival: boolean,
  ): boolean {
    const { nowMs } = context;
    if (verdict !== "unknown" && entry.unknownSinceMs !== undefined) {
      if (entry.clearSinceMs !== undefined) entry.clearSinceMs += nowMs - entry.unknownSinceMs;
      entry.unknownSinceMs = undefined;
    }
    if (entry.alert.state === "pending" && verdict !== "breach")
      return this.#resolve(entries, at, entry, nowMs);
    switch (verdict) {
      case "breach": {
        entry.clears = 0;
        entry.clearSinceMs = undefined;
        if (entry.alert.state === "firing") return this.#refresh(entry, rule, view, context);
        if (arrival) entry.samples++;
        return this.#fireWhenDue(entry, rule, view, context);
      }
      case "clear": {
        entry.clearSinceMs ??= nowMs;
        if (arrival) entry.clears++;
        if (entry.clears < rule.clearSamples || nowMs - entry.clearSinceMs < this.#holdOf(rule))
          return this.#refresh(entry, rule, view, context);
        return this.#resolve(entries, at, entry, nowMs);
      }
      case "unknown": {
        entry.clears = 0;
        entry.unknownSinceMs ??= nowMs;
        if (nowMs - entry.unknownSinceMs < UNKNOWN_MS) return false;
        return this.#resolve(entries, at, entry, nowMs, view.stale ? SILENT : UNKNOWN);
      }
    }
  }

  #holdOf(rule: Rule): number {
    return Math.min(rule.resolveHoldMs, this.#resolveHoldMs);
  }

  #fireWhenDue(entry: BookEntry, rule: Rule, view: RigView, context: RuleContext): boolean {
    const { nowMs } = context;
    if (entry.samples < rule.samples || nowMs - entry.alert.pendingMs < rule.holdMs) return false;
    entry.alert = {
      ...entry.alert,
      state: "firing",
      firedMs: nowMs,
      ...(entry.before && nextRound(entry.before, nowMs)),
    };
    describeEntry(entry, rule, view, context, this.#holdOf(rule));
    this.#transition(entry.alert);
    return true;
  }

  /** Notifies of a round that was kept quiet and goes on: nobody may believe for longer that it has ended. */
  #tellWhenDue(entry: BookEntry, nowMs: number): boolean {
    const { quietUntilMs, ...told } = entry.alert;
    if (quietUntilMs === undefined || nowMs < quietUntilMs || entry.clearSinceMs !== undefined) return false;
    entry.alert = told;
    entry.breached = told;
    this.#transition(told);
    return true;
  }

  #refresh(entry: BookEntry, rule: Rule, view: RigView, context: RuleContext): boolean {
    if (!refreshEntry(entry, rule, view, context, this.#holdOf(rule))) return false;
    this.#note(entry.alert);
    return true;
  }

  /** Ends an alert: as it stood while the breach lasted, or, where it ends by something else, for `reason`. */
  #resolve(
    entries: (BookEntry | undefined)[],
    at: number,
    entry: BookEntry,
    nowMs: number,
    reason?: string,
  ): true {
    entries[at] = undefined;
    const last: AlertView = reason === undefined ? entry.breached : { ...entry.alert, reason };
    const alert: AlertView = { ...last, state: "resolved", resolvedMs: nowMs };
    if (entry.alert.state === "firing") {
      this.#ended.add(alert);
      this.#transition(alert);
    } else this.#note(entry.before ?? alert);
    return true;
  }

  #transition(alert: AlertView): void {
    this.#transitions.push(alert);
    if (this.#transitions.length > MAX_CHANGES) this.#transitions.shift();
    this.#note(alert);
  }

  #note(alert: AlertView): void {
    this.#changed.delete(alert.id);
    this.#changed.set(alert.id, alert);
    if (this.#changed.size > MAX_CHANGES) this.#changed.delete(this.#changed.keys().next().value!);
  }

  #entries(rig: number): (BookEntry | undefined)[] {
    let entries = this.#byRig.get(rig);
    if (!entries) {
      entries = this.#rules.map(() => undefined);
      this.#byRig.set(rig, entries);
    }
    return entries;
  }
}
