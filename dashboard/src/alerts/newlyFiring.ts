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

/** The next text of a live region: one that equals the last would not be said, so a space that nobody sees tells them apart. */
export const heardAnew = (last: string, text: string): string => (text === last ? `${text}\u00a0` : text);
