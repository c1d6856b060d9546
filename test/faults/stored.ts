import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { numberOf } from "./numberedFleet.js";
import type { Stored } from "./truth.js";

/** What the files of a stopped server hold. */
export interface StoreContents {
  stored: Stored[];
  /** Numbers of the readings that were kept apart. */
  keptApart: Set<number>;
  /** Batches that the server says it never got. */
  lostBatches: number;
}

async function rows(path: string, sql: string, readOnly = true): Promise<number[][]> {
  const instance = await DuckDBInstance.create(path, readOnly ? { access_mode: "READ_ONLY" } : {});
  const connection = await instance.connect();
  const all = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  instance.closeSync();
  return all.map((row) => row.map(Number));
}

/** Reads the telemetry of a data folder with DuckDB's own reader, past the server's code. */
export async function readStore(dataDir: string): Promise<StoreContents> {
  const telemetry = join(dataDir, "telemetry.duckdb");
  const samples = await rows(
    telemetry,
    "SELECT hashrate_ths, ts, ts + lag_ms FROM samples WHERE hashrate_ths IS NOT NULL",
  );
  const [[lostBatches = 0] = []] = await rows(telemetry, "SELECT coalesce(sum(lost), 0) FROM streams");
  return {
    stored: samples.map(([hashrateThs = 0, atMs = 0, receivedMs = 0]) => ({
      number: numberOf(hashrateThs),
      atMs,
      receivedMs,
    })),
    keptApart: quarantined(join(dataDir, "quarantine.jsonl")),
    lostBatches,
  };
}

/** Numbers of the readings that a killed server's files hold; looked up in a copy, since opening them changes them. */
export async function heldBy(dataDir: string): Promise<number[]> {
  const copy = mkdtempSync(join(tmpdir(), "hashwatt-held-"));
  try {
    for (const name of ["telemetry.duckdb", "telemetry.duckdb.wal"])
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(copy, name));
    const path = join(copy, "telemetry.duckdb");
    const held = await rows(path, "SELECT hashrate_ths FROM samples WHERE hashrate_ths IS NOT NULL", false);
    return held.map(([hashrateThs = 0]) => numberOf(hashrateThs));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function quarantined(path: string): Set<number> {
  const numbers = new Set<number>();
  if (!existsSync(path)) return numbers;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (!line) continue;
    const { sample } = JSON.parse(line) as { sample: { hashrateThs?: number } };
    if (sample.hashrateThs !== undefined) numbers.add(numberOf(sample.hashrateThs));
  }
  return numbers;
}
