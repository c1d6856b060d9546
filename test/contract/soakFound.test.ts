import { DuckDBInstance } from "@duckdb/node-api";
import { STATUSES } from "@hashwatt/protocol/sample";
import { afterEach, expect, test } from "vitest";
import { soakFound } from "../bench/soakFound.js";
import { scratch } from "../support/stack.js";

const HOUR = 3_600_000;
const FROM = 500_000 * HOUR;
const [HOURS, RIGS] = [2, 3];
/** Rig 3 never answers and is tried again every 60 s; the others at their phase of every 30 s, some of them late. */
const AWAY = 3;

const folders: { remove(): void }[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

/** What a soak finds in a folder where all is as it should be, but for what `spoilt` does to it. */
async function foundWith(spoilt: { telemetry?: string; state?: string } = {}) {
  const folder = scratch("soak-found");
  folders.push(folder);
  const write = async (name: string, ...statements: string[]) => {
    const instance = await DuckDBInstance.create(`${folder.path}/${name}.duckdb`);
    const connection = await instance.connect();
    for (const sql of statements) await connection.run(sql);
    connection.closeSync();
    instance.closeSync();
  };
  const [mining, away] = [STATUSES.indexOf("mining"), STATUSES.indexOf("unreachable")];
  await write(
    "telemetry",
    "CREATE TABLE samples (ts BIGINT, rig INTEGER, interval_ms DOUBLE, status DOUBLE)",
    `INSERT INTO samples SELECT ${FROM} + n * 30000 + r * 9000 + CASE WHEN n % 50 = 7 THEN 14000 ELSE 0 END, r, 30000, ${mining}
     FROM range(-10, ${HOURS * 120 + 10}) a(n), range(1, ${AWAY}) b(r)`,
    `INSERT INTO samples SELECT ${FROM} + n * 60000 + 500, ${AWAY}, 60000, ${away} FROM range(-5, ${HOURS * 60 + 5}) a(n)`,
    spoilt.telemetry ?? "SELECT 1",
  );
  const rollups = (name: string, step: number) => [
    `CREATE TABLE rollups_${name} (start_ms BIGINT, rig INTEGER, covered_ms DOUBLE, kwh DOUBLE)`,
    `INSERT INTO rollups_${name} SELECT ${FROM} + n * ${step}, r, CASE WHEN r = ${AWAY} THEN 0 ELSE ${step} END, ${step / HOUR}
     FROM range(${(HOURS * HOUR) / step}) a(n), range(1, ${RIGS + 1}) b(r)`,
    `INSERT INTO site_rollups SELECT ${FROM} + n * ${step}, ${step} FROM range(${(HOURS * HOUR) / step}) a(n)`,
  ];
  await write(
    "hashwatt",
    "CREATE TABLE site_rollups (start_ms BIGINT, step_ms BIGINT)",
    ...rollups("5m", 300_000),
    ...rollups("1h", HOUR),
    spoilt.state ?? "SELECT 1",
  );
  return await soakFound({ dataDir: folder.path, fromMs: FROM, toMs: FROM + HOURS * HOUR, rigs: RIGS });
}

test("a soak finds nothing missing where nothing is, however late single readings were", async () => {
  expect(await foundWith()).toMatchObject({
    ...{ rigs: RIGS, samples: 2 * HOURS * 120 + HOURS * 60, missing: 0, double: 0, unanswered: 0 },
    rollups: {
      "5m": { rows: RIGS * HOURS * 12, missing: 0, partial: 0, double: 0 },
      "1h": { rows: RIGS * HOURS, missing: 0, partial: 0, double: 0 },
    },
    ...{ siteMissing: 0, unequalHours: 0 },
  });
});

const at = (minute: number) => FROM + minute * 60_000;
test.each([
  [
    "readings of the midst, the first and the last",
    `DELETE FROM samples WHERE rig = 1 AND (ts BETWEEN ${at(30)} AND ${at(31) - 1} OR ts BETWEEN ${at(0)} AND ${at(1)} OR ts BETWEEN ${at(118)} AND ${at(120) - 1})`,
    { missing: 8 },
  ],
  [
    "that nothing is stored of a rig from some time on",
    `DELETE FROM samples WHERE rig = 1 AND ts >= ${at(110)}`,
    { missing: 20 },
  ],
  ["a whole rig", "DELETE FROM samples WHERE rig = 2", { rigs: RIGS - 1 }],
  [
    "a reading that is there twice",
    `INSERT INTO samples SELECT * FROM samples WHERE ts >= ${FROM} LIMIT 1`,
    { double: 1 },
  ],
  [
    "a rig that did not answer once",
    `UPDATE samples SET status = ${STATUSES.indexOf("unreachable")} WHERE rig = 1 AND ts < ${at(0.5)}`,
    { unanswered: 1, unansweredMs: [FROM + 9_000] },
  ],
])("a soak finds %s", async (_what, telemetry, found) => {
  expect(await foundWith({ telemetry })).toMatchObject(found);
});

test.each([
  [
    "a missing row",
    "DELETE FROM rollups_5m WHERE rig = 1 AND start_ms = (SELECT min(start_ms) FROM rollups_5m)",
    { rollups: { "5m": { missing: 1 } }, unequalHours: 1 },
  ],
  [
    "a missing hour",
    `DELETE FROM rollups_1h WHERE rig = ${AWAY} AND start_ms = ${FROM}`,
    { rollups: { "1h": { missing: 1 } } },
  ],
  [
    "a row that is there twice",
    "INSERT INTO rollups_1h SELECT * FROM rollups_1h LIMIT 1",
    { rollups: { "1h": { double: 1, missing: 0 } } },
  ],
  [
    "a row that covers too little",
    `UPDATE rollups_5m SET covered_ms = 280000 WHERE rig = 2 AND start_ms = ${FROM}`,
    { rollups: { "5m": { partial: 1 } } },
  ],
  [
    "a row of the site that is missing",
    `DELETE FROM site_rollups WHERE start_ms = ${FROM}`,
    { siteMissing: 2 },
  ],
])("a soak finds %s", async (_what, state, found) => {
  expect(await foundWith({ state })).toMatchObject(found);
});
