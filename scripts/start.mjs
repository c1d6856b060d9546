// What `npm start` runs: writes a config for each program, spawns the built programs, relays their logs and stops them.
// Imports nothing of ours: it knows the programs by their command lines and their logs alone.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { backfill, holding, pastOf } from "./start-backfill.mjs";
import { clockFor, paceOf } from "./start-clock.mjs";
import { urlsOf } from "./start-exposure.mjs";
import { readable, storeProblem } from "./start-log.mjs";
import { isStart, makeFolder, portNear, tryPort } from "./start-machine.mjs";
import { HELP, parseOptions, UsageError } from "./start-options.mjs";
import { askBroker, askInflux, environmentOf } from "./start-services.mjs";
import { isRange } from "./start-targets.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;

/** A program that will not end by itself is killed after this, so that Ctrl-C ends all within 5 s. */
const STOP_MS = 4_000;
/** A program that dies while running is started again after this, doubling up to the maximum. */
const RESTART_MS = { first: 1_000, most: 30_000 };

/** Nearly all that an answer of a rig leaves behind is garbage at once: a nursery of half the size costs no time. */
const SMALL_NURSERY = "--max-semi-space-size=8";

function fail(line) {
  console.error(`hashwatt: ${line}`);
  process.exit(1);
}

let options;
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  fail(error.message);
}
if (options.help) {
  console.log(HELP);
  process.exit(0);
}

const { host } = options.http.config;
const port = await tryPort(options.port, host);
if (typeof port !== "number")
  fail(
    port === "EADDRINUSE"
      ? `port ${options.port} is in use; stop what listens there or choose another: npm start -- --port ${options.port + 1}`
      : port === "EADDRNOTAVAIL" || port === "ENOTFOUND"
        ? `--host ${host}: this machine has no such address; give one of its own, or 0.0.0.0 for all of them`
        : `port ${options.port} cannot be listened on (${port}); choose another: npm start -- --port 8081`,
  );

// The simulated fleet has a folder of its own, so that its history never stands among that of real rigs; and one whose time
// passes faster another, since its history is ahead of the clock.
const standing = process.env.INIT_CWD ?? process.cwd();
const own = options.speed === 1 ? "demo" : "demo-fast";
const dataDir = resolve(standing, options.data, options.simulated ? own : ".");
const folders = { config: join(dataDir, "config"), server: dataDir, agent: join(dataDir, "agent") };
try {
  for (const folder of Object.values(folders)) {
    makeFolder(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
    writeFileSync(join(folder, ".writable"), "");
  }
} catch (error) {
  fail(`cannot write to ${dataDir} (${error.code}); give a folder you own: npm start -- --data DIR`);
}

const influx = options.influx && (await askInflux(options.influx));
if (influx?.problem) fail(influx.problem);

// Before a config is written: a second start must not change the files that the first one's programs are restarted with.
const pidFile = join(dataDir, "start.pid");
const other = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : Number.NaN;
if (other !== process.pid && isStart(other))
  fail(
    `${dataDir} is already used by another Hashwatt (pid ${other}); stop it, or choose another folder: npm start -- --data DIR`,
  );
writeFileSync(pidFile, `${process.pid}\n`);

// A simulated rig is known by its address and port, so the ports of the last start come first: history stays with its rig.
const portsFile = join(folders.config, "ports.json");
let former = {};
try {
  former = JSON.parse(readFileSync(portsFile, "utf8"));
} catch {
  // None yet, or an unreadable one: the defaults serve as well.
}
const ports = { ...former };
if (!options.broker) {
  ports.mqtt = await portNear(options.mqttPort ?? former.mqtt ?? 1883);
  if (options.mqttPort !== undefined && ports.mqtt !== options.mqttPort)
    fail(`port ${options.mqttPort} is in use; stop what listens there or leave --mqtt-port out`);
}
const broker = options.broker?.config ?? { url: `mqtt://127.0.0.1:${ports.mqtt}` };

const folder = relative(standing, dataDir);
const shownDir = folder.startsWith("..") || folder === "" ? dataDir : `./${folder}`;
const store = options.influx
  ? `InfluxDB ${influx?.version ? `${influx.version} ` : ""}at ${options.influx.config.url}, database ${options.influx.config.database}, with the state in ${shownDir}`
  : `DuckDB in ${shownDir}`;
console.log(
  [
    `Hashwatt ${version}: ${options.simulated ? `${options.rigs} simulated rigs (seed ${options.seed}${options.scenario ? `, ${options.scenario}` : ""}${options.speed === 1 ? "" : `, time passes ${options.speed} times as fast`})` : `watching ${options.scan.join(", ")} as site ${options.site}`}`,
    `store: ${store}`,
    `broker: ${options.broker ? broker.url : `embedded at ${broker.url}`}`,
  ].join(" · "),
);
for (const warning of [influx?.warning, options.broker && (await askBroker(options.broker))])
  if (warning) console.error(`hashwatt: ${warning}`);

// A month that was simulated stands in no store that holds anything else.
const heldBy = holding(dataDir);
if (options.backfill !== undefined && heldBy)
  fail(
    `--backfill fills a fresh store, and ${shownDir} holds ${heldBy} already; choose another folder: npm start -- --backfill ${options.backfill} --data DIR`,
  );

const built = spawnSync("npm", ["run", "-s", "build"], { cwd: root, encoding: "utf8" });
if (built.status !== 0)
  fail(`the build failed; run \`npm ci\` and try again\n${built.stdout}${built.stderr}`);

const site = {
  site: options.site,
  ...options.said,
  initial: options.initial,
  ...(options.simulated && { demo: true }),
};

function writeConfig(name, config) {
  const path = join(folders.config, `${name}.yaml`);
  // A token or password of the command line stands in it.
  if (existsSync(path)) chmodSync(path, 0o600);
  // JSON is YAML; written anew at each start from the options, so an edit belongs into a config file of one's own.
  writeFileSync(
    path,
    `# written by npm start; run the program by hand with a copy of this file to change it\n${JSON.stringify(config, null, 2)}\n`,
    { mode: 0o600 },
  );
  return path;
}

const programs = [];
// An address that stands alone is a rig that somebody knows: it is watched whether or not it answers, and over HTTP too.
/** @type {{ address: string }[]} */
let rigs = options.scan.filter((target) => !isRange(target)).map((address) => ({ address }));
let ranges = options.scan.filter(isRange);
/** What server and agent are told where time passes fast. */
let pace;
if (options.simulated) {
  // Where loopback has one address only, the fleet takes a port per rig from this one on.
  const routable = typeof (await tryPort(0, "127.10.0.1")) === "number";
  const simPort = await portNear(former.rigs ?? 4028, routable ? "127.10.0.1" : "127.0.0.1");
  const fleetArgs = ["--rigs", `${options.rigs}`, "--seed", `${options.seed}`, "--port", `${simPort}`];
  // A timeline's path is meant from where the command was given.
  const scenario = options.scenario
    ?.split(",")
    .map((name) => (/\.ya?ml$/.test(name) ? resolve(standing, name) : name))
    .join(",");
  if (scenario !== undefined) fleetArgs.push("--scenario", scenario);
  for (const pair of options.set) fleetArgs.push("--set", pair);
  const program = join(root, "simulator/program/main.js");
  const fleet = spawnSync(process.execPath, [program, "list", ...fleetArgs, "--json"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (fleet.status !== 0) fail(fleet.stderr.trim());
  rigs = JSON.parse(fleet.stdout).map((rig) => ({ address: `${rig.address}:${rig.port}` }));
  ranges = [];
  ports.rigs = simPort;
  if (options.backfill !== undefined) {
    const { rigs, seed, backfill: days } = options;
    const how = await backfill({ root, folders, days, rigs, seed, port: simPort });
    if (how !== 0) rmSync(pidFile, { force: true });
    if (typeof how === "string") process.exit(0);
    if (how !== 0) fail("the simulated past did not come about; what stands above says why");
    console.log(
      "the simulated past is ready; once it is live, charts, money and carbon fill from its oldest day on, which takes some minutes",
    );
  }
  // A past takes minutes to make, and a time that passes fast must not have begun to pass before it is there.
  if (options.speed !== 1) {
    const clock = clockFor(folders.config, dataDir, options.speed);
    fleetArgs.push("--clock", `${clock.originMs},${clock.speed}`);
    pace = paceOf(clock, options.rigs);
  }
  programs.push({ name: "simulator", args: [SMALL_NURSERY, program, "run", ...fleetArgs] });
}
const past = pastOf(folders.config);
programs.push({
  name: "server",
  args: [
    join(root, "server/program/main.js"),
    "run",
    "--config",
    writeConfig("server", {
      http: { ...options.http.config, port },
      broker: options.broker ? broker : { embedded: { host: "127.0.0.1", port: ports.mqtt } },
      store: {
        kind: options.influx ? "influxdb" : "duckdb",
        dataDir: folders.server,
        ...past?.store,
        ...(options.influx && { influx: options.influx.config }),
      },
      ...pace?.server,
      sites: [site],
    }),
  ],
  ready: "listening",
  // One arena of glibc's allocator instead of one per thread of Node and DuckDB, which keeps about 8 MB that nobody uses.
  // What is larger than 128 kB is given back when it is freed: left to itself glibc keeps more of it the larger it was.
  env: { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" },
});
programs.push({
  name: "agent",
  // Most of what a poll allocates dies at once; a small nursery keeps the resident set small at little cost in time.
  args: [
    "--max-semi-space-size=4",
    join(root, "agent/program/main.js"),
    "run",
    "--config",
    writeConfig("agent", {
      site: options.site,
      agent: "local",
      broker,
      dataDir: folders.agent,
      ...past?.agent,
      ...pace?.agent,
      ...(rigs.length && { rigs }),
      ...(ranges.length && { ranges: ranges.map((range) => ({ range })) }),
    }),
  ],
});

writeFileSync(portsFile, JSON.stringify(ports));

/** How to break a fan of the fleet that runs; what is as usual is left out. */
const breakFan = () =>
  [
    `npm run simulate -- do fan-stop rigs=rack-1/${Math.min(3, options.rigs)} fan=0 for=20m`,
    ...(ports.rigs === 4028 ? [] : ["--port", ports.rigs]),
    ...(options.rigs === 48 ? [] : ["--rigs", options.rigs]),
  ].join(" ");

const children = new Map();
let stopping = false;
let shown = false;

function launch(program, delayMs = RESTART_MS.first) {
  const child = spawn(process.execPath, program.args, {
    cwd: root,
    env: { ...environmentOf(program.name, options.http, options.influx, options.broker), ...program.env },
    // A group of its own: Ctrl-C reaches this script alone, which then stops each program once and in order. The channel
    // tells a program when this script is gone for good.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const startedMs = Date.now();
  const said = [];
  children.set(program.name, child);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const problem = influx?.warning ? undefined : storeProblem(line);
    if (problem !== undefined) return console.error(`hashwatt: ${problem}; readings are kept until it works`);
    const text = readable(program.name, line);
    if (text && !stopping) console.log(text);
    if (program.ready && !shown && line.includes(`"msg":"${program.ready}"`)) {
      shown = true;
      console.log(`Hashwatt is at ${urlsOf(options.http.config, port).join(" and ")}`);
      if (options.simulated) console.log(`break a fan and watch: ${breakFan()}`);
      // The others once there is somebody to talk to.
      for (const other of programs) if (other !== program && !stopping) launch(other);
    }
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    said.push(line);
    if (said.length > 20) said.shift();
    if (shown) console.error(`${program.name}: ${line}`);
  });
  child.once("exit", (code, signal) => {
    children.delete(program.name);
    if (stopping) return;
    // What cannot start needs a person; what ran and died is started again, since its spool and store hold everything.
    if (!shown || Date.now() - startedMs < 2_000) {
      console.error(
        said.join("\n") || `hashwatt: the ${program.name} ended at once (${signal ?? `code ${code}`})`,
      );
      stop(1);
      return;
    }
    console.error(
      `${program.name} ended (${signal ?? `code ${code}`}); starting it again in ${delayMs / 1000} s`,
    );
    setTimeout(() => {
      if (!stopping) launch(program, Math.min(delayMs * 2, RESTART_MS.most));
    }, delayMs);
  });
}

function stop(code) {
  if (stopping) return;
  stopping = true;
  const deadline = setTimeout(() => {
    for (const child of children.values()) child.kill("SIGKILL");
  }, STOP_MS);
  // The agent first: its last batches still find broker and store.
  const agent = children.get("agent");
  const rest = () => {
    for (const [name, child] of children) if (name !== "agent") child.kill("SIGTERM");
  };
  if (agent) {
    agent.once("exit", rest);
    agent.kill("SIGTERM");
    setTimeout(rest, STOP_MS / 2).unref();
  } else rest();
  const check = setInterval(() => {
    if (children.size) return;
    clearInterval(check);
    clearTimeout(deadline);
    rmSync(pidFile, { force: true });
    process.exit(code);
  }, 20);
}

// A reader that had enough (`| head`) ends everything, in order; so does a terminal that is gone.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stop(0));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));

if (existsSync(join(root, "server/program/main.js"))) launch(programs.find((program) => program.ready));
else fail("nothing was built; run `npm ci` and try again");
