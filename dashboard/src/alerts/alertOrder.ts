import type { AlertView } from "@hashwatt/protocol/http";

/** What the place of an alert, or of several that stand together, depends on. */
export type Urgency = Pick<
  AlertView,
  "id" | "rule" | "severity" | "state" | "lossPerH" | "pendingMs" | "firedMs"
>;

const STATE: Record<AlertView["state"], number> = { firing: 0, pending: 1, resolved: 2 };

/** Who does not answer. */
const SILENT: readonly string[] = ["siteOutage", "agentSilent", "offline", "storeDown"];

/** Danger to equipment, then who does not answer, then what is on the way to danger, then money, then the rest. */
function classOf({ severity, rule }: Urgency): number {
  if (severity === "danger") return 0;
  if (SILENT.includes(rule)) return 1;
  return severity === "warning" ? 2 : severity === "money" ? 3 : 4;
}

/** A loss in two significant digits, so that the order stands while a figure trembles; an unknown one is after all known. */
const rankedLoss = (lossPerH: number | null): number =>
  lossPerH === null ? Number.NEGATIVE_INFINITY : Number(lossPerH.toPrecision(2));

/**
 * What needs attention first: danger to equipment, what fires before what is pending, rigs that do not answer before money,
 * what loses most, what is older. An unknown loss stands after the known ones of its own class only.
 */
export function byUrgency(a: Urgency, b: Urgency): number {
  const [lossA, lossB] = [rankedLoss(a.lossPerH), rankedLoss(b.lossPerH)];
  return (
    Number(a.severity !== "danger") - Number(b.severity !== "danger") ||
    STATE[a.state] - STATE[b.state] ||
    classOf(a) - classOf(b) ||
    (lossA === lossB ? 0 : lossB - lossA) ||
    sinceMs(a) - sinceMs(b) ||
    (a.id < b.id ? -1 : Number(a.id > b.id))
  );
}

/** When an alert began to fire, or was first seen while it is pending. */
export const sinceMs = (alert: Pick<AlertView, "firedMs" | "pendingMs">): number =>
  alert.firedMs ?? alert.pendingMs;

/** Joins alerts from the archive with the live ones, which are newer, by id. */
export function joinAlerts(archive: readonly AlertView[], live: readonly AlertView[]): AlertView[] {
  const byId = new Map(archive.map((alert) => [alert.id, alert]));
  for (const alert of live) byId.set(alert.id, alert);
  return [...byId.values()];
}

/**
 * Alerts that are open in a site, or in all with the empty string, the most urgent first. What is rolled up into another that is
 * open is left out, and what is of no site is shown at every site.
 */
export function openAlerts(alerts: readonly AlertView[], site: string): AlertView[] {
  const open = alerts.filter(
    (alert) => alert.state !== "resolved" && (!site || !alert.site || alert.site === site),
  );
  const ids = new Set(open.map(({ id }) => id));
  return open.filter(({ partOf }) => partOf === undefined || !ids.has(partOf)).sort(byUrgency);
}

/**
 * Alerts of a site, or of all with the empty string, that fired and have ended since `fromMs`, the newest end first. What was over before
 * it fired was no alert.
 */
export function endedAlerts(alerts: readonly AlertView[], site: string, fromMs: number): AlertView[] {
  const endMs = ({ resolvedMs }: AlertView) => resolvedMs ?? 0;
  return alerts
    .filter(
      (alert) =>
        alert.state === "resolved" &&
        alert.firedMs !== null &&
        alert.partOf === undefined &&
        (!site || alert.site === site) &&
        endMs(alert) >= fromMs,
    )
    .sort((a, b) => endMs(b) - endMs(a));
}
