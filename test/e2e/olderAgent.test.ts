import { join } from "node:path";
import type { Health, Totals } from "@hashwatt/protocol/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareWhenDone } from "../support/compareSpool.js";
import type { SpoolKeeper } from "../support/spooled.js";
import { type Stack, scratch } from "../support/stack.js";
import { stackRuns } from "../support/testStore.js";
import { until } from "../support/wait.js";
import { startWatchedFleet, type WatchedFleet } from "../support/watchedFleet.js";
import { keptVersions, unpack } from "../upgrade/archive.js";

const RIGS = 6;

describe.skipIf(!stackRuns).each(keptVersions())("the agent of version %s", (version) => {
  const kept = scratch("older");
  let watched: WatchedFleet;
  let stack: Stack;
  let spool: SpoolKeeper;

  beforeAll(async () => {
    unpack(version, kept.path);
    watched = await startWatchedFleet({
      rigs: RIGS,
      seed: 12,
      base: "127.44.0.1",
      agentProgram: join(kept.path, "agent/bin/hashwatt-agent.mjs"),
    });
    ({ stack, spool } = watched);
  });
  afterAll(async () => {
    await watched?.close();
    kept.remove();
  });

  const totals = () => stack.get<Totals>("/api/totals");
  const reporting = () =>
    until("all rigs report", async () => {
      const now = await totals();
      return now.fleet.reporting === RIGS && now.agents[0]?.state === "online" ? now : undefined;
    });

  test("works with the server of now, which understands every key", async () => {
    const { agents } = await reporting();
    expect(agents).toMatchObject([{ agent: "a1", version, lostBatches: 0 }]);
    const health = await stack.get<Health>("/api/health");
    expect(health.refusals).toEqual([]);
    expect(health.counters.unknownKeys).toBe(0);
  });

  test("loses nothing and sends nothing twice over a server that is killed", async () => {
    const before = spool.readings().size;
    stack.server.signal("SIGKILL");
    await stack.server.exit;
    await until("some rounds are spooled", () => spool.readings().size > before + 2 * RIGS);
    await stack.startServer();
    await reporting();
    const { spooled, lost, double } = await compareWhenDone(stack, spool);
    expect(lost).toEqual([]);
    expect(double).toEqual([]);
    expect(JSON.parse(await stack.agent.waitFor('"msg":"agent stopped"'))).toMatchObject({
      spool: { batches: 0, droppedBatches: 0, damagedRecords: 0 },
    });
    expect(spooled).toBeGreaterThan(before + 2 * RIGS);
  });
});
