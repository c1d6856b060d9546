import type { Route } from "../apiParts.js";
import { accessRoutes } from "./access.js";
import { alertChannelRoutes } from "./alertChannels.js";
import { alertDeskRoutes } from "./alertDesk.js";
import { alertRulesRoutes } from "./alertRules.js";
import { alertRoutes } from "./alerts.js";
import { availabilityRoutes } from "./availability.js";
import { dryRunRoutes } from "./dryRun.js";
import { exportRoutes } from "./export.js";
import { fleetRoutes } from "./fleet.js";
import { jobRoutes } from "./jobs.js";
import { ledgerRoutes } from "./ledger.js";
import { matchingRoutes } from "./matching.js";
import { meterRoutes } from "./meters.js";
import { metricsRoutes } from "./metrics.js";
import { plannedStopRoutes } from "./plannedStops.js";
import { rateRoutes } from "./rates.js";
import { reconciliationRoutes } from "./reconciliation.js";
import { registerRoutes } from "./register.js";
import { replayRoutes } from "./replays.js";
import { rigKeepingRoutes } from "./rigKeeping.js";
import { rigRoutes } from "./rigs.js";
import { sessionRoutes } from "./session.js";
import { settingsRoutes } from "./settings.js";
import { siteSettingsRoutes } from "./siteSettings.js";
import { siteRoutes } from "./sites.js";
import { statusRoutes } from "./status.js";

/** Every group of endpoints. */
export const ROUTES: readonly Route[] = [
  statusRoutes,
  sessionRoutes,
  accessRoutes,
  fleetRoutes,
  rigRoutes,
  rigKeepingRoutes,
  registerRoutes,
  rateRoutes,
  siteRoutes,
  siteSettingsRoutes,
  settingsRoutes,
  alertRoutes,
  plannedStopRoutes,
  availabilityRoutes,
  alertRulesRoutes,
  dryRunRoutes,
  alertDeskRoutes,
  alertChannelRoutes,
  jobRoutes,
  replayRoutes,
  meterRoutes,
  ledgerRoutes,
  exportRoutes,
  matchingRoutes,
  reconciliationRoutes,
  metricsRoutes,
];
