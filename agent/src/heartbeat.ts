import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RigStatus } from "@hashwatt/protocol/sample";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { z } from "zod";

const FILE = "heartbeat.json";
const EVERY_MS = 10_000;
/** Three beats missed and a half, so that a busy disk alone is no alarm. */
const SILENT_MS = 45_000;

/** What a running agent says of itself to its own machine. */
export interface Condition {
  connected: boolean;
  rigs: Partial<Record<RigStatus, number>>;
  /** Batches that the server has not acknowledged. */
  spooled: number;
  /** What the spool fails with; absent while it works. */
  spoolError?: string | undefined;
}

const heartbeatSchema = z.object({
  atMs: z.number(),
  version: z.string(),
  connected: z.boolean(),
  rigs: z.record(z.string(), z.number()),
  spooled: z.number(),
  spoolError: z.string().optional(),
});

/**
 * Writes how the agent is to `heartbeat.json` in its data folder, now and every 10 s: an agent listens nowhere, so this is what
 * `agent health` looks at. A file that cannot be written is logged once for every reason.
 */
export function startHeartbeat(
  dataDir: string,
  version: string,
  condition: () => Condition,
  clock: Clock,
  log: Logger,
): Timer {
  const path = join(dataDir, FILE);
  let trouble: string | undefined;
  let writing = false;
  const beat = async () => {
    if (writing) return;
    writing = true;
    try {
      await writeFile(`${path}.new`, JSON.stringify({ atMs: clock.nowMs(), version, ...condition() }));
      await rename(`${path}.new`, path);
      trouble = undefined;
    } catch (error) {
      const { code = "unknown" } = error as NodeJS.ErrnoException;
      if (code !== trouble) log.warn({ path, code }, "heartbeat not written");
      trouble = code;
    } finally {
      writing = false;
    }
  };
  void beat();
  return clock.every(EVERY_MS, () => void beat());
}

/** Whether an agent runs on a data folder, and how it is, in words. Only reads. */
export function feelPulse(dataDir: string, nowMs: number): { alive: boolean; text: string } {
  const path = join(dataDir, FILE);
  let beat: z.infer<typeof heartbeatSchema>;
  try {
    beat = heartbeatSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no" : code ? `cannot read (${code})` : "not understood:";
    return { alive: false, text: `no agent has run here yet: ${why} ${path}` };
  }
  const ageMs = nowMs - beat.atMs;
  // A clock that was set back makes the last beat one of the future; the next beat is of the present again.
  if (Math.abs(ageMs) > SILENT_MS)
    return {
      alive: false,
      text: `the agent has given no sign of life for ${Math.round(Math.abs(ageMs) / 1_000)} s`,
    };
  const rigs = Object.entries(beat.rigs)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  return {
    alive: true,
    text: [
      `alive, version ${beat.version}`,
      rigs.length ? `rigs: ${rigs.join(", ")}` : "no rigs yet",
      beat.connected ? "broker connected" : "broker not reachable",
      `${beat.spooled} batches to be acknowledged`,
      ...(beat.spoolError === undefined ? [] : [`spool: ${beat.spoolError}`]),
    ].join("; "),
  };
}
