import type { AlertView } from "@hashwatt/protocol/http";
import { keyOfAlert } from "./judged.js";

/** What begins again within this time of its end is the same alert, of which nobody is told anew before the time is over. */
export const REOPEN_MS = 900_000;
/** Ended alerts that are kept in mind; the oldest go first, and what they would have reopened is then an alert of its own. */
const MAX_ENDED = 20_000;

const keyOf = (key: string | number, rule: string): string => `${key} ${rule}`;

/** The alerts that ended lately, by subject and rule: one that begins again is another round of the same. */
export class EndedAlerts {
  /** In the order in which they ended. */
  readonly #ended = new Map<string, AlertView>();

  /** Notes an alert that has fired and ended, in place of the former of its subject and rule. */
  add(alert: AlertView): void {
    const { resolvedMs } = alert;
    if (resolvedMs === null) return;
    const its = keyOf(keyOfAlert(alert), alert.rule);
    this.#ended.delete(its);
    this.#ended.set(its, alert);
    for (const [key, { resolvedMs: endedMs }] of this.#ended) {
      if (endedMs! + REOPEN_MS > resolvedMs && this.#ended.size <= MAX_ENDED) break;
      this.#ended.delete(key);
    }
  }

  /** The alert of that subject and rule that ended at most 15 minutes ago; undefined when there is none. */
  recent(key: string | number, rule: string, nowMs: number): AlertView | undefined {
    const alert = this.#ended.get(keyOf(key, rule));
    return alert?.resolvedMs != null && nowMs - alert.resolvedMs < REOPEN_MS ? alert : undefined;
  }
}

/** What distinguishes the round that fires now after `before` from a first one. */
export function nextRound(
  before: AlertView,
  nowMs: number,
): Pick<AlertView, "rounds" | "firstFiredMs" | "quietUntilMs"> {
  const { rounds, firstFiredMs, firedMs, resolvedMs } = before;
  // Of a round that was quiet nobody knows that it ended: the time since the last message counts.
  const quietUntilMs = before.quietUntilMs ?? (resolvedMs ?? nowMs) + REOPEN_MS;
  return {
    rounds: (rounds ?? 1) + 1,
    firstFiredMs: firstFiredMs ?? firedMs ?? nowMs,
    ...(quietUntilMs > nowMs && { quietUntilMs }),
  };
}

/** "4th time in 20 min"; undefined for an alert that has fired once. */
export function roundsText({ rounds, firstFiredMs }: AlertView, nowMs: number): string | undefined {
  if (rounds === undefined || firstFiredMs === undefined) return undefined;
  const minutes = Math.max(1, Math.round((nowMs - firstFiredMs) / 60_000));
  const span = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return `${ordinal(rounds)} time in ${span}`;
}

function ordinal(n: number): string {
  const teen = n % 100 > 10 && n % 100 < 14;
  return `${n}${teen ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th")}`;
}
