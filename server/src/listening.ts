import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { EmbeddedBroker } from "./broker/embedded.js";
import type { BrokerAddress } from "./broker/link.js";
import { ownUrl } from "./config/clientConfig.js";
import { exposureProblem } from "./config/exposure.js";
import type { BrokerConfig, ServerConfig } from "./config.js";
import { ServerError } from "./error.js";
import { isLoopback } from "./http/hostGuard.js";

/** Where the server itself connects to: its embedded broker, or the one of the config; undefined where there is none. */
export function brokerAddress(
  config: BrokerConfig,
  embedded: EmbeddedBroker | undefined,
): BrokerAddress | undefined {
  if (embedded) return { url: embedded.url, ...embedded.credentials };
  if (config === "off" || !("url" in config)) return undefined;
  const { url, username, password, caFile, rejectUnauthorized, sites } = config;
  return {
    url,
    rejectUnauthorized,
    ...(username !== undefined && { username }),
    ...(password && { password: password.reveal() }),
    ...(caFile !== undefined && { ca: caFile }),
    ...(sites && { sites }),
  };
}

/** The dashboard's build: what the config names, else the one beside this package if it was built. Throws ServerError `config`. */
export function dashboardFolder({ dashboardDir }: Pick<ServerConfig, "dashboardDir">): string | undefined {
  const beside = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));
  const folder = dashboardDir === undefined ? beside : resolve(dashboardDir);
  if (existsSync(resolve(folder, "index.html"))) return folder;
  if (dashboardDir === undefined) return undefined;
  throw new ServerError(
    "config",
    `dashboardDir: there is no index.html in ${folder}; build the dashboard or name another folder`,
  );
}

/** Throws ServerError `listenRefused` where other machines would get in and nobody would ask them who they are. */
export function refuseExposure(config: ServerConfig): void {
  const exposed = exposureProblem(config);
  if (exposed) throw new ServerError("listenRefused", `${exposed.key}: ${exposed.message}`);
}

/** Listens, and returns the URL by which this machine reaches it. Throws ServerError `portBusy`. */
export async function listenHttp(
  app: FastifyInstance,
  { host, port }: ServerConfig["http"],
  log: Logger,
): Promise<string> {
  try {
    await app.listen({ host, port, exclusive: true });
    const address = app.server.address();
    const bound = typeof address === "object" && address ? address.port : port;
    if (!isLoopback(host))
      log.warn(
        { host, port: bound },
        "http is not encrypted: whoever is on the network can read it; put a proxy with TLS in front",
      );
    return ownUrl({ host, port: bound });
  } catch (cause) {
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
