import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckTelemetryStore } from "@hashwatt/server/store/duck/telemetry";
import { expect, it } from "vitest";
import { DAY_MS } from "./support/day.js";
import { tempFolder } from "./support/telemetryStores.js";

const SCRIPT = fileURLToPath(new URL("support/appendForEver.mjs", import.meta.url));
const SIZE = 50;

/** Runs the script until it has acknowledged `commits` commits, kills it at once and returns the last acknowledged one. */
async function appendAndKill(folder: string, first: number, commits: number): Promise<number> {
  const child = spawn(process.execPath, [SCRIPT, folder, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (bytes) => {
    said += bytes;
    if (said.split("\n").length > commits) child.kill("SIGKILL");
  });
  const [, signal] = await once(child, "close");
  expect(signal).toBe("SIGKILL");
  return Number(said.trim().split("\n").at(-1));
}

it("a store whose process is killed in the midst of appending loses no acknowledged row and holds none by half", async () => {
  using folder = tempFolder();
  let stored = 0;
  for (const commits of [1, 40, 150]) {
    const acked = await appendAndKill(folder.path, stored + 1, commits);
    expect(acked).toBeGreaterThanOrEqual(stored + commits);
    const { store, reports } = await DuckTelemetryStore.open({
      path: join(folder.path, "telemetry.duckdb"),
      nowMs: () => DAY_MS,
      report: () => undefined,
    });
    for (const text of reports)
      expect(text).toMatch(/ends in \d+ bytes that are no whole entry, as after a crash/);
    const [mark] = await store.marks();
    stored = mark!.seq;
    expect(stored).toBeGreaterThanOrEqual(acked);
    const all = { fromMs: 0, toMs: DAY_MS * 2 };
    expect(await store.count(all)).toBe(stored * SIZE);
    const boards = await store.boards({ ...all, rig: 7, stepMs: 1_000 });
    expect(boards.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: stored }, (_, i) => DAY_MS + (i + 1) * 1_000),
    );
    const latest = await store.latest();
    expect(latest).toHaveLength(SIZE);
    expect(latest[0]!.sample).toMatchObject({
      boards: [{ slot: 0, hwErrors: stored }],
      fansRpm: [5_000, 5_100],
    });
    await store.close();
  }
});
