import { writeFileSync } from "node:fs";
import { holds, runFaults } from "./run.js";

const [seed, minutes, rigs, kills, file] = process.argv.slice(2);
const startedMs = performance.now();
const report = await runFaults({
  seed: Number(seed),
  forMs: Number(minutes) * 60_000,
  rigs: Number(rigs),
  ...(Number(kills) > 0 && { kills: Number(kills) }),
  base: "127.60.0.1",
  say: (line) =>
    console.error(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(5)} s  ${line}`),
});
if (file) writeFileSync(file, JSON.stringify(report));
process.exitCode = holds(report) ? 0 : 1;
