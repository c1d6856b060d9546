import type { Severity } from "@hashwatt/protocol/alertRules";
import { isReporting, type RigView } from "../../fleet/rigView.js";
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

/** Whether a condition holds; undefined where its figure is not known. `band`: so far beyond its number it must be to be over. */
function holds({ field, op, value }: Condition, view: RigView, limit: number | string): boolean | undefined {
  if (typeof value === "string" || typeof limit === "string") {
    const word = TEXT_FIELDS[field]?.(view) ?? NUMBER_FIELDS[field]?.of(view)?.toString();
    if (word === undefined) return undefined;
    return (word.toLowerCase() === String(value).toLowerCase()) === (op === "=");
  }
  const now = NUMBER_FIELDS[field]!.of(view);
  if (now === undefined) return undefined;
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

/** Where a condition's number is over again. */
function clearOf({ op, value }: Condition): number | string {
  if (typeof value === "string") return value;
  const band = Math.abs(value) * BAND;
  return op.startsWith(">") ? value - band : op.startsWith("<") ? value + band : value;
}

/** Makes a rule of what an operator has written. Two readings in a row, whatever it says: no page from a single sample. */
export function customRule({ conditions, holdMs }: CustomRule, options: CustomOptions): Rule {
  const { id, name, text, severity, clear, resolveHoldMs = RESOLVE_HOLD_MS, means } = options;
  const clears = conditions.map((each, i) => (i === 0 && clear !== undefined ? clear : clearOf(each)));
  const first = conditions.find(({ value }) => typeof value === "number") ?? conditions[0]!;
  const at = conditions.indexOf(first);
  // The number that a dry run may put others in the place of.
  const moves = typeof first.value === "number" && first.op !== "=" && first.op !== "!=";
  const own = moves ? { limit: first.value as number, clear: clears[at] as number } : {};
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
      for (const [i, condition] of conditions.entries()) {
        const told = moves && i === at ? settings : undefined;
        const fires = told?.limit ?? condition.value;
        const held = holds(condition, view, firing ? (told?.clear ?? clears[i]!) : fires);
        if (held === false) return "clear";
        if (held === undefined) verdict = "unknown";
      }
      return verdict;
    },
    step: (_view, value) => Math.abs(value) / 50,
    describe(view, _context, _sinceMs, _before, settings) {
      const limit = moves ? (settings.limit ?? null) : typeof first.value === "number" ? first.value : null;
      const told = conditions.map(({ field }) => {
        const number = NUMBER_FIELDS[field];
        const value = number ? number.of(view) : TEXT_FIELDS[field]?.(view);
        const shown = typeof value === "number" ? Math.round(value * 100) / 100 : value;
        return `${field} ${shown ?? "unknown"}${number && shown !== undefined ? ` ${number.unit}` : ""}`;
      });
      return {
        value: figure(view),
        limit,
        unit: NUMBER_FIELDS[first.field]?.unit ?? "",
        limitSource: `rule "${name}"`,
        reason: `${name}: ${told.join(", ")} (${text}${limit === first.value || limit === null ? "" : `; with ${limit}`})`,
        lossPerH: null,
      };
    },
  };
}
