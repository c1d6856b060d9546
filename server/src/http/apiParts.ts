import type { Health, RigSeriesField, Series, SiteSeriesField, Version } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Access } from "../access/access.js";
import type { Alerting } from "../alerts/openAlerting.js";
import type { Telling } from "../alerts/openTelling.js";
import type { PlannedStops } from "../alerts/plannedStops.js";
import type { Availabilities } from "../availability/availabilities.js";
import type { ExportParts } from "../export/exportRows.js";
import type { Handovers } from "../identity/handovers.js";
import type { RigIndex } from "../identity/rigIndex.js";
import type { Jobs } from "../jobs/jobs.js";
import type { LedgerService } from "../ledger/ledgerService.js";
import type { Hub } from "../live/hub.js";
import type { Metered } from "../metering/openMetering.js";
import type { Overview } from "../overview.js";
import type { RateFetchers } from "../rates/fetch/rateFetchers.js";
import type { RateSeries } from "../rates/rateSeries.js";
import type { Rates } from "../rates/rates.js";
import type { Refusals } from "../refusals.js";
import type { FleetRegister } from "../register/fleetRegister.js";
import type { Replays } from "../replay/replays.js";
import type { RigKeeping } from "../rigKeeping.js";
import type { Bills } from "../settings/bills.js";
import type { Previews } from "../settings/previews.js";
import type { Settings } from "../settings/settings.js";
import type { SiteSettings } from "../settings/siteSettings.js";
import type { Sites } from "../sites.js";
import type { StateStore } from "../store/state/state.js";
import type { TelemetryStore } from "../store/store.js";

/** A stretch of history that somebody asks for. */
export interface HistoryQuery {
  fromMs: number;
  toMs: number;
  /** Spacing wished for; absent = the server chooses one for the range. */
  stepMs?: number;
}

/** Histories of rigs and sites. */
export interface History {
  rig(rig: number, query: HistoryQuery, fields?: readonly RigSeriesField[]): Promise<Series>;
  /** `algo`: of rigs of that algorithm only; by default SHA-256, else that of most rigs, for algorithms are never summed. */
  site(
    site: string,
    query: HistoryQuery & { algo?: string },
    fields?: readonly SiteSeriesField[],
  ): Promise<Series>;
}

/** What the routes read. */
export interface ApiParts {
  access: Access;
  telling: Pick<Telling, "setup" | "delivery" | "notifications" | "world">;
  overview: Overview;
  /** Meters and sensors of the config; undefined where it has none. */
  metered: Pick<Metered, "metering" | "feeders" | "air"> | undefined;
  hub: Hub;
  index: RigIndex;
  handovers: Pick<Handovers, "of" | "joined" | "splitFrom">;
  register: Pick<FleetRegister, "view" | "entries" | "preview" | "put" | "change" | "remove">;
  rigKeeping: Pick<RigKeeping, "merge" | "split" | "undo">;
  sites: Sites;
  rates: Rates;
  telemetry: TelemetryStore;
  state: StateStore;
  history: History;
  settings: Settings;
  siteSettings: SiteSettings;
  bills: Pick<Bills, "of">;
  preview: Pick<Previews, "of" | "change">;
  rateSeries: Pick<RateSeries, "last" | "list" | "names" | "putAll" | "slots" | "wouldChange">;
  rateSources: Pick<RateFetchers, "status">;
  /** What files of rows are made of, and a folder for their pieces. */
  exports: ExportParts & { folder: string };
  ledger: Pick<
    LedgerService,
    "ledgerJson" | "billed" | "booked" | "pricedToMs" | "sites" | "explain" | "breakEven"
  >;
  refusals: Refusals;
  /** Tries an alert rule on stored history. */
  dryRun: Alerting["dryRun"];
  availability: Pick<Availabilities, "ofRig" | "ofSite">;
  plannedStops: Pick<PlannedStops, "views" | "put" | "remove">;
  jobs: Jobs;
  replays: Pick<Replays, "list" | "start" | "get" | "end">;
  health(): Health;
  /** The metrics in Prometheus' text format, piece by piece. */
  metrics(): AsyncIterable<string>;
  version: Version;
  clock: Clock;
  log: Logger;
}

/** Adds its endpoints to the application. */
export type Route = (app: FastifyInstance, parts: ApiParts) => void;
