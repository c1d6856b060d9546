import { afterEach, describe, expect, test } from "vitest";
import { compareWhenDone } from "../support/compareSpool.js";
import type { SpoolKeeper } from "../support/spooled.js";
import type { Stack } from "../support/stack.js";
import { stackRuns } from "../support/testStore.js";
import { until } from "../support/wait.js";
import { startWatchedFleet, type WatchedFleet } from "../support/watchedFleet.js";

interface Totals {
  serverMs: number;
  newestMs: number | null;
  fleet: { reporting: number };
  agents: { agent: string; spoolBatches: number | null; behindMs: number | null }[];
}

const RIGS = 60;
/** Longer than the 10 s after which an agent stops sending, and than what it may hold in flight. */
const OUTAGE_MS = Number(process.env.HASHWATT_OUTAGE_MS ?? 15_000);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!stackRuns)("an outage", () => {
  let watched: WatchedFleet;
  let stack: Stack;
  let spool: SpoolKeeper;

  async function start(base: string): Promise<void> {
    watched = await startWatchedFleet({ rigs: RIGS, seed: 11, base, broker: "mosquitto" });
    ({ stack, spool } = watched);
    await until(
      "all rigs report",
      async () => (await stack.get<Totals>("/api/totals")).fleet.reporting === RIGS,
    );
  }
  afterEach(async () => {
    await watched?.close();
  });

  const live = () => stack.get<Totals>("/api/totals");
  const compare = () => compareWhenDone(stack, spool);

  test(
    `of the broker for ${OUTAGE_MS / 1000} s leaves no hole and nothing twice, and what is live does not wait behind the backlog`,
    async () => {
      await start("127.51.0.1");
      await stack.broker?.stop();
      await sleep(OUTAGE_MS);
      await stack.startBroker();
      const backMs = Date.now();
      const totals = await until("live values are on the screen again", async () => {
        const now = await live();
        return now.newestMs !== null && now.newestMs > backMs && now.fleet.reporting === RIGS
          ? now
          : undefined;
      });
      // Behind the backlog it would be as old as that is long. How soon it is live is measured on a quiet machine.
      expect(totals.serverMs - (totals.newestMs ?? 0)).toBeLessThan(OUTAGE_MS / 2);
      const result = await compare();
      expect(result.spooled).toBeGreaterThan((RIGS * OUTAGE_MS * 0.8) / 1000);
      expect(result.lost).toEqual([]);
      expect(result.double).toEqual([]);
    },
    180_000 + OUTAGE_MS,
  );

  test("of an agent killed with -9 during an outage of the broker loses nothing that was spooled", async () => {
    await start("127.52.0.1");
    await stack.broker?.stop();
    await sleep(4_000);
    stack.agent.signal("SIGKILL");
    await stack.agent.exit;
    const before = spool.readings().size;
    expect(before).toBeGreaterThan(RIGS);
    await stack.startAgent();
    await sleep(3_000);
    await stack.startBroker();
    await sleep(1_000);
    stack.agent.signal("SIGKILL");
    await stack.agent.exit;
    await stack.startAgent();
    await sleep(3_000);
    const result = await compare();
    expect(result.spooled).toBeGreaterThan(before);
    expect(result.lost).toEqual([]);
    expect(result.double).toEqual([]);
  });

  test("of a server killed with -9 again and again loses nothing and stores nothing twice", async () => {
    await start("127.53.0.1");
    for (const pauseMs of [1_700, 2_350, 900]) {
      await sleep(pauseMs);
      stack.server.signal("SIGKILL");
      await stack.server.exit;
      await sleep(500);
      await stack.startServer();
    }
    await until("it is live again", async () => (await live()).fleet.reporting === RIGS);
    const result = await compare();
    expect(result.spooled).toBeGreaterThan(RIGS * 4);
    expect(result.lost).toEqual([]);
    expect(result.double).toEqual([]);
  });
});
