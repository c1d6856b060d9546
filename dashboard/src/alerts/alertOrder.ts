import type { AlertView } from "@hashwatt/protocol/http";

const SEVERITY: Record<AlertView["severity"], number> = { danger: 0, money: 1, notice: 2 };
const STATE: Record<AlertView["state"], number> = { firing: 0, pending: 1, resolved: 2 };

/** What needs attention first: danger to equipment, then what loses most money, then what is older. Pending after firing. */
export function byUrgency(a: AlertView, b: AlertView): number {
  return (
    Number(a.severity !== "danger") - Number(b.severity !== "danger") ||
    STATE[a.state] - STATE[b.state] ||
    // An unknown loss is not no loss, but nothing can be said against a known one.
    (b.lossPerH ?? -1) - (a.lossPerH ?? -1) ||
    SEVERITY[a.severity] - SEVERITY[b.severity] ||
    sinceMs(a) - sinceMs(b)
  );
}

/** When an alert began to fire, or was first seen while it is pending. */
export const sinceMs = (alert: AlertView): number => alert.firedMs ?? alert.pendingMs;

/** Joins alerts from the archive with the live ones, which are newer, by id. */
export function joinAlerts(archive: readonly AlertView[], live: readonly AlertView[]): AlertView[] {
  const byId = new Map(archive.map((alert) => [alert.id, alert]));
  for (const alert of live) byId.set(alert.id, alert);
  return [...byId.values()];
}

/** Alerts that are open in a site, or in all with the empty string, the most urgent first. */
export const openAlerts = (alerts: readonly AlertView[], site: string): AlertView[] =>
  alerts.filter((alert) => alert.state !== "resolved" && (!site || alert.site === site)).sort(byUrgency);
