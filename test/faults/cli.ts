import { readFileSync, writeFileSync } from "node:fs";
import { holds } from "./report.js";
import { type RunOptions, runFaults } from "./run.js";

/** What scripts/chaos.mjs wants: the options of a run, less what only a program can say. */
const [wanted, file] = process.argv.slice(2);
const options = JSON.parse(readFileSync(wanted as string, "utf8")) as Omit<RunOptions, "say">;
const startedMs = performance.now();
const report = await runFaults({
  ...options,
  say: (line) =>
    console.error(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(5)} s  ${line}`),
});
writeFileSync(file as string, JSON.stringify(report));
process.exitCode = holds(report) ? 0 : 1;
