import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { resolve } from "node:path";
import type { Clock } from "@hashwatt/protocol/time";
import { probeBroker } from "./broker/link.js";
import { readGridFactors, readNetworkSnapshot } from "./bundledData.js";
import { loadConfig, type ServerConfig } from "./config.js";
import { brokerAddress } from "./listening.js";
import { GridFactors } from "./rates/carbon/gridFactors.js";
import { openStores } from "./store/registry.js";

/** One thing that was looked at, and what there is to say of it. */
export interface Finding {
  ok: boolean;
  part: string;
  text: string;
}

const BROKER_MS = 5_000;
const LEAST_FREE_BYTES = 1e9;

const good = (part: string, text: string): Finding => ({ ok: true, part, text });
const bad = (part: string, text: string): Finding => ({ ok: false, part, text });

/** Checks everything a server needs, and says in words what is wrong. Changes nothing but that the data folder exists. */
export async function doctor(configPath: string | undefined, clock: Clock): Promise<Finding[]> {
  let config: ServerConfig;
  try {
    config = loadConfig(configPath);
  } catch (error) {
    return [bad("config", (error as Error).message)];
  }
  const findings = [good("config", configPath === undefined ? "defaults and environment" : configPath)];
  findings.push(...checkSites(config), checkClock(clock));
  findings.push(await checkPort("http", config.http.host, config.http.port));
  findings.push(await checkDisk(config));
  findings.push(await checkStore(config, clock));
  findings.push(await checkBroker(config, clock));
  return findings;
}

function checkSites({ sites }: ServerConfig): Finding[] {
  const factors = new GridFactors(readGridFactors());
  return sites.map(({ site, gridRegion, price }) => {
    if (gridRegion !== undefined && !factors.row(gridRegion))
      return bad(`site ${site}`, `no emission factor is known for grid region "${gridRegion}"`);
    const missing = [
      ...(price === undefined ? ["no price, so profit stays unknown"] : []),
      ...(gridRegion === undefined ? ["no grid region, so carbon stays unknown"] : []),
    ];
    return good(`site ${site}`, missing.length ? missing.join("; ") : "price and grid region are set");
  });
}

function checkClock(clock: Clock): Finding {
  const nowMs = clock.nowMs();
  const now = new Date(nowMs).toISOString();
  // The snapshot came with the program: a clock before its date is certainly wrong.
  return nowMs < readNetworkSnapshot().asOfMs
    ? bad("clock", `this machine says ${now}, which lies before this program was made; set its clock`)
    : good("clock", now);
}

async function checkDisk({ store }: ServerConfig): Promise<Finding> {
  const folder = resolve(store.dataDir);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const text = `${folder} has ${(free / 1e9).toFixed(1)} GB free, up to ${store.maxDiskGb} GB may be used`;
    return free < LEAST_FREE_BYTES
      ? bad("disk", `${text}; make room or set store.maxDiskGb lower`)
      : good("disk", text);
  } catch (error) {
    return bad(
      "disk",
      `${folder} cannot be written (${(error as NodeJS.ErrnoException).code}); give it to this user, or set store.dataDir`,
    );
  }
}

async function checkStore({ store }: ServerConfig, clock: Clock): Promise<Finding> {
  try {
    const stores = await openStores({ dataDir: store.dataDir, kind: store.kind, clock });
    const [rigs, bytes] = [(await stores.state.rigs()).length, await stores.telemetry.bytes()];
    await stores.close();
    if (stores.reports.length) return bad("store", stores.reports.join("; "));
    return good("store", `${store.kind}, ${rigs} rigs known, ${(bytes / 1e6).toFixed(1)} MB of samples`);
  } catch (error) {
    return bad("store", (error as Error).message);
  }
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

/** Whether a port can be listened on. A server that runs already has it, which is said too. */
function checkPort(part: string, host: string, port: number): Promise<Finding> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      done(
        error.code === "EADDRINUSE"
          ? bad(part, `port ${port} of ${host} is in use, by a running server or by something else`)
          : bad(part, `port ${port} of ${host} cannot be listened on (${error.code})`),
      ),
    );
    probe.listen({ host, port, exclusive: true }, () =>
      probe.close(() => done(good(part, `port ${port} of ${host} is free`))),
    );
  });
}
