import type { AlertView } from "@hashwatt/protocol/http";
import { byUrgency, sinceMs, type Urgency } from "./alertOrder.js";

/** So many alike still stand for themselves. */
const MOST_ALONE = 2;

/** Alerts of one rule, state, severity, currency and model that stand as one entry, the most urgent first. */
export interface AlertGroup extends Urgency {
  model?: string;
  currency?: string;
  alerts: readonly AlertView[];
  /** How many of them have a known loss; `lossPerH` is the sum of these, null when none has. */
  lossRigs: number;
}

/**
 * Folds more than two alerts of one rule, state and model into a group. Returns groups and single alerts, each as a group
 * of its own, the most urgent first. A group is as old as its oldest alert.
 */
export function groupAlerts(alerts: readonly AlertView[]): AlertGroup[] {
  const alike = new Map<string, AlertView[]>();
  for (const alert of alerts) {
    const { rule, state, severity, currency, model } = alert;
    const key = JSON.stringify([rule, state, severity, currency ?? "", model ?? ""]);
    const group = alike.get(key);
    if (group) group.push(alert);
    else alike.set(key, [alert]);
  }
  const groups: AlertGroup[] = [];
  for (const [key, group] of alike) {
    if (group.length > MOST_ALONE) groups.push(groupOf(key, [...group].sort(byUrgency)));
    else for (const alert of group) groups.push(groupOf(alert.id, [alert]));
  }
  return groups.sort(byUrgency);
}

function groupOf(id: string, alerts: readonly AlertView[]): AlertGroup {
  const { rule, state, severity, currency, model } = alerts[0]!;
  const losses = alerts.flatMap(({ lossPerH }) => (lossPerH === null ? [] : [lossPerH]));
  const fromMs = Math.min(...alerts.map(sinceMs));
  return {
    id,
    rule,
    state,
    severity,
    ...(model !== undefined && { model }),
    ...(currency !== undefined && { currency }),
    pendingMs: fromMs,
    firedMs: state === "pending" ? null : fromMs,
    lossPerH: losses.length > 0 ? losses.reduce((sum, loss) => sum + loss, 0) : null,
    lossRigs: losses.length,
    alerts,
  };
}
