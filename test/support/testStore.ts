import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Influxd, startInfluxd } from "./influxd.js";
import { programs } from "./programs.js";

/** What identifies a reading on both ends: the rig's handle and the time of its answer. */
export type Reading = `${string} ${number}`;

/** Stores that the whole path runs on, one vitest project each. */
export type TestStoreKind = "duckdb" | "influxdb";

/** The store of this run: the projects of vitest.config.ts that end in "-influx" say `influxdb`. */
export const storeKind: TestStoreKind =
  process.env.HASHWATT_TEST_STORE === "influxdb" ? "influxdb" : "duckdb";

/** Whether the programs are there that the whole path needs on the store of this run. */
export const stackRuns = Boolean(programs.mosquitto && (storeKind === "duckdb" || programs.influxd));

/** A telemetry store under test: what a server's config says of it, and what it holds behind the server's back. */
export interface TestStore {
  readonly kind: TestStoreKind;
  /** The key `store` of a server's config. */
  config(dataDir: string): Record<string, unknown>;
  /** Readings that it holds for the server of that data folder, which must be stopped, with how often each; from `fromMs` on. */
  readings(dataDir: string, fromMs?: number): Promise<Map<Reading, number>>;
  /** The InfluxDB behind it; undefined for another store. */
  readonly influxd: Influxd | undefined;
  close(): Promise<void>;
}

/** Starts what the store of this run needs; an InfluxDB asks for user and password, as one in use does. */
export async function startTestStore(kind: TestStoreKind = storeKind): Promise<TestStore> {
  if (kind === "duckdb")
    return {
      kind,
      config: (dataDir) => ({ kind, dataDir }),
      readings: duckReadings,
      influxd: undefined,
      close: async () => undefined,
    };
  const influxd = await startInfluxd({ auth: true });
  return {
    kind,
    config: (dataDir) => ({ kind, dataDir, influx: { url: influxd.url, ...influxd.admin } }),
    readings: (dataDir, fromMs) => influxReadings(influxd, dataDir, fromMs),
    influxd,
    close: async () => influxd[Symbol.asyncDispose](),
  };
}

async function rows(path: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql);
  const all = reader.getRows();
  connection.closeSync();
  instance.closeSync();
  return all;
}

/** Handles by number of the rig, from the state file. */
async function handlesOf(dataDir: string): Promise<Map<number, string>> {
  const found = await rows(join(dataDir, "hashwatt.duckdb"), "SELECT rig, handle FROM rigs");
  return new Map(found.map(([rig, handle]) => [Number(rig), String(handle)]));
}

async function duckReadings(dataDir: string, fromMs = 0): Promise<Map<Reading, number>> {
  const handles = await handlesOf(dataDir);
  const stored = new Map<Reading, number>();
  const sql = `SELECT rig, ts, count(*) AS n FROM samples WHERE ts >= ${fromMs} GROUP BY rig, ts`;
  for (const [rig, ts, n] of await rows(join(dataDir, "telemetry.duckdb"), sql))
    stored.set(`${handles.get(Number(rig)) ?? `rig ${rig}`} ${Number(ts)}`, Number(n));
  return stored;
}

/** Series by series, so that a reading that stands in two of them counts twice. */
async function influxReadings(influxd: Influxd, dataDir: string, fromMs = 0): Promise<Map<Reading, number>> {
  const handles = await handlesOf(dataDir);
  const stored = new Map<Reading, number>();
  const { series = [] } = await influxd.query(
    `SELECT * FROM "rig" WHERE time >= ${fromMs}ms GROUP BY *`,
    "hashwatt",
  );
  for (const { tags, columns, values } of series) {
    const time = columns.indexOf("time");
    const rig = Number(tags?.rig?.replace(/^r/, ""));
    for (const row of values) {
      const reading: Reading = `${handles.get(rig) ?? `rig ${tags?.rig}`} ${Number(row[time])}`;
      stored.set(reading, (stored.get(reading) ?? 0) + 1);
    }
  }
  return stored;
}
