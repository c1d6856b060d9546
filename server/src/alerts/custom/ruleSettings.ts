import { RULE_IDS } from "@hashwatt/protocol/alertRules";
import type { RigView } from "../../fleet/rigView.js";
import type { Settings } from "../../settings/settings.js";
import type { RigRecord } from "../../store/state/state.js";
import type { AlertBook } from "../book.js";
import type { Facts } from "../facts.js";
import { namesOf, type Place, RigSelector } from "../rigSelector.js";
import { RULES } from "../rules/registry.js";
import type { Rule, RuleSettings } from "../rules/rule.js";
import { type AlertRule, alertRuleKind, type RuleOverride } from "./alertRule.js";
import { customRule } from "./customRule.js";
import { parseRule } from "./parseRule.js";

/** A rule's document, of a site or ("") of the whole installation. */
export interface RuleDocument {
  site: string;
  id: string;
  value: AlertRule;
}

interface Override {
  site: string;
  id: string;
  selector: RigSelector | undefined;
  told: RuleOverride;
}

/** By what settings each rule judges each rig, site, agent, …: the most particular word counts, of rigs before their site before all. */
export class RuleSettingsTable {
  readonly #book: Pick<AlertBook, "settings" | "factSettings" | "setRules">;
  #overrides = new Map<string, Override[]>();
  #cache = new WeakMap<RigRecord, Map<string, RuleSettings>>();
  #means = new WeakMap<RigRecord, Map<string, boolean>>();
  #ids: readonly string[] = RULE_IDS;

  /** Where a rig stands by the register. */
  place: (record: RigRecord) => Place | undefined = () => undefined;

  constructor(book: Pick<AlertBook, "settings" | "factSettings" | "setRules">) {
    this.#book = book;
  }

  /** Every rule by its id: those that come with the server, and the operator's own, those that are switched off too. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** Judges by these from now on. */
  set(documents: readonly RuleDocument[], nowMs: number): void {
    this.registered();
    this.#overrides = new Map();
    const custom: Rule[] = [];
    const ids: string[] = [...RULE_IDS];
    for (const { site, id, value } of documents) {
      if (!("rule" in value)) {
        ids.push(idOf(site, id));
        if (value.enabled !== false) custom.push(this.#custom(site, id, value));
        continue;
      }
      const override = { site, id, told: value, selector: value.on && new RigSelector(value.on) };
      this.#overrides.set(value.rule, [...(this.#overrides.get(value.rule) ?? []), override]);
    }
    this.#ids = ids;
    for (const overrides of this.#overrides.values()) overrides.sort((a, b) => rank(a) - rank(b));
    const some = this.#overrides.size > 0;
    this.#book.settings = some ? (rule, view) => this.#ofRig(rule, view) : undefined;
    this.#book.factSettings = some ? (rule, facts) => this.#ofFacts(rule, facts) : undefined;
    this.#book.setRules([...RULES, ...custom], nowMs);
  }

  /** The register is another: rigs may stand elsewhere. */
  registered(): void {
    this.#cache = new WeakMap();
    this.#means = new WeakMap();
  }

  #ofRig(rule: Rule, { record }: RigView): RuleSettings {
    const overrides = this.#overrides.get(rule.id);
    if (!overrides) return rule;
    let own = this.#cache.get(record);
    if (!own) {
      own = new Map();
      this.#cache.set(record, own);
    }
    let settings = own.get(rule.id);
    if (!settings) {
      const names = namesOf(record, this.place(record));
      const meant = overrides.filter(
        ({ site, selector }) => (!site || site === record.site) && (!selector || selector.matches(names)),
      );
      settings = merged(rule, meant);
      own.set(rule.id, settings);
    }
    return settings;
  }

  #ofFacts(rule: Rule<Facts>, { site, name, id }: Facts): RuleSettings {
    const overrides = this.#overrides.get(rule.id);
    if (!overrides) return rule;
    return merged(
      rule,
      overrides.filter(
        (each) => (!each.site || each.site === site) && (!each.selector || each.selector.matches([name, id])),
      ),
    );
  }

  #custom(site: string, id: string, value: Exclude<AlertRule, RuleOverride>): Rule {
    const parsed = parseRule(value.when);
    const selector = parsed.on.length ? new RigSelector(parsed.on) : undefined;
    const key = idOf(site, id);
    return customRule(parsed, {
      id: key,
      name: value.name,
      text: value.when,
      severity: value.severity,
      clear: value.clear,
      resolveHoldMs: value.resolveS === undefined ? undefined : value.resolveS * 1_000,
      means: ({ record }) =>
        (!site || record.site === site) && (!selector || this.#isMeant(key, selector, record)),
    });
  }

  #isMeant(key: string, selector: RigSelector, record: RigRecord): boolean {
    let meant = this.#means.get(record);
    if (!meant) {
      meant = new Map();
      this.#means.set(record, meant);
    }
    let means = meant.get(key);
    if (means === undefined) {
      means = selector.matches(namesOf(record, this.place(record)));
      meant.set(key, means);
    }
    return means;
  }
}

/** How a rule of the operator's own is called, of a site or ("") of the whole installation. */
const idOf = (site: string, id: string): string => (site ? `${site}.${id}` : id);

/** What is more particular comes later, and counts. */
const rank = ({ site, selector }: Override): number => (selector ? 2 : 0) + (site ? 1 : 0);

/** The settings of a rule with what is told in place of its own. A limit that moves takes the place where it clears along. */
export function merged<T>(
  rule: Rule<T>,
  overrides: readonly { id: string; told: Partial<RuleOverride> }[],
): RuleSettings {
  let settings: RuleSettings = rule;
  for (const { id, told } of overrides) {
    const { enabled, severity, limit, clear, holdS, samples, resolveS, urls, accounts } = told;
    const gap = (rule.clear ?? 0) - (rule.limit ?? 0);
    settings = {
      severity: severity ?? settings.severity,
      holdMs: holdS === undefined ? settings.holdMs : holdS * 1_000,
      samples: samples ?? settings.samples,
      clearSamples: settings.clearSamples,
      resolveHoldMs: resolveS === undefined ? settings.resolveHoldMs : resolveS * 1_000,
      ...pick("enabled", enabled ?? settings.enabled),
      ...pick("limit", limit ?? settings.limit),
      ...pick("clear", clear ?? (limit === undefined ? settings.clear : limit + gap)),
      ...pick("urls", urls ?? settings.urls),
      ...pick("accounts", accounts ?? settings.accounts),
      setBy: `setting "${id}"`,
    };
  }
  return settings;
}

const pick = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);

/** The alert rules among the settings that hold together: one that is wrong counts for nothing, and the settings say so. */
export function ruleDocuments(settings: Pick<Settings, "all" | "values">): RuleDocument[] {
  const sites = new Set(
    settings.all().flatMap(({ kind, site }) => (kind === alertRuleKind.kind ? [site] : [])),
  );
  return [...sites].flatMap((site) =>
    settings.values(alertRuleKind, site).map((document) => ({ site, ...document })),
  );
}
