import { LEDGER_FACTORS } from "@hashwatt/protocol/ledger";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { ServerConfig } from "./config.js";
import type { Fleet } from "./fleet/fleet.js";
import type { Handovers } from "./identity/handovers.js";
import type { RigIndex } from "./identity/rigIndex.js";
import { billCharges } from "./ledger/billCharges.js";
import { factorSlots } from "./ledger/factorSlots.js";
import { LedgerService } from "./ledger/ledgerService.js";
import { Pricer } from "./ledger/pricer.js";
import { Sightings } from "./ledger/sightings.js";
import type { Metered } from "./metering/openMetering.js";
import type { Rates } from "./rates/rates.js";
import type { FleetRegister } from "./register/fleetRegister.js";
import type { KnownRig } from "./rollup/fold.js";
import { Roller } from "./rollup/roller.js";
import type { Bills } from "./settings/bills.js";
import type { Settings } from "./settings/settings.js";
import type { Sites } from "./sites.js";
import type { RollupMirror } from "./store/influx/mirror.js";
import { forgetMirror } from "./store/influx/mirrorSetting.js";
import type { LostLines } from "./store/influx/writer.js";
import type { OpenStores } from "./store/registry.js";
import { DEFAULT_LIMITS, Retention } from "./store/retention.js";
import { SeriesReader } from "./store/series.js";
import { shortRaw } from "./store/shortRaw.js";
import type { TakeUp } from "./takeUp.js";

const DAY_MS = 86_400_000;
/** A pause of the ledger is no longer. */
const MAX_REST_MS = 250;
/** One part of rest comes after so many of work. */
const REST_SHARE = 8;

/** What rollups are kept with. */
export interface RollupParts {
  stores: OpenStores;
  limits: Pick<ServerConfig["store"], "kind" | "rawDays" | "rollupDays" | "maxDiskGb">;
  rigs: () => Iterable<KnownRig>;
  /** Which rigs have the history of others beside their own. */
  handovers: Pick<Handovers, "joined">;
  index: Pick<RigIndex, "record" | "records">;
  register: Pick<FleetRegister, "of">;
  fleet: Pick<Fleet, "views">;
  sites: Pick<Sites, "all" | "get">;
  rates: Rates;
  settings: Settings;
  bills: Bills;
  /** Undefined where the config has no meters. */
  metered: Pick<Metered, "feeders" | "metering"> | undefined;
  takeUp: TakeUp;
  /** Hears of a ledger that is about to be answered. */
  asked?: () => void;
  /** Hears of rows that an InfluxDB will not hold. */
  lost(lines: LostLines): void;
  clock: Clock;
  log: Logger;
}

/** What makes, mirrors and drops rollups. `mirror` is undefined without an InfluxDB. */
export interface Rollups {
  roller: Roller;
  retention: Retention;
  mirror: RollupMirror | undefined;
  /** Histories, from them and from raw samples. */
  series: SeriesReader;
  /** Keeps the ledger, which is made from them, and answers what is asked of it. */
  pricer: Pricer;
  ledger: LedgerService;
  /** Where late readings say that rigs were. */
  sightings: Sightings;
}

/** Takes up the rollups where a former run has left them. */
export async function keepRollups(parts: RollupParts): Promise<Rollups> {
  const { stores, limits, rigs, takeUp, lost, clock, log } = parts;
  const sites = () => parts.sites.all();
  const { telemetry, state, influx } = stores;
  const { rawDays, rollupDays, maxDiskGb } = limits;
  const retention = new Retention(stores, { ...DEFAULT_LIMITS, rawDays, rig5mDays: rollupDays, maxDiskGb });
  const why = shortRaw(limits);
  if (why !== undefined) log.warn({ why }, "raw samples are kept for too short a time");
  await retention.load();
  const isAway = () => telemetry.problem !== undefined;
  const mirror =
    influx &&
    new (await import("./store/influx/mirror.js")).RollupMirror({
      influx,
      state,
      rigs,
      sites,
      lost,
      isAway,
      clock,
      log: log.child({ part: "mirror" }),
    });
  await (mirror ? mirror.load() : forgetMirror(state));
  const sightings = new Sightings();
  const pricer = await openPricer(parts, sightings, mirror);
  const roller = new Roller({
    telemetry,
    state,
    rigs: (atMs) => (atMs === undefined ? rigs() : sightings.placed(rigs(), atMs)),
    rawFromMs: () => retention.rawFromMs,
    fineFromMs: () => retention.fineFromMs,
    writing: (rows, siteRows, write) =>
      pricer.around(rows, () => mirror?.around(rows, siteRows, write) ?? write()),
  });
  await takeUp.at(() => roller.recover(clock.nowMs()));
  const series = new SeriesReader({
    telemetry,
    state,
    clock,
    rigs,
    joined: (rig) => parts.handovers.joined(rig),
    roller,
    rawFromMs: () => retention.rawFromMs,
    fineFromMs: () => Math.max(retention.fineFromMs, clock.nowMs() - rollupDays * DAY_MS),
  });
  const ledger = new LedgerService({
    ...parts,
    ledger: state.ledger,
    rates: factorSlots(parts.rates, state.ledger.devFees),
    pricer,
    charges: billCharges(parts),
  });
  return { roller, retention, mirror, series, pricer, ledger, sightings };
}

/** Takes up the ledger, and has it hear of every rate that changes. */
async function openPricer(
  parts: RollupParts,
  sightings: Sightings,
  mirror: RollupMirror | undefined,
): Promise<Pricer> {
  const { stores, limits, rigs, sites, rates, metered, clock, log } = parts;
  const pricer = new Pricer({
    state: stores.state,
    rates: factorSlots(rates, stores.state.ledger.devFees),
    feeders: async (site, range) => metered?.feeders.power(site, range),
    rigs,
    sightings,
    sites: () => sites.all(),
    meteredSites: metered?.metering.meteredSites ?? [],
    keepMs: limits.rollupDays * DAY_MS,
    booking: mirror && ((hours, write) => mirror.aroundLedger(hours, write)),
    clock,
    log: log.child({ part: "ledger" }),
    // It works beside the event loop; what it leaves is for a machine with one core.
    rest: (tookMs, signal) => clock.sleep(Math.min(MAX_REST_MS, tookMs / REST_SHARE), signal),
  });
  await pricer.load();
  rates.onChange((site, kind, range) => {
    if ((LEDGER_FACTORS as readonly string[]).includes(kind)) void pricer.rateChanged(site, range);
  });
  return pricer;
}
