import type { AlertView } from "@hashwatt/protocol/http";
import { openAlerts } from "./alertOrder.js";

/** Alerts that fire by themselves in a site, or in all with the empty string, worst first: what a person is to hear of. */
export const firingAlone = (alerts: readonly AlertView[], site: string): AlertView[] =>
  openAlerts(alerts, site).filter(({ state, partOf }) => state === "firing" && partOf === undefined);

/** Those of `firing` that did not fire before; none where nothing was known before. */
export const newlyFiring = (
  before: ReadonlySet<string> | undefined,
  firing: readonly AlertView[],
): AlertView[] => (before ? firing.filter(({ id }) => !before.has(id)) : []);
