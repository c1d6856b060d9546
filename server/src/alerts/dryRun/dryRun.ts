import type { DryRun, DryRunOrder } from "@hashwatt/protocol/dryRun";
import { readThermalLimits } from "../../bundledData.js";
import { nearestName } from "../../config/nearestName.js";
import { ServerError } from "../../error.js";
import { Fleet } from "../../fleet/fleet.js";
import type { RigView } from "../../fleet/rigView.js";
import type { RateSeries } from "../../rates/rateSeries.js";
import { BUCKET_MS } from "../../rollup/row.js";
import type { RigRecord } from "../../store/state/state.js";
import type { TelemetryStore } from "../../store/store.js";
import { AlertBook } from "../book.js";
import { customRule } from "../custom/customRule.js";
import { parseRule, RuleSyntaxError } from "../custom/parseRule.js";
import { merged } from "../custom/ruleSettings.js";
import { rigSubject } from "../judged.js";
import { Limits } from "../limits.js";
import { PoolCensus } from "../poolCensus.js";
import { RigMemory } from "../rigMemory.js";
import { namesOf, type Place, RigSelector } from "../rigSelector.js";
import type { Rule, RuleContext } from "../rules/rule.js";
import { ThermalTable } from "../thermalTable.js";
import { dryRunOthers } from "./dryRunOthers.js";
import { type DryRunSitesParts, dryRunSites, stepsOf } from "./dryRunSites.js";
import { historyOf } from "./history.js";
import { isOtherRule, isSiteRule, readsRigs, untriable } from "./siteRules.js";
import { summary, type Tried, take } from "./tried.js";

/** Rows of five minutes that one run may read; a job may read more. */
export const MOST_ROWS = 3_000_000;

/** What a dry run reads. */
export interface DryRunParts extends DryRunSitesParts {
  rateSeries: Pick<RateSeries, "slots">;
  telemetry: Pick<TelemetryStore, "samples" | "span" | "count">;
  /** Where a rig stands by the register. */
  place(record: RigRecord): Place | undefined;
  /** The rules that judge now, those of the operator's own included. */
  rules(): readonly Rule[];
}

/**
 * Tries a rule on stored history: how often it would have fired, when, of which rigs, for how long, with one or two settings side
 * by side. Nothing is told to anybody. Throws ServerError `badRequest`, `notFound`; rejects with store codes.
 */
export async function dryRun(
  order: DryRunOrder,
  parts: DryRunParts,
  most = MOST_ROWS,
  progress: (atMs: number) => void = () => undefined,
): Promise<DryRun> {
  const { fromMs, toMs, site } = order;
  const records = [...parts.records()].filter((record) => site === undefined || record.site === site);
  if (isSiteRule(order.rule)) {
    const read = stepsOf(order) * (readsRigs(order.rule) ? records.length : [...parts.sites.all()].length);
    if (read > most) throw tooLong(read);
    return dryRunSites(order, parts, progress);
  }
  if (!records.length && order.rule !== "difficultyStep")
    throw new ServerError("notFound", "There are no rigs of which history could be tried");
  const rows = (records.length * (toMs - fromMs)) / BUCKET_MS;
  if (rows > most) throw tooLong(rows);
  if (isOtherRule(order.rule)) return dryRunOthers(order, parts, progress);
  const rule = ruleOf(order, parts);
  const judged = new Set<number>();
  const noting: Rule = {
    ...rule,
    check(view, firing, context, settings) {
      const verdict = rule.check(view, firing, context, settings);
      if (verdict !== "unknown") judged.add(view.rig);
      return verdict;
    },
  };
  const before = parts.rules().filter(({ id }) => rule.inhibitedBy.includes(id));
  const rates = parts.rates.apart();
  const limits = new Limits(new ThermalTable(readThermalLimits()));
  const fleet = new Fleet({
    rates: (of, atMs) => rates.now(of, atMs),
    limits: (view, atMs) => limits.of(view, atMs),
  });
  for (const record of records) fleet.putRig(record);
  const memory = new RigMemory();
  // What is usual at a site is what its rigs' lists say now: those of then are not kept.
  const pools = new PoolCensus();
  pools.begin();
  for (const view of fleet.views()) pools.add(view, rigSubject(view));
  pools.facts(fromMs);
  const context: RuleContext = {
    nowMs: fromMs,
    heardSinceMs: fromMs,
    memory,
    pools,
    rates: (of) => rates.now(of, context.nowMs),
  };
  const tried = order.settings.map((told, i): Tried => {
    const book = new AlertBook([...before, noting]);
    const own = merged(rule, [{ id: `setting ${i + 1}`, told }]);
    book.settings = (each) => (each.id === rule.id ? own : each);
    return { book, firing: new Map(), alerts: [] };
  });
  const seen = new Set<number>();
  const rigs = records.map(({ rig }) => rig);
  const history = await historyOf(parts, rigs, order);
  const readMs = new Map<number, number>();
  let coveredMs = 0;
  for await (const { atMs, readings } of history.moments) {
    for (const { rig, reading } of readings) {
      const view = fleet.view(rig);
      if (!view) continue;
      seen.add(rig);
      coveredMs += Math.min(reading.atMs - (readMs.get(rig) ?? fromMs), 1.5 * reading.intervalMs);
      readMs.set(rig, reading.atMs);
      context.nowMs = reading.atMs;
      fleet.apply(view, reading, reading.atMs);
      memory.learn(view, reading.atMs);
      for (const { book } of tried) book.step(view, context);
    }
    context.nowMs = Math.max(context.nowMs, atMs);
    fleet.sweep(context.nowMs);
    for (const each of tried) {
      for (const view of fleet.views()) if (seen.has(view.rig)) each.book.sweep(view, context);
      take(each, rule.id);
    }
    progress(context.nowMs);
  }
  return {
    rule: rule.id,
    subject: "rig",
    fromMs,
    toMs,
    basis: history.rawFromMs === undefined ? "5m" : history.rawFromMs > fromMs ? "mixed" : "raw",
    rawFromMs: history.rawFromMs ?? null,
    coverage: Math.max(0, Math.min(1, coveredMs / (records.length * (toMs - fromMs)))),
    rigs: seen.size,
    judged: judged.size,
    tried: tried.map((each, i) => summary(each, order.settings[i]!, toMs)),
  };
}

function ruleOf({ rule: id, when }: DryRunOrder, { rules, place }: DryRunParts): Rule {
  if (when === undefined) {
    const found = rules().find((each) => each.id === id);
    if (found) return found;
    const why = id === undefined ? undefined : untriable(id);
    if (why !== undefined) throw new ServerError("badRequest", `rule: ${why}`);
    const near = nearestName(
      id ?? "",
      rules().map((each) => each.id),
    );
    const what = near === undefined ? "GET /api/alerts/rules has those there are" : `did you mean ${near}?`;
    throw new ServerError("notFound", `There is no rule "${id}" that could be tried; ${what}`);
  }
  try {
    const parsed = parseRule(when);
    const selector = parsed.on.length ? new RigSelector(parsed.on) : undefined;
    const means = ({ record }: RigView) => !selector || selector.matches(namesOf(record, place(record)));
    return customRule(parsed, { id: "tried", name: "tried", text: when, severity: "notice", means });
  } catch (error) {
    if (error instanceof RuleSyntaxError)
      throw new ServerError("badRequest", `when: is no rule:\n${error.message}`, { cause: error });
    throw error;
  }
}

const tooLong = (rows: number): ServerError =>
  new ServerError(
    "badRequest",
    `toMs: this would read ${Math.round(rows / 1e6)} million rows; name a site, take a shorter time, or start it as a job: POST /api/jobs/alerts-dry-run`,
  );
