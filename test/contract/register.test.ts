import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alertViewSchema, rigDetailSchema } from "@hashwatt/protocol/http";
import { registerViewSchema } from "@hashwatt/protocol/register";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { askExactly } from "../support/toldHttp.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";
import { until } from "../support/wait.js";

const dataDir = mkdtempSync(join(tmpdir(), "hashwatt-register-"));
let server: ToldServer | undefined;
afterAll(async () => {
  await server?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const config = { store: { kind: "duckdb", dataDir } };
const send = (method: string, path: string, body?: unknown, headers = {}) =>
  askExactly(Number(new URL(server!.url).port), method, path, headers, body);
const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await send(method, path, body);
  return { status: answer.status, json: JSON.parse(answer.body) as unknown };
};
const view = async () => registerViewSchema.parse((await ask("GET", "/api/register")).json);
const firing = async () =>
  z
    .array(alertViewSchema)
    .parse((await ask("GET", "/api/alerts")).json)
    .filter(({ state }) => state === "firing");

test("who is expected, missing and not expected is told, over a restart; a rig in repair raises no alarm", async () => {
  server = await startToldServer(config);
  const [hot, cool] = [fullRig(1), fullRig(2)];
  hot.sample.chipTempC = 130;
  cool.sample.chipTempC = 60;
  const round = async () => {
    await server!.tell([hot, cool]);
    server!.later(30_000);
  };
  await round();
  expect(await view()).toEqual({ entries: [], missing: 0, unexpected: [] });
  await until("the hot rig raises an alarm", async () => {
    await round();
    return (await firing()).some(({ rig }) => rig === 1);
  });

  const csv = "name,mac,rack,position,state\nA,02:00:00:00:00:01,R1,3,\nB,02:00:00:00:00:09,R1,4,\n";
  expect(await ask("POST", "/api/register", { csv: `${csv}C,x,,,\n` })).toMatchObject({
    status: 400,
    json: { message: 'line 4, column mac: "x" is no MAC; write 02:1a:2b:3c:4d:5e; nothing was imported' },
  });
  // What an import would do is told before it is done, every row that it would refuse included.
  const twice = `${csv}C,x,,,\nD,,R9,1,gone\nA,,R1,7,\n,,R2,1,\n`;
  expect(await ask("POST", "/api/register/preview", { csv: twice })).toMatchObject({
    status: 200,
    json: {
      added: 2,
      changed: 0,
      same: 0,
      refusedRows: 4,
      refused: [
        { line: 4, column: "mac", message: '"x" is no MAC; write 02:1a:2b:3c:4d:5e' },
        { line: 5, column: "state" },
        { line: 6, message: "is the same rig as line 2: name A" },
        { line: 7, message: "names no rig; fill in one of mac, serial, address, worker, name" },
      ],
      rows: [{ line: 2, becomes: "added", rig: { name: "A", rack: "R1" } }, { line: 3 }],
    },
  });
  expect((await view()).entries).toEqual([]);
  expect(await ask("POST", "/api/register", { csv })).toEqual({
    status: 200,
    json: { added: 2, changed: 0, same: 0, total: 2 },
  });
  expect(await ask("POST", "/api/register/preview", { csv: csv.replace("R1,4", "R2,4") })).toMatchObject({
    json: { added: 0, changed: 1, same: 1, refused: [], rows: [{ becomes: "same", id: "e1" }, { id: "e2" }] },
  });
  expect(await view()).toMatchObject({
    missing: 1,
    entries: [
      { id: "e1", presence: "present", rigs: ["r1"], rack: "R1" },
      { id: "e2", presence: "missing", rigs: [], answeredMs: null },
    ],
    unexpected: [{ id: "r2", address: "10.0.0.2", why: "unknown" }],
  });

  expect(await ask("PATCH", "/api/register/e1", { state: "repair" })).toMatchObject({ status: 200 });
  await until("the alarm has ended", async () => (await firing()).every(({ rig }) => rig !== 1));
  await server.close();
  server = await startToldServer(config, "s2");
  server.later(600_000);
  for (let i = 0; i < 6; i++) await round();
  expect((await firing()).filter(({ rig }) => rig === 1)).toEqual([]);
  expect(rigDetailSchema.parse((await ask("GET", "/api/rigs/r1")).json).expected).toEqual({
    id: "e1",
    site: "farm",
    name: "A",
    mac: "02:00:00:00:00:01",
    rack: "R1",
    position: "3",
    state: "repair",
  });

  await ask("PATCH", "/api/register/e1", { state: "active" });
  await until("the rig raises alarms again", async () => {
    await round();
    return (await firing()).some(({ rig }) => rig === 1);
  });
  expect((await send("GET", "/api/register.csv")).body.split("\r\n").slice(1, 3)).toEqual([
    "A,,02:00:00:00:00:01,,,farm,R1,,3,,,,,active",
    "B,,02:00:00:00:00:09,,,farm,R1,,4,,,,,active",
  ]);
  expect((await ask("DELETE", "/api/register/e1")).status).toBe(200);
  expect((await view()).unexpected.map(({ id }) => id)).toEqual(["r1", "r2"]);
  expect((await ask("GET", "/api/rigs/r1")).status).toBe(200);
  expect((await ask("DELETE", "/api/register/e1")).status).toBe(404);
});
