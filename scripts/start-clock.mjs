// The time of `npm start -- --speed X`: one pair {originMs, speed} that simulator, agent and server are given alike, and how they pace
// themselves by it.
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

/** Spacing of a rig's polls where time passes fast: no more than this machine and the rig answer in the real seconds that there are. */
const POLLS_PER_S = { all: 400, rig: 4 };
const pollEveryMs = (rigs, speed) =>
  1_000 *
  Math.min(90, Math.max(5, Math.ceil(speed / POLLS_PER_S.rig), Math.ceil((rigs * speed) / POLLS_PER_S.all)));

/**
 * What the configs of server and agent say of such a time. Waiting together is for the sake of real disks and connections, and
 * connections take as long as they do.
 */
export const paceOf = (clock, rigs) => ({
  server: { clock, flushMs: 1_000, liveFlushMs: 1_000 },
  agent: {
    clock,
    batchMs: 1_000,
    timeouts: { connectMs: 30_000, answerMs: 60_000 },
    intervalMs: pollEveryMs(rigs, clock.speed),
  },
});
