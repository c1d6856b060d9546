import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readNetworkSnapshot } from "../bundledData.js";
import { bad, doubtful, type Finding, good } from "./finding.js";
import type { Running } from "./runningServer.js";

/** No machine that runs this program lives before it. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
/** What two clocks of one network may differ by. */
const TOLERANCE_MS = 2_000;
/** A file system's own idea of the time, on another machine perhaps, may be so far ahead. */
const FILE_TOLERANCE_MS = 60_000;

/**
 * Compares this machine's clock with what else tells the time: the program's own date, the newest file of the data folder,
 * a running server and the agents that it hears. Says what it was compared with.
 */
export async function checkClock(
  nowMs: number,
  { dataDir, running }: { dataDir: string; running: Running | undefined },
): Promise<Finding> {
  const now = iso(nowMs);
  const earliestMs = Math.max(EARLIEST_MS, readNetworkSnapshot().asOfMs);
  if (nowMs < earliestMs)
    return bad(
      "clock",
      `this machine says ${now}, which lies before this program was made (${iso(earliestMs)}); set its clock`,
    );
  const compared = ["the program's own date"];
  const newest = await newestFile(dataDir);
  if (newest && newest.atMs > nowMs + FILE_TOLERANCE_MS)
    return bad(
      "clock",
      `this machine says ${now}, and ${newest.path} was written at ${iso(newest.atMs)}, in the future; set its clock`,
    );
  if (newest) compared.push(`the newest file of ${dataDir} (${iso(newest.atMs)})`);
  if (running) {
    const { aheadMs, answeredMs, totals } = running;
    if (Math.abs(aheadMs) > TOLERANCE_MS + answeredMs)
      return bad("clock", `this machine says ${now}, the running server is ${away(aheadMs)}; set the clock`);
    compared.push("the running server's");
    const offsets = totals.agents.flatMap(({ site, agent, clockOffsetMs }) =>
      clockOffsetMs === null ? [] : [{ name: `${site}/${agent}`, ms: clockOffsetMs }],
    );
    const off = offsets.filter(({ ms }) => Math.abs(ms) > TOLERANCE_MS);
    if (off.length)
      return doubtful(
        "clock",
        `${now}; the clocks of server and agents differ: ${off.map(({ name, ms }) => `${name} by ${(Math.abs(ms) / 1_000).toFixed(1)} s`).join(", ")}; set the one that is wrong`,
      );
    if (offsets.length) compared.push(`those of its agents (${offsets.length})`);
  }
  return good("clock", `${now}, compared with ${compared.join(", ")}`);
}

const iso = (ms: number): string => new Date(ms).toISOString();

const away = (aheadMs: number): string =>
  `${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${aheadMs > 0 ? "ahead" : "behind"}`;

async function newestFile(folder: string): Promise<{ path: string; atMs: number } | undefined> {
  let newest: { path: string; atMs: number } | undefined;
  // A folder that is not there has no files; the check of the disk says so.
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && found.mtimeMs > (newest?.atMs ?? Number.NEGATIVE_INFINITY))
      newest = { path, atMs: found.mtimeMs };
  }
  return newest;
}
