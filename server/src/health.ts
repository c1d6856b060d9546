import type { Health } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { Agents } from "./agents.js";
import type { Telling } from "./alerts/openTelling.js";
import type { BrokerLink } from "./broker/link.js";
import type { Fleet } from "./fleet/fleet.js";
import type { Ingest } from "./ingest.js";
import type { CommitQueue } from "./intake/commitQueue.js";
import type { Pricer } from "./ledger/pricer.js";
import type { RateFetchers } from "./rates/fetch/rateFetchers.js";
import type { Refusals } from "./refusals.js";
import type { RollupMirror } from "./store/influx/mirror.js";
import type { TelemetryStore } from "./store/store.js";
import type { TakeUp } from "./takeUp.js";
import type { Certificates } from "./tls/certificates.js";
import type { Upkeep } from "./upkeep.js";

/** What tells how the telemetry store is. */
export interface StoreParts {
  telemetry: Pick<TelemetryStore, "kind" | "title" | "problem">;
  queue: Pick<CommitQueue, "failing">;
  takeUp: Pick<TakeUp, "problem">;
}

/** Whether the telemetry store works, by what is stored in it, what was read from it, and what a start still waits for. */
export function storeState({ telemetry, queue, takeUp }: StoreParts): { ok: boolean; note: string } {
  const problem = queue.failing ?? telemetry.problem ?? takeUp.problem;
  return { ok: problem === undefined, note: problem ?? `${telemetry.title ?? telemetry.kind} works` };
}

/** Whether the broker is connected, and what keeps it from being so. */
export const brokerState = ({ isUp, problem }: Pick<BrokerLink, "isUp" | "problem">) => ({
  ok: isUp,
  note: problem ?? "connected",
});

/** No reading for so long from a fleet that has rigs: no agent is heard. */
const SILENT_MS = 300_000;

/** Why a server does not do what it is there for: keep what agents say, and hear them. Undefined while it does. */
export function unwellOf(
  store: { ok: boolean; note: string },
  link: Pick<BrokerLink, "isUp" | "problem"> | undefined,
  fleet: Pick<Fleet, "newestMs" | "size">,
  startedMs: number,
  nowMs: number,
): string | undefined {
  if (!store.ok) return `the store does not work (${store.note})`;
  if (link && !link.isUp) return `no broker (${link.problem})`;
  const heardMs = Math.max(fleet.newestMs ?? startedMs, startedMs);
  if (link && fleet.size && nowMs - heardMs > SILENT_MS) return "no reading has come for 5 minutes";
  return undefined;
}

/** What the health page looks at. */
export interface HealthParts {
  startedMs: number;
  store: StoreParts;
  queue: CommitQueue;
  ingest: Ingest;
  fleet: Fleet;
  agents: Agents;
  telling: Pick<Telling, "notifications" | "deadMan">;
  refusals: Refusals;
  /** Undefined where the config switches the broker off. */
  link: BrokerLink | undefined;
  mqttClients(): number | undefined;
  liveClients(): number;
  /** What keeps files and rollups in order. */
  upkeep(): Pick<Upkeep, "problem" | "foldedToMs">;
  /** What mirrors rollups to an InfluxDB; undefined without one. */
  mirror: Pick<RollupMirror, "problem" | "pending"> | undefined;
  pricer: Pick<Pricer, "problem" | "pending" | "hoursPriced">;
  roller: { tooLate: { total: number } };
  certificates: Pick<Certificates, "all">;
  rateSources: Pick<RateFetchers, "status">;
  clock: Clock;
}

/** Says in words how each part of the server is. */
export function healthOf(parts: HealthParts): Health {
  const { queue, ingest, link, mirror, pricer, clock } = parts;
  const { notifications, deadMan } = parts.telling;
  const { problem: upkeep, foldedToMs } = parts.upkeep();
  const mqttClients = parts.mqttClients();
  const health: Health["parts"] = {
    store: storeState(parts.store),
    broker: link ? brokerState(link) : { ok: true, note: "switched off in the config" },
    notifications: {
      ok: notifications.problem === undefined,
      note:
        notifications.problem ??
        `${notifications.queued} waiting, ${notifications.dead} could not be delivered`,
    },
    ...(deadMan && {
      deadMan: {
        ok: deadMan.problem === undefined,
        note: deadMan.problem ?? `called ${deadMan.calls} times`,
      },
    }),
    upkeep: { ok: upkeep === undefined, note: upkeep ?? "rollups and retention work" },
    ledger: {
      ok: pricer.problem === undefined,
      note: pricer.problem ?? (pricer.pending ? `${pricer.pending} hours to price` : "priced"),
    },
    ...(mirror && {
      mirror: {
        ok: mirror.problem === undefined,
        note: mirror.problem ?? `${mirror.pending} steps to write`,
      },
    }),
    ...Object.fromEntries(
      parts.rateSources.status().map(({ id, succeededMs, problem }) => {
        const last =
          succeededMs === null
            ? "has given no figures yet"
            : `last gave figures at ${new Date(succeededMs).toISOString()}`;
        return [`source ${id}`, { ok: problem === null, note: problem ? `${problem.text}; ${last}` : last }];
      }),
    ),
    ...Object.fromEntries(
      parts.certificates.all.map(([listener, { state }]) => {
        const { ok, note } = state;
        return [`${listener}Certificate`, { ok, note }];
      }),
    ),
  };
  return {
    ok: Object.values(health).every((part) => part.ok),
    serverMs: clock.nowMs(),
    startedMs: parts.startedMs,
    parts: health,
    counters: {
      batches: ingest.batches,
      samples: ingest.samples,
      duplicateBatches: ingest.duplicates,
      rejectedBatches: ingest.rejected,
      droppedBatches: ingest.droppedBatches,
      samplesOfMovedRigs: ingest.elsewhere,
      samplesRestamped: ingest.restamped,
      unknownKeys: ingest.unknownKeys,
      commits: queue.commits,
      rowsPending: queue.pending,
      eventsDropped: queue.eventsDropped,
      alertsDropped: queue.alertsDropped,
      rollupsTooLate: parts.roller.tooLate.total,
      rigs: parts.fleet.size,
      agents: parts.agents.size,
      liveClients: parts.liveClients(),
      ...(mqttClients !== undefined && { mqttClients }),
      ...(link && { publishesDropped: link.dropped }),
      ...(foldedToMs !== undefined && { hoursSummedUpToMs: foldedToMs }),
      notificationsWaiting: notifications.queued,
      notificationsLost: notifications.givenUp,
      deadLetters: notifications.dead,
      rssBytes: process.memoryUsage.rss(),
    },
    refusals: parts.refusals.list(),
  };
}
