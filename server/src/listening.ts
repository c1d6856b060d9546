import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "@hashwatt/protocol/time";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { type EmbeddedBroker, type EmbeddedParts, startEmbeddedBroker } from "./broker/embedded.js";
import type { BrokerAddress } from "./broker/link.js";
import { ownUrl } from "./config/clientConfig.js";
import { exposureProblem } from "./config/exposure.js";
import type { BrokerConfig, ServerConfig } from "./config.js";
import { Connections } from "./connections.js";
import { ServerError } from "./error.js";
import type { HttpOptions } from "./http/app.js";
import { type HostGuard, isLoopback } from "./http/hostGuard.js";
import type { Refusals } from "./refusals.js";
import { redirectServer } from "./tls/httpsServer.js";
import type { ServedCertificate } from "./tls/servedCertificate.js";

const HTTPS_PORT = 443;
const HSTS_DAYS = 180;
/** Browsers that may be on their way to https: at a time. */
const REDIRECTS = 256;

/** Where the server itself connects to, with the topics of meters to listen to there: its embedded broker, or the one of the config; undefined where there is none. */
export function brokerAddress(
  config: BrokerConfig,
  embedded: EmbeddedBroker | undefined,
  meters?: readonly string[],
): BrokerAddress | undefined {
  // Whose name the certificate bears matters to others: this process listens there itself.
  if (embedded) return { url: embedded.url, rejectUnauthorized: false, meters, ...embedded.credentials };
  if (config === "off" || !("url" in config)) return undefined;
  const { url, username, password, caFile, rejectUnauthorized, sites } = config;
  return {
    url,
    rejectUnauthorized,
    meters,
    ...(username !== undefined && { username }),
    ...(password && { password: password.reveal() }),
    ...(caFile !== undefined && { ca: caFile }),
    ...(sites && { sites }),
  };
}

/** The dashboard's build: what the config names, else the one beside this package if it was built. Throws ServerError `config`. */
function dashboardFolder({ dashboardDir }: Pick<ServerConfig, "dashboardDir">): string | undefined {
  const beside = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));
  const folder = dashboardDir === undefined ? beside : resolve(dashboardDir);
  if (existsSync(resolve(folder, "index.html"))) return folder;
  if (dashboardDir === undefined) return undefined;
  throw new ServerError(
    "config",
    `dashboardDir: there is no index.html in ${folder}; build the dashboard or name another folder`,
  );
}

/** What the config says of how HTTP is spoken, and of the dashboard. Throws ServerError `config`. */
export function httpOptions(
  config: Pick<ServerConfig, "http" | "dashboardDir">,
  certificate: ServedCertificate | undefined,
): Pick<HttpOptions, "dashboardDir" | "proxies" | "certificate" | "hstsDays"> {
  const { port, proxies, tls } = config.http;
  const hstsDays = tls?.hstsDays ?? (port === HTTPS_PORT ? HSTS_DAYS : 0);
  return { dashboardDir: dashboardFolder(config), proxies, ...(certificate && { certificate, hstsDays }) };
}

/** Throws ServerError `listenRefused` where other machines would get in and nobody would ask them who they are. */
export function refuseExposure(config: ServerConfig): void {
  const exposed = exposureProblem(config);
  if (exposed) throw new ServerError("listenRefused", `${exposed.key}: ${exposed.message}`);
}

/** Starts the broker inside the server where the config asks for one. Throws ServerError `portBusy`. */
export async function configuredBroker(
  { broker: config, sites }: Pick<ServerConfig, "broker" | "sites">,
  clock: Clock,
  refusals: Refusals,
  log: Logger,
  parts: EmbeddedParts,
): Promise<EmbeddedBroker | undefined> {
  if (typeof config !== "object" || !("embedded" in config)) return undefined;
  // The one site of a config is that of its agents; of several each user names its own.
  const at = { ...config.embedded, site: sites.length === 1 ? sites[0]!.site : undefined };
  return startEmbeddedBroker(at, clock, refusals, log, parts);
}

/** Listens, and tells the URL by which this machine reaches it. Throws ServerError `portBusy`. */
export async function listenHttp(
  app: FastifyInstance,
  http: ServerConfig["http"],
  guard: HostGuard,
  log: Logger,
): Promise<{ url: string; closeRedirect(): Promise<void> }> {
  const { host, port, tls } = http;
  const closeRedirect = await listenRedirect(http, guard, log);
  try {
    await app.listen({ host, port, exclusive: true });
    const address = app.server.address();
    const bound = typeof address === "object" && address ? address.port : port;
    if (!isLoopback(host) && !tls)
      log.warn(
        { host, port: bound },
        "http is not encrypted: whoever is on the network can read it; set http.tls.certFile and keyFile, or put a proxy with TLS in front",
      );
    return { url: ownUrl({ host, port: bound, tls }), closeRedirect };
  } catch (cause) {
    await closeRedirect();
    const { code } = cause as NodeJS.ErrnoException;
    throw new ServerError(
      "portBusy",
      code === "EADDRINUSE"
        ? `HTTP port ${port} of ${host} is in use: stop what listens there, or set http.port to another one`
        : `HTTP port ${port} of ${host} cannot be listened on (${code}): set http.host and http.port to others`,
      { cause },
    );
  }
}

/** Listens on the second port that sends browsers to https:, if there is one. Returns what closes it. Throws ServerError `portBusy`. */
async function listenRedirect({ host, port, tls }: ServerConfig["http"], guard: HostGuard, log: Logger) {
  if (tls?.redirectPort === undefined) return async () => undefined;
  const server = redirectServer(port, guard);
  new Connections(REDIRECTS, (why) => log.debug({ why }, "connection ended")).watch(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new ServerError(
          "portBusy",
          `HTTP port ${tls.redirectPort} of ${host} cannot be listened on (${cause.code}): set http.tls.redirectPort to another one, or leave it out`,
          { cause },
        ),
      ),
    );
    server.listen({ host, port: tls.redirectPort, exclusive: true }, resolve);
  });
  return () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
