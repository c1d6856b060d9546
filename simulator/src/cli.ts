import { readFileSync, writeFileSync } from "node:fs";
import { type Logger, pino } from "pino";
import { ACTIONS } from "./actions/registry.js";
import type { Layout, RigAddress } from "./addresses.js";
import { readCaptures } from "./captures/captureFile.js";
import { serveCaptures } from "./captures/serveCaptures.js";
import { type CommandLine, parseCommandLine, USAGE } from "./commandLine.js";
import { readConfigFile, readEnvironment, type SimulatorConfig, splitPair, toConfig } from "./config.js";
import { command, controlPlace, type ShownIncident, startControl } from "./control.js";
import { chooseLayout } from "./doors.js";
import { SimulatorError } from "./errors.js";
import { stockOf } from "./families.js";
import { stage } from "./fleet.js";
import { firstToAccept } from "./knock.js";
import { besides, type Fleet, HTTP_PORT, incidentCounts, placed, startFleet, V3_PORT } from "./listener.js";
import { type ListedRig, listedRig } from "./listing.js";
import { durationText, type Parameters, valuesOf } from "./parameters.js";
import { picture, watch } from "./picture.js";
import { actionsText, scenariosText } from "./printed.js";
import { SCENARIOS } from "./scenarios/registry.js";
import { whom } from "./scenarios/script.js";
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
  const { clock: _clock, ...options } = config;
  const fleet = await startFleet({ ...options, ...timeOf(config) });
  for (const incident of fleet.incidents())
    if (incident.lacking > 0)
      log.warn(
        { from: incident.from, does: incident.does, to: whom(incident) },
        "some rigs lack the part that is meant",
      );
  const control = await takeCommands(fleet, config, log);
  endOnSignal(async () => {
    await Promise.all([fleet.close(), control?.close()]);
  });
  const { rigs, seed, scenario } = config;
  log.info({ rigs, seed, ...(scenario !== undefined && { scenario }), ...whereabouts(fleet) }, "simulating");
}

/** When the fleet's own time begins, and how fast it passes. Throws `bad-config` when it is told twice. */
function timeOf({ start, speed, clock }: SimulatorConfig): { startMs: number | undefined; speed: number } {
  if (clock === undefined) return { startMs: start === undefined ? undefined : Date.parse(start), speed };
  if (start !== undefined || speed !== 1)
    throw new SimulatorError(
      "bad-config",
      "clock: says what start and speed say; give the one or the others",
    );
  const { originMs } = clock;
  return { startMs: originMs + (systemClock.nowMs() - originMs) * clock.speed, speed: clock.speed };
}

/** Opens the control port. One that is taken is no reason not to serve the rigs, unless somebody asked for just that one. */
async function takeCommands(fleet: Fleet, config: SimulatorConfig, log: Logger) {
  const place = controlPlace(config, fleet.layout);
  if (place === undefined) return undefined;
  try {
    const control = await startControl(fleet, place, systemClock);
    log.info({ address: place.address, port: control.port }, "taking commands");
    return control;
  } catch (error) {
    if (config.controlPort !== undefined || !(error instanceof SimulatorError)) throw error;
    log.warn({ reason: error.message }, "no control port: choose one with --control-port");
    return undefined;
  }
}

/** "do fan-stop rigs=rack-1/3": says it to the running fleet and prints what it answers. */
async function tell(config: SimulatorConfig, words: readonly string[], json: boolean): Promise<void> {
  const [does, ...rest] = words;
  if (does === undefined)
    throw new SimulatorError("bad-option", 'say what to do, like "do fan-stop"; "actions" lists all');
  const layout: Layout =
    config.layout === "auto" ? await chooseLayout(config.base, config.rigs) : config.layout;
  const place = controlPlace(config, layout);
  if (place === undefined)
    throw new SimulatorError("no-control", "this fleet takes no commands: its control port is off");
  const given = does === "end" && /^\d+$/.test(rest[0] ?? "") ? { id: rest[0] } : wordsOf(rest);
  const reply = await command(
    place,
    does === "show" ? { show: true } : does === "end" ? { end: given.id ?? "" } : { do: does, ...given },
    systemClock,
  );
  if (!reply.ok) throw new SimulatorError("bad-scenario", reply.says);
  process.stdout.write(
    json
      ? `${JSON.stringify(reply)}\n`
      : `${[reply.says, ...(reply.incidents ?? []).map(shownText)].join("\n")}\n`,
  );
}

/** WORD=VALUE of the command line. Throws `bad-option` for what is none: left out, it would mean all rigs, or always. */
function wordsOf(pairs: readonly string[]): Record<string, string | undefined> {
  const bare = pairs.find((pair) => !/^[^=]+=./.test(pair));
  if (bare !== undefined)
    throw new SimulatorError(
      "bad-option",
      `"${bare}" is not WORD=VALUE, like rigs=rack-1/3 or for=20m; "simulate actions" lists the words of each`,
    );
  return Object.fromEntries(pairs.map(splitPair));
}

const DRAWN = "heze-summer";
const DRAWN_EVERY_MS = 300_000;
const MOST_HOURS = 24 * 31;

/** "draw FILE.svg hours=24": lives through the hours without a socket and draws them. */
async function draw(config: SimulatorConfig, words: readonly string[]): Promise<void> {
  const [file, ...rest] = words;
  if (file === undefined || file.includes("="))
    throw new SimulatorError("bad-option", "say into which file to draw, like: draw day.svg hours=24");
  const { hours } = valuesOf(DRAW, wordsOf(rest));
  const { site, places } = await planOf({ ...config, incidents: false });
  const scenario = config.scenario ?? DRAWN;
  const fleet = stage(site, places, systemClock, { ...config, scenario, ...timeOf(config) });
  for (const incident of fleet.script.incidents)
    if (incident.lacking > 0)
      process.stderr.write(`${incident.from}: ${incident.does} to ${whom(incident)}\n`);
  const looks = watch(fleet, hours as number, DRAWN_EVERY_MS);
  const name = typeof scenario === "string" ? scenario : JSON.stringify(scenario);
  writeFileSync(
    file,
    picture(
      looks,
      fleet.localMs(fleet.time.startMs),
      `${name}: ${config.rigs} simulated rigs, seed ${config.seed}`,
    ),
  );
  process.stdout.write(`${file}: ${hours} hours of ${config.rigs} rigs\n`);
}

const DRAW: Parameters = {
  hours: { kind: "number", default: 24, least: 0.1, most: MOST_HOURS, unit: "hours", says: "how long" },
};

function shownText(incident: ShownIncident): string {
  const { id, does, rigs, lacking = 0, beginsInMs, endsInMs, with: given } = incident;
  const named = lacking > 0 ? `${rigs} of ${rigs + lacking}` : `${rigs}`;
  const since = beginsInMs > 0 ? `in ${durationText(beginsInMs)}` : "now";
  const until = endsInMs === null ? "to the end" : `over in ${durationText(endsInMs)}`;
  const told = (key: string, value: unknown) =>
    ACTIONS[does]?.parameters[key]?.kind === "duration" ? durationText(Number(value)) : String(value);
  const values = Object.entries(given).map(([key, value]) => `${key}=${told(key, value)}`);
  return `${String(id).padStart(4)}  ${does.padEnd(14)} ${named} ${rigs + lacking === 1 ? "rig" : "rigs"}, ${since}, ${until} ${values.join(" ")}`.trimEnd();
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
  const { base, rigs, seed, port, incidents, families, httpPort, v3Port } = config;
  const layout: Layout = config.layout === "auto" ? await chooseLayout(base, rigs) : config.layout;
  const site = buildSite(seed, rigs, incidentCounts(rigs, incidents), stockOf(families));
  return { site, places: placed(site, layout, base, { port, ...besides({ families, httpPort, v3Port }) }) };
}

/** The rigs of the fleet that runs with this config, as they are now; undefined when none does. */
async function running(config: SimulatorConfig): Promise<ListedRig[] | undefined> {
  const layout: Layout =
    config.layout === "auto" ? await chooseLayout(config.base, config.rigs) : config.layout;
  const place = controlPlace(config, layout);
  if (place === undefined) return undefined;
  try {
    const reply = await command(place, { list: true }, systemClock);
    return reply.ok ? reply.rigs : undefined;
  } catch (error) {
    if (error instanceof SimulatorError && error.code === "no-control") return undefined;
    throw error;
  }
}

async function list(config: SimulatorConfig, json: boolean): Promise<void> {
  const { site, places } = await planOf(config);
  const { seats, time } = stage(site, places, systemClock, { ...config, ...timeOf(config) });
  const atStart = () => seats.map((seat) => listedRig(seat, time.startMs));
  const rows = (json ? await running(config) : undefined) ?? atStart();
  const lines = rows.map(({ address, port, model, mac, incident }) =>
    [`${address}:${port}`.padEnd(22), model.padEnd(20), mac, incident ?? ""].join(" ").trimEnd(),
  );
  process.stdout.write(`${json ? JSON.stringify(rows, undefined, 1) : lines.join("\n")}\n`);
}

const readVersion = (): string =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string })
    .version;

/** Does what the command line says. What goes wrong is one line on stderr and exit code 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await perform(args);
  } catch (error) {
    // What is not ours is a bug of ours, and its stack is what we need.
    const text =
      error instanceof SimulatorError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`simulator: ${text}\n`);
    process.exitCode = 1;
  }
}

async function perform(args: readonly string[]): Promise<void> {
  if (args[0] === "replay") return await replayCommand(args.slice(1), endOnSignal);
  const line = parseCommandLine(args);
  if (line.command === "help") process.stdout.write(USAGE);
  else if (line.command === "version") process.stdout.write(`${readVersion()}\n`);
  else if (line.command === "list") await list(resolveConfig(line), line.json);
  else if (line.command === "health") await health(resolveConfig(line));
  else if (line.command === "scenarios")
    process.stdout.write(`${line.json ? JSON.stringify(SCENARIOS) : scenariosText()}\n`);
  else if (line.command === "actions")
    process.stdout.write(`${line.json ? JSON.stringify(Object.values(ACTIONS)) : actionsText()}\n`);
  else if (line.command === "draw") await draw(resolveConfig(line), line.words);
  else if (line.command === "do") await tell(resolveConfig(line), line.words, line.json);
  else await run(resolveConfig(line));
}
