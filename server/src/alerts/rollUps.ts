import type { AlertSubject, AlertView } from "@hashwatt/protocol/http";
import type { AlertChanges } from "./changeLog.js";
import { Group } from "./group.js";
import { RULES } from "./rules/registry.js";

/** So many alike alerts at one site become one. */
export const ROLL_UP_AT = 5;
/** So long an alert waits for others that are alike, since rigs are read in turn; a danger waits for nobody. */
const WAIT_MS = 60_000;
/** What stood under another alert stands for itself so long after that one's end: it did not come back with the others. */
export const ALONE_AFTER_MS = 300_000;
/** How often what a group says is brought up to date. */
const REFRESH_MS = 5_000;
const MAX_PARENTS = 1_000;

/** What the roll-up asks of the book. */
export interface RollUpBook {
  /** Says of what an open alert is a part; returns it as it is then, undefined where it is not open any more. */
  setPartOf(alert: AlertView, partOf: string | undefined): AlertView | undefined;
  /** Open alerts of rigs. */
  open(): Iterable<AlertView>;
  /** The firing alert of a site, an agent or a pool that says the same of more; undefined where there is none. */
  parentOf(alert: AlertView): AlertView | undefined;
  /** What a group of these rigs is called: their rack or row where they share one. */
  groupName(rigs: readonly number[]): Pick<AlertSubject, "kind" | "name"> | undefined;
}

/**
 * Makes one alert of many that are alike: what stands under an alert of a whole site, agent or pool is a part of that one, and more
 * than four of one rule at a site (and of one model, where the rule is about models) become a group. Every alert stays in the book; what is a part of another is told to nobody by itself.
 */
export class RollUps {
  readonly #book: RollUpBook;
  readonly #groups = new Map<string, Group>();
  #held: { alert: AlertView; sinceMs: number }[] = [];
  /** Firing alerts that were told by themselves, by key. */
  readonly #alone = new Map<string, Map<string, AlertView>>();
  /** Ended alerts under which others stood. */
  readonly #ended = new Map<string, number>();
  #refreshedMs = Number.NEGATIVE_INFINITY;

  constructor(book: RollUpBook) {
    this.#book = book;
  }

  /** The groups as alerts. */
  open(): AlertView[] {
    return [...this.#groups.values()].map(({ alert }) => alert);
  }

  /** Ids of the alerts that have fired and wait for others that are alike. */
  waiting(): string[] {
    return this.#held.map(({ alert }) => alert.id);
  }

  /** Takes up groups that were open before a restart, with the alerts of the book that are parts of them. */
  restore(groups: readonly AlertView[], nowMs: number): void {
    const members = new Map<string, AlertView[]>();
    const stand = new Set(groups.map(({ id }) => id));
    for (const alert of this.#book.open()) {
      if (alert.state !== "firing") continue;
      if (alert.partOf === undefined) this.#standsAlone(alert);
      else if (stand.has(alert.partOf))
        members.set(alert.partOf, [...(members.get(alert.partOf) ?? []), alert]);
      else if (!this.#book.parentOf(alert)) this.#end(alert.partOf, nowMs);
    }
    for (const alert of groups) {
      const its = members.get(alert.id) ?? [];
      this.#groups.set(keyOf(its[0] ?? alert), Group.restored(alert, its));
    }
  }

  /** Rolls up what has changed. What is held back is in none of it until its time has come, or the process ends. */
  take({ transitions, changed }: AlertChanges, nowMs: number, ends = false): AlertChanges {
    const told: AlertView[] = [];
    for (const alert of transitions) {
      if (alert.rig === undefined) {
        if (alert.state === "resolved") this.#end(alert.id, nowMs);
        told.push(alert);
      } else if (alert.state === "resolved") told.push(...this.#ends(alert));
      else told.push(...this.#fires(alert, nowMs));
    }
    told.push(...this.#release(nowMs, ends));
    const shown = [...changed];
    if (nowMs - this.#refreshedMs >= REFRESH_MS) {
      this.#refreshedMs = nowMs;
      told.push(...this.#orphans(nowMs));
      for (const group of this.#groups.values()) if (group.refresh(this.#book)) shown.push(group.alert);
    }
    for (const [key, group] of this.#groups) {
      const news = group.news(nowMs, this.#book);
      if (!news) continue;
      told.push(news);
      if (news.state === "resolved") this.#groups.delete(key);
    }
    return {
      transitions: told,
      changed: [...new Map([...shown, ...told].map((alert) => [alert.id, alert])).values()],
    };
  }

  #fires(alert: AlertView, nowMs: number): AlertView[] {
    const parent = this.#book.parentOf(alert);
    if (parent) return [this.#book.setPartOf(alert, parent.id) ?? { ...alert, partOf: parent.id }];
    const group = this.#groups.get(keyOf(alert));
    if (group) return [this.#join(group, alert)];
    // A round that is kept quiet is told later by itself.
    if (alert.quietUntilMs !== undefined) return [alert];
    this.#held.push({ alert, sinceMs: nowMs });
    return [];
  }

  #ends(alert: AlertView): AlertView[] {
    const at = this.#held.findIndex((held) => held.alert.id === alert.id);
    const before = at < 0 ? [] : this.#held.splice(at, 1).map((held) => held.alert);
    this.#alone.get(keyOf(alert))?.delete(alert.id);
    this.#groups.get(keyOf(alert))?.leave(alert.id);
    return [...before, alert];
  }

  /** Tells what has waited long enough: by itself, or as a group where there are many. */
  #release(nowMs: number, ends: boolean): AlertView[] {
    if (!this.#held.length) return [];
    const byKey = new Map<string, { alert: AlertView; sinceMs: number }[]>();
    for (const held of this.#held) {
      const key = keyOf(held.alert);
      const its = byKey.get(key);
      if (its) its.push(held);
      else byKey.set(key, [held]);
    }
    const told: AlertView[] = [];
    for (const [key, held] of byKey) {
      const waitMs = held[0]!.alert.severity === "danger" ? 0 : WAIT_MS;
      if (!ends && nowMs - held[0]!.sinceMs < waitMs) continue;
      const gone = new Set(held);
      this.#held = this.#held.filter((each) => !gone.has(each));
      const alerts = held.map(({ alert }) => alert);
      const alone = [...(this.#alone.get(key)?.values() ?? [])];
      if (alerts.length + alone.length < ROLL_UP_AT) {
        for (const alert of alerts) this.#standsAlone(alert);
        told.push(...alerts);
        continue;
      }
      this.#alone.delete(key);
      const group = Group.begun(
        alerts[0]!,
        nowMs,
        PER_MODEL.has(alerts[0]!.rule) ? alerts[0]!.model : undefined,
      );
      this.#groups.set(key, group);
      for (const alert of [...alone, ...alerts]) told.push(this.#join(group, alert));
    }
    return told;
  }

  #join(group: Group, alert: AlertView): AlertView {
    group.join(alert);
    return this.#book.setPartOf(alert, group.alert.id) ?? { ...alert, partOf: group.alert.id };
  }

  #standsAlone(alert: AlertView): void {
    const key = keyOf(alert);
    const alone = this.#alone.get(key);
    if (alone) alone.set(alert.id, alert);
    else this.#alone.set(key, new Map([[alert.id, alert]]));
  }

  #end(id: string, nowMs: number): void {
    this.#ended.set(id, nowMs);
    if (this.#ended.size > MAX_PARENTS) this.#ended.delete(this.#ended.keys().next().value!);
  }

  /** What stood under an alert that has ended, and goes on without it. */
  #orphans(nowMs: number): AlertView[] {
    const due = [...this.#ended].filter(([, endedMs]) => nowMs - endedMs >= ALONE_AFTER_MS).map(([id]) => id);
    if (!due.length) return [];
    for (const id of due) this.#ended.delete(id);
    const told: AlertView[] = [];
    for (const alert of [...this.#book.open()]) {
      if (alert.state !== "firing" || alert.partOf === undefined || !due.includes(alert.partOf)) continue;
      const own = this.#book.setPartOf(alert, undefined);
      if (own) told.push(...this.#fires(own, nowMs));
    }
    return told;
  }
}

/** Rules of which only the alerts of one model are alike. */
const PER_MODEL: ReadonlySet<string> = new Set(RULES.flatMap(({ id, perModel }) => (perModel ? id : [])));

/** What is alike: one rule at one site, of one model where the rule is about models. */
const keyOf = ({ site, rule, severity, model }: AlertView): string =>
  `${site} ${rule} ${severity}${PER_MODEL.has(rule) ? ` ${model ?? ""}` : ""}`;
