// Gives the product hostile input by the million, seeded, and stops at the first that breaks a promise, made small and kept
// in a file. Exit code 1 when one was found. Expects the packages built.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const HELP = `npm run fuzz -- [--inputs N] [--seed S] [--surface NAME[,NAME…]] [--index I] [--out DIR]
  --inputs N   so many for each surface (default 20,000)
  --seed S     the same seed makes the same inputs (default: drawn, and printed)
  --surface X  only these; by default all: see test/fuzz/surfaces/registry.ts
  --index I    gives one input alone, as a failure names it
  --out DIR    where an input that broke a promise is kept (default: fuzz-found)
HASHWATT_CORPUS names a folder of captures to start from, beside the simulated fleet's replies.`;

function fail(line) {
  console.error(line);
  process.exit(1);
}

const options = {
  inputs: 20_000,
  seed: Math.floor(Math.random() * 2 ** 31),
  surface: "all",
  index: "-",
  out: join(root, "fuzz-found"),
};
const args = process.argv.slice(2);
while (args.length) {
  const arg = args.shift();
  const name = arg.replace(/^--/, "");
  if (arg === "--help" || arg === "-h") {
    console.log(HELP);
    process.exit(0);
  } else if (["--inputs", "--seed", "--index"].includes(arg)) {
    options[name] = Number(args.shift());
    if (!(Number.isInteger(options[name]) && options[name] >= 0)) fail(`${arg} wants a whole number`);
  } else if (["--surface", "--out"].includes(arg) && args.length) options[name] = args.shift();
  else fail(`no option ${arg}; see npm run fuzz -- --help`);
}
console.error(`seed ${options.seed}`);
const child = spawn(
  process.execPath,
  [
    "--import",
    pathToFileURL(join(root, "scripts/ts-register.mjs")).href,
    join(root, "test/fuzz/cli.ts"),
    options.surface,
    ...[options.inputs, options.seed, options.index].map(String),
    options.out,
  ],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.once("exit", (code) => process.exit(code ?? 1));
