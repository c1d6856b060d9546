import type { DryRun, DryRunOrder } from "@hashwatt/protocol/dryRun";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { Availabilities } from "../availability/availabilities.js";
import type { Hearing } from "../intake/hearing.js";
import type { Metering } from "../metering/metering.js";
import type { Present } from "../present.js";
import type { Expected } from "../register/register.js";
import type { RigRecord, StateStore } from "../store/state/state.js";
import type { TelemetryStore } from "../store/store.js";
import { Conflicts, STANDS_MS } from "./conflicts.js";
import { alertRuleKind } from "./custom/alertRule.js";
import { ruleDocuments } from "./custom/ruleSettings.js";
import { DemandWatch } from "./demandWatch.js";
import { DiskWatch } from "./diskWatch.js";
import type { ServerFacts } from "./facts.js";
import { PlannedStops } from "./plannedStops.js";
import { ruleContext } from "./ruleContext.js";
import type { RuleContext } from "./rules/rule.js";
import { Surveyor } from "./surveyor.js";

/** The setting that keeps what rules remember of the rigs. */
export const MEMORY_SETTING = "alertMemory";
/** The setting that keeps breaches of which nobody was told yet, and how often it is written while there are any. */
const PENDING_SETTING = "alertsPending";
const KEEP_PENDING_MS = 15_000;
/** The setting that keeps how far pools usually are. */
const POOLS_SETTING = "alertPools";
/** What is remembered is written this often: a crash loses no more of it. */
const KEEP_MS = 600_000;
/** Events that are looked through for conflicts of before the start. */
const MOST_EVENTS = 5_000;
const DISK_MS = 60_000;
/** Rows of five minutes are looked at for a peak so often. */
const DEMAND_MS = 120_000;

/** What alerting is made of. */
export interface AlertingParts
  extends Pick<
    Present,
    | "fleet"
    | "limits"
    | "sites"
    | "agents"
    | "rates"
    | "rateSeries"
    | "book"
    | "memory"
    | "settings"
    | "ruleTable"
  > {
  state: Pick<
    StateStore,
    "documents" | "events" | "setting" | "putSetting" | "rollups" | "siteRollups" | "siteColumns" | "uptimes"
  >;
  telemetry: Pick<TelemetryStore, "samples" | "span" | "count">;
  metering: Metering | undefined;
  hearing: Hearing;
  store(): ServerFacts["store"];
  /** The folder whose disk must not fill; undefined for a server that keeps nothing. */
  dataDir: string | undefined;
  clock: Clock;
  log: Logger;
}

/** Everything that judges, beside the book. */
export interface Alerting {
  context: RuleContext;
  surveyor: Surveyor;
  plannedStops: PlannedStops;
  conflicts: Conflicts;
  availability: Availabilities;
  /** Tries a rule on stored history; see alerts/dryRun. */
  dryRun(order: DryRunOrder, most?: number, progress?: (atMs: number) => void): Promise<DryRun>;
  /** The register is another. */
  registered(): void;
  close(): Promise<void>;
}

/**
 * Puts together what judges rigs, sites, agents, pools, the server and the market. `expected`: what the register says of a rig.
 * Rejects with store codes.
 */
export async function openAlerting(
  parts: AlertingParts,
  expected: (record: RigRecord) => Expected | undefined,
): Promise<Alerting> {
  const { fleet, rates, rateSeries, book, memory, state, metering, hearing, clock, log } = parts;
  const plannedStops = await PlannedStops.open({
    documents: state.documents,
    sites: parts.sites,
    place: expected,
    views: () => fleet.views(),
  });
  const { settings, ruleTable } = parts;
  ruleTable.place = expected;
  ruleTable.registered();
  settings.onChange((changes) => {
    if (changes.some(({ kind }) => kind === alertRuleKind.kind))
      ruleTable.set(ruleDocuments(settings), clock.nowMs());
  });
  parts.limits.rackOf = (record) => {
    const place = expected(record);
    return place?.rack === undefined ? undefined : `${record.site} ${place.row ?? ""} ${place.rack}`;
  };
  const conflicts = new Conflicts();
  const startedMs = clock.nowMs();
  for (const event of (await state.events(startedMs - STANDS_MS, MOST_EVENTS)).reverse())
    conflicts.event(event);
  const disk = new DiskWatch(parts.dataDir, log);
  await disk.look();
  const demand = new DemandWatch(parts);
  const lookAtDemand = () =>
    demand
      .look(clock.nowMs())
      .catch((error: unknown) => log.warn({ err: error }, "demand peaks not looked at"));
  const surveyor = new Surveyor({
    ...parts,
    series: rateSeries,
    demand: (site) => demand.of(site),
    disk: () => disk.room,
  });
  const pools = await state.setting(POOLS_SETTING);
  if (pools !== undefined && !surveyor.pools.restore(pools))
    log.warn("how far pools usually are could not be read, and is learned anew");
  const context = ruleContext(hearing, rates, clock.nowMs(), {
    memory,
    pools: surveyor.pools,
    stop: (view) => plannedStops.at(view, context.nowMs),
    conflict: (rig) => conflicts.of(rig, context.nowMs),
    ...(metering && { metered: (rig: number) => metering.alone(rig, context.nowMs) }),
    ambientC(site) {
      const sensor = metering
        ?.air(site, context.nowMs)
        ?.find(({ at, unit, value }) => at === "ambient" && unit === "°C" && value !== null);
      if (sensor?.value != null) return { tempC: sensor.value, source: `sensor ${sensor.meter}` };
      const range = { fromMs: context.nowMs, toMs: context.nowMs + 1 };
      const [slot] = rateSeries.slots(`ambient/${site}`, range);
      return slot && { tempC: slot.value, source: slot.source };
    },
  });
  book.standing = (rig) => {
    const record = fleet.view(rig)?.record;
    if (!record) return undefined;
    const place = expected(record);
    return { site: record.site, agent: record.agent, rack: place?.rack, row: place?.row };
  };
  const keep = () =>
    Promise.all([
      state.putSetting(MEMORY_SETTING, memory.text()),
      state.putSetting(POOLS_SETTING, surveyor.pools.text()),
    ]).catch((error: unknown) => log.warn({ err: error }, "memory of the alert rules not stored"));
  let keptPending = (await state.setting(PENDING_SETTING)) ?? "[]";
  book.resume(keptPending);
  const keepPending = async () => {
    const text = book.pendingText();
    if (text === keptPending) return;
    keptPending = text;
    await state.putSetting(PENDING_SETTING, text).catch((error: unknown) => {
      keptPending = "";
      log.warn({ err: error }, "pending alerts not stored");
    });
  };
  const timers = [
    clock.every(KEEP_PENDING_MS, () => void keepPending()),
    clock.every(KEEP_MS, () => void keep()),
    clock.every(DISK_MS, () => void disk.look()),
    clock.every(DEMAND_MS, () => void lookAtDemand()),
  ];
  // What fired before a restart must not look as if nothing were billed by a peak any more.
  void lookAtDemand();
  return {
    context,
    surveyor,
    plannedStops,
    conflicts,
    availability: new Availabilities({ state, fleet, plannedStops, book }),
    async dryRun(order, most, progress) {
      const { dryRun } = await import("./dryRun/dryRun.js");
      const history = {
        ...parts,
        place: expected,
        rules: () => book.rules,
        *records() {
          for (const { record } of fleet.views()) yield record;
        },
      };
      return dryRun(order, history, most, progress);
    },
    registered() {
      plannedStops.registered();
      ruleTable.registered();
    },
    async close() {
      for (const timer of timers) timer[Symbol.dispose]();
      await keep();
      await keepPending();
    },
  };
}
