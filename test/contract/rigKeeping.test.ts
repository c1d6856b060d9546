import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rigDetailSchema } from "@hashwatt/protocol/http";
import { rigIdentitySchema } from "@hashwatt/protocol/identity";
import { afterAll, expect, test } from "vitest";
import { askExactly } from "../support/toldHttp.js";
import { fullRig, startToldServer, type ToldServer } from "../support/toldServer.js";

const dataDir = mkdtempSync(join(tmpdir(), "hashwatt-keeping-"));
let server: ToldServer | undefined;
afterAll(async () => {
  await server?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const config = { store: { kind: "duckdb", dataDir } };
const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await askExactly(Number(new URL(server!.url).port), method, path, {}, body);
  return { status: answer.status, json: JSON.parse(answer.body) as { id?: string; message?: string } };
};
const rig = async (id: string) => rigDetailSchema.parse((await ask("GET", `/api/rigs/${id}`)).json);
const identity = async (id: string) =>
  rigIdentitySchema.parse((await ask("GET", `/api/rigs/${id}/identity`)).json);
const fleet = async () =>
  ((await ask("GET", "/api/fleet")).json as unknown as { rig: number[] }).rig.sort((a, b) => a - b);

test("a swapped control board is a new rig until an operator merges it, over a restart, and merged it can be undone", async () => {
  server = await startToldServer(config);
  const before = fullRig(5);
  const after = { ...before, evidence: { ...before.evidence, mac: "02:00:00:00:00:77", serial: "OTHER77" } };
  await server.tell([before]);
  server.later(60_000);
  await server.tell([after]);
  expect(await fleet()).toEqual([2]);
  const events = (await ask("GET", "/api/events?limit=10")).json as unknown as { kind: string }[];
  expect(events.map(({ kind }) => kind)).toContain("rig-replaced");

  // What tells them apart, since when, and who else might be it.
  const fresh = await identity("r2");
  expect(fresh).toMatchObject({
    joined: [],
    related: [{ id: "r1", over: true, shares: ["address", "hostname"], mac: "02:00:00:00:00:05" }],
    events: [{ kind: "rig-replaced" }],
  });
  expect(fresh.aliases.map(({ kind, value, present }) => [kind, value, present])).toEqual([
    ["mac", "02:00:00:00:00:77", true],
    ["serial", "OTHER77", true],
    ["address", "farm/a1/h0", true],
  ]);
  expect(fresh.aliases.every(({ sinceMs }) => sinceMs !== null && sinceMs >= fresh.firstSeenMs)).toBe(true);
  expect(await ask("GET", "/api/rigs/r9/identity")).toMatchObject({ status: 404 });
  expect((await ask("GET", "/api/events?rig=r2")).json).toMatchObject([{ kind: "rig-replaced", rig: 2 }]);
  expect((await ask("GET", "/api/events?rig=two")).json.message).toMatch(/^rig: is no rig; rigs are named/);

  expect(await ask("POST", "/api/rigs/r2/merge", { into: "r9" })).toMatchObject({
    status: 404,
    json: { message: 'There is no rig "r9"; rigs are named r1, r2, …, see /api/fleet' },
  });
  expect(await ask("POST", "/api/rigs/r2/merge", { into: "r1" })).toMatchObject({
    status: 200,
    json: { id: "r1" },
  });
  expect(await fleet()).toEqual([1]);
  await server.close();

  server = await startToldServer(config, "s2");
  server.later(120_000);
  await server.tell([after]);
  expect(await fleet()).toEqual([1]);
  expect(await rig("r1")).toMatchObject({ joined: ["r2"], evidence: { mac: "02:00:00:00:00:77" } });
  expect(await rig("r2")).toMatchObject({ handedTo: { kind: "merge", id: "r1" } });
  const merged = await identity("r1");
  expect(merged.joined).toMatchObject([{ id: "r2", into: "r1", names: [{ kind: "mac" }, {}, {}] }]);
  expect(merged.events.map(({ kind }) => kind)).toEqual(["rig-merged", "rig-replaced"]);
  // When it became known by a name goes over with the name, and over a restart.
  expect(merged.aliases).toContainEqual(fresh.aliases[0]);
  expect(await identity("r2")).toMatchObject({ aliases: [], handedTo: { id: "r1", kind: "merge" } });
  const path = "/api/rigs/r1/series?fields=hashrateThs&step=1000";
  const { columns } = (await ask("GET", path)).json as unknown as {
    columns: { hashrateThs: (number | null)[] };
  };
  expect(columns.hashrateThs.filter((value) => value !== null).length).toBeGreaterThan(1);

  expect(await ask("POST", "/api/rigs/r2/undo")).toMatchObject({ status: 200 });
  await server.tell([after]);
  expect(await fleet()).toEqual([2]);
  expect(await ask("POST", "/api/rigs/r2/split")).toMatchObject({ status: 200, json: { id: "r3" } });
  await server.tell([after]);
  expect(await fleet()).toEqual([3]);
  expect(await identity("r3")).toMatchObject({ splitFrom: { id: "r2" }, related: [{ id: "r1" }] });
});
