// Lets faults happen to a whole installation (rigs, agents, broker, store, server, all real processes), seeded, and compares
// what was spooled with what is stored. Exit code 1 when a reading is lost, double or with the wrong rig, or when what the
// parts counted does not agree with what the run knows. Expects the packages built.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findProgram } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const STORES = ["duckdb", "influxdb"];
const HELP = `npm run chaos -- [--store ${STORES.join("|")}] [--minutes N] [--seed S] [--rigs N] [--only TEXT]… [--storm] [--kills N] [--json]
  --store S    what the server stores in (default duckdb); influxdb is a real influxd, and faults happen to it too
  --minutes N  faults go on for N minutes (default 5); what they left is caught up with afterwards
  --seed S     the same seed makes the same sequence of faults (default: drawn, and printed)
  --rigs N     rigs at one reading a second each (default 200)
  --only TEXT  only faults whose name holds TEXT; may be given again
  --storm      nothing but kill -9 of agent, broker, server and influxd, one every other second, also while they start
  --kills N    ends once N processes were killed with -9
  --json       prints the report as one line of JSON`;

function fail(line) {
  console.error(line);
  process.exit(1);
}

const options = { minutes: 5, seed: Math.floor(Math.random() * 2 ** 31), rigs: 200, store: "duckdb" };
const args = process.argv.slice(2);
let json = false;
while (args.length) {
  const arg = args.shift();
  const name = arg.replace(/^--/, "");
  if (arg === "--help" || arg === "-h") {
    console.log(HELP);
    process.exit(0);
  } else if (arg === "--json") json = true;
  else if (arg === "--storm") options.storm = true;
  else if (arg === "--store") {
    options.store = args.shift();
    if (!STORES.includes(options.store)) fail(`--store wants ${STORES.join(" or ")}`);
  } else if (arg === "--only") {
    const text = args.shift();
    if (!text) fail("--only wants a part of a fault's name");
    options.only = [...(options.only ?? []), text];
  } else if (["--minutes", "--seed", "--rigs", "--kills"].includes(arg)) {
    options[name] = Number(args.shift());
    if (!(options[name] >= 0)) fail(`${arg} wants a number`);
  } else fail(`no option ${arg}; see npm run chaos -- --help`);
}
for (const program of ["mosquitto", ...(options.store === "influxdb" ? ["influxd"] : [])])
  if (!findProgram(program)) fail(`${program} is not installed; npm run verify says how to install it`);

const scratch = mkdtempSync(join(tmpdir(), "hashwatt-chaos-"));
const file = join(scratch, "report.json");
const wanted = join(scratch, "options.json");
const { minutes, kills, ...run } = options;
writeFileSync(
  wanted,
  JSON.stringify({ ...run, forMs: minutes * 60_000, base: "127.60.0.1", ...(kills > 0 && { kills }) }),
);
console.error(`seed ${run.seed}, ${run.rigs} rigs, ${minutes} minutes, ${run.store}`);
const child = spawn(
  process.execPath,
  [
    "--import",
    pathToFileURL(join(root, "scripts/ts-register.mjs")).href,
    join(root, "test/faults/cli.ts"),
    wanted,
    file,
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
const code = await new Promise((resolve) => child.once("exit", resolve));
let report;
try {
  report = JSON.parse(readFileSync(file, "utf8"));
} catch {
  rmSync(scratch, { recursive: true, force: true });
  fail("the run broke before it had a report");
}
rmSync(scratch, { recursive: true, force: true });
if (json) console.log(JSON.stringify(report));
else {
  const { faults, notMade, ...figures } = report;
  const lines = [
    ["kills", figures.kills],
    ["readings answered by rigs", figures.answers],
    ["readings spooled", figures.spooled],
    ["readings stored", figures.stored],
    ["lost", figures.lost.length],
    ["double", figures.double.length],
    ["stored under another rig", figures.foreign.length],
    ["stored once, gone with a damaged store", figures.lostByStore],
    [
      "in records damaged on the agent's disk",
      `${figures.damaged}, ${figures.damagedUnsent} of them not sent before, in ${figures.batchesDamaged} batches`,
    ],
    ["damaged records counted by the agents", figures.damagedByAgents],
    ["batches counted as lost by the server", figures.lostByServer],
    ["batches damaged before they were noted anywhere", figures.unmissable],
    ["kept apart for an impossible time", figures.keptApart],
    ["rigs of which readings of two agents are stored", figures.rigsOfTwo],
    ["written over by the other agent's reading", figures.overwritten],
    [
      "stored from no spool that can be read",
      `${figures.unspooled}, ${figures.unspooledStrange.length} of them while the agent's disk was well`,
    ],
    ["late (stored more than 10 s after the answer)", figures.late],
    ["stored under a time more than 2 s off", figures.mistimed],
    ["longest catch-up", `${(figures.longestCatchUpMs / 1_000).toFixed(1)} s`],
    ["packets lost and doubled on the way", `${figures.packetsLost} and ${figures.packetsDoubled}`],
  ];
  console.log(`seed ${figures.seed}, ${figures.store}, ${figures.seconds} s of faults`);
  for (const [name, n] of Object.entries(faults)) console.log(`  ${String(n).padStart(4)} × ${name}`);
  for (const [name, why] of Object.entries(notMade)) console.log(`     not made: ${name}: ${why}`);
  for (const [name, value] of lines) console.log(`${name.padEnd(46)} ${value}`);
  for (const text of figures.disagreements) console.log(`does not agree: ${text}`);
}
process.exit(code ?? 1);
