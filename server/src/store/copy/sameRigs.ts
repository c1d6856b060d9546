import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { ServerError } from "../../error.js";
import { duckError } from "../duck/error.js";
import { STATE_FILE } from "../inspect.js";
import type { RigRecord } from "../state/state.js";

/**
 * Samples name rigs by number, and each installation counts its own from 1 on. Throws ServerError `copyFailed` when the state
 * file beside a telemetry file knows other rigs by these numbers than `known`. A folder without one tells nothing.
 */
export async function refuseOtherRigs(
  telemetryPath: string,
  known: readonly Pick<RigRecord, "rig" | "firstSeenMs">[],
): Promise<void> {
  const path = join(dirname(telemetryPath), STATE_FILE);
  if (!existsSync(path)) return;
  const firstSeen = new Map(known.map(({ rig, firstSeenMs }) => [rig, Math.trunc(firstSeenMs)]));
  for (const { rig, firstSeenMs } of await rigsIn(path))
    if (firstSeen.get(rig) !== firstSeenMs)
      throw new ServerError(
        "copyFailed",
        `r${rig} of ${dirname(telemetryPath)} is another rig than r${rig} of this server: it is the history of another installation, and only a server on its state can copy it`,
      );
}

async function rigsIn(path: string): Promise<{ rig: number; firstSeenMs: number }[]> {
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(path, {
      access_mode: "READ_ONLY",
      threads: "1",
      memory_limit: "64MB",
    });
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll("SELECT rig, first_seen_ms::DOUBLE AS first FROM rigs");
    const rows = reader.getRowObjects();
    connection.disconnectSync();
    return rows.map(({ rig, first }) => ({ rig: Number(rig), firstSeenMs: Number(first) }));
  } catch (cause) {
    throw duckError(cause, path);
  } finally {
    instance?.closeSync();
  }
}
