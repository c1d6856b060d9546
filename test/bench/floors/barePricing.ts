import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { serve } from "../worker.js";

/** The barest pricing of the same rows: price × energy and hashprice × hash, summed by rig and hour, in one statement. */
let connection: DuckDBConnection;

serve({
  async open({ folder }: { folder: string }) {
    const instance = await DuckDBInstance.create(join(folder, "hashwatt.duckdb"), { threads: "1" });
    connection = await instance.connect();
  },
  async price() {
    const startedMs = performance.now();
    await connection.run(
      `CREATE OR REPLACE TABLE bare AS SELECT start_ms // 3600000 AS hour, rig, sum(kwh) AS kwh, sum(ths_hours) AS ths,
         sum(kwh * 0.07) AS cost, sum(ths_hours * 38.5 / 24000) AS revenue, sum(kwh * 0.6191) AS co2
       FROM rollups_5m GROUP BY 1, 2`,
    );
    await connection.run("CHECKPOINT");
    return { ms: performance.now() - startedMs };
  },
  async month({ site, fromMs, toMs }: { site: string; fromMs: number; toMs: number }) {
    const startedMs = performance.now();
    const reader = await connection.runAndReadAll(
      `SELECT start_ms // 3600000 AS hour, sum(COLUMNS(c -> c NOT IN ('start_ms', 'site', 'algo')))::DOUBLE
       FROM ledger_site_5m WHERE site = '${site}' AND start_ms >= ${fromMs} AND start_ms < ${toMs} GROUP BY 1 ORDER BY 1`,
    );
    const columns = reader.getColumnsJS();
    return { ms: performance.now() - startedMs, points: columns[0]?.length ?? 0 };
  },
});
