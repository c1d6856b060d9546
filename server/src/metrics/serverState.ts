import type { AgentView, AlertView, Health, Input } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { Agents } from "../agents.js";
import type { AlertBook } from "../alerts/book.js";
import type { Fleet } from "../fleet/fleet.js";
import type { Rates } from "../rates/rates.js";
import type { Sites } from "../sites.js";
import type { SiteRecord } from "../store/state/state.js";
import type { Certificates } from "../tls/certificates.js";
import type { LoopLag } from "./loopLag.js";

/** What the metrics are read from. */
export interface MetricsParts {
  fleet: Pick<Fleet, "views">;
  sites: Pick<Sites, "all" | "get">;
  /** Sites of the config, told without rigs too; others are told for their rigs only. */
  configured: ReadonlySet<string>;
  rates: Pick<Rates, "now">;
  agents: Pick<Agents, "views">;
  book: Pick<AlertBook, "open">;
  health(): Health;
  /** Those that listeners show; absent = none does. */
  certificates?: Pick<Certificates, "all">;
  lag: Pick<LoopLag, "lastMinute">;
  version: string;
  clock: Pick<Clock, "nowMs">;
}

/** What the families of the server itself are made of, read at one moment. */
export interface ServerState extends Pick<MetricsParts, "lag" | "version"> {
  node: string;
  health: Health;
  cpuSeconds: number;
  /** When the certificate of each listener ends. */
  certificates: readonly { listener: string; validToMs: number }[];
  agents: readonly AgentView[];
  /** Open alerts. */
  alerts: readonly AlertView[];
  sites: readonly (SiteRecord & { inputs: readonly Input[] })[];
}

/** Reads the state of the server; `inUse` are sites that have rigs. */
export function serverState(
  { sites, configured, rates, agents, book, health, certificates, lag, version, clock }: MetricsParts,
  inUse: { has(site: string): boolean },
): ServerState {
  const nowMs = clock.nowMs();
  const { user, system } = process.cpuUsage();
  return {
    version,
    node: process.version,
    health: health(),
    lag,
    cpuSeconds: (user + system) / 1e6,
    certificates: (certificates?.all ?? []).map(([listener, { state }]) => ({
      listener,
      validToMs: state.validToMs,
    })),
    agents: agents.views(nowMs),
    alerts: book.open(),
    sites: [...sites.all()]
      .filter(({ site }) => configured.has(site) || inUse.has(site))
      .map((record) => ({ ...record, inputs: rates.now(record.site, nowMs).inputs })),
  };
}
