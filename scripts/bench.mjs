// Runs benches of test/bench/ and prints each figure beside its floor: the same work by the barest code, measured in the
// same run. Exit code 1 when a bound is missed. Expects the packages built.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripped } from "./ts-hooks.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const BENCHES = [
  "poll",
  "decode",
  "fleet",
  "ingest",
  "latency",
  "alert-latency",
  "query",
  "ledger-query",
  "reprice",
  "ingest-influx",
  "query-influx",
  "disk",
  "wire",
  "metrics",
  "screen",
  "simulator",
  "day",
];
/** Benches of a whole installation over a long time: by name only, with a size, and a page of their own. */
const LONG = ["load", "soak", "backlog", "alerts-month"];
/** What may follow an option of these; figures are numbers from … to. */
const SIZES = {
  rigs: [10, 20_000],
  interval: [1, 90],
  browsers: [0, 200],
  minutes: [1, 1_440],
  hours: [1, 744],
  speed: [1, 120],
  broker: ["mosquitto", "embedded"],
  store: ["duckdb", "influxdb"],
};
const PAGE = join(root, "docs/benchmarks.md");
const README = join(root, "README.md");
const RELIABILITY = join(root, "docs/reliability.md");
const HELP = `npm run bench -- NAME… [--json] [--markdown] [--seconds N]
  NAME        ${BENCHES.join(", ")}, or all of these; ${LONG.join(", ")}
  --json      one line per bench: {bench, figures: [{name, value, unit, floor?, ratio?, bound, ok}], machine}
  --markdown  also writes the figures into docs/benchmarks.md, and those with a bound into README.md; those of load,
              soak and backlog into docs/reliability.md
  --seconds N measure for about N seconds per bench (default 30)

load: simulator, agent, broker, server and screens as processes of their own, at the pace of a fleet
soak: the same for a day and more, on a clock that runs fast; nothing may grow, nothing may be missing
backlog: a day that was spooled without a broker comes in over 20 Mbit/s and 80 ms while the rigs go on being read
alerts-month: 30 simulated days of 1,000 rigs at 60 s: every fault is found, and little else is told
  --rigs N        10,000 (load), 1,000 (soak, backlog, alerts-month)
  --interval S    seconds between two polls of a rig: 5 (load), 30 (soak, backlog)
  --browsers N    screens that look on: 20 (load), 4 (soak)
  --broker B      mosquitto (load, backlog) or embedded (soak)
  --store S       backlog: duckdb (default) or influxdb
  --minutes N     load: measures for N minutes (10)
  --hours N       soak: simulated hours (24); backlog: hours without a broker (24); alerts-month: simulated (720)
  --speed N       soak: how many times as fast as real time they pass (24)`;

function fail(line) {
  console.error(line);
  process.exit(1);
}

const names = [];
const options = { json: false, markdown: false, seconds: 30 };
const size = {};
const given = process.argv.slice(2).join(" ");
const args = process.argv.slice(2);
while (args.length) {
  const arg = args.shift();
  if (arg === "--help" || arg === "-h") {
    console.log(HELP);
    process.exit(0);
  } else if (arg === "--json" || arg === "--markdown") options[arg.slice(2)] = true;
  else if (arg === "--seconds") {
    options.seconds = Number(args.shift());
    if (!(options.seconds >= 1 && options.seconds <= 3_600)) fail("--seconds wants a number from 1 to 3600");
  } else if (arg.startsWith("--") && arg.slice(2) in SIZES) {
    const [name, allowed, text] = [arg.slice(2), SIZES[arg.slice(2)], args.shift()];
    const [from, to] = allowed;
    if (name === "broker" || name === "store") {
      if (!allowed.includes(text)) fail(`${arg} wants ${allowed.join(" or ")}`);
      size[name] = text;
    } else {
      size[name] = Number(text);
      if (!(size[name] >= from && size[name] <= to)) fail(`${arg} wants a number from ${from} to ${to}`);
    }
  } else if (arg.startsWith("-")) fail(`no option ${arg}; see npm run bench -- --help`);
  else if (arg === "all") names.push(...BENCHES);
  else if (BENCHES.includes(arg) || LONG.includes(arg)) names.push(arg);
  else fail(`no bench is called ${arg}; there are ${[...BENCHES, ...LONG].join(", ")}, all`);
}
if (Object.keys(size).length && !names.some((name) => LONG.includes(name)))
  fail(`--${Object.keys(size)[0]} is for ${LONG.join(" and ")}`);
if (!names.length) fail(`name a bench: ${BENCHES.join(", ")}, or all`);

// Stripped once here, so that no measured process loads a compiler.
const typescript = (folder) =>
  readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
for (const folder of ["test/bench", "test/support", "test/faults", "test/fuzz"])
  for (const name of typescript(join(root, folder))) await stripped(join(root, folder, name));

const scratch = mkdtempSync(join(tmpdir(), "hashwatt-bench-"));
let child;
function end(code) {
  child?.kill("SIGTERM");
  rmSync(scratch, { recursive: true, force: true });
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => end(130));

/** Resolves with what the bench measured; undefined when it broke. */
function run(name) {
  const file = join(scratch, `${name}.json`);
  child = spawn(
    process.execPath,
    [
      "--import",
      pathToFileURL(join(root, "scripts/ts-register.mjs")).href,
      join(root, "test/bench/run.ts"),
      name,
      String(options.seconds),
      file,
      JSON.stringify(size),
    ],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, HASHWATT_BENCH_DIR: scratch },
    },
  );
  return new Promise((resolve) => {
    child.once("exit", (code) => resolve(code === 0 ? JSON.parse(readFileSync(file, "utf8")) : undefined));
  });
}

const digits = (value) =>
  value === undefined
    ? ""
    : Math.abs(value) >= 1000
      ? Math.round(value).toLocaleString("en-US")
      : String(Number(value.toPrecision(3)));
const boundText = (bound) =>
  bound
    ? `${bound.atMost !== undefined ? "≤" : "≥"} ${bound.atMost ?? bound.atLeast}${bound.of === "floor" ? "×" : ""}`
    : "";
const COLUMNS = ["figure", "ours", "floor", "ratio", "bound", "ok"];
const row = (f) => [
  f.name,
  `${digits(f.value)} ${f.unit}`,
  f.floor === undefined ? "" : `${digits(f.floor)} ${f.unit}`,
  f.ratio === undefined ? "" : `${f.ratio.toFixed(2)}×`,
  boundText(f.bound),
  f.bound ? (f.ok ? "ok" : "MISSED") : "",
];

function table({ bench, figures, machine }) {
  const rows = [COLUMNS.map((c) => (c === "figure" ? bench : c)), ...figures.map(row)];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((r) => r[i].length)));
  for (const r of rows)
    console.log(r.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  "));
  for (const f of figures) if (f.note) console.log(`  ${f.name}: ${f.note}`);
  if (machine.load > machine.cores)
    console.log(
      `  the machine was busy with other things (load ${machine.load} on ${machine.cores} cores): hold on to the ratios`,
    );
  console.log();
}

/** Puts the figures as a table into a page, between its marks; `shown` chooses among them. */
function writeTable(path, results, shown, mark = "measured", made = "") {
  const cells = (list) => `| ${list.map((c) => String(c).replaceAll("|", "\\|")).join(" | ")} |`;
  const { cpu, cores, memGb, node, os } = results[0].machine;
  const lines = [
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${cores} cores (${cpu}), ${memGb} GB, Node ${node}, ${os}; ${made || results.length === BENCHES.length ? "" : "not all benches; "}load before each bench ${results.map(({ machine }) => machine.load).join(", ")}.${made}`,
    "",
    cells(["bench", ...COLUMNS]),
    cells(["---", "---", "---:", "---:", "---:", "---:", "---"]),
    ...results.flatMap(({ bench, figures }) =>
      figures.filter(shown).map((f) => cells([`\`${bench}\``, ...row(f)])),
    ),
  ];
  const [begin, stop] = [`<!-- ${mark}: begin -->`, `<!-- ${mark}: end -->`];
  const page = readFileSync(path, "utf8");
  const from = page.indexOf(begin);
  const to = page.indexOf(stop);
  if (from < 0 || to < from) fail(`${path} has no place for the figures: ${begin} … ${stop}`);
  writeFileSync(path, `${page.slice(0, from + begin.length)}\n${lines.join("\n")}\n${page.slice(to)}`);
}

function markdown(all) {
  for (const result of all.filter(({ bench }) => LONG.includes(bench)))
    writeTable(
      RELIABILITY,
      [result],
      () => true,
      `measured ${result.bench}`,
      ` \`npm run bench -- ${given}\`.`,
    );
  const results = all.filter(({ bench }) => !LONG.includes(bench));
  if (!results.length) return;
  writeTable(PAGE, results, () => true);
  // A visitor wants what is promised; what is only reported stands in the page behind it.
  writeTable(README, results, (figure) => figure.bound);
}

const results = [];
let broken = false;
for (const name of new Set(names)) {
  const result = await run(name);
  if (!result) {
    console.error(`${name}: broke before it had measured`);
    broken = true;
    continue;
  }
  results.push(result);
  if (options.json) console.log(JSON.stringify(result));
  else table(result);
}
if (options.markdown && results.length) markdown(results);
const missed = results.flatMap(({ bench, figures }) =>
  figures.filter((f) => !f.ok).map((f) => `${bench}: ${f.name} (${boundText(f.bound)})`),
);
for (const line of missed) console.error(`missed: ${line}`);
end(broken || missed.length ? 1 : 0);
