import type { Severity, SubjectKind } from "@hashwatt/protocol/alertRules";
import { perThH } from "../../economics/figures.js";
import { isReporting, type RigView } from "../../fleet/rigView.js";
import { toldSubject } from "../boardSubject.js";
import type { Finding, Rule, RuleContext, RuleSettings, Verdict } from "./rule.js";

export const MINUTE_MS = 60_000;

/** A figure and what it is judged by, in a rule's unit. */
export interface Measured {
  value: number;
  /** Where they are not those of the settings: a limit that each subject has of its own. */
  limit?: number;
  clear?: number;
  /** Where that limit comes from. */
  limitSource?: string;
}

/** A rule that compares one figure with a limit. */
export interface NumberRule<T> {
  id: string;
  subject?: SubjectKind;
  severity: Severity;
  /** Breached beyond `limit`, over again at `clear`: above, unless `below`. */
  limit: number;
  clear: number;
  unit: string;
  below?: boolean;
  holdMs: number;
  samples?: number;
  clearSamples?: number;
  resolveHoldMs: number;
  timed?: boolean;
  quietInStop?: boolean;
  inhibitedBy?: readonly string[];
  /** The figure now; undefined where it is not known, "clear" where there is nothing to judge. */
  measure(
    subject: T,
    context: RuleContext,
    settings: RuleSettings,
    firing: boolean,
  ): Measured | number | undefined | "clear";
  /** What an alert says of it. */
  reason(
    subject: T,
    now: Required<Pick<Measured, "value" | "limit">> & Measured,
    context: RuleContext,
  ): string;
  /** What it costs per hour in the site's currency; unknown without it. */
  lossPerH?(subject: T, value: number, context: RuleContext): number | null;
  /** The site whose currency `lossPerH` is in. */
  siteOf?(subject: T): string;
  /** The part of the subject that it is about, as things are; an alert that was told goes on being about the same. */
  part?(subject: T, context: RuleContext): Finding["subject"];
  /** By how much it must move to be told at once; by default a twentieth. */
  step?: number;
}

/** What a rule of a number compares, for a book that asks many rules of each reading. */
export interface Comparison<T> {
  measure: NumberRule<T>["measure"];
  below: boolean;
}

const comparisons = new WeakMap<object, Comparison<never>>();

/** What a rule compares; undefined where its `check` is not the comparison that {@link numberRule} made. */
export const comparisonOf = <T>({ check }: Pick<Rule<T>, "check">): Comparison<T> | undefined =>
  comparisons.get(check) as Comparison<T> | undefined;

/** Makes the rule of a comparison: its number, its hysteresis, and the sentence that says which limit was used. */
export function numberRule<T = RigView>(spec: NumberRule<T>): Rule<T> {
  const { id, subject = "rig", severity, limit, clear, unit, below = false, holdMs, resolveHoldMs } = spec;
  const { measure } = spec;
  const beyond = (value: number, than: number): boolean => (below ? value < than : value > than);
  const limitsOf = (now: Measured, settings: RuleSettings) => ({
    limit: now.limit ?? settings.limit ?? limit,
    clear: now.clear ?? settings.clear ?? clear,
  });
  const rule: Rule<T> = {
    id,
    subject,
    severity,
    limit,
    clear,
    unit,
    holdMs,
    samples: spec.samples ?? 2,
    clearSamples: spec.clearSamples ?? 2,
    resolveHoldMs,
    timed: spec.timed ?? false,
    ...(spec.quietInStop && { quietInStop: true }),
    inhibitedBy: spec.inhibitedBy ?? (subject === "rig" ? ["offline"] : []),
    check(of, firing, context, settings): Verdict {
      const measured = measure(of, context, settings, firing);
      if (measured === undefined) return "unknown";
      if (measured === "clear") return "clear";
      if (typeof measured === "number")
        return beyond(measured, (firing ? settings.clear : settings.limit) ?? (firing ? clear : limit))
          ? "breach"
          : "clear";
      const limits = limitsOf(measured, settings);
      return beyond(measured.value, firing ? limits.clear : limits.limit) ? "breach" : "clear";
    },
    step: (_of, value) => spec.step ?? Math.abs(value) / 20,
    describe(of, context, _sinceMs, before, settings): Finding {
      const measured = measure(of, context, settings, true);
      const common = { unit, limitSource: settings.setBy ?? "rule" };
      if (measured === undefined || measured === "clear")
        return {
          ...common,
          value: null,
          limit: settings.limit ?? limit,
          reason: before?.reason ?? "Not known any more",
          lossPerH: null,
        };
      const now = typeof measured === "number" ? { value: measured } : measured;
      const limits = limitsOf(now, settings);
      const lossPerH = spec.lossPerH?.(of, now.value, context) ?? null;
      const part = spec.part && (toldSubject(before, context.nowMs) ?? spec.part(of, context));
      const site = spec.siteOf?.(of);
      return {
        ...common,
        ...(now.limitSource !== undefined && { limitSource: now.limitSource }),
        ...(part && { subject: part }),
        value: now.value,
        limit: limits.limit,
        reason: spec.reason(of, { ...now, limit: limits.limit }, context),
        lossPerH,
        ...(lossPerH !== null && site !== undefined && { currency: context.rates(site).currency }),
      };
    },
  };
  comparisons.set(rule.check, { measure, below });
  return rule;
}

/** Whether a rig answers and mines; undefined while that is not known. */
export function isMining(view: RigView): boolean | undefined {
  return isReporting(view) ? view.reading!.status === "mining" : undefined;
}

/** A number as a sentence has it: at most one digit after the point. */
export const short = (value: number): string => String(Math.round(value * 10) / 10);
export const degrees = (value: number): string => `${short(value)} °C`;
export const percent = (ratio: number): string => `${short(ratio * 100)} %`;

/** What TH/s that a rig lacks would earn per hour by its algorithm; null where that is not known. */
export function shareOfRevenue(view: RigView, missingThs: number, context: RuleContext): number | null {
  const { hashpricePerThH, otherPerThH } = context.rates(view.record.site);
  const earned = perThH(view.algo, {
    ...(hashpricePerThH !== undefined && { hashpricePerThH }),
    ...(otherPerThH && { otherPerThH }),
  });
  return earned === undefined ? null : Math.max(0, missingThs) * earned;
}

/** The same of a share (0–1) of what the rig hashes. */
export function shareOfHashed(view: RigView, ratio: number, context: RuleContext): number | null {
  const hashedThs = view.reading?.hashrateThs;
  return hashedThs === undefined ? null : shareOfRevenue(view, hashedThs * ratio, context);
}
