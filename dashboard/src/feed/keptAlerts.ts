import type { AlertView } from "@hashwatt/protocol/http";

/** Ends of alerts that are kept, the newest ones: a list that was fetched before may still tell these as open. */
export const MOST_ENDED = 2_000;

/** What is kept of the alerts that a page has heard of: all that are open, and the newest `most` of those that have ended. */
export function keptAlerts(alerts: readonly AlertView[], most = MOST_ENDED): readonly AlertView[] {
  const ended = alerts.filter(({ state }) => state === "resolved");
  if (ended.length <= most) return alerts;
  ended.sort((a, b) => (b.resolvedMs ?? 0) - (a.resolvedMs ?? 0));
  const dropped = new Set(ended.slice(most));
  return alerts.filter((alert) => !dropped.has(alert));
}
