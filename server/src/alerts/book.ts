import type { AlertView } from "@hashwatt/protocol/http";
import type { RigView } from "../fleet/rigView.js";
import type { Rule, RuleContext, RuleId, Verdict } from "./rules/rule.js";

/** A firing alert that cannot be judged any more resolves after this long. */
const UNKNOWN_MS = 600_000;
const UNKNOWN = "Ended: what it rests on is not known any more";
const SILENT = "Ended: no reading arrives any more, so what it rests on is not known";
/** The figures of a firing alert are brought up to date this often; between, the rig's own figures are live anyway. */
const REFRESH_MS = 60_000;
/** Changes kept for whoever takes them; the oldest go first, and the book itself still knows every open alert. */
const MAX_CHANGES = 20_000;

const SEVERITIES: readonly AlertView["severity"][] = ["danger", "money", "notice"];

interface Entry {
  alert: AlertView;
  samples: number;
  clears: number;
  unknownSinceMs: number | undefined;
  refreshedMs: number;
}

/** What happened since the last call. `transitions` are to be stored and told; `changed` holds those and mere updates. */
export interface AlertChanges {
  transitions: AlertView[];
  changed: AlertView[];
}

/**
 * The alert book: per rig and rule pending → firing → resolved. Pure: time comes with the context. A breach that ends while
 * pending has never been an alert; it ends as "resolved" without a time of firing, for screens that showed it.
 */
export class AlertBook {
  readonly #rules: readonly Rule[];
  readonly #byRig = new Map<number, (Entry | undefined)[]>();
  readonly #changed = new Map<string, AlertView>();
  readonly #transitions: AlertView[] = [];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** Takes in what was firing before a restart, so that it does not fire again. */
  restore(alerts: readonly AlertView[], nowMs: number): void {
    for (const alert of alerts) {
      const at = this.#rules.findIndex((rule) => rule.id === alert.rule);
      if (at < 0 || alert.state !== "firing") continue;
      this.#entries(alert.rig)[at] = {
        alert,
        samples: 0,
        clears: 0,
        unknownSinceMs: undefined,
        refreshedMs: nowMs,
      };
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
      if (entry) this.#resolve(entries, at, entry, reason, nowMs);
    });
    this.#byRig.delete(rig);
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
    const entries = this.#byRig.get(view.rig);
    let changed = false;
    for (let at = 0; at < this.#rules.length; at++) {
      const rule = this.#rules[at]!;
      const entry = entries?.[at];
      const judged = arrival || rule.timed;
      if (!judged && !entry) continue;
      if (rule.inhibitedBy.length && this.#inhibited(entries, rule.inhibitedBy)) {
        if (entry)
          changed = this.#resolve(
            entries!,
            at,
            entry,
            `Ended: the rig is ${rule.inhibitedBy[0]}`,
            context.nowMs,
          );
        continue;
      }
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

  #inhibited(entries: (Entry | undefined)[] | undefined, by: readonly RuleId[]): boolean {
    return (
      entries?.some((entry) => entry?.alert.state === "firing" && by.includes(entry.alert.rule)) ?? false
    );
  }

  #begin(at: number, rule: Rule, view: RigView, context: RuleContext): true {
    const sinceMs = rule.since?.(view, context) ?? context.nowMs;
    const { record } = view;
    const alert: AlertView = {
      id: `r${view.rig}-${rule.id}-${Math.floor(sinceMs).toString(36)}`,
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
      ...rule.describe(view, context, sinceMs),
    };
    const entry: Entry = {
      alert,
      samples: 1,
      clears: 0,
      unknownSinceMs: undefined,
      refreshedMs: context.nowMs,
    };
    this.#entries(view.rig)[at] = entry;
    this.#note(alert);
    this.#fireWhenDue(entry, rule, view, context);
    return true;
  }

  #advance(
    entries: (Entry | undefined)[],
    at: number,
    entry: Entry,
    rule: Rule,
    verdict: Verdict,
    view: RigView,
    context: RuleContext,
    arrival: boolean,
  ): boolean {
    const { nowMs } = context;
    if (verdict !== "unknown") entry.unknownSinceMs = undefined;
    switch (verdict) {
      case "breach": {
        entry.clears = 0;
        if (entry.alert.state === "firing") return this.#refresh(entry, rule, view, context);
        if (arrival) entry.samples++;
        return this.#fireWhenDue(entry, rule, view, context);
      }
      case "clear": {
        if (entry.alert.state === "pending")
          return this.#resolve(entries, at, entry, entry.alert.reason, nowMs);
        if (arrival) entry.clears++;
        if (entry.clears < rule.clearSamples) return false;
        return this.#resolve(entries, at, entry, entry.alert.reason, nowMs);
      }
      case "unknown": {
        if (entry.alert.state === "pending")
          return this.#resolve(entries, at, entry, entry.alert.reason, nowMs);
        entry.clears = 0;
        entry.unknownSinceMs ??= nowMs;
        if (nowMs - entry.unknownSinceMs < UNKNOWN_MS) return false;
        return this.#resolve(entries, at, entry, view.stale ? SILENT : UNKNOWN, nowMs);
      }
    }
  }

  #fireWhenDue(entry: Entry, rule: Rule, view: RigView, context: RuleContext): boolean {
    const { nowMs } = context;
    if (entry.samples < rule.samples || nowMs - entry.alert.pendingMs < rule.holdMs) return false;
    const finding = rule.describe(view, context, entry.alert.pendingMs);
    entry.alert = { ...entry.alert, ...finding, state: "firing", firedMs: nowMs };
    entry.refreshedMs = nowMs;
    this.#transition(entry.alert);
    return true;
  }

  #refresh(entry: Entry, rule: Rule, view: RigView, context: RuleContext): boolean {
    if (context.nowMs - entry.refreshedMs < REFRESH_MS) return false;
    entry.refreshedMs = context.nowMs;
    entry.alert = { ...entry.alert, ...rule.describe(view, context, entry.alert.pendingMs) };
    this.#note(entry.alert);
    return true;
  }

  #resolve(entries: (Entry | undefined)[], at: number, entry: Entry, reason: string, nowMs: number): true {
    const fired = entry.alert.state === "firing";
    entries[at] = undefined;
    const alert: AlertView = { ...entry.alert, state: "resolved", resolvedMs: nowMs, reason };
    if (fired) this.#transition(alert);
    else this.#note(alert);
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

  #entries(rig: number): (Entry | undefined)[] {
    let entries = this.#byRig.get(rig);
    if (!entries) {
      entries = this.#rules.map(() => undefined);
      this.#byRig.set(rig, entries);
    }
    return entries;
  }
}
