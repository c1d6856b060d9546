import { SEVERITIES } from "@hashwatt/protocol/alertRules";
import type { AlertSubject, AlertView } from "@hashwatt/protocol/http";
import type { RigView } from "../fleet/rigView.js";
import { type AlertChanges, ChangeLog } from "./changeLog.js";
import type { Facts, FactsKind } from "./facts.js";
import { FACTS, RIGS } from "./judged.js";
import { parsePending, pendingText } from "./keptPending.js";
import { RollUps } from "./rollUps.js";
import { type BookOptions, RuleBook } from "./ruleBook.js";
import { FACT_RULES } from "./rules/factRules.js";
import type { Rule, RuleContext, RuleSettings } from "./rules/rule.js";

const GONE = "Ended: it is not there any more";
const KINDS = ["site", "agent", "server", "pool", "market"] as const satisfies readonly FactsKind[];

/** Where a rig stands. */
export interface Standing {
  site: string;
  agent: string;
  rack?: string | undefined;
  row?: string | undefined;
}

/**
 * The alert book: per subject and rule pending → firing → resolved. Pure: time comes with the context. A breach that ends while
 * pending has never been an alert; it ends as "resolved" without a time of firing, for screens that showed it. What begins
 * again soon after its end is another round of the same alert: it fires at once, and nobody is notified before `quietUntilMs`.
 */
export class AlertBook {
  readonly #log = new ChangeLog();
  readonly #rigs: RuleBook<RigView>;
  readonly #facts: Readonly<Record<FactsKind, RuleBook<Facts>>>;
  readonly #muted = new Set<number>();
  readonly #rollUps: RollUps;
  /** Where a rig stands; undefined for one that is gone. */
  standing: (rig: number) => Standing | undefined = () => undefined;

  /** `facts`: rules of what is no rig, where they are others than those that come with the server. */
  constructor(rules: readonly Rule[], options: BookOptions = {}, facts: Partial<typeof FACT_RULES> = {}) {
    this.#rigs = new RuleBook(rules, RIGS, this.#log, options);
    this.#facts = Object.fromEntries(
      KINDS.map((kind) => [kind, new RuleBook(facts[kind] ?? FACT_RULES[kind], FACTS, this.#log, options)]),
    ) as Record<FactsKind, RuleBook<Facts>>;
    this.#rollUps = new RollUps({
      setPartOf: (alert, partOf) => this.#rigs.amend(alert, partOf),
      open: () => this.#rigs.open(),
      parentOf: (alert) => this.#parentOf(alert),
      groupName: (rigs) => this.#groupName(rigs),
    });
  }

  /** Settings of a rule for a rig that differ from its own. */
  set settings(of: ((rule: Rule, view: RigView) => RuleSettings) | undefined) {
    this.#rigs.settings = of;
  }

  /** The same for what is no rig. */
  set factSettings(of: ((rule: Rule<Facts>, facts: Facts) => RuleSettings) | undefined) {
    for (const kind of KINDS) this.#facts[kind].settings = of;
  }

  /** Judges rigs by other rules from now on; alerts of those that are gone end. */
  setRules(rules: readonly Rule[], nowMs: number): void {
    this.#rigs.setRules(rules, nowMs);
  }

  get rules(): readonly Rule[] {
    return this.#rigs.rules;
  }

  /** Takes in what was firing before a restart, so that it does not fire again, and what had ended, so that it is known again. */
  restore(alerts: readonly AlertView[], nowMs: number): void {
    const ended = alerts.filter(({ firedMs, resolvedMs }) => firedMs !== null && resolvedMs !== null);
    for (const alert of ended.sort((a, b) => a.resolvedMs! - b.resolvedMs!)) this.#log.ended.add(alert);
    const firing = alerts.filter(({ state }) => state === "firing");
    for (const alert of firing) {
      if (alert.rig !== undefined) this.#rigs.restore(alert, nowMs);
      else this.#factBook(alert)?.restore(alert, nowMs);
    }
    this.#rollUps.restore(
      firing.filter(({ members }) => members),
      nowMs,
    );
  }

  /** Breaches that nobody was told of yet, as text for {@link resume} after a restart. */
  pendingText(): string {
    const waits = new Set(this.#rollUps.waiting());
    const books = [this.#rigs, ...KINDS.map((kind) => this.#facts[kind])];
    return pendingText(books.flatMap((book) => [...book.pending(waits)]));
  }

  /** Goes on with breaches of before a restart, each once it is seen again; a damaged text counts for nothing. */
  resume(text: string): void {
    for (const pending of parsePending(text)) {
      const [key] = pending;
      const kind = typeof key === "number" ? undefined : (key.split(" ", 1)[0] as FactsKind);
      if (kind === undefined) this.#rigs.resume(pending);
      else if (KINDS.includes(kind)) this.#facts[kind].resume(pending);
    }
  }

  /** Judges a rig by a reading that has just arrived. Returns whether an alert of it changed. */
  step(view: RigView, context: RuleContext): boolean {
    return !this.#muted.has(view.rig) && this.#rigs.judge(view, context, true, context.stop?.(view));
  }

  /** Judges a rig by the passing of time alone. Returns whether an alert of it changed. */
  sweep(view: RigView, context: RuleContext): boolean {
    return !this.#muted.has(view.rig) && this.#rigs.judge(view, context, false, context.stop?.(view));
  }

  /** Judges sites, agents, pools, the server and the market by the facts of now. Alerts of what is not among them end. */
  survey(facts: readonly Facts[], context: RuleContext): void {
    const there = new Set<string | number>();
    for (const fact of facts) {
      there.add(FACTS.key(fact));
      this.#facts[fact.kind].judge(fact, context, true);
    }
    for (const kind of KINDS)
      for (const key of [...this.#facts[kind].keys()])
        if (!there.has(key)) this.#facts[kind].drop(key, GONE, context.nowMs);
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

  /** Open alerts, of one rig or of all there is. */
  open(rig?: number): AlertView[] {
    const rigs = [...this.#rigs.open(rig)];
    if (rig !== undefined) return rigs;
    return [...this.#rollUps.open(), ...KINDS.flatMap((kind) => [...this.#facts[kind].open()]), ...rigs];
  }

  /** The firing alerts that stand under another. */
  *partsOf(id: string): Iterable<AlertView> {
    for (const alert of this.#rigs.open()) if (alert.partOf === id && alert.state === "firing") yield alert;
  }

  /**
   * What has changed since the last call, as it happened; with `nowMs` many alike alerts are rolled up into one, for which some wait.
   * `ends`: nothing waits any longer, for the process ends.
   */
  takeChanges(nowMs?: number, ends = false): AlertChanges {
    const changes = this.#log.take();
    if (nowMs === undefined) return changes;
    const rolled = this.#rollUps.take(changes, nowMs, ends);
    // Rolling up has said more of some alerts.
    const more = this.#log.take().changed;
    return more.length ? { ...rolled, changed: [...rolled.changed, ...more] } : rolled;
  }

  #factBook({ subject }: AlertView): RuleBook<Facts> | undefined {
    return KINDS.includes(subject.kind as FactsKind) ? this.#facts[subject.kind as FactsKind] : undefined;
  }

  /** A rig that is silent with its whole site or agent, or hashes nothing since its pool is gone, is told under that. */
  #parentOf(alert: AlertView): AlertView | undefined {
    const standing = alert.rig === undefined ? undefined : this.standing(alert.rig);
    if (!standing) return undefined;
    const firing = (kind: FactsKind, id: string, rule: string): AlertView | undefined => {
      const found = this.#facts[kind].find(`${kind} ${id}`, rule);
      return found?.state === "firing" ? found : undefined;
    };
    switch (alert.rule) {
      case "offline":
        return (
          firing("site", standing.site, "siteOutage") ??
          firing("agent", `${standing.site}/${standing.agent}`, "agentSilent")
        );
      case "hashrateLow":
      case "hashrateDropped":
      case "rejects":
        for (const pool of this.#facts.pool.open())
          if (pool.rule === "poolDown" && pool.state === "firing" && pool.site === standing.site) return pool;
        return undefined;
      default:
        return undefined;
    }
  }

  /** The rack, else the row, that all these rigs stand in. */
  #groupName(rigs: readonly number[]): Pick<AlertSubject, "kind" | "name"> | undefined {
    const first = rigs[0] === undefined ? undefined : this.standing(rigs[0]);
    if (!first) return undefined;
    for (const kind of ["rack", "row"] as const) {
      const name = first[kind];
      if (name !== undefined && rigs.every((rig) => this.standing(rig)?.[kind] === name))
        return { kind, name };
    }
    return undefined;
  }
}
