import { createServer } from "node:net";
import { resolve } from "node:path";
import type { Totals } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import { probeBroker } from "./broker/link.js";
import { readGridFactors } from "./bundledData.js";
import { loadConfig, type ServerConfig } from "./config.js";
import { checkClock } from "./doctor/checkClock.js";
import { checkDisk } from "./doctor/checkDisk.js";
import { checkSecrets } from "./doctor/checkSecrets.js";
import { checkStore } from "./doctor/checkStore.js";
import { bad, doubtful, type Finding, good } from "./doctor/finding.js";
import { askServer, LoginWanted, type Running } from "./doctor/runningServer.js";
import { brokerAddress } from "./listening.js";
import { GridFactors } from "./rates/carbon/gridFactors.js";
import { unknownRegion } from "./siteSeeds.js";
import { folderHeld } from "./store/lock.js";
import { shortRaw } from "./store/shortRaw.js";
import { day, readKeyPair } from "./tls/keyPair.js";

export type { Finding } from "./doctor/finding.js";

const BROKER_MS = 5_000;

/**
 * Checks everything a server needs and says in words what is wrong; of one that runs already, what it says of its parts.
 * Only reads: neither a folder nor a file is made or changed.
 */
export async function doctor(configPath: string | undefined, clock: Clock): Promise<Finding[]> {
  let config: ServerConfig;
  try {
    config = loadConfig(configPath);
  } catch (error) {
    return [bad("config", (error as Error).message)];
  }
  const dataDir = resolve(config.store.dataDir);
  let wanted: LoginWanted | undefined;
  const running = await askServer(config, clock).catch((error: unknown) => {
    if (!(error instanceof LoginWanted)) throw error;
    wanted = error;
    return undefined;
  });
  const findings = [good("config", configPath === undefined ? "defaults and environment" : configPath)];
  findings.push(...checkSites(config, running?.totals));
  findings.push(await checkClock(clock.nowMs(), { dataDir, running }));
  const held = config.store.kind === "memory" ? undefined : await folderHeld(dataDir);
  findings.push(
    running ? checkRunning(running, config, held ? undefined : dataDir) : await checkHttp(config, wanted),
  );
  if (config.store.kind !== "memory") findings.push(await checkDisk(dataDir, config.store.maxDiskGb));
  const short = shortRaw(config.store);
  if (short !== undefined) findings.push(doubtful("retention", short));
  if (running)
    for (const [part, { ok, note }] of Object.entries(running.health.parts))
      findings.push(ok ? good(part, note) : bad(part, note));
  else {
    findings.push(held ? bad("store", held.message) : await checkStore(config.store, dataDir, clock));
    const secrets = held ? undefined : await checkSecrets(config, dataDir);
    if (secrets) findings.push(secrets);
    findings.push(await checkBroker(config, clock));
    findings.push(...checkCertificates(config, clock));
  }
  return findings;
}

/** Regions of the config that have no factor; and of each site, the running server's or the config's, what is unknown. */
function checkSites({ sites }: ServerConfig, totals: Totals | undefined): Finding[] {
  const factors = new GridFactors(readGridFactors());
  const findings = sites.flatMap(({ site, gridRegion, initial }) => {
    const wrong = unknownRegion(gridRegion ?? initial?.gridRegion, factors);
    return wrong === undefined ? [] : [bad(`site ${site}`, wrong)];
  });
  const refused = new Set(findings.map(({ part }) => part));
  const told = totals
    ? totals.sites.map(({ site, inputs }) => {
        const unknown = (kind: string) => inputs.some((input) => input.kind === kind && input.value === null);
        return { site, price: !unknown("price"), region: !unknown("carbon"), where: "" };
      })
    : sites.map(({ site, price, gridRegion, initial }) => ({
        site,
        price: (price ?? initial?.price) !== undefined,
        region: (gridRegion ?? initial?.gridRegion) !== undefined,
        where: " in the config",
      }));
  for (const { site, price, region, where } of told) {
    if (refused.has(`site ${site}`)) continue;
    const missing = [
      ...(price ? [] : [`no price${where}, so profit stays unknown`]),
      ...(region ? [] : [`no grid region${where}, so carbon stays unknown`]),
    ];
    findings.push(
      good(`site ${site}`, missing.length ? missing.join("; ") : "price and grid region are set"),
    );
  }
  return findings;
}

/** `free` is the data folder of the config where no process has it open. */
function checkRunning(
  { url, version, health }: Running,
  { store }: ServerConfig,
  free: string | undefined,
): Finding {
  const since = new Date(health.startedMs).toISOString();
  const text = `Hashwatt ${version.version} runs at ${url} since ${since}`;
  return store.kind === "memory" || free === undefined
    ? good("http", text)
    : doubtful(
        "http",
        `${text}, and does not use ${free}: to compare it with its own config, name that with --config`,
      );
}

async function checkHttp({ http }: ServerConfig, wanted: LoginWanted | undefined): Promise<Finding> {
  if (wanted)
    return bad(
      "http",
      `a server runs at ${wanted.message} and asks for a login: run this with its config, as the user that it runs as`,
    );
  return checkPort("http", http.host, http.port);
}

/** Whether listeners could show the certificates of the config. */
function checkCertificates({ http, broker }: ServerConfig, clock: Clock): Finding[] {
  const mqtt = typeof broker === "object" && "embedded" in broker ? broker.embedded.tls : undefined;
  const places = [
    { part: "httpCertificate", place: "http.tls", tls: http.tls },
    { part: "mqttCertificate", place: "broker.embedded.tls", tls: mqtt },
  ];
  return places.flatMap(({ part, place, tls }) => {
    if (!tls) return [];
    try {
      const { names, validToMs } = readKeyPair(tls, place, clock.nowMs());
      return [good(part, `for ${names}, until ${day(validToMs)}`)];
    } catch (error) {
      return [bad(part, (error as Error).message)];
    }
  });
}

async function checkBroker({ broker }: ServerConfig, clock: Clock): Promise<Finding> {
  if (broker === "off") return good("broker", "switched off in the config; no agent will be heard");
  if ("embedded" in broker) return checkPort("broker", broker.embedded.host, broker.embedded.port);
  const { url } = broker;
  const wrong = await probeBroker(brokerAddress(broker, undefined)!, clock, BROKER_MS).catch(
    (error: unknown) => (error as Error).message,
  );
  return wrong === undefined ? good("broker", `${url} lets us in`) : bad("broker", `${url}: ${wrong}`);
}

/** Whether a port can be listened on. */
function checkPort(part: string, host: string, port: number): Promise<Finding> {
  if (port === 0) return Promise.resolve(good(part, `the system chooses a port of ${host} at each start`));
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      done(
        error.code === "EADDRINUSE"
          ? bad(
              part,
              `port ${port} of ${host} is in use by something that is no Hashwatt server that answers`,
            )
          : bad(part, `port ${port} of ${host} cannot be listened on (${error.code})`),
      ),
    );
    probe.listen({ host, port, exclusive: true }, () =>
      probe.close(() => done(good(part, `port ${port} of ${host} is free`))),
    );
  });
}
