import type { AlertView } from "@hashwatt/protocol/http";
import { roundsText } from "./endedAlerts.js";
import type { Step } from "./entryMachine.js";
import type { Finding } from "./rules/rule.js";

/** The figures of a firing alert are brought up to date this often, and a value that has moved by its rule's step this soon. */
const REFRESH_MS = 60_000;
const MOVED_MS = 5_000;
const MINUTE_MS = 60_000;
/** What {@link write} puts behind the reason of a finding: an alert from before a restart has it already. */
const ADDED = /(; \d+(st|nd|rd|th) time in \d+ (min|h)|; clear for \d+ of \d+ min)+$/;

/** An open alert as the book keeps it. */
export interface BookEntry {
  alert: AlertView;
  /** As it stood while the breach lasted: what is told of it when it has ended. */
  breached: AlertView;
  /** Its reason as its rule gave it, without what {@link write} puts behind it. */
  found: string;
  /** The ended alert of which this is another round. */
  readonly before: AlertView | undefined;
  samples: number;
  clears: number;
  /** Since when it is clear, less the time in which that was not known; undefined while it is not. */
  clearSinceMs: number | undefined;
  unknownSinceMs: number | undefined;
  /** When it was last seen to be in breach. */
  breachedMs: number;
  refreshedMs: number;
}

export const newEntry = (alert: AlertView, before: AlertView | undefined, nowMs: number): BookEntry => ({
  alert,
  breached: alert,
  found: alert.reason.replace(ADDED, ""),
  before,
  samples: 0,
  clears: 0,
  clearSinceMs: undefined,
  unknownSinceMs: alert.unknownSinceMs,
  breachedMs: nowMs,
  refreshedMs: nowMs,
});

/** Describes an alert as things are now. */
export function describeEntry<T>(entry: BookEntry, at: Step<T>): void {
  write(entry, findingOf(entry, at), at.context.nowMs, at.holdMs);
}

/** The same where it is time for it: once a minute, or five seconds after the last when the value has moved. Returns whether it was. */
export function refreshEntry<T>(entry: BookEntry, at: Step<T>): boolean {
  const { nowMs } = at.context;
  const sinceMs = nowMs - entry.refreshedMs;
  if (sinceMs < MOVED_MS) return false;
  const { value } = entry.alert;
  const finding = findingOf(entry, at);
  const moved =
    value === null || finding.value === null
      ? value !== finding.value
      : Math.abs(finding.value - value) >= at.rule.step(at.subject, value);
  if (!moved && sinceMs < REFRESH_MS) return false;
  write(entry, finding, nowMs, at.holdMs);
  return true;
}

/** A rule that goes on with the reason of before gets it as it gave it: what is put behind is put there anew. */
function findingOf<T>({ alert, found }: BookEntry, { rule, subject, context, settings }: Step<T>): Finding {
  const before = alert.reason === found ? alert : { ...alert, reason: found };
  return rule.describe(subject, context, alert.pendingMs, before, settings);
}

function write(entry: BookEntry, finding: Finding, nowMs: number, holdMs: number): void {
  const { alert, clearSinceMs } = entry;
  const { subject, ...told } = finding;
  const clear = clearSinceMs === undefined ? undefined : clearText(nowMs - clearSinceMs, holdMs);
  const rounds = roundsText(alert, nowMs);
  const added = `${rounds === undefined ? "" : `; ${rounds}`}${clear === undefined ? "" : `; ${clear}`}`;
  const reason = `${finding.reason}${added}`;
  entry.found = finding.reason;
  entry.alert = { ...alert, ...told, ...(subject && { subject }), reason };
  entry.refreshedMs = nowMs;
  if (clearSinceMs === undefined) entry.breached = entry.alert;
}

const clearText = (clearMs: number, holdMs: number): string | undefined =>
  holdMs < MINUTE_MS
    ? undefined
    : `clear for ${Math.floor(clearMs / MINUTE_MS)} of ${Math.floor(holdMs / MINUTE_MS)} min`;
