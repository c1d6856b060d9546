import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Influxd } from "../support/influxd.js";
import type { Stored } from "./compare.js";
import { numberOf } from "./numberedFleet.js";

/** Where a stopped server's files, or its InfluxDB, are looked into past the server's code. */
export interface StoreReader {
  stored(dataDir: string): Promise<Stored[]>;
  /** File of the data folder that holds the marks of streams. */
  readonly marksFile: string;
}

export const STATE_FILE = "hashwatt.duckdb";
export const TELEMETRY_FILE = "telemetry.duckdb";

async function rows(path: string, sql: string, readOnly = true): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path, readOnly ? { access_mode: "READ_ONLY" } : {});
  try {
    const connection = await instance.connect();
    const all = (await connection.runAndReadAll(sql)).getRows();
    connection.closeSync();
    return all;
  } finally {
    instance.closeSync();
  }
}

/** Reads the telemetry file with DuckDB's own reader. */
export const duckReader: StoreReader = {
  marksFile: TELEMETRY_FILE,
  async stored(dataDir) {
    const found = await rows(
      join(dataDir, TELEMETRY_FILE),
      "SELECT hashrate_ths, rig, ts, ts + lag_ms FROM samples WHERE hashrate_ths IS NOT NULL",
    );
    return found.map(([hashrateThs, rig, atMs, receivedMs]) => ({
      number: numberOf(Number(hashrateThs)),
      rig: `r${rig}`,
      atMs: Number(atMs),
      receivedMs: Number(receivedMs),
    }));
  },
};

/** Asks the InfluxDB itself, series by series, so that a reading that stands in two of them counts twice. */
export const influxReader = (influxd: Influxd): StoreReader => ({
  marksFile: STATE_FILE,
  async stored() {
    const { series = [] } = await influxd.query(
      'SELECT "hashrateThs", "lagMs" FROM "rig" GROUP BY *',
      "hashwatt",
    );
    const all: Stored[] = [];
    for (const { tags, columns, values } of series) {
      const [time, hashrateThs, lagMs] = ["time", "hashrateThs", "lagMs"].map((name) =>
        columns.indexOf(name),
      ) as [number, number, number];
      for (const row of values) {
        if (row[hashrateThs] === null) continue;
        const atMs = Number(row[time]);
        all.push({
          number: numberOf(Number(row[hashrateThs])),
          rig: String(tags?.rig),
          atMs,
          receivedMs: atMs + Number(row[lagMs]),
        });
      }
    }
    return all;
  },
});

/** Batches that the marks of a stopped server call lost, by stream. */
export async function lostBatches(dataDir: string, file: string): Promise<Map<string, number>> {
  const found = await rows(join(dataDir, file), "SELECT stream, lost FROM streams WHERE lost > 0");
  return new Map(found.map(([stream, lost]) => [String(stream), Number(lost)]));
}

/** Texts of the events that tell of a damaged store. */
export async function damageEvents(dataDir: string): Promise<string[]> {
  const found = await rows(
    join(dataDir, STATE_FILE),
    "SELECT text FROM events WHERE kind = 'store-damage' ORDER BY n",
  );
  return found.map(([text]) => String(text));
}

/** What precedes the entries of a log. */
const LOG_HEADER_BYTES = 8;

/**
 * What a killed server's telemetry file holds, or would with the first `logBytes` of its log alone: the commits that end before,
 * as DuckDB itself takes them. Looked up in a copy, since opening it changes it.
 */
export async function heldBy(
  dataDir: string,
  logBytes?: number,
): Promise<{ numbers: number[]; lost: Map<string, number> }> {
  const copy = mkdtempSync(join(tmpdir(), "hashwatt-held-"));
  try {
    for (const name of [TELEMETRY_FILE, `${TELEMETRY_FILE}.wal`])
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(copy, name));
    const path = join(copy, TELEMETRY_FILE);
    if (logBytes !== undefined)
      if (logBytes < LOG_HEADER_BYTES) rmSync(`${path}.wal`, { force: true });
      else truncateSync(`${path}.wal`, logBytes);
    const held = await rows(path, "SELECT hashrate_ths FROM samples WHERE hashrate_ths IS NOT NULL", false);
    return {
      numbers: held.map(([hashrateThs]) => numberOf(Number(hashrateThs))),
      lost: await lostBatches(copy, TELEMETRY_FILE),
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Numbers of the readings that a server kept apart. */
export function keptApart(dataDir: string): Set<number> {
  const path = join(dataDir, "quarantine.jsonl");
  const numbers = new Set<number>();
  if (!existsSync(path)) return numbers;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (!line) continue;
    const { sample } = JSON.parse(line) as { sample: { hashrateThs?: number } };
    if (sample.hashrateThs !== undefined) numbers.add(numberOf(sample.hashrateThs));
  }
  return numbers;
}
