import { once } from "node:events";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseRecords } from "@hashwatt/agent/spool/record";
import type { Totals } from "@hashwatt/protocol/http";
import { openStores } from "@hashwatt/server/store/registry";
import type { EventRecord } from "@hashwatt/server/store/state/state";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.js";
import { type Program, startOurs } from "../support/program.js";
import { scratch } from "../support/stack.js";
import { type Reading, startTestStore } from "../support/testStore.js";
import { Timeline } from "../support/timeline.js";
import { until } from "../support/wait.js";
import { type Expected, keptVersions, unpack } from "../upgrade/archive.js";
import { contentsOf, spooledIn } from "../upgrade/contents.js";
import { copied, sitesAt } from "../upgrade/life.js";
import { closeTo } from "./support/closeTo.js";

const AGENTS = { "hall-1": "north", "hall-2": "south" };

/**
 * What the programs of an earlier version left when they were killed, two write-ahead logs and two spools among it, is
 * taken up by the programs of now, a second after the kill by their clock.
 */
describe.each(keptVersions())("what version %s left", (version) => {
  const folder = scratch("upgrade");
  const at = (...names: string[]) => join(folder.path, ...names);
  let expected: Expected;
  let ports: { http: number; mqtt: number };
  let time: Timeline;
  let hook: Server;
  /** Everything that was started: a test that fails must leave nothing running. */
  const programs: Program[] = [];
  /** Bodies that a server told to the webhook. */
  const told: unknown[] = [];
  const storedReadings = async (dataDir: string) => (await startTestStore("duckdb")).readings(dataDir);

  beforeAll(async () => {
    expected = unpack(version, at("left"));
    ports = { http: await freePort(), mqtt: await freePort() };
    hook = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      told.push(JSON.parse(body));
      response.end();
    });
    hook.listen(await freePort(), "127.0.0.1");
    await once(hook, "listening");
    time = new Timeline(expected.endMs + 1_000, 1);
  });
  afterAll(async () => {
    for (const program of programs) await program.stop();
    hook?.close();
    folder.remove();
  });

  function start(...[name, args, options]: Parameters<typeof startOurs>): Program {
    const program = startOurs(name, args, options);
    programs.unshift(program);
    return program;
  }

  async function serve(dataDir: string): Promise<Program> {
    const config = at("server.yaml");
    writeFileSync(
      config,
      JSON.stringify({
        http: { port: ports.http },
        broker: { embedded: { port: ports.mqtt } },
        store: { dataDir },
        // As when it was left: a changed price would be a tariff of its own.
        sites: sitesAt(0.6),
        webhook: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`,
      }),
    );
    const server = start("server", ["run", "--config", config], { nodeArgs: time.nodeArgs });
    await server.waitFor('"msg":"listening"', 60_000);
    return server;
  }
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  /** Lines of a log that say more than that all goes its way. */
  const complaints = (program: Program) =>
    program.lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 40);

  test("is migrated and holds all it held, what only the write-ahead logs held included", async () => {
    const dataDir = copied(at("left/server"), at("opened"));
    expect(statSync(join(dataDir, "telemetry.duckdb.wal")).size).toBeGreaterThan(1_000);
    expect(statSync(join(dataDir, "hashwatt.duckdb.wal")).size).toBeGreaterThan(1_000);
    const stores = await openStores({ dataDir, kind: "duckdb", clock: { nowMs: () => expected.endMs } });
    const contents = await contentsOf(stores);
    await stores.close();
    expect(stores.reports).toEqual([]);
    for (const [part, wanted] of Object.entries(expected.contents)) {
      expect(Object.keys(wanted as object), part).not.toEqual([]);
      closeTo({ [part]: contents[part as keyof typeof contents] }, { [part]: wanted }, { more: true });
    }
  });

  test("has an export that the state is restored from", async () => {
    const dataDir = copied(at("left/server"), at("restored"));
    for (const file of ["hashwatt.duckdb", "hashwatt.duckdb.wal"]) rmSync(join(dataDir, file));
    const restore = start("server", ["restore", "--data", dataDir]);
    expect(await restore.exit, restore.lines.join("\n")).toBe(0);
    const stores = await openStores({ dataDir, kind: "duckdb", clock: { nowMs: () => expected.endMs } });
    const contents = await contentsOf(stores);
    await stores.close();
    expect(stores.reports).toEqual([]);
    const { rigs, sites, tariffs, fx, raw } = expected.contents;
    expect(contents).toMatchObject({ sites, tariffs, fx });
    expect(contents.rigs.map(({ rig, aliases }) => ({ rig, aliases }))).toEqual(
      rigs.map(({ rig, aliases }) => ({ rig, aliases })),
    );
    expect(contents.rollups[3_600_000]?.[0]).toBeGreaterThan(0);
    closeTo(contents.raw, raw, { more: true });
  });

  test("is what its spools held, byte for byte", () => {
    for (const [agent, wanted] of Object.entries(expected.spools))
      expect(spooledIn(at("left", agent, "spool"), parseRecords)).toEqual(wanted);
  });

  test("is served: history, boards and events as its own server answered, and the agents' backlog is taken in once", async () => {
    const dataDir = at("left/server");
    const stored = await storedReadings(at("opened"));
    const spooled = new Set<Reading>(
      Object.values(expected.spools).flatMap((streams) =>
        streams.flatMap((each) => each.readings),
      ) as Reading[],
    );
    const known = [...spooled].filter((reading) => stored.has(reading));
    // Or nothing would show that what was acknowledged is not taken twice, or what was not is taken at all.
    expect(known.length).toBeGreaterThan(0);
    expect(spooled.size).toBeGreaterThan(known.length);

    const server = await serve(dataDir);
    for (const [path, wanted] of Object.entries(expected.answers)) {
      const answer = await get<object>(path);
      if (path.startsWith("/api/events"))
        for (const event of wanted as EventRecord[]) expect(answer).toContainEqual(event);
      // An answer may be rounded to seven digits, and a profit is the difference of two.
      else closeTo({ [path]: answer }, { [path]: wanted }, { more: true, tolerance: 1e-5 });
    }
    // What nobody could be told before is told now.
    const due = expected.contents.notifications.filter(({ dueMs }) => dueMs <= expected.endMs);
    await until("the waiting notifications are told", () => told.length >= due.length);
    expect(told).toEqual(
      expect.arrayContaining(due.map(({ body }) => expect.objectContaining(body as object))),
    );
    expect(complaints(server)).toEqual([]);

    const agents: Program[] = [];
    for (const [agent, site] of Object.entries(AGENTS)) {
      const broker = { url: `mqtt://127.0.0.1:${ports.mqtt}` };
      writeFileSync(at(`${agent}.yaml`), JSON.stringify({ site, agent, broker, dataDir: at("left", agent) }));
      const args = ["run", "--config", at(`${agent}.yaml`)];
      agents.push(start("agent", args, { nodeArgs: time.nodeArgs }));
    }
    for (const [n, streams] of Object.values(expected.spools).entries())
      for (const { stream } of streams.filter(({ floor, last }) => floor < last))
        await agents[n]!.waitFor(new RegExp(`"stream":"${stream}","msg":"stream drained"`), 60_000);
    const totals = await until("both agents are heard", async () => {
      const now = await get<Totals>("/api/totals");
      return now.agents.filter(({ state }) => state === "online").length === 2 ? now : undefined;
    });
    for (const { agent, lostBatches } of totals.agents)
      expect(lostBatches, agent).toBe(
        expected.contents.marks.reduce((sum, mark) => sum + (mark.agent === agent ? mark.lost : 0), 0),
      );
    for (const agent of agents) {
      expect(await agent.stop()).toBe(0);
      expect(JSON.parse(await agent.waitFor('"msg":"agent stopped"'))).toMatchObject({
        spool: { batches: 0, droppedBatches: 0, damagedRecords: 0 },
      });
    }
    expect(await server.stop()).toBe(0);

    const after = await storedReadings(dataDir);
    const twice = [...after].filter(([reading, times]) => times > (stored.get(reading) ?? 1));
    expect(twice).toEqual([]);
    expect([...stored.keys(), ...spooled].filter((reading) => !after.has(reading))).toEqual([]);
    expect(after.size).toBe(stored.size + spooled.size - known.length);
  });

  test("starts a second time without a word of complaint", async () => {
    const dataDir = at("left/server");
    expect(existsSync(join(dataDir, "telemetry.duckdb.wal"))).toBe(false);
    const server = await serve(dataDir);
    const events = await get<EventRecord[]>("/api/events?since=0&limit=1000");
    expect(events.filter(({ kind }) => kind === "store-damage")).toEqual([]);
    expect(await get("/api/health")).toMatchObject({ ok: true });
    expect(await server.stop()).toBe(0);
    expect(complaints(server)).toEqual([]);
  });
});
