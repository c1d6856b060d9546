import type { DryRun } from "@hashwatt/protocol/dryRun";
import type { AlertView } from "@hashwatt/protocol/http";
import type { AlertBook } from "../book.js";

/** Alerts that are told one by one. */
const MOST_TOLD = 200;

/** What one of the settings has told so far. */
export interface Tried {
  book: AlertBook;
  firing: Map<string, AlertView>;
  alerts: AlertView[];
}

/** Takes what has changed of a rule. */
export function take({ book, firing, alerts }: Tried, rule: string): void {
  for (const alert of book.takeChanges().transitions) {
    if (alert.rule !== rule) continue;
    if (alert.state === "firing") firing.set(alert.id, alert);
    else {
      firing.delete(alert.id);
      alerts.push(alert);
    }
  }
}

/** What one of the settings has told, put together. */
export function summary(
  { firing, alerts }: Tried,
  settings: DryRun["tried"][0]["settings"],
  toMs: number,
): DryRun["tried"][0] {
  const all = [...alerts, ...firing.values()].sort((a, b) => a.firedMs! - b.firedMs!);
  return {
    settings,
    fired: all.length,
    rigs: new Set(all.map(({ rig, subject }) => rig ?? subject.id)).size,
    firingMs: all.reduce((sum, { firedMs, resolvedMs }) => sum + (resolvedMs ?? toMs) - firedMs!, 0),
    alerts: all.slice(0, MOST_TOLD).map(({ rig, subject, firedMs, resolvedMs, reason }) => ({
      rig: rig ?? null,
      name: subject.name,
      firedMs: firedMs!,
      resolvedMs,
      reason,
    })),
  };
}
