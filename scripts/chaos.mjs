// Lets faults happen to a whole installation (rigs, agents, broker, server, all real processes), seeded, and compares what
// was spooled with what is stored. Exit code 1 when a reading is lost or double. Expects the packages built.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findProgram } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const HELP = `npm run chaos -- [--minutes N] [--seed S] [--rigs N] [--kills N] [--json]
  --minutes N  faults go on for N minutes (default 5); what they left is caught up with afterwards
  --seed S     the same seed makes the same sequence of faults (default: drawn, and printed)
  --rigs N     rigs at one reading a second each (default 200)
  --kills N    ends once N processes were killed with -9
  --json       prints the report as one line of JSON`;

function fail(line) {
  console.error(line);
  process.exit(1);
}

const options = { minutes: 5, seed: Math.floor(Math.random() * 2 ** 31), rigs: 200, kills: 0, json: false };
const args = process.argv.slice(2);
while (args.length) {
  const arg = args.shift();
  const name = arg.replace(/^--/, "");
  if (arg === "--help" || arg === "-h") {
    console.log(HELP);
    process.exit(0);
  } else if (arg === "--json") options.json = true;
  else if (["--minutes", "--seed", "--rigs", "--kills"].includes(arg)) {
    options[name] = Number(args.shift());
    if (!(options[name] >= 0)) fail(`${arg} wants a number`);
  } else fail(`no option ${arg}; see npm run chaos -- --help`);
}
if (!findProgram("mosquitto")) fail("mosquitto is not installed: apt-get install mosquitto");

const scratch = mkdtempSync(join(tmpdir(), "hashwatt-chaos-"));
const file = join(scratch, "report.json");
console.error(`seed ${options.seed}, ${options.rigs} rigs, ${options.minutes} minutes`);
const child = spawn(
  process.execPath,
  [
    "--import",
    pathToFileURL(join(root, "scripts/ts-register.mjs")).href,
    join(root, "test/faults/cli.ts"),
    String(options.seed),
    String(options.minutes),
    String(options.rigs),
    String(options.kills),
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
if (options.json) console.log(JSON.stringify(report));
else {
  const { faults, notMade, lost, double, ...figures } = report;
  const lines = [
    ["kills", figures.kills],
    ["readings answered by rigs", figures.answers],
    ["readings spooled", figures.spooled],
    ["readings stored", figures.stored],
    ["lost", lost.length],
    ["double", double.length],
    ["stored once, gone with a damaged log", figures.lostByStore],
    ["batches that the server reported lost", figures.reportedLostBatches],
    [
      "in records damaged on the agent's disk",
      `${figures.damaged}, ${figures.damagedUnsent} of them not sent before`,
    ],
    ["kept apart for an impossible time", figures.keptApart],
    ["late (stored more than 10 s after the answer)", figures.late],
    ["stored under a time more than 2 s off", figures.mistimed],
    ["longest catch-up", `${(figures.longestCatchUpMs / 1_000).toFixed(1)} s`],
    ["packets lost and doubled on the way", `${figures.packetsLost} and ${figures.packetsDoubled}`],
  ];
  console.log(`seed ${figures.seed}, ${figures.seconds} s of faults`);
  for (const [name, n] of Object.entries(faults)) console.log(`  ${String(n).padStart(4)} × ${name}`);
  for (const [name, why] of Object.entries(notMade)) console.log(`     not made: ${name}: ${why}`);
  for (const [name, value] of lines) console.log(`${name.padEnd(46)} ${value}`);
}
process.exit(code ?? 1);
