import { SEVERITIES } from "@hashwatt/protocol/alertRules";
import type { AlertView } from "@hashwatt/protocol/http";

const DAY_MS = 86_400_000;

/**
 * Stored alerts as they stood at a moment of the past. Of one that came back in rounds the last round is known, and of a
 * breach that never fired nothing.
 */
export class PastAlerts {
  #open = new Map<number, AlertView[]>();
  #all: AlertView[] = [];

  constructor(private readonly stored: readonly AlertView[]) {}

  /** Moves to `atMs`. Returns the alerts that are another by it. */
  moveTo(atMs: number): AlertView[] {
    const before = new Map(this.#all.map((alert) => [alert.id, alert]));
    this.#all = this.stored.flatMap((alert) => asOf(alert, atMs) ?? []);
    this.#open = new Map();
    for (const alert of this.#all)
      if (alert.state !== "resolved" && alert.rig !== undefined)
        this.#open.set(alert.rig, [...(this.#open.get(alert.rig) ?? []), alert]);
    return this.#all.filter((alert) => before.get(alert.id)?.state !== alert.state);
  }

  /** All that a screen shows: open ones, and those that ended within a day. */
  all(): AlertView[] {
    return this.#all;
  }

  open(rig?: number): AlertView[] {
    return rig === undefined ? [...this.#open.values()].flat() : (this.#open.get(rig) ?? []);
  }

  partsOf(id: string): AlertView[] {
    return this.open().filter(({ partOf, state }) => partOf === id && state === "firing");
  }

  firingCount(rig: number): number {
    return this.open(rig).filter(({ state }) => state === "firing").length;
  }

  /** Severity of the worst that fires on a rig; null where none does. */
  worst(rig: number): AlertView["severity"] | null {
    const firing = this.open(rig).filter(({ state }) => state === "firing");
    return SEVERITIES.find((severity) => firing.some((alert) => alert.severity === severity)) ?? null;
  }
}

/** An alert at a moment; undefined before it began and a day after its end. */
function asOf(alert: AlertView, atMs: number): AlertView | undefined {
  const { pendingMs, firedMs, resolvedMs } = alert;
  if (pendingMs > atMs) return undefined;
  if (resolvedMs !== null && resolvedMs <= atMs)
    return resolvedMs > atMs - DAY_MS ? { ...alert, state: "resolved" } : undefined;
  return firedMs !== null && firedMs <= atMs
    ? { ...alert, state: "firing", resolvedMs: null }
    : { ...alert, state: "pending", firedMs: null, resolvedMs: null };
}
