// The time of `npm start -- --speed X`: one pair {originMs, speed} that simulator, agent and server are given alike.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MINUTE_MS = 60_000;

/** What a data folder's programs wrote last; undefined where none has run. */
function writtenMs(dataDir) {
  const times = [
    "hashwatt.duckdb.wal",
    "telemetry.duckdb.wal",
    "hashwatt.duckdb",
    "telemetry.duckdb",
  ].flatMap((name) => statSync(join(dataDir, name), { throwIfNoEntry: false })?.mtimeMs ?? []);
  return times.length ? Math.max(...times) : undefined;
}

/** The time that a pair shows at this moment of the machine's. */
export const shownMs = ({ originMs, speed }, machineMs) => originMs + (machineMs - originMs) * speed;

/** The pair that shows `atMs` at this moment of the machine's. */
function pairAt(atMs, machineMs, speed) {
  return { originMs: Math.round((machineMs * speed - atMs) / (speed - 1)), speed };
}

/**
 * The pair for a start: its time begins now, or where the last start of this folder has left it if that was ahead, so that what
 * is stored never has a time that is still to come. Written down for the next start.
 */
export function clockFor(config, dataDir, speed, nowMs = Date.now()) {
  const file = join(config, "clock.json");
  let former;
  try {
    former = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // The first start of this folder.
  }
  const lastMs = former && writtenMs(dataDir);
  const leftMs = lastMs === undefined ? nowMs : shownMs(former, lastMs) + MINUTE_MS;
  const pair = pairAt(Math.max(nowMs, leftMs), nowMs, speed);
  writeFileSync(file, JSON.stringify(pair));
  return pair;
}
