import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Sample } from "@hashwatt/protocol/sample";
import type { TestStore } from "../support/testStore.js";
import { fullSample } from "./samples.js";

const HOUR_MS = 3_600_000;

/** What is spooled: `rounds` full readings of each rig, one every `intervalMs`, the rigs spread over the interval. */
export interface Backlog {
  /** Handles of the rigs. */
  handles: readonly string[];
  fromMs: number;
  intervalMs: number;
  rounds: number;
}

export const endOf = ({ fromMs, intervalMs, rounds }: Backlog): number => fromMs + rounds * intervalMs;

/** How long after the beginning of a round rig `n` is read, ms. */
const phaseOf = ({ handles, intervalMs }: Backlog, n: number): number =>
  Math.floor((n / handles.length) * intervalMs);

/** Reading `k` of rig `n`. */
export function readingOf(backlog: Backlog, n: number, k: number): Sample {
  const { handles, fromMs, intervalMs } = backlog;
  const atMs = fromMs + k * intervalMs + phaseOf(backlog, n);
  // As the agent itself names the algorithm of the rigs that go on being read: a site's history is of one.
  return { ...fullSample(n, k, atMs, intervalMs), rig: handles[n]!, algo: "SHA256" };
}

/** What a store holds of one rig in the time of the backlog. */
interface Held {
  readings: number;
  /** At different times. */
  times: number;
  /** Those at the times at which the rig was read. */
  due: number;
  powerSum: number;
}

/** What is wrong with what is stored; 0 and "" where nothing is. */
export interface BacklogCheck {
  stored: number;
  lost: number;
  double: number;
  /** Readings that nobody spooled. */
  invented: number;
  /** Hours of rigs that lie in the backlog as a whole; of those, the ones whose energy or coverage is not what the readings say. */
  rigHours: number;
  wrongHours: number;
  /** The first of what is wrong, for a person. */
  example: string;
}

async function rows(path: string, sql: string): Promise<number[][]> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const all = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  instance.closeSync();
  return all.map((row) => row.map(Number));
}

/** Holds the files of a stopped server against the backlog, past the server's own code; with `sums` the hours too. */
export async function checkBacklog(
  backlog: Backlog,
  store: TestStore,
  dataDir: string,
  sums: boolean,
): Promise<BacklogCheck> {
  const numbers = await rigNumbers(dataDir);
  const held = store.influxd
    ? await heldByInflux(backlog, store, numbers)
    : await heldByDuck(backlog, dataDir, numbers);
  const check: BacklogCheck = {
    stored: 0,
    lost: 0,
    double: 0,
    invented: 0,
    rigHours: 0,
    wrongHours: 0,
    example: "",
  };
  const wrong = (text: string) => {
    check.example ||= text;
  };
  const hours = sums ? await hoursOf(backlog, dataDir) : undefined;
  backlog.handles.forEach((handle, n) => {
    const own = held.get(handle) ?? { readings: 0, times: 0, due: 0, powerSum: 0 };
    check.stored += own.readings;
    check.lost += backlog.rounds - own.due;
    check.double += own.readings - own.times;
    check.invented += own.times - own.due;
    const truth = truthOf(backlog, n);
    if (own.due !== backlog.rounds || own.powerSum !== truth.powerSum)
      wrong(`${handle}: ${JSON.stringify(own)}, spooled ${backlog.rounds} with ${truth.powerSum} W in all`);
    if (!hours) return;
    const rig = numbers.get(handle);
    for (const [startMs, kwh] of truth.hours) {
      check.rigHours++;
      const row = hours.get(`${startMs} ${rig}`);
      if (row && row.coveredMs === HOUR_MS && Math.abs(row.kwh - kwh) < 1e-6 * kwh) continue;
      check.wrongHours++;
      wrong(`${handle} at ${new Date(startMs).toISOString()}: ${JSON.stringify(row)}, not ${kwh} kWh`);
    }
  });
  return check;
}

/** What a rig's readings add up to: watts, and kWh of each whole hour by holding each reading until the next. */
function truthOf(backlog: Backlog, n: number): { powerSum: number; hours: Map<number, number> } {
  const first = Math.ceil((backlog.fromMs + backlog.intervalMs) / HOUR_MS) * HOUR_MS;
  const end = Math.floor(endOf(backlog) / HOUR_MS) * HOUR_MS;
  const hours = new Map<number, number>();
  let powerSum = 0;
  for (let k = 0; k < backlog.rounds; k++) {
    const { atMs, powerW } = readingOf(backlog, n, k);
    powerSum += powerW!;
    for (let from = atMs; from < atMs + backlog.intervalMs; ) {
      const hour = Math.floor(from / HOUR_MS) * HOUR_MS;
      const to = Math.min(atMs + backlog.intervalMs, hour + HOUR_MS);
      if (hour >= first && hour < end)
        hours.set(hour, (hours.get(hour) ?? 0) + (powerW! * (to - from)) / 3.6e9);
      from = to;
    }
  }
  return { powerSum, hours };
}

/** Numbers of the rigs by handle; each handle must stand for one rig. */
async function rigNumbers(dataDir: string): Promise<Map<string, number>> {
  const instance = await DuckDBInstance.create(join(dataDir, "hashwatt.duckdb"), {
    access_mode: "READ_ONLY",
  });
  const connection = await instance.connect();
  const all = (await connection.runAndReadAll("SELECT handle, rig FROM rigs")).getRows();
  connection.closeSync();
  instance.closeSync();
  const numbers = new Map(all.map(([handle, rig]) => [String(handle), Number(rig)]));
  if (numbers.size !== all.length) throw new Error(`${all.length} rigs have ${numbers.size} handles`);
  return numbers;
}

async function heldByDuck(
  backlog: Backlog,
  dataDir: string,
  numbers: ReadonlyMap<string, number>,
): Promise<Map<string, Held>> {
  const { fromMs, intervalMs, handles } = backlog;
  const phases = handles
    .map((handle, n) => `(${numbers.get(handle) ?? -1 - n}, ${phaseOf(backlog, n)})`)
    .join(", ");
  const found = await rows(
    join(dataDir, "telemetry.duckdb"),
    `SELECT rig, count(*), count(DISTINCT ts), count(DISTINCT ts) FILTER (WHERE (ts - ${fromMs}) % ${intervalMs} = phase), sum(power_w)
     FROM samples JOIN (VALUES ${phases}) AS due(rig, phase) USING (rig)
     WHERE ts >= ${fromMs} AND ts < ${endOf(backlog)} GROUP BY rig`,
  );
  const byRig = new Map(found.map((row) => [row[0], row]));
  const held = new Map<string, Held>();
  for (const handle of handles) {
    const row = byRig.get(numbers.get(handle));
    if (!row) continue;
    const [, readings = 0, times = 0, due = 0, powerSum = 0] = row;
    held.set(handle, { readings, times, due, powerSum });
  }
  return held;
}

/** An InfluxDB holds one point for a time: what was written twice is there once, and what is doubled stands in two series. */
async function heldByInflux(
  backlog: Backlog,
  store: TestStore,
  numbers: ReadonlyMap<string, number>,
): Promise<Map<string, Held>> {
  const held = new Map<string, Held>();
  for (const [n, handle] of backlog.handles.entries()) {
    const { series = [] } = await store.influxd!.query(
      `SELECT "powerW" FROM "rig" WHERE "rig" = 'r${numbers.get(handle)}' AND time >= ${backlog.fromMs}ms AND time < ${endOf(backlog)}ms GROUP BY *`,
      "hashwatt",
    );
    const points = series.flatMap(({ columns, values }) => {
      const [time, powerW] = [columns.indexOf("time"), columns.indexOf("powerW")];
      return values.map((row) => ({ atMs: Number(row[time]), powerW: Number(row[powerW]) }));
    });
    const times = new Set(points.map(({ atMs }) => atMs));
    const phase = phaseOf(backlog, n);
    const due = [...times].filter((atMs) => (atMs - backlog.fromMs) % backlog.intervalMs === phase);
    const powerSum = points.reduce((sum, { powerW }) => sum + powerW, 0);
    held.set(handle, { readings: points.length, times: times.size, due: due.length, powerSum });
  }
  return held;
}

/** The hourly rows of the state file, by start and rig. */
async function hoursOf(
  backlog: Backlog,
  dataDir: string,
): Promise<Map<string, { kwh: number; coveredMs: number }>> {
  const found = await rows(
    join(dataDir, "hashwatt.duckdb"),
    `SELECT start_ms, rig, kwh, covered_ms FROM rollups_1h WHERE start_ms >= ${backlog.fromMs} AND start_ms < ${endOf(backlog)}`,
  );
  const hours = new Map<string, { kwh: number; coveredMs: number }>();
  for (const [startMs, rig, kwh = 0, coveredMs = 0] of found) {
    const key = `${startMs} ${rig}`;
    if (hours.has(key)) throw new Error(`rig ${rig} has two rows for the hour ${startMs}`);
    hours.set(key, { kwh, coveredMs });
  }
  return hours;
}
