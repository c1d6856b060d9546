import type { Severity } from "@hashwatt/protocol/alertRules";
import { isReporting, type RigView } from "../../fleet/rigView.js";
import { RigSelector } from "../rigSelector.js";
import type { Rule, Verdict } from "../rules/rule.js";
import { NUMBER_FIELDS, TEXT_FIELDS } from "./fields.js";
import type { Condition, CustomRule } from "./parseRule.js";

const RESOLVE_HOLD_MS = 60_000;
/** A firing alert clears so far on the good side of its number, where its rule names no other place. */
const BAND = 0.02;

/** What a custom rule is called, and how it is judged. */
export interface CustomOptions {
  id: string;
  name: string;
  /** As it was written. */
  text: string;
  severity: Severity;
  /** Where the first condition's number is clear again. */
  clear?: number | undefined;
  resolveHoldMs?: number | undefined;
  /** Whether a rig is meant. */
  means(view: RigView): boolean;
}

/** A condition that is ready to be asked: words as what they fit. */
type Asked = Exclude<Condition, { words: unknown }> | { field: string; op: "=" | "!="; words: RigSelector };

const asked = (condition: Condition): Asked =>
  "words" in condition ? { ...condition, words: new RigSelector(condition.words) } : condition;

/** Whether a condition holds; undefined where its figure is not known. `limit`: in place of its number. */
function holds(condition: Asked, view: RigView, limit: number | undefined): boolean | undefined {
  const { field, op } = condition;
  if ("words" in condition) {
    const names = TEXT_FIELDS[field]!(view);
    return names && condition.words.matches(names) === (op === "=");
  }
  const now = NUMBER_FIELDS[field]!.of(view);
  if (now === undefined || limit === undefined) return undefined;
  switch (op) {
    case ">":
      return now > limit;
    case ">=":
      return now >= limit;
    case "<":
      return now < limit;
    case "<=":
      return now <= limit;
    case "=":
      return now === limit;
    case "!=":
      return now !== limit;
  }
}

/** Where a condition's number is over again; undefined for words. */
function clearOf(condition: Condition): number | undefined {
  if ("words" in condition) return undefined;
  const { op, value } = condition;
  const band = Math.abs(value) * BAND;
  return op.startsWith(">") ? value - band : op.startsWith("<") ? value + band : value;
}

/** Makes a rule of what an operator has written. Two readings in a row, whatever it says: no page from a single sample. */
export function customRule({ conditions, holdMs }: CustomRule, options: CustomOptions): Rule {
  const { id, name, text, severity, clear, resolveHoldMs = RESOLVE_HOLD_MS, means } = options;
  const clears = conditions.map((each, i) => (i === 0 && clear !== undefined ? clear : clearOf(each)));
  const all = conditions.map(asked);
  const first = all.find((each) => "value" in each) ?? all[0]!;
  const at = all.indexOf(first);
  const number = "value" in first ? first.value : undefined;
  // The number that a dry run may put others in the place of.
  const moves = number !== undefined && first.op !== "=" && first.op !== "!=";
  const own = moves ? { limit: number, clear: clears[at] as number } : {};
  const seesSilence = conditions.some(({ field }) => field === "status");
  const figure = (view: RigView): number | null => NUMBER_FIELDS[first.field]?.of(view) ?? null;
  return {
    id,
    subject: "rig",
    severity,
    ...own,
    holdMs,
    samples: 2,
    clearSamples: 2,
    resolveHoldMs,
    timed: false,
    inhibitedBy: seesSilence ? [] : ["offline"],
    check(view, firing, _context, settings): Verdict {
      if (!means(view)) return "clear";
      if (!seesSilence && !isReporting(view)) return "unknown";
      let verdict: Verdict = "breach";
      for (const [i, condition] of all.entries()) {
        const told = moves && i === at ? settings : undefined;
        const fires = told?.limit ?? ("value" in condition ? condition.value : undefined);
        const held = holds(condition, view, firing ? (told?.clear ?? clears[i]) : fires);
        if (held === false) return "clear";
        if (held === undefined) verdict = "unknown";
      }
      return verdict;
    },
    step: (_view, value) => Math.abs(value) / 50,
    describe(view, _context, _sinceMs, _before, settings) {
      const limit = moves ? (settings.limit ?? null) : (number ?? null);
      const told = conditions.map(({ field }) => {
        const number = NUMBER_FIELDS[field];
        const value = number ? number.of(view) : TEXT_FIELDS[field]?.(view)?.[0];
        const shown = typeof value === "number" ? Math.round(value * 100) / 100 : value;
        return `${field} ${shown ?? "unknown"}${number && shown !== undefined ? ` ${number.unit}` : ""}`;
      });
      return {
        value: figure(view),
        limit,
        unit: NUMBER_FIELDS[first.field]?.unit ?? "",
        limitSource: `rule "${name}"`,
        reason: `${name}: ${told.join(", ")} (${text}${limit === number || limit === null ? "" : `; with ${limit}`})`,
        lossPerH: null,
      };
    },
  };
}
