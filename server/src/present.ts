import type { AlertView } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { Agents } from "./agents.js";
import { AlertBook } from "./alerts/book.js";
import { RuleSettingsTable, ruleDocuments } from "./alerts/custom/ruleSettings.js";
import { Limits } from "./alerts/limits.js";
import { MEMORY_SETTING } from "./alerts/openAlerting.js";
import { RigMemory } from "./alerts/rigMemory.js";
import type { BookOptions } from "./alerts/ruleBook.js";
import { RULES } from "./alerts/rules/registry.js";
import { ThermalTable } from "./alerts/thermalTable.js";
import { readGridFactors, readNetworkSnapshot, readThermalLimits } from "./bundledData.js";
import type { SiteConfig } from "./config.js";
import { Fleet } from "./fleet/fleet.js";
import { HANDOVERS_SETTING, type Handovers } from "./identity/handovers.js";
import { bindingsSetting, IDENTITY_LIMITS, Identities } from "./identity/identities.js";
import { isRetired, type RigIndex } from "./identity/rigIndex.js";
import { learnBaselines } from "./learnBaselines.js";
import { GridFactors } from "./rates/carbon/gridFactors.js";
import type { SourceConfig } from "./rates/fetch/registry.js";
import { RateSeries } from "./rates/rateSeries.js";
import { Rates } from "./rates/rates.js";
import { siteEnergy } from "./rates/siteEnergy.js";
import { PeriodUse } from "./rates/tariffs/periodUse.js";
import { recallProfits } from "./recallProfits.js";
import type { KnownRig } from "./rollup/fold.js";
import { HOUR_MS } from "./rollup/row.js";
import { Bills } from "./settings/bills.js";
import { allTerms, followSettings, liveSeries, openSettings } from "./settings/openSettings.js";
import { Previews } from "./settings/previews.js";
import type { Settings } from "./settings/settings.js";
import { SiteSettings } from "./settings/siteSettings.js";
import { seedSites } from "./siteSeeds.js";
import { Sites } from "./sites.js";
import type { OpenStores } from "./store/registry.js";
import { DEV_FEE_HOLDS_MS } from "./store/state/devFees.js";
import { NEXT_RIG } from "./store/state/keysApart.js";
import type { RigRecord, StateStore } from "./store/state/state.js";
import { StreamMarks } from "./streams/streamMarks.js";
import { TakeUp } from "./takeUp.js";

const RECENT_ALERTS_MS = 86_400_000;
/** A spool holds six days by default, and as much as its operator lets it. */
const BACKLOG_MS = 31 * 86_400_000;
/** How far back the last answer of an unreachable rig is looked for: each hour more costs time at the start. */
const ANSWERS_MS = 86_400_000;

/** Everything of the present that lives in memory, as the stores left it. */
export interface Present {
  sites: Sites;
  rates: Rates;
  /** Series that were fetched or imported. */
  rateSeries: RateSeries;
  /** What an operator edits while the server runs, and what is made of it. */
  settings: Settings;
  siteSettings: SiteSettings;
  bills: Bills;
  preview: Previews;
  identities: Identities;
  /** Of the identities. */
  index: RigIndex;
  handovers: Handovers;
  marks: StreamMarks;
  agents: Agents;
  limits: Limits;
  fleet: Fleet;
  book: AlertBook;
  /** What rules remember of the rigs' own past. */
  memory: RigMemory;
  /** By which settings rules judge. */
  ruleTable: RuleSettingsTable;
  /** Open alerts, and those that ended within a day. */
  savedAlerts: AlertView[];
}

/** What a present is taken up with beside the stores; `clock` stands still where none is given. */
export interface PresentOptions {
  alerts?: BookOptions;
  takeUp?: TakeUp;
  sources?: readonly SourceConfig[];
  /** Sources that are made while the server runs may lead to private addresses. */
  privateSources?: boolean;
  clock?: Pick<Clock, "nowMs">;
  log?: Pick<Logger, "warn">;
}

/**
 * Takes up the present from the stores, after what the config says anew of sites. The latest readings come later where
 * `takeUp` finds the telemetry store away. Throws ServerError `config` and store codes.
 */
export async function loadPresent(
  seeds: readonly SiteConfig[],
  { telemetry, state }: Pick<OpenStores, "telemetry" | "state">,
  nowMs: number,
  {
    alerts = {},
    takeUp = new TakeUp(),
    sources = [],
    privateSources = false,
    clock = { nowMs: () => nowMs },
    log,
  }: PresentOptions = {},
): Promise<Present> {
  const factors = new GridFactors(readGridFactors());
  await seedSites(seeds, state, factors, nowMs);
  const siteRecords = await state.sites();
  let sites: Sites | undefined;
  const series = await RateSeries.open(state.rateSeries);
  const siteOf = (site: string) => sites?.get(site) ?? siteRecords.find((record) => record.site === site);
  const settings = await openSettings(seeds, state, siteOf, clock, {
    log,
    sources: { configured: new Set(sources.map(({ id }) => id)), privateSources },
  });
  const use = new PeriodUse({
    energy: async (site, range) =>
      (await siteEnergy(state, site, { ...range, stepMs: HOUR_MS }, rates.slots(site, "overhead", range)))
        .intervals,
    clock,
    changed: (site, range) => rates.changed(site, "price", range),
    failed: (error) => log?.warn({ err: error }, "what a billing period has used is not known"),
  });
  const [flat, fx] = [await state.tariffs(), await state.fx()];
  const rates = new Rates(
    {
      snapshot: readNetworkSnapshot(),
      factors,
      tariffs: flat,
      fx,
      terms: allTerms(settings),
      // A backlog may bring what is older than anything held.
      sinceMs: ((await state.oldestRollup(HOUR_MS)) ?? nowMs) - BACKLOG_MS,
      used: (site, readingDay, atMs) => use.used(site, readingDay, atMs),
      series,
      ...liveSeries(sources, settings),
    },
    siteRecords,
  );
  followSettings(settings, rates, sources, clock);
  sites = new Sites(siteRecords, (site) => rates.putSite(site));
  const rigs = await state.rigs();
  for (const { site } of rigs) sites.ensure(site);
  const nextRig = Number((await state.setting(NEXT_RIG)) ?? 1);
  const identities = new Identities(rigs, IDENTITY_LIMITS, nextRig);
  const handovers = await state.setting(HANDOVERS_SETTING);
  if (handovers !== undefined) identities.handovers.restore(handovers);
  const storedMarks = await telemetry.marks();
  // That which was heard of last is forgotten last.
  for (const mark of storedMarks.toSorted((a, b) => a.updatedMs - b.updatedMs)) identities.knowStream(mark);
  await restoreBindings(identities, rigs, state);
  const savedAlerts = await state.alerts(nowMs - RECENT_ALERTS_MS);

  const limits = new Limits(new ThermalTable(readThermalLimits()));
  await learnBaselines(limits, rigs, state, nowMs);
  const fleet = new Fleet({
    rates: (site, atMs) => rates.now(site, atMs),
    limits: (view, atMs) => limits.of(view, atMs),
  });
  const memory = new RigMemory();
  const remembered = await state.setting(MEMORY_SETTING);
  if (remembered !== undefined && !memory.restore(remembered))
    log?.warn("what alert rules remember of the rigs could not be read, and is learned anew");
  const book = new AlertBook(RULES, alerts);
  const ruleTable = new RuleSettingsTable(book);
  ruleTable.set(ruleDocuments(settings), nowMs);
  book.restore(
    savedAlerts.filter(({ rig }) => rig === undefined || identities.index.record(rig)),
    nowMs,
  );
  for (const record of rigs) if (!isRetired(record)) fleet.putRig(record).alert = book.worst(record.rig);
  fleet.restoreDevFees(await state.ledger.devFees.since(nowMs - DEV_FEE_HOLDS_MS));
  await takeUp.at(() => hydrate(fleet, telemetry, nowMs));
  // Without the latest readings what a silent rig last earned is not known to be asked for.
  await takeUp.at(() => recallProfits(fleet, rates, state, nowMs));
  const configured = new Set(seeds.map(({ site }) => site));
  const rigsAt = (site: string) => {
    let count = 0;
    for (const record of identities.index.records()) if (record.site === site) count++;
    return count;
  };
  const shared = { state, sites, rates, settings, clock, series };
  return {
    sites,
    rates,
    rateSeries: series,
    settings,
    siteSettings: new SiteSettings({
      ...shared,
      factors,
      flat,
      fx,
      inUse: (site) =>
        configured.has(site)
          ? "the config names it: take it out there first"
          : rigsAt(site)
            ? `it has ${rigsAt(site)} rigs`
            : undefined,
    }),
    bills: new Bills(shared),
    preview: new Previews({ ...shared, sources, rigs: rigsAt }),
    identities,
    index: identities.index,
    handovers: identities.handovers,
    marks: new StreamMarks(storedMarks),
    agents: new Agents(storedMarks),
    limits,
    fleet,
    book,
    memory,
    ruleTable,
    savedAlerts,
  };
}

async function hydrate(fleet: Fleet, telemetry: OpenStores["telemetry"], nowMs: number): Promise<void> {
  const latest = await telemetry.latest();
  const silent = latest.filter(({ sample }) => sample.status === "unreachable").map(({ rig }) => rig);
  const fromMs = nowMs - ANSWERS_MS;
  const byRig = silent.length
    ? await telemetry.answered({ rigs: silent, fromMs })
    : new Map<number, number>();
  fleet.hydrate(latest, { fromMs, byRig }, nowMs);
}

/** All rigs as rollups and histories need to know them, those included whose place another has taken. */
export function* allRigs(index: RigIndex, fleet: Fleet): Iterable<KnownRig> {
  for (const record of index.records()) {
    const { rig, site, evidence, firstSeenMs, lastSeenMs } = record;
    const algo = fleet.view(rig)?.algo ?? evidence.algo;
    yield {
      rig,
      site,
      ...(algo !== undefined && { algo }),
      ...(evidence.nominalThs !== undefined && { nominalThs: evidence.nominalThs }),
      firstSeenMs,
      toldMs: lastSeenMs,
      ...(isRetired(record) && { gone: true }),
    };
  }
}

async function restoreBindings(
  identities: Identities,
  rigs: readonly RigRecord[],
  state: StateStore,
): Promise<void> {
  for (const key of new Set(rigs.map(({ site, agent }) => `${site}/${agent}`))) {
    const [site, agent] = key.split("/") as [string, string];
    const saved = await state.setting(bindingsSetting(site, agent));
    if (saved !== undefined) identities.restoreBindings(site, agent, saved);
  }
}
