// A simulated past for a fresh store of a simulated fleet: `npm start -- --backfill DAYS`. scripts/backfill.mjs makes it.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DAY_MS = 86_400_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
/** The spool takes the whole past and some time to hand it over; raw readings outlive it, so that what is late finds its neighbours. */
const MARGIN_DAYS = { spool: 2, raw: 4 };
/** A past is made as fast as it goes: hours of garbage in seconds, of which a wide nursery copies less. */
const WIDE_NURSERY = ["--min-semi-space-size=64", "--max-semi-space-size=64"];

const markOf = (config) => join(config, "backfill.json");

/** The file or folder by which a data folder is not fresh any more; undefined for one that is. */
export const holding = (dataDir) =>
  ["hashwatt.duckdb", "telemetry.duckdb", join("agent", "spool")].find((name) =>
    existsSync(join(dataDir, name)),
  );

/** What the configs of store and agent say because of a past that this folder was filled with; undefined without one. */
export function pastOf(config) {
  if (!existsSync(markOf(config))) return undefined;
  const { days } = JSON.parse(readFileSync(markOf(config), "utf8"));
  return {
    store: { rawDays: Math.max(7, days + MARGIN_DAYS.raw) },
    agent: { spool: { maxAgeMs: (days + MARGIN_DAYS.spool) * DAY_MS } },
  };
}

/** Puts a simulated past into the agent's spool. Resolves with 0, or with the exit code or signal of what did not come about. */
export async function backfill({ root, folders, days, rigs, seed, port }) {
  const spool = join(folders.agent, "spool");
  console.log(`simulating ${days} days before it goes live; Ctrl-C ends it and leaves nothing of it behind`);
  const child = spawn(
    process.execPath,
    [...WIDE_NURSERY, join(root, "scripts/backfill.mjs"), JSON.stringify({ days, rigs, seed, port, spool })],
    { cwd: root, stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  const end = () => child.kill("SIGTERM");
  for (const signal of SIGNALS) process.on(signal, end);
  const how = await new Promise((done) => child.once("exit", (code, signal) => done(signal ?? code)));
  for (const signal of SIGNALS) process.off(signal, end);
  if (how === 0) writeFileSync(markOf(folders.config), JSON.stringify({ days }));
  else rmSync(`${spool}.making`, { recursive: true, force: true });
  return how;
}
