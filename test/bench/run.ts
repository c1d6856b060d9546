import { writeFileSync } from "node:fs";
import { type Bench, type BenchResult, machine, type Size } from "./figure.js";

/** Runs one bench: `run.ts NAME SECONDS FILE SIZE`; its figures go into the file, what it is doing to stderr. */
const [name, seconds, file, size = "{}"] = process.argv.slice(2);
if (!name || !seconds || !file) throw new Error("usage: run.ts NAME SECONDS FILE [SIZE]");
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
const { bench } = (await import(`./${name}.ts`)) as { bench: Bench };
const before = machine();
const figures = await bench({
  seconds: Number(seconds),
  size: JSON.parse(size) as Size,
  say: (line) => console.error(`${name}: ${line}`),
});
const result: BenchResult = { bench: name, figures, machine: before };
writeFileSync(file, JSON.stringify(result));
process.exit(0);
