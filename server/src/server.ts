import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { Clock } from "@hashwatt/protocol/time";
import { type Ack, agentTopic } from "@hashwatt/protocol/topics";
import type { Logger } from "pino";
import { Access } from "./access/access.js";
import { openAlerting } from "./alerts/openAlerting.js";
import { openTelling } from "./alerts/openTelling.js";
import type { EmbeddedBroker } from "./broker/embedded.js";
import type { BrokerLink } from "./broker/link.js";
import { startLink } from "./broker/startLink.js";
import { Closing } from "./closing.js";
import type { ServerConfig } from "./config.js";
import { brokerState, healthOf, storeState, unwellOf } from "./health.js";
import { HeapPolicy } from "./heapPolicy.js";
import { histories } from "./history.js";
import { buildApp } from "./http/app.js";
import { HostGuard } from "./http/hostGuard.js";
import { isRetired } from "./identity/rigIndex.js";
import { Ingest } from "./ingest.js";
import { CommitQueue } from "./intake/commitQueue.js";
import { FloodGauge } from "./intake/floodGauge.js";
import { Hearing } from "./intake/hearing.js";
import { pacedMessages } from "./intake/pacedMessages.js";
import { quarantineFile } from "./intake/quarantine.js";
import { startJobs } from "./jobs/startJobs.js";
import { keepRollups } from "./keepRollups.js";
import { brokerAddress, configuredBroker, httpOptions, listenHttp, refuseExposure } from "./listening.js";
import { Hub } from "./live/hub.js";
import { serveLive } from "./live/socket.js";
import { metersFirst, openMetering } from "./metering/openMetering.js";
import { exposition } from "./metrics/exposition.js";
import { LoopLag } from "./metrics/loopLag.js";
import { Events, openConfigured } from "./openConfigured.js";
import { Overview } from "./overview.js";
import { allRigs, loadPresent } from "./present.js";
import { startRateSources } from "./rates/startRateSources.js";
import { Refusals } from "./refusals.js";
import { FleetRegister } from "./register/fleetRegister.js";
import { Replays } from "./replay/replays.js";
import { RigKeeping } from "./rigKeeping.js";
import { RigTopics } from "./rigTopics.js";
import type { RunningServer } from "./runningServer.js";
import { startTimers } from "./startTimers.js";
import { TakeUp } from "./takeUp.js";
import { Certificates } from "./tls/certificates.js";
import { Upkeep } from "./upkeep.js";

export type { RunningServer } from "./runningServer.js";

const CLOSE_LINK_MS = 1_000;

/**
 * Starts everything the config asks for. Throws ServerError: `config`, `portBusy`, `storeLocked`, `storeDamaged`,
 * `dataFolder`, … with one line that says what to do; what was opened before is closed again.
 */
export async function startServer(
  config: ServerConfig,
  version: string,
  clock: Clock,
  log: Logger,
): Promise<RunningServer> {
  const opened = new Closing();
  try {
    return await start(config, version, clock, log, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function start(
  config: ServerConfig,
  version: string,
  clock: Clock,
  log: Logger,
  opened: Closing,
): Promise<RunningServer> {
  refuseExposure(config);
  const certificates = new Certificates(config, clock, log.child({ part: "tls" }));
  opened.add(() => certificates[Symbol.dispose]());
  const startedMs = clock.nowMs();
  const refusals = new Refusals(() => clock.nowMs());
  const dataDir = resolve(config.store.dataDir);

  const events = new Events(clock);
  const stores = opened.own(await openConfigured(config.store, { clock, refusals, events }));
  const { telemetry, state } = stores;

  const takeUp = new TakeUp(telemetry.probe && clock);
  const known = await loadPresent(config.sites, stores, startedMs, { ...config, takeUp, clock, log });
  const { sites, rates, identities, marks, agents, fleet, book } = known;
  const configured = new Set(config.sites.map(({ site }) => site));
  const metered = opened.own(await openMetering(config.meters, { ...known, refusals, state, clock, log }));
  const metering = metered?.metering;
  const storeNow = () => storeState({ telemetry, queue, takeUp });
  const keptIn = config.store.kind === "memory" ? undefined : dataDir;
  const overview = new Overview(
    {
      metering,
      ...known,
      expected: (record) => register.of(record),
      configured,
      store: () => {
        const { ok, note } = storeNow();
        return { kind: telemetry.kind, ok, ...(!ok && { note }) };
      },
      broker: () => link && brokerState(link),
    },
    known.savedAlerts,
  );
  const hub = new Hub(randomUUID(), version, overview);
  const register = await FleetRegister.open({
    ...known,
    state,
    clock,
    changed: (rig) => hub.rigChanged(rig),
    edited: () => {
      metered?.registered(register);
      alerting.registered();
    },
  });
  metered?.registered(register);
  const knownRigs = () => allRigs(identities.index, fleet);
  const heap = new HeapPolicy(telemetry.probe !== undefined);
  const kept = await keepRollups({
    ...known,
    asked: () => heap.answering(),
    stores,
    limits: config.store,
    rigs: knownRigs,
    register,
    metered,
    takeUp,
    lost: stores.lost,
    clock,
    log,
  });
  let link: BrokerLink | undefined;
  const publishAck = ({ site, agent, ack }: { site: string; agent: string; ack: Ack }) =>
    link?.publish(agentTopic(site, agent, "ack"), ack, false);
  const queue: CommitQueue = new CommitQueue({
    ...stores,
    ...known,
    quarantine: quarantineFile(dataDir),
    refusals,
    ready: () => takeUp.ready(),
    sightings: kept.sightings,
    stored: (samples) => kept.roller.add(samples, clock.nowMs()),
    acks: (acks) => acks.forEach(publishAck),
    heard: (event) => alerting.conflicts.event(event),
    notify: async (alerts) => telling.delivery.transitions(alerts),
    clock,
    log: log.child({ part: "store" }),
    flushMs: config.flushMs,
  });
  opened.add(() => queue.close());
  const topics = new RigTopics({
    overview,
    records: () => identities.index.records(),
    isRetired,
    publish: (topic, body) => link?.publish(topic, body, true),
    state: config.publishRigState,
  });
  const hearing = new Hearing(config.broker === "off", startedMs);
  const judged = { ...known, ...stores, metering, hearing, store: storeNow, dataDir: keptIn, clock, log };
  const alerting = opened.own(await openAlerting(judged, (record) => register.of(record)));
  // Not before there is who hears of them: a start that had to mend something has events at once.
  events.to((event) => queue.event(event));
  const ingest = new Ingest({
    ...known,
    sightings: kept.sightings,
    hub,
    queue,
    overview,
    refusals,
    ...alerting,
    ack: (to, ack) => publishAck({ ...to, ack }),
    metering,
    described(record) {
      topics.described(record);
      register.described(record);
    },
    clock,
    log: log.child({ part: "ingest" }),
    liveFlushMs: config.liveFlushMs,
  });
  const upkeep = new Upkeep({
    ...stores,
    ...known,
    ready: () => takeUp.ready(),
    ...kept,
    exportTo: keptIn,
    queue,
    clock,
    log: log.child({ part: "upkeep" }),
  });
  const unwell = () => unwellOf(storeNow(), link, fleet, startedMs, clock.nowMs());
  const told = { ...known, ...alerting, config, state, register, overview, hub, unwell, clock, log };
  const telling = opened.own(await openTelling({ ...told, link: () => link }));
  kept.mirror?.start();
  opened.add(() => kept.mirror?.close());
  upkeep.start();
  opened.add(() => upkeep.close());
  const { dryRun } = alerting;
  const worked = { ...stores, ...kept, sites, dryRun, rigs: knownRigs, queue, config, version, clock, log };
  const jobs = opened.own(await startJobs(worked));
  const rateLog = log.child({ part: "rates" });
  const rateSources = opened.own(startRateSources(config, { ...known, state, clock, log: rateLog }));

  // Who listens: HTTP before MQTT, so that a busy port is said before anything is taken in.
  const gate = opened.own(await Access.open(config, state, clock, refusals, log.child({ part: "access" })));
  const { access } = gate;
  const replays = new Replays({ ...known, telemetry, state, version, clock, log });
  opened.add(() => replays[Symbol.dispose]());
  const guard = new HostGuard(config.http.hosts, access.needed, certificates.http !== undefined);
  const lag = new LoopLag(clock);
  opened.add(() => lag[Symbol.dispose]());
  let broker: EmbeddedBroker | undefined;
  const health = () =>
    healthOf({
      startedMs,
      store: { telemetry, queue, takeUp },
      queue,
      ingest,
      ...known,
      telling,
      refusals,
      link,
      mqttClients: () => broker?.clients,
      liveClients: () => live.clients,
      upkeep: () => upkeep,
      ...kept,
      certificates,
      rateSources,
      clock,
    });
  const app = await buildApp(
    {
      access,
      overview,
      metered,
      hub,
      ...known,
      ...alerting,
      telling,
      register,
      rigKeeping: new RigKeeping({ identities, queue, describe: () => ingest.describe(), clock }),
      ...stores,
      telemetry,
      state,
      ledger: kept.ledger,
      exports: { ...stores, rigs: knownRigs, clock, folder: dataDir },
      history: histories({
        reader: kept.series,
        rates,
        asked: () => heap.answering(),
        rigs: () => fleet.views(),
        feeders: metered?.feeders,
      }),
      refusals,
      jobs,
      rateSources,
      replays,
      health,
      metrics: () =>
        exposition(
          { fleet, sites, configured, rates, agents, book, health, certificates, lag, version, clock },
          config.metrics,
        ),
      version: { name: "hashwatt", version, api: 1, node: process.version },
      clock,
      log: log.child({ part: "http" }),
    },
    { guard, version, ...httpOptions(config, certificates.http) },
  );
  opened.add(() => app.close());
  const { url, closeRedirect } = await listenHttp(app, config.http, guard, log);
  opened.add(closeRedirect);
  const { proxies } = config.http;
  const live = serveLive(app, hub, { guard, access, refusals, clock, replays, proxies });
  opened.add(() => live.close());

  broker = await configuredBroker(config, clock, refusals, log.child({ part: "broker" }), {
    held: topics,
    certificate: certificates.mqtt,
    meters: metering?.topics,
  });
  opened.add(() => broker?.close());
  const address = brokerAddress(config.broker, broker, metering?.topics);
  if (address) {
    const paced = pacedMessages(ingest, queue, heap, new FloodGauge(clock, () => fleet.size), clock);
    const parts = { message: metersFirst(metering, paced, clock), hearing, marks, topics, clock };
    const connected = startLink(address, parts, log.child({ part: "broker" }));
    link = connected;
    opened.add(() => connected.close(CLOSE_LINK_MS));
  }
  // Once more than above: what is committed last must be acknowledged before the link closes.
  opened.add(() => queue.close());
  const sweep = () => {
    hearing.storing(storeNow().ok, clock.nowMs());
    ingest.sweep();
    void telling.delivery.step();
    metered?.sweep();
    heap.calm(clock.nowMs());
  };
  opened.add(() => ingest.end());
  opened.add(startTimers({ sweep, hub, topics, clock, liveFlushMs: config.liveFlushMs }));
  opened.add(() => link?.stopListening());
  if (takeUp.problem !== undefined) log.error({ why: takeUp.problem }, "store does not work yet");
  return {
    url,
    mqttUrl: broker?.url,
    endpoints: new Set([...app.endpoints, ...live.endpoints]),
    reload: () => certificates.reload(),
    close: () => opened.close(),
  };
}
