import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { serve } from "../worker.js";

/** The bare queries on a copy of the product's files: means per step straight from the rows, no hold, no money, no HTTP. */
let telemetry: DuckDBConnection;
let state: DuckDBConnection;

async function timed(connection: DuckDBConnection, sql: string): Promise<{ ms: number; points: number }> {
  const startedMs = performance.now();
  const reader = await connection.runAndReadAll(sql);
  const columns = reader.getColumnsJS();
  return { ms: performance.now() - startedMs, points: columns[0]?.length ?? 0 };
}

serve({
  async open({ folder }: { folder: string }) {
    const open = async (name: string) => (await DuckDBInstance.create(join(folder, name))).connect();
    telemetry = await open("telemetry.duckdb");
    state = await open("hashwatt.duckdb");
  },
  rig: ({ rig, fromMs, toMs, stepMs }: { rig: number; fromMs: number; toMs: number; stepMs: number }) =>
    timed(
      telemetry,
      `SELECT ts // ${stepMs} * ${stepMs} AS at, avg(hashrate_ths), avg(power_w), avg(chip_c), avg(fan_rpm)
       FROM samples WHERE rig = ${rig} AND ts >= ${fromMs} AND ts < ${toMs} GROUP BY 1 ORDER BY 1`,
    ),
  site: ({ site, fromMs, toMs, stepMs }: { site: string; fromMs: number; toMs: number; stepMs: number }) =>
    timed(
      state,
      `SELECT start_ms, ths_hours, kwh, covered_ms, rig_ms FROM site_rollups
       WHERE site = '${site}' AND step_ms = ${stepMs} AND start_ms >= ${fromMs} AND start_ms < ${toMs} ORDER BY 1`,
    ),
});
