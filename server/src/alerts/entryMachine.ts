import type { AlertView } from "@hashwatt/protocol/http";
import { type BookEntry, describeEntry, newEntry, refreshEntry } from "./bookEntry.js";
import { nextRound } from "./endedAlerts.js";
import type { Identity } from "./judged.js";
import type { Rule, RuleContext, RuleId, RuleSettings, Verdict } from "./rules/rule.js";

/** A firing alert that cannot be judged any more resolves after this long. */
const UNKNOWN_MS = 600_000;
/** Unknown for longer than this is said. */
const SAY_UNKNOWN_MS = 60_000;
/** A danger that was seen so shortly before a rig fell silent is not over because nothing is heard of it. */
export const KEPT_MS = 600_000;
const UNKNOWN = "Ended: what it rests on is not known any more";
const SILENT = "Ended: no reading arrives any more, so what it rests on is not known";
/** Rules that, while they fire, mean that others lack data. */
const LACKING: readonly RuleId[] = ["offline"];

/** One look of a rule at a subject. `holdMs`: how long an alert must be clear before it ends. */
export interface Step<T> {
  rule: Rule<T>;
  settings: RuleSettings;
  subject: T;
  context: RuleContext;
  holdMs: number;
}

/** What a look made of an alert. */
export type Became =
  | { kind: "same" | "changed" | "fired" }
  /** Without a reason it ended as it should: by being clear. */
  | { kind: "ended"; reason?: string };

const SAME: Became = { kind: "same" };
const CHANGED: Became = { kind: "changed" };
const FIRED: Became = { kind: "fired" };

/** An alert at the first sight of a breach, or one more round of `before`. `keptMs`: since when, where that was seen before a restart. */
export function beginEntry<T>(
  { rule, settings, subject, context }: Step<T>,
  identity: Identity,
  before: AlertView | undefined,
  keptMs?: number,
): BookEntry {
  const sinceMs = rule.since?.(subject, context) ?? keptMs ?? context.nowMs;
  const { subject: part, ...finding } = rule.describe(subject, context, sinceMs, before, settings);
  const alert: AlertView = {
    id: before?.id ?? idOf(identity, rule.id, sinceMs),
    rule: rule.id,
    severity: settings.severity,
    state: "pending",
    ...identity,
    ...(part && { subject: part }),
    pendingMs: sinceMs,
    firedMs: null,
    resolvedMs: null,
    ...finding,
  };
  return newEntry(alert, before, context.nowMs);
}

const idOf = ({ subject }: Identity, rule: RuleId, sinceMs: number): string => {
  const who = subject.kind === "rig" ? subject.id : `${subject.kind}-${subject.id}`;
  return `${who.replace(/[^A-Za-z0-9-]+/g, "-")}-${rule}-${Math.floor(sinceMs).toString(36)}`;
};

/** Moves an open alert by a verdict: the whole of hold, hysteresis, recovery and what is unknown. */
export function advanceEntry<T>(
  entry: BookEntry,
  verdict: Verdict,
  at: Step<T>,
  arrival: boolean,
  stale: boolean,
): Became {
  const { nowMs } = at.context;
  if (verdict !== "unknown" && entry.unknownSinceMs !== undefined) known(entry, nowMs);
  if (entry.alert.state === "pending" && verdict !== "breach") return { kind: "ended" };
  switch (verdict) {
    case "breach": {
      entry.clears = 0;
      entry.clearSinceMs = undefined;
      entry.breachedMs = nowMs;
      if (entry.alert.state === "firing") return refreshEntry(entry, at) ? CHANGED : SAME;
      if (arrival) entry.samples++;
      return fireWhenDue(entry, at) ? FIRED : SAME;
    }
    case "clear": {
      entry.clearSinceMs ??= nowMs;
      if (arrival) entry.clears++;
      if (entry.clears < at.settings.clearSamples || nowMs - entry.clearSinceMs < at.holdMs)
        return refreshEntry(entry, at) ? CHANGED : SAME;
      return { kind: "ended" };
    }
    case "unknown": {
      entry.clears = 0;
      entry.unknownSinceMs ??= nowMs;
      const unknownMs = nowMs - entry.unknownSinceMs;
      if (unknownMs >= UNKNOWN_MS) return { kind: "ended", reason: stale ? SILENT : UNKNOWN };
      if (unknownMs < SAY_UNKNOWN_MS || entry.alert.unknownSinceMs !== undefined) return SAME;
      entry.alert = { ...entry.alert, unknownSinceMs: entry.unknownSinceMs };
      return CHANGED;
    }
  }
}

/** What was unknown is known again: that time counts neither as clear nor as a break of it. */
function known(entry: BookEntry, nowMs: number): void {
  if (entry.clearSinceMs !== undefined) entry.clearSinceMs += nowMs - entry.unknownSinceMs!;
  entry.unknownSinceMs = undefined;
  if (entry.alert.unknownSinceMs === undefined) return;
  const { unknownSinceMs: _, ...alert } = entry.alert;
  entry.alert = alert;
}

function fireWhenDue<T>(entry: BookEntry, at: Step<T>): boolean {
  const { settings, context } = at;
  const { nowMs } = context;
  if (entry.samples < settings.samples || nowMs - entry.alert.pendingMs < settings.holdMs) return false;
  entry.alert = {
    ...entry.alert,
    state: "firing",
    firedMs: nowMs,
    ...(entry.before && nextRound(entry.before, nowMs)),
  };
  describeEntry(entry, at);
  return true;
}

/** Whether an alert stays although its rule may not judge: a danger seen shortly before nothing was heard any more. */
export const isHeld = (entry: BookEntry, { by }: { by?: RuleId }, nowMs: number): boolean =>
  by !== undefined &&
  LACKING.includes(by) &&
  entry.alert.state === "firing" &&
  entry.alert.severity === "danger" &&
  (entry.alert.unknownSinceMs !== undefined || nowMs - entry.breachedMs <= KEPT_MS);

/** What may be why a subject fell silent: the reason of a danger that was seen shortly before; undefined where none was. */
export function causeOf(rule: RuleId, entries: Iterable<BookEntry>, nowMs: number): string | undefined {
  if (!LACKING.includes(rule)) return undefined;
  for (const { alert, breachedMs } of entries)
    if (alert.state === "firing" && alert.severity === "danger" && nowMs - breachedMs <= KEPT_MS)
      return alert.reason;
  return undefined;
}
