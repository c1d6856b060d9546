#!/usr/bin/env node
import { pino } from "pino";
import type { Layout, RigAddress } from "./addresses.js";
import { readCaptures } from "./captures/captureFile.js";
import { serveCaptures } from "./captures/serveCaptures.js";
import { type CommandLine, parseCommandLine, USAGE } from "./commandLine.js";
import { readConfigFile, readEnvironment, type SimulatorConfig, toConfig } from "./config.js";
import { chooseLayout } from "./doors.js";
import { SimulatorError } from "./errors.js";
import { stockOf } from "./families.js";
import { firstToAccept } from "./knock.js";
import { besides, type Fleet, HTTP_PORT, incidentCounts, placed, startFleet, V3_PORT } from "./listener.js";
import { listedRig } from "./listing.js";
import { LiveRig } from "./liveRig.js";
import { buildSite, type Site } from "./site.js";
import { SPEAKERS } from "./speakers/registry.js";
import { replayCommand } from "./tapes/replayCommand.js";
import { systemClock } from "./time.js";

/** Longer than closing sockets ever takes, shorter than an operator's patience. */
const SHUTDOWN_MS = 800;

function resolveConfig(line: CommandLine): SimulatorConfig {
  const environment = readEnvironment();
  const file = line.configFile ?? environment.configFile;
  return toConfig(file === undefined ? {} : readConfigFile(file), environment.part, line.part);
}

/** What the line at start says of where the fleet is. */
function whereabouts(fleet: Fleet): Record<string, string | number> {
  const first = fleet.addresses[0];
  const last = fleet.addresses[fleet.addresses.length - 1];
  const range = (a: unknown, b: unknown) => (a === b ? String(a) : `${a}-${b}`);
  return {
    addresses: range(first?.address, last?.address),
    port: first?.port ?? 0,
    ...(fleet.layout === "per-port" && { ports: range(first?.port, last?.port) }),
    layout: fleet.layout,
    ...(fleet.layout === "wildcard" && {
      listening: `0.0.0.0:${first?.port}, one listener for all; connections to addresses outside 127.0.0.0/8 are dropped`,
    }),
  };
}

/** Calls `close` at the first signal to stop and ends; returns at once. */
function endOnSignal(close: () => Promise<void>): void {
  let stopping = false;
  const stop = () => {
    // The second signal does not wait for anything.
    if (stopping) process.exit(0);
    stopping = true;
    systemClock.after(SHUTDOWN_MS, () => process.exit(0));
    void close().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // Whoever started it with a channel and is gone for good leaves no fleet behind.
  process.on("disconnect", stop);
}

async function run(config: SimulatorConfig): Promise<void> {
  const log = pino({ name: "simulator" }, pino.destination({ dest: 1, sync: true }));
  if (config.captures !== undefined) {
    const served = await serveCaptures(readCaptures(config.captures), config.base, {
      port: config.port,
      httpPort: config.httpPort ?? HTTP_PORT,
      v3Port: config.v3Port ?? V3_PORT,
    });
    endOnSignal(() => served.close());
    for (const { capture, ...where } of served.rigs) log.info({ capture: capture.id, ...where }, "serving");
    log.info({ captures: served.rigs.length }, "serving captures");
    return;
  }
  const fleet = await startFleet(config);
  endOnSignal(() => fleet.close());
  log.info({ rigs: config.rigs, seed: config.seed, ...whereabouts(fleet) }, "simulating");
}

/** With one rig offline and one asleep at most, one of so many answers in a fleet that runs. */
const KNOCK_AT = 8;

async function health(config: SimulatorConfig): Promise<void> {
  const { places, site } = await planOf(config);
  // What has no cgminer API listens on its web port alone.
  const doors = places.map(({ address, port, httpPort }, i) => ({
    address,
    port: SPEAKERS[site.rigs[i]!.model.build.family].answer === undefined ? (httpPort ?? port) : port,
  }));
  const { address, port } = await firstToAccept(doors.slice(0, KNOCK_AT), systemClock);
  process.stdout.write(`the rig at ${address}:${port} accepts connections\n`);
}

/** The fleet that a config describes, and where its rigs are or would be. */
async function planOf(config: SimulatorConfig): Promise<{ site: Site; places: RigAddress[] }> {
  const { base, rigs, seed, port, incidents, families } = config;
  const layout: Layout = config.layout === "auto" ? await chooseLayout(base, rigs) : config.layout;
  const site = buildSite(seed, rigs, incidentCounts(rigs, incidents), stockOf(families));
  return { site, places: placed(site, layout, base, { port, ...besides(config) }) };
}

async function list(config: SimulatorConfig, json: boolean): Promise<void> {
  const { site, places } = await planOf(config);
  const nowMs = systemClock.nowMs();
  const rows = site.rigs.map((identity, i) =>
    listedRig(places[i] as RigAddress, identity, new LiveRig(identity, config.seed, nowMs).stateAt(nowMs)),
  );
  const lines = rows.map(({ address, port, model, mac, incident }) =>
    [`${address}:${port}`.padEnd(22), model.padEnd(20), mac, incident ?? ""].join(" ").trimEnd(),
  );
  process.stdout.write(`${json ? JSON.stringify(rows, undefined, 1) : lines.join("\n")}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "replay") return await replayCommand(args.slice(1), endOnSignal);
  const line = parseCommandLine(args);
  if (line.command === "help") process.stdout.write(USAGE);
  else if (line.command === "list") await list(resolveConfig(line), line.json);
  else if (line.command === "health") await health(resolveConfig(line));
  else await run(resolveConfig(line));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  // What is not ours is a bug of ours, and its stack is what we need.
  const text =
    error instanceof SimulatorError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`simulator: ${text}\n`);
  process.exitCode = 1;
});
