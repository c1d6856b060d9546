import type { AgentView } from "@hashwatt/protocol/http";
import { FACT_RULES } from "../alerts/rules/factRules.js";
import { RULES } from "../alerts/rules/registry.js";
import type { Family, Point } from "./family.js";
import type { ServerState } from "./serverState.js";
import { seconds } from "./units.js";

/** A family of the server itself. */
export interface ServerFamily extends Family {
  points(state: ServerState): Iterable<Point>;
}

/** The counters of the health page, by their names there. */
export const COUNTERS: Record<string, Pick<Family, "name" | "type" | "help">> = {
  batches: { name: "batches", type: "counter", help: "Batches taken in" },
  samples: { name: "samples", type: "counter", help: "Samples taken in" },
  duplicateBatches: { name: "batches_duplicate", type: "counter", help: "Batches that were stored already" },
  rejectedBatches: { name: "batches_rejected", type: "counter", help: "Batches refused whole" },
  droppedBatches: {
    name: "batches_dropped",
    type: "counter",
    help: "Batches left unread because too much waited; their agents send them again",
  },
  samplesOfMovedRigs: {
    name: "samples_of_moved_rigs",
    type: "counter",
    help: "Samples of rigs that are read by another agent by now",
  },
  samplesRestamped: {
    name: "samples_restamped",
    type: "counter",
    help: "Live samples of an impossible time, stamped with the server's",
  },
  unknownKeys: {
    name: "unknown_keys",
    type: "counter",
    help: "Keys of batches that this version does not know",
  },
  commits: { name: "store_commits", type: "counter", help: "Commits to the telemetry store" },
  rowsPending: { name: "store_pending_rows", type: "gauge", help: "Rows that wait for the telemetry store" },
  eventsDropped: { name: "events_dropped", type: "counter", help: "Events that were too many to be stored" },
  alertsDropped: {
    name: "alerts_dropped",
    type: "counter",
    help: "Changes of alerts that were too many to be stored, and are not told",
  },
  rollupsTooLate: {
    name: "rollups_too_late",
    type: "counter",
    help: "Sums of a rig over 5 minutes that lack readings, which came after the raw samples or the 5-minute rows beside them were dropped",
  },
  rigs: { name: "rigs", type: "gauge", help: "Rigs known" },
  agents: { name: "agents", type: "gauge", help: "Agents known" },
  liveClients: { name: "live_clients", type: "gauge", help: "Screens on the live feed" },
  mqttClients: { name: "mqtt_clients", type: "gauge", help: "Clients of the embedded broker" },
  publishesDropped: {
    name: "mqtt_publishes_dropped",
    type: "counter",
    help: "Messages not sent while the broker was away",
  },
  notificationsWaiting: {
    name: "notifications_waiting",
    type: "gauge",
    help: "Notifications not delivered yet",
  },
  notificationsLost: { name: "notifications_lost", type: "counter", help: "Notifications given up" },
  deadLetters: {
    name: "notifications_dead",
    type: "gauge",
    help: "Notifications that could not be delivered and are kept to be sent again",
  },
};

/** A counter of the page that the process tells under the name that every exporter has for it. */
const RSS = "rssBytes";

/** A moment among them, which is told in seconds. */
const SUMMED_UP_TO = "hoursSummedUpToMs";

/** Whether a counter of the health page is told as a metric. */
export const isTold = (counter: string): boolean =>
  counter in COUNTERS || counter === RSS || counter === SUMMED_UP_TO;

const family = (
  name: string,
  type: Family["type"],
  help: string,
  labels: readonly string[],
  points: ServerFamily["points"],
): ServerFamily => ({ name, type, help, labels, points });
const gauge = (name: string, help: string, labels: readonly string[], points: ServerFamily["points"]) =>
  family(`hashwatt_${name}`, "gauge", help, labels, points);
const flag = (is: boolean): number => (is ? 1 : 0);

const AGENT = ["site", "agent"];
const perAgent = (of: (view: AgentView) => number | null | undefined) => (state: ServerState) =>
  state.agents.map((view): Point => [of(view), view.site, view.agent]);

const SITE_RULES = [...RULES, ...FACT_RULES.site, ...FACT_RULES.agent, ...FACT_RULES.pool];

/**
 * Alerts by site, rule, severity and state; a rule of which no alert is open counts 0, and what is of no site has none. A group is
 * left out: its members are counted.
 */
function* alertPoints({ alerts, sites }: ServerState): Iterable<Point> {
  const counts = new Map<string, { count: number; labels: string[] }>();
  const at = (...labels: string[]) => {
    const key = labels.join("\n");
    const known = counts.get(key) ?? { count: 0, labels };
    counts.set(key, known);
    return known;
  };
  for (const { site } of sites)
    for (const { id, severity } of SITE_RULES)
      for (const state of ["pending", "firing"]) at(site, id, severity, state);
  for (const { site, rule, severity, state, members } of alerts)
    if (!members) at(site, rule, severity, state).count++;
  for (const { count, labels } of counts.values()) yield [count, ...labels];
}

/** How the server itself is, its agents, the alerts, and what the money of each site rests on. */
export const SERVER_FAMILIES: readonly ServerFamily[] = [
  gauge(
    "build_info",
    "1; the version that runs, and on which Node",
    ["version", "node"],
    ({ version, node }) => [[1, version, node]],
  ),
  family(
    "process_start_time_seconds",
    "gauge",
    "When the server started, in seconds since 1970",
    [],
    ({ health }) => [[seconds(health.startedMs)]],
  ),
  family(
    "process_cpu_seconds_total",
    "counter",
    "User and system time that the server used",
    [],
    ({ cpuSeconds }) => [[cpuSeconds]],
  ),
  gauge(
    "rollups_end_timestamp_seconds",
    "Up to when hours are summed up, late readings among them",
    [],
    ({ health }) => {
      const upToMs = health.counters[SUMMED_UP_TO];
      return upToMs === undefined ? [] : [[upToMs / 1_000]];
    },
  ),
  family("process_resident_memory_bytes", "gauge", "Resident memory", [], ({ health }) => [
    [health.counters[RSS]],
  ]),
  gauge(
    "event_loop_lag_mean_seconds",
    "How late the event loop was in the last whole minute",
    [],
    ({ lag }) => [[lag.lastMinute?.meanS]],
  ),
  gauge("event_loop_lag_p99_seconds", "The same, at the 99th percentile", [], ({ lag }) => [
    [lag.lastMinute?.p99S],
  ]),
  gauge("event_loop_lag_max_seconds", "The same, at the worst", [], ({ lag }) => [[lag.lastMinute?.maxS]]),
  gauge(
    "part_up",
    "Whether a part of the server works: store, broker (the link to it), notifications, upkeep",
    ["part"],
    ({ health }) => Object.entries(health.parts).map(([part, { ok }]): Point => [flag(ok), part]),
  ),
  gauge(
    "certificate_end_timestamp_seconds",
    "When the certificate that a listener (http, mqtt) shows ends, in seconds since 1970",
    ["listener"],
    ({ certificates }) =>
      certificates.map(({ listener, validToMs }): Point => [seconds(validToMs), listener]),
  ),
  ...Object.entries(COUNTERS).map(([counter, { name, type, help }]) =>
    family(`hashwatt_${name}${type === "counter" ? "_total" : ""}`, type, help, [], ({ health }) => [
      [health.counters[counter]],
    ]),
  ),
  family(
    "hashwatt_refusals_total",
    "counter",
    "What was refused, by kind; /api/health has the latest text of each",
    ["kind"],
    ({ health }) => health.refusals.map(({ kind, count }): Point => [count, kind]),
  ),
  gauge(
    "agent_up",
    "Whether the agent is online; absent where it never said",
    AGENT,
    perAgent(({ state }) => (state === "unknown" ? undefined : flag(state === "online"))),
  ),
  gauge(
    "agent_spool_batches",
    "Batches that the agent keeps until they are stored",
    AGENT,
    perAgent((view) => view.spoolBatches),
  ),
  gauge(
    "agent_spool_bytes",
    "Size of what the agent keeps until it is stored",
    AGENT,
    perAgent((view) => view.spoolBytes),
  ),
  gauge(
    "agent_behind_seconds",
    "How far the oldest data still to come lies behind; absent when nothing is outstanding, or nothing comes",
    AGENT,
    perAgent(({ behindMs }) => seconds(behindMs)),
  ),
  gauge(
    "agent_clock_offset_seconds",
    "What the agent adds to its clock to have the server's",
    AGENT,
    perAgent(({ clockOffsetMs }) => seconds(clockOffsetMs)),
  ),
  gauge(
    "agent_event_loop_lag_p99_seconds",
    "How late the agent's event loop was in its last whole minute, at the 99th percentile; absent unless it is online",
    AGENT,
    perAgent(({ loopLag }) => seconds(loopLag?.p99Ms)),
  ),
  gauge(
    "agent_event_loop_lag_max_seconds",
    "The same, at the worst",
    AGENT,
    perAgent(({ loopLag }) => seconds(loopLag?.maxMs)),
  ),
  family(
    "hashwatt_agent_batches_lost_total",
    "counter",
    "Batches that are lost for ever",
    AGENT,
    perAgent(({ lostBatches }) => lostBatches),
  ),
  gauge("alerts", "Open alerts", ["site", "rule", "severity", "state"], alertPoints),
  gauge(
    "site_info",
    "1; currency and time zone of a site, and whether its rigs and prices are simulated",
    ["site", "currency", "zone", "demo"],
    ({ sites }) =>
      sites.map(({ site, currency, zone, demo }): Point => [1, site, currency, zone, String(demo)]),
  ),
  gauge(
    "site_input_timestamp_seconds",
    "Date of the figure that the money or carbon of a site rests on; absent where its source states none",
    ["site", "input"],
    ({ sites }) =>
      sites.flatMap(({ site, inputs }) =>
        inputs.map(
          ({ kind, algo, asOfMs }): Point => [
            seconds(asOfMs),
            site,
            algo === undefined ? kind : `${kind} ${algo}`,
          ],
        ),
      ),
  ),
];
