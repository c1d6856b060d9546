import { SEVERITIES } from "@hashwatt/protocol/alertRules";
import type { AlertView } from "@hashwatt/protocol/http";
import type { RigView } from "../fleet/rigView.js";
import { type AlertChanges, ChangeLog } from "./changeLog.js";
import { keyOfAlert, RIGS } from "./judged.js";
import { type BookOptions, RuleBook } from "./ruleBook.js";
import type { Rule, RuleContext, RuleSettings } from "./rules/rule.js";

/**
 * The alert book: per subject and rule pending → firing → resolved. Pure: time comes with the context. A breach that ends while
 * pending has never been an alert; it ends as "resolved" without a time of firing, for screens that showed it. What begins
 * again soon after its end is another round of the same alert: it fires at once, and nobody is notified before `quietUntilMs`.
 */
export class AlertBook {
  readonly #log = new ChangeLog();
  readonly #rigs: RuleBook<RigView>;
  readonly #muted = new Set<number>();

  constructor(rules: readonly Rule[], options: BookOptions = {}) {
    this.#rigs = new RuleBook(rules, RIGS, this.#log, options);
  }

  /** Settings of a rule for a rig that differ from its own. */
  set settings(of: ((rule: Rule, view: RigView) => RuleSettings) | undefined) {
    this.#rigs.settings = of;
  }

  /** Takes in what was firing before a restart, so that it does not fire again, and what had ended, so that it is known again. */
  restore(alerts: readonly AlertView[], nowMs: number): void {
    const ended = alerts.filter(({ firedMs, resolvedMs }) => firedMs !== null && resolvedMs !== null);
    for (const alert of ended.sort((a, b) => a.resolvedMs! - b.resolvedMs!)) this.#log.ended.add(alert);
    for (const alert of alerts)
      if (alert.state === "firing" && alert.rig !== undefined) this.#rigs.restore(alert, nowMs);
  }

  /** Judges a rig by a reading that has just arrived. Returns whether an alert of it changed. */
  step(view: RigView, context: RuleContext): boolean {
    return !this.#muted.has(view.rig) && this.#rigs.judge(view, context, true, context.stop?.(view));
  }

  /** Judges a rig by the passing of time alone. Returns whether an alert of it changed. */
  sweep(view: RigView, context: RuleContext): boolean {
    return !this.#muted.has(view.rig) && this.#rigs.judge(view, context, false, context.stop?.(view));
  }

  /** Ends every alert of a rig, for `reason`. */
  drop(rig: number, reason: string, nowMs: number): void {
    this.#rigs.drop(rig, reason, nowMs);
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
    for (const { state, severity } of this.#rigs.open(rig))
      if (state === "firing") worst = Math.min(worst, SEVERITIES.indexOf(severity));
    return SEVERITIES[worst] ?? null;
  }

  firingCount(rig: number): number {
    let count = 0;
    for (const { state } of this.#rigs.open(rig)) if (state === "firing") count++;
    return count;
  }

  /** Open alerts, of one rig or of all. */
  open(rig?: number): AlertView[] {
    return [...this.#rigs.open(rig)];
  }

  /** Says of what an open alert is a part, which is no transition. Returns it as it is then; undefined where it is not open. */
  setPartOf(alert: AlertView, partOf: string | undefined): AlertView | undefined {
    return keyOfAlert(alert) === undefined ? undefined : this.#rigs.amend(alert, { partOf });
  }

  takeChanges(): AlertChanges {
    return this.#log.take();
  }
}
