import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { STATUSES } from "@hashwatt/protocol/sample";

/** Of a data folder whose server has ended, what lies within from … to, epoch ms. */
export interface SoakSpan {
  dataDir: string;
  fromMs: number;
  toMs: number;
  rigs: number;
}

/** What of it is there. */
export interface SoakFound {
  rigs: number;
  samples: number;
  /** Readings that should be there by the distance that each says itself until the next, and are not. */
  missing: number;
  /** Readings that are there more than once. */
  double: number;
  /** Longest distance between two readings of a rig, in turns of its interval. */
  longest: number;
  /** Of rigs that mostly answer, readings that say they did not. */
  unanswered: number;
  /** When the first of these were asked for, epoch ms. */
  unansweredMs: number[];
  /** By step of a rollup: rows, rows that are missing, and those of rigs that mostly answer which cover less than 99 % of their step. */
  rollups: Record<"5m" | "1h", { rows: number; missing: number; partial: number; double: number }>;
  /** Rows of the site: missing, by step. */
  siteMissing: number;
  /** Hours whose energy is not that of their twelve rows. */
  unequalHours: number;
}

const STEPS = { "5m": 300_000, "1h": 3_600_000 } as const;
const UNREACHABLE = STATUSES.indexOf("unreachable");

async function numbers(connection: DuckDBConnection, sql: string): Promise<number[]> {
  const [row = []] = await (await connection.runAndReadAll(sql)).getRows();
  return row.map((value) => Number(value ?? 0));
}

async function open(path: string): Promise<{ connection: DuckDBConnection; close(): void }> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Compares what is stored with what is due; opens the files for reading only. */
export async function soakFound({ dataDir, fromMs, toMs, rigs }: SoakSpan): Promise<SoakFound> {
  const telemetry = await open(`${dataDir}/telemetry.duckdb`);
  const state = await open(`${dataDir}/hashwatt.duckdb`);
  try {
    const span = `ts >= ${fromMs} AND ts < ${toMs}`;
    // A late reading is nearer to the next, so distances are summed before they are counted; those that reach into the span
    // from outside count too. A rig of which nothing is stored outside has its first reading within its distance of the start,
    // and its last within the same of the end.
    const [known = 0, samples = 0, distinct = 0, missing = 0, longest = 0] = await numbers(
      telemetry.connection,
      `WITH s AS (
         SELECT rig, ts, interval_ms AS every, ${span} AS inside,
           CASE WHEN ts < ${toMs} AND lead(ts) OVER w >= ${fromMs} THEN (lead(ts) OVER w - ts) / interval_ms END AS turns
         FROM samples WINDOW w AS (PARTITION BY rig ORDER BY ts)),
       r AS (
         SELECT rig, count(*) FILTER (WHERE inside) AS n, count(DISTINCT ts) FILTER (WHERE inside) AS stamps,
           max(turns) AS longest, greatest(0, round(sum(turns - 1)))
           + greatest(0, floor((min(ts) - ${fromMs}) / arg_min(every, ts) - 0.5))
           + greatest(0, floor((${toMs} - max(ts)) / arg_max(every, ts) - 0.5)) AS missing
         FROM s GROUP BY rig)
       SELECT count(*) FILTER (WHERE n > 0), sum(n), sum(stamps), sum(missing), max(longest) FROM r`,
    );
    const [unanswered = 0] = await numbers(
      telemetry.connection,
      `WITH r AS (SELECT rig, count(*) AS n, count(*) FILTER (WHERE status = ${UNREACHABLE}) AS away
           FROM samples WHERE ${span} GROUP BY rig) SELECT sum(away) FROM r WHERE away < n / 2`,
    );
    const away = await telemetry.connection.runAndReadAll(
      `SELECT rig FROM samples WHERE ${span} GROUP BY rig HAVING count(*) FILTER (WHERE status = ${UNREACHABLE}) >= count(*) / 2`,
    );
    const awayRigs = [-1, ...away.getRows().map(([rig]) => Number(rig))].join();
    const misses = await telemetry.connection.runAndReadAll(
      `SELECT DISTINCT ts // 1000 * 1000 AS second_ms FROM samples WHERE ${span} AND status = ${UNREACHABLE} AND rig NOT IN (${awayRigs}) ORDER BY second_ms LIMIT 10`,
    );
    const rollups = {} as SoakFound["rollups"];
    let siteMissing = 0;
    for (const name of ["5m", "1h"] as const) {
      const step = STEPS[name];
      const [from, to] = [Math.ceil(fromMs / step) * step, Math.floor(toMs / step) * step];
      const inSpan = `start_ms >= ${from} AND start_ms < ${to}`;
      const steps = (to - from) / step;
      const [rows = 0, distinct = 0, partial = 0] = await numbers(
        state.connection,
        `SELECT count(*), count(DISTINCT (rig, start_ms)),
             count(*) FILTER (WHERE covered_ms < ${0.99 * step} AND rig NOT IN (${awayRigs}))
           FROM rollups_${name} WHERE ${inSpan}`,
      );
      rollups[name] = { rows, missing: steps * rigs - distinct, partial, double: rows - distinct };
      const [sites = 0] = await numbers(
        state.connection,
        `SELECT count(DISTINCT start_ms) FROM site_rollups WHERE step_ms = ${step} AND ${inSpan}`,
      );
      siteMissing += steps - sites;
    }
    const hour = STEPS["1h"];
    const [hoursFrom, hoursTo] = [Math.ceil(fromMs / hour) * hour, Math.floor(toMs / hour) * hour];
    const [unequalHours = 0] = await numbers(
      state.connection,
      `WITH fine AS (SELECT rig, start_ms // ${hour} * ${hour} AS start_ms, sum(kwh) AS kwh FROM rollups_5m
           WHERE start_ms >= ${hoursFrom} AND start_ms < ${hoursTo} GROUP BY ALL)
         SELECT count(*) FROM fine JOIN rollups_1h h USING (rig, start_ms)
         WHERE abs(coalesce(fine.kwh, 0) - coalesce(h.kwh, 0)) > 1e-6`,
    );
    return {
      ...{ rigs: known, samples, missing, double: samples - distinct, longest, unanswered },
      unansweredMs: misses.getRows().map(([secondMs]) => Number(secondMs)),
      ...{ rollups, siteMissing, unequalHours },
    };
  } finally {
    telemetry.close();
    state.close();
  }
}
