// What `npm start` runs: writes a config for each program, spawns the built programs, relays their logs and stops them.
// Imports nothing of ours: it knows the programs by their command lines and their logs alone.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { HELP, parseOptions, UsageError } from "./start-options.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;

/** A program that will not end by itself is killed after this, so that Ctrl-C ends all within 5 s. */
const STOP_MS = 4_000;
/** A program that dies while running is started again after this, doubling up to the maximum. */
const RESTART_MS = { first: 1_000, most: 30_000 };

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

/** Makes a folder and those above it, one by one: the recursive call never returns below /proc and its like. */
function makeFolder(path) {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Whether a port can be listened on; the reason when not. */
function tryPort(port, host = "127.0.0.1") {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", (error) => done(error.code ?? String(error)));
    probe.listen({ port, host, exclusive: true }, () => {
      const { port: got } = probe.address();
      probe.close(() => done(got));
    });
  });
}

/** `wanted` if it is free, else one that the system gives. */
async function portNear(wanted, host) {
  const got = await tryPort(wanted, host);
  return typeof got === "number" ? got : await tryPort(0, host);
}

const port = await tryPort(options.port);
if (typeof port !== "number")
  fail(
    port === "EADDRINUSE"
      ? `port ${options.port} is in use; stop what listens there or choose another: npm start -- --port ${options.port + 1}`
      : `port ${options.port} cannot be listened on (${port}); choose another: npm start -- --port 8081`,
  );

// The simulated fleet has a folder of its own, so that its history never stands among that of real rigs.
const dataDir = resolve(
  process.env.INIT_CWD ?? process.cwd(),
  options.data,
  options.simulated ? "demo" : ".",
);
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

/** Whether a process of that number is a start script; a number that another program got since does not count. */
function isStart(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("start.mjs");
  } catch {
    return !existsSync("/proc/self");
  }
}

// Before a config is written: a second start must not change the files that the first one's programs are restarted with.
const pidFile = join(dataDir, "start.pid");
const other = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : Number.NaN;
if (other !== process.pid && isStart(other))
  fail(
    `${dataDir} is already used by another Hashwatt (pid ${other}); stop it, or choose another folder: npm start -- --data DIR`,
  );
writeFileSync(pidFile, `${process.pid}\n`);

const built = spawnSync("npm", ["run", "-s", "build"], { cwd: root, encoding: "utf8" });
if (built.status !== 0)
  fail(`the build failed; run \`npm ci\` and try again\n${built.stdout}${built.stderr}`);

// A simulated rig is known by its address and port, so the ports of the last start come first: history stays with its rig.
const portsFile = join(folders.config, "ports.json");
let former = {};
try {
  former = JSON.parse(readFileSync(portsFile, "utf8"));
} catch {
  // None yet, or an unreadable one: the defaults serve as well.
}
const mqttPort = await portNear(options.mqttPort ?? former.mqtt ?? 1883);
if (options.mqttPort !== undefined && mqttPort !== options.mqttPort)
  fail(`port ${options.mqttPort} is in use; stop what listens there or leave --mqtt-port out`);
const ports = { mqtt: mqttPort };
const broker = { url: `mqtt://127.0.0.1:${mqttPort}` };
const site = {
  site: options.site,
  name: options.siteName,
  zone: options.zone,
  currency: options.currency,
  ...(options.price !== undefined && { price: options.price }),
  ...(options.grid !== undefined && { gridRegion: options.grid }),
  ...(options.fx !== undefined && { fxPerUsd: options.fx }),
  ...(options.simulated && { demo: true }),
};

function writeConfig(name, config) {
  const path = join(folders.config, `${name}.yaml`);
  // JSON is YAML; written anew at each start from the options, so an edit belongs into a config file of one's own.
  writeFileSync(
    path,
    `# written by npm start; run the program by hand with a copy of this file to change it\n${JSON.stringify(config, null, 2)}\n`,
  );
  return path;
}

const programs = [];
let rigs;
let ranges = options.scan;
if (options.simulated) {
  // Where loopback has one address only, the fleet takes a port per rig from this one on.
  const routable = typeof (await tryPort(0, "127.10.0.1")) === "number";
  const simPort = await portNear(former.rigs ?? 4028, routable ? "127.10.0.1" : "127.0.0.1");
  const fleetArgs = ["--rigs", `${options.rigs}`, "--seed", `${options.seed}`, "--port", `${simPort}`];
  const program = join(root, "simulator/dist/main.js");
  const fleet = spawnSync(process.execPath, [program, "list", ...fleetArgs, "--json"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (fleet.status !== 0) fail(fleet.stderr.trim());
  rigs = JSON.parse(fleet.stdout).map((rig) => ({ address: `${rig.address}:${rig.port}` }));
  ranges = [];
  ports.rigs = simPort;
  programs.push({ name: "simulator", args: [program, "run", ...fleetArgs] });
}
programs.push({
  name: "server",
  args: [
    join(root, "server/dist/main.js"),
    "run",
    "--config",
    writeConfig("server", {
      http: { host: "127.0.0.1", port },
      broker: { embedded: { host: "127.0.0.1", port: mqttPort } },
      store: { kind: "duckdb", dataDir: folders.server },
      sites: [site],
    }),
  ],
  ready: "listening",
});
programs.push({
  name: "agent",
  // Most of what a poll allocates dies at once; a small nursery keeps the resident set small at little cost in time.
  args: [
    "--max-semi-space-size=4",
    join(root, "agent/dist/main.js"),
    "run",
    "--config",
    writeConfig("agent", {
      site: options.site,
      agent: "local",
      broker,
      dataDir: folders.agent,
      ...(rigs && { rigs }),
      ...(ranges.length && { ranges: ranges.map((range) => ({ range })) }),
    }),
  ],
});

writeFileSync(portsFile, JSON.stringify(ports));

const children = new Map();
let stopping = false;
let shown = false;

const LEVELS = { 30: "info", 40: "warn", 50: "error", 60: "fatal" };
const QUIET = new Set(["level", "time", "pid", "hostname", "msg", "name", "part"]);

/** One log line of a program as a person reads it; undefined for what is below info. */
function readable(name, line) {
  let record;
  try {
    record = JSON.parse(line);
  } catch {
    return `${name.padEnd(9)} ${line}`;
  }
  if (record === null || typeof record !== "object" || !(record.level >= 30)) return undefined;
  const fields = Object.entries(record)
    .filter(([key, value]) => !QUIET.has(key) && value !== undefined)
    .map(([key, value]) => {
      const text = value?.message ?? (typeof value === "object" ? JSON.stringify(value) : value);
      return `${key}=${String(text).slice(0, 300)}`;
    });
  const time = new Date(record.time ?? Date.now()).toISOString().slice(11, 19);
  return `${time} ${name.padEnd(9)} ${LEVELS[record.level] ?? record.level} ${record.msg ?? ""} ${fields.join(" ")}`.trimEnd();
}

function launch(program, delayMs = RESTART_MS.first) {
  const child = spawn(process.execPath, program.args, {
    cwd: root,
    // A group of its own: Ctrl-C reaches this script alone, which then stops each program once and in order. The channel
    // tells a program when this script is gone for good.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const startedMs = Date.now();
  const said = [];
  children.set(program.name, child);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const text = readable(program.name, line);
    if (text && !stopping) console.log(text);
    if (program.ready && !shown && line.includes(`"msg":"${program.ready}"`)) {
      shown = true;
      console.log(`Hashwatt is at http://127.0.0.1:${port}`);
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

console.log(
  options.simulated
    ? `Hashwatt ${version}: ${options.rigs} simulated rigs (seed ${options.seed}), data in ${dataDir}, MQTT at ${broker.url}, store DuckDB`
    : `Hashwatt ${version}: watching ${options.scan.join(", ")} as site ${options.site}, data in ${dataDir}, MQTT at ${broker.url}, store DuckDB`,
);
if (existsSync(join(root, "server/dist/main.js"))) launch(programs.find((program) => program.ready));
else fail("nothing was built; run `npm ci` and try again");
