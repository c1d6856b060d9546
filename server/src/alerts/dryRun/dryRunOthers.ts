import type { DryRun, DryRunOrder } from "@hashwatt/protocol/dryRun";
import { ServerError } from "../../error.js";
import type { RateSeries } from "../../rates/rateSeries.js";
import { AlertBook } from "../book.js";
import { merged } from "../custom/ruleSettings.js";
import type { Facts } from "../facts.js";
import { FACT_RULES } from "../rules/factRules.js";
import type { Rule, RuleContext } from "../rules/rule.js";
import type { DryRunParts } from "./dryRun.js";
import { type History, historyOf } from "./history.js";
import { agentHistory, type FactsAt, marketHistory, poolHistory } from "./otherHistory.js";
import { summary, type Tried, take } from "./tried.js";

/** What a dry run of agents, pools and the network reads. */
export interface DryRunOthersParts extends Pick<DryRunParts, "state" | "telemetry" | "rates" | "records"> {
  rateSeries: Pick<RateSeries, "slots">;
}

/** Tries a rule of agents, pools or the network on what is stored. Throws ServerError `notFound`; rejects with store codes. */
export async function dryRunOthers(
  order: DryRunOrder,
  parts: DryRunOthersParts,
  progress: (atMs: number) => void,
): Promise<DryRun> {
  const { fromMs, toMs, site } = order;
  const rule = (Object.values(FACT_RULES).flat() as Rule<Facts>[]).find(({ id }) => id === order.rule)!;
  const kind = rule.subject as "agent" | "pool" | "market";
  const records = [...parts.records()].filter((record) => site === undefined || record.site === site);
  if (kind !== "market" && !records.length)
    throw new ServerError("notFound", "There are no rigs of which history could be tried");
  const rates = parts.rates.apart();
  const rigs = records.map(({ rig }) => rig);
  const history: History | undefined = kind === "market" ? undefined : await historyOf(parts, rigs, order);
  const context: RuleContext = {
    nowMs: fromMs,
    heardSinceMs: fromMs,
    rates: (of) => rates.now(of, context.nowMs),
  };
  const seen = new Set<string>();
  const judged = new Set<string>();
  const noting: Rule<Facts> = {
    ...rule,
    check(facts, ...rest) {
      const verdict = rule.check(facts, ...rest);
      // A pool whose way nobody tells is not judged by being clear.
      if (verdict !== "unknown" && (facts.kind !== "pool" || facts.latency)) judged.add(facts.id);
      return verdict;
    },
  };
  const tried = order.settings.map((told, i): Tried => {
    const book = new AlertBook([], {}, { [kind]: [noting] });
    const own = merged(rule, [{ id: `setting ${i + 1}`, told }]);
    book.factSettings = (each) => (each.id === rule.id ? own : each);
    return { book, firing: new Map(), alerts: [] };
  });
  let [steps, known] = [0, 0];
  const looks: AsyncIterable<FactsAt> | Iterable<FactsAt> =
    kind === "market"
      ? marketHistory(parts.rateSeries, order)
      : kind === "agent"
        ? agentHistory(records, history!.moments, fromMs)
        : poolHistory(records, history!.moments, rates);
  for await (const { atMs, facts, isKnown } of looks) {
    steps++;
    if (isKnown) known++;
    context.nowMs = Math.max(context.nowMs, atMs);
    for (const { id } of facts) seen.add(id);
    for (const each of tried) {
      each.book.survey(facts, context);
      take(each, rule.id);
    }
    progress(context.nowMs);
  }
  return {
    rule: rule.id,
    subject: kind,
    ...{ fromMs, toMs },
    basis: !history || history.rawFromMs === undefined ? "5m" : history.rawFromMs > fromMs ? "mixed" : "raw",
    rawFromMs: history?.rawFromMs ?? null,
    coverage: steps ? known / steps : 0,
    rigs: seen.size,
    judged: judged.size,
    tried: tried.map((each, i) => summary(each, order.settings[i]!, toMs)),
  };
}
