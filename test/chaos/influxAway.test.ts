import { afterEach, describe, expect, test } from "vitest";
import { type Browser, startBrowser } from "../support/browser.js";
import { type Comparison, compareWhenDone } from "../support/compareSpool.js";
import type { Influxd } from "../support/influxd.js";
import { programs } from "../support/programs.js";
import type { SpoolKeeper } from "../support/spooled.js";
import type { Stack } from "../support/stack.js";
import { stackRuns } from "../support/testStore.js";
import { until } from "../support/wait.js";
import { startWatchedFleet, type WatchedFleet } from "../support/watchedFleet.js";

interface Health {
  ok: boolean;
  parts: { store: { ok: boolean; note: string } };
  counters: { commits: number; rowsPending: number };
}
interface Totals {
  fleet: { reporting: number };
  agents: { spoolBatches: number | null; behindMs: number | null }[];
}

const RIGS = 60;
/** Longer than the 10 s after which an agent stops sending, and than what it may hold in flight. */
const OUTAGE_MS = Number(process.env.HASHWATT_OUTAGE_MS ?? 14_000);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!stackRuns)("an InfluxDB", () => {
  let watched: WatchedFleet;
  let stack: Stack;
  let spool: SpoolKeeper;
  let browser: Browser | undefined;

  async function start(base: string): Promise<Influxd> {
    watched = await startWatchedFleet({ rigs: RIGS, seed: 12, base, broker: "mosquitto" });
    ({ stack, spool } = watched);
    await until(
      "all rigs report",
      async () => (await stack.get<Totals>("/api/totals")).fleet.reporting === RIGS,
    );
    return stack.store.influxd!;
  }
  afterEach(async () => {
    await browser?.close();
    browser = undefined;
    await watched?.close();
  });

  const health = () => stack.get<Health>("/api/health");
  const behind = async () => (await stack.get<Totals>("/api/totals")).agents[0]?.spoolBatches ?? 0;
  const expectWhole = ({ lost, double }: Comparison) => {
    expect(lost).toEqual([]);
    expect(double).toEqual([]);
  };

  test(
    `that is stopped for ${OUTAGE_MS / 1000} s stops the acks, which health and screen say, and is caught up with`,
    async () => {
      const influxd = await start("127.54.0.1");
      browser = programs.chromium ? await startBrowser() : undefined;
      const page = await browser?.page({ width: 1440, height: 900 });
      await page?.goto(stack.url);
      await page?.waitForSelector('[data-connection="live"]');
      expect((await health()).parts.store).toMatchObject({ ok: true });

      await influxd.stop();
      const stoppedMs = Date.now();
      const down = await until("health says so", async () => {
        const now = await health();
        return now.parts.store.ok ? undefined : now;
      });
      expect(down.ok).toBe(false);
      expect(down.parts.store.note).toMatch(/InfluxDB/);
      expect(down.parts.store.note).toContain(influxd.url);
      if (page)
        await until("the screen says so", async () =>
          ((await page.locator("body").textContent()) ?? "").includes("InfluxDB"),
        );
      const { commits } = (await health()).counters;
      const before = await behind();
      await until("the agent holds more and more", async () => (await behind()) > before + 20, OUTAGE_MS);
      // What was under way when it stopped may have ended; nothing is committed after that.
      expect((await health()).counters.commits).toBe(commits);
      await sleep(Math.max(0, OUTAGE_MS - (Date.now() - stoppedMs)));

      await influxd.restart();
      await until("health is well again", async () => (await health()).ok, 30_000);
      await until(
        "all rigs report again",
        async () => (await stack.get<Totals>("/api/totals")).fleet.reporting === RIGS,
        30_000,
      );
      const result = await compareWhenDone(stack, spool);
      expect(result.spooled).toBeGreaterThan((RIGS * OUTAGE_MS * 0.8) / 1000);
      expectWhole(result);
    },
    180_000 + OUTAGE_MS,
  );

  test("that is killed with -9 again and again, and once together with the server, loses nothing and stores nothing twice", async () => {
    const influxd = await start("127.55.0.1");
    for (const [upMs, downMs] of [
      [1_900, 300],
      [2_450, 1_500],
      [1_200, 100],
    ] as const) {
      await sleep(upMs);
      await influxd.kill();
      await sleep(downMs);
      await influxd.restart();
    }
    await sleep(1_500);
    await influxd.kill();
    stack.server.signal("SIGKILL");
    await stack.server.exit;
    await stack.startServer();
    expect((await health()).parts.store.ok).toBe(false);
    await sleep(2_000);
    await influxd.restart();
    await until("it is live again", async () => (await health()).ok, 30_000);
    await until(
      "all rigs report again",
      async () => (await stack.get<Totals>("/api/totals")).fleet.reporting === RIGS,
      30_000,
    );
    const result = await compareWhenDone(stack, spool);
    expect(result.spooled).toBeGreaterThan(RIGS * 6);
    expectWhole(result);
  });
});
