import type { DryRun, DryRunOrder } from "@hashwatt/protocol/dryRun";
import { ServerError } from "../../error.js";
import type { Rates } from "../../rates/rates.js";
import { BUCKET_MS } from "../../rollup/row.js";
import type { RigRecord } from "../../store/state/state.js";
import { AlertBook } from "../book.js";
import { merged } from "../custom/ruleSettings.js";
import type { Facts, SiteFacts } from "../facts.js";
import { FACT_RULES } from "../rules/factRules.js";
import type { Rule, RuleContext } from "../rules/rule.js";
import { type SiteHistoryParts, siteHistory } from "./siteHistory.js";
import { summary, type Tried, take } from "./tried.js";

/** What a dry run of sites reads. */
export interface DryRunSitesParts extends Omit<SiteHistoryParts, "rates"> {
  rates: Pick<Rates, "apart">;
  records(): Iterable<RigRecord>;
}

/**
 * Tries a rule of sites on stored history, by rows of five minutes and the rates that are known now. Throws ServerError `notFound`;
 * rejects with store codes.
 */
export async function dryRunSites(
  order: DryRunOrder,
  parts: DryRunSitesParts,
  progress: (atMs: number) => void,
): Promise<DryRun> {
  const { fromMs, toMs } = order;
  const sites = [...parts.sites.all()].filter(({ site }) => order.site === undefined || site === order.site);
  if (!sites.length) throw new ServerError("notFound", "There is no site of which history could be tried");
  const rule = FACT_RULES.site.find(({ id }) => id === order.rule)!;
  const rates = parts.rates.apart();
  const context: RuleContext = {
    nowMs: fromMs,
    heardSinceMs: fromMs,
    rates: (of) => rates.now(of, context.nowMs),
  };
  const judged = new Set<string>();
  const noting: Rule<Facts> = {
    ...rule,
    check(facts, ...rest) {
      const verdict = rule.check(facts, ...rest);
      if (verdict !== "unknown") judged.add(facts.id);
      return verdict;
    },
  };
  const newBook = (i: number): AlertBook => {
    const own = merged(rule, [{ id: `setting ${i + 1}`, told: order.settings[i]! }]);
    const book = new AlertBook([], {}, { site: [noting] });
    book.factSettings = (each) => (each.id === rule.id ? own : each);
    return book;
  };
  const tried = order.settings.map((_, i): Tried => ({ book: newBook(i), firing: new Map(), alerts: [] }));
  const needs = {
    demand: rule.id === "demandPeak",
    outage: rule.id === "siteOutage",
    earnings: rule.id === "unprofitableAhead",
  };
  let [steps, known, done] = [0, 0, 0];
  for (const record of sites) {
    const rigs = [...parts.records()].filter(({ site }) => site === record.site);
    for await (const { atMs, facts, isKnown } of siteHistory(
      record,
      rigs,
      order,
      { ...parts, rates },
      needs,
    )) {
      steps++;
      if (isKnown) known++;
      context.nowMs = atMs;
      for (const each of tried) {
        each.book.survey([facts satisfies SiteFacts], context);
        take(each, rule.id);
      }
      progress(fromMs + (done + (atMs - fromMs)) / sites.length);
    }
    done += toMs - fromMs;
    // One site after the other: what still fires of it goes on.
    for (const [i, each] of tried.entries()) each.book = newBook(i);
  }
  return {
    rule: rule.id,
    subject: "site",
    ...{ fromMs, toMs },
    basis: "5m",
    rawFromMs: null,
    coverage: steps ? known / steps : 0,
    rigs: sites.length,
    judged: judged.size,
    tried: tried.map((each, i) => summary(each, order.settings[i]!, toMs)),
  };
}

/** Steps that a run over this range takes, for its bound. */
export const stepsOf = ({ fromMs, toMs }: DryRunOrder): number => (toMs - fromMs) / BUCKET_MS;
