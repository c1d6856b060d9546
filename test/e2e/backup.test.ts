import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareWhenDone } from "../support/compareSpool.js";
import { freePort } from "../support/ports.js";
import { startOurs } from "../support/program.js";
import type { SpoolKeeper } from "../support/spooled.js";
import type { Stack } from "../support/stack.js";
import { type Reading, stackRuns, storeKind } from "../support/testStore.js";
import { until } from "../support/wait.js";
import { startWatchedFleet, type WatchedFleet } from "../support/watchedFleet.js";

interface Totals {
  fleet: { rigs: number; reporting: number };
}
interface Series {
  tMs: number[];
  columns: { powerW: (number | null)[] };
}

const RIGS = 20;

describe.skipIf(!stackRuns)("a backup of a running server", () => {
  let watched: WatchedFleet;
  let stack: Stack;
  let spool: SpoolKeeper;
  const server = (...args: string[]) => startOurs("server", args);
  const samples = async () =>
    (await stack.get<{ counters: { samples: number } }>("/api/health")).counters.samples;
  const reports = () =>
    until("all rigs report", async () => (await stack.get<Totals>("/api/totals")).fleet.reporting === RIGS);

  beforeAll(async () => {
    watched = await startWatchedFleet({ rigs: RIGS, seed: 5, base: "127.61.0.1", broker: "embedded" });
    ({ stack, spool } = watched);
    await reports();
  });
  afterAll(async () => {
    await watched?.close();
  });

  test("is taken while it ingests, restores into a new folder, and agents go on without loss", async () => {
    const before = await samples();
    const out = join(stack.folder, "backup.tar");
    const backup = server("backup", "--out", out, "--url", stack.url);
    expect(await backup.exit, backup.lines.join("\n")).toBe(0);
    const during = await samples();
    await until("ingest goes on", async () => (await samples()) > during + RIGS);

    // While the old server is away the agent keeps everything.
    await stack.server.stop();
    const atStop = await stack.store.readings(stack.dataDir);
    const restored = join(stack.folder, "restored");
    const restore = server("restore", out, "--data", restored);
    expect(await restore.exit, restore.lines.join("\n")).toBe(0);
    if (storeKind === "duckdb") {
      const inBackup = await stack.store.readings(restored);
      const rows = [...inBackup.values()].reduce((sum, times) => sum + times, 0);
      expect(backup.lines.join()).toContain(`backup of ${rows} raw samples and the state is at ${out}`);
      expect(restore.lines.join()).toContain(`${rows} raw samples are there again`);
      expect(rows).toBeGreaterThanOrEqual(before);
      expect(rows).toBe(inBackup.size);
      for (const reading of inBackup.keys()) expect(atStop.has(reading)).toBe(true);
    } else {
      expect(backup.lines.join()).toContain("back its database up now");
      expect(restore.lines.join()).toContain("raw samples are kept by influxdb");
    }

    stack.server = startOurs("server", ["run", "--config", join(stack.folder, "server.yaml")], {
      env: { HASHWATT_SERVER_STORE_DATA_DIR: restored },
    });
    await stack.server.waitFor('"msg":"listening"');
    await reports();
    expect((await stack.get<Totals>("/api/totals")).fleet.rigs).toBe(RIGS);
    const first = Math.min(...[...atStop.keys()].map((reading) => Number(reading.split(" ")[1])));
    const path = `/api/rigs/r1/series?from=${first - 5_000}&step=1000&fields=powerW`;
    const series = await stack.get<Series>(path);
    expect(series.tMs.find((_, i) => series.columns.powerW[i] !== null)).toBeLessThan(first + 3_000);

    // What the old server had acknowledged after the backup is in its own folder alone; all else is here, once.
    const { lost, double } = await compareWhenDone(stack, spool, { dataDir: restored });
    expect(lost.filter((reading) => !atStop.has(reading as Reading))).toEqual([]);
    expect(double).toEqual([]);
    const since = [...(await stack.store.readings(restored)).keys()].filter(
      (reading) => !atStop.has(reading),
    );
    expect(since.length).toBeGreaterThan(RIGS);
  });

  test("is said to be impossible in one line where no server runs", async () => {
    const out = join(stack.folder, "none");
    const backup = server("backup", "--out", out, "--url", `http://127.0.0.1:${await freePort()}`);
    expect(await backup.exit).toBe(1);
    expect(backup.lines).toEqual([
      expect.stringMatching(/^hashwatt server: no Hashwatt server answers at .*start it, or say with --url/),
    ]);
    expect(existsSync(out)).toBe(false);
  });
});
