import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { expect, test, vi } from "vitest";
import { Room } from "./room.js";

test("memory is taken back after a merge that failed, and with it the database", async () => {
  let nowMs = 0;
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-room-"));
  const path = join(folder, "a.duckdb");
  writeFileSync(`${path}.wal`, "rows");
  const sizes = { memoryLimit: "64MB", restLimit: "32MB", checkpointAt: "2MB", threads: 1 };
  const room = new Room({ path, ...sizes, mergesWhenAsked: true, nowMs: () => nowMs });
  const heard: string[] = [];
  const connection = (failing: RegExp) =>
    ({
      run: async (sql: string) => {
        heard.push(sql);
        if (failing.test(sql)) throw new Error(`no room: ${sql}`);
      },
    }) as unknown as DuckDBConnection;
  await expect(room.merge(connection(/CHECKPOINT|tasks = 0/))).rejects.toThrow("no room: CHECKPOINT");
  room.opened();
  const anew = connection(/^$/);
  await room.begin(anew, "full");
  heard.length = 0;
  nowMs += 5_000;
  await room.end(anew, "full");
  expect(heard).toEqual(["SET memory_limit = '64MB'"]);
  rmSync(folder, { recursive: true });
});

test("what is gone is forgotten once all rows are in the file, and the limit is that of rest again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-room-"));
  const path = join(folder, "a.duckdb");
  const instance = await DuckDBInstance.create(path, { memory_limit: "64MB" });
  const connection = await instance.connect();
  const run = vi.spyOn(connection, "run");
  const tight = () => run.mock.calls.filter(([sql]) => /1KB/.test(sql)).length;
  const sizes = { memoryLimit: "64MB", restLimit: "32MB", checkpointAt: "2MB", threads: 1 };
  let nowMs = 0;
  const room = new Room({ path, ...sizes, nowMs: () => nowMs });
  const commit = async (sql: string) => {
    await room.begin(connection, "light");
    await connection.run(sql);
    await room.end(connection, "light");
    nowMs += 10_000;
  };
  await commit("CREATE TABLE t AS SELECT i, random() AS a FROM range(50_000) r(i)");
  expect(tight()).toBe(0);
  await commit("CHECKPOINT");
  expect(tight()).toBe(1);
  const reader = await connection.runAndReadAll(
    "SELECT current_setting('memory_limit') AS m, sum(i)::INTEGER AS s FROM t",
  );
  expect(reader.getRowObjects()).toEqual([{ m: "30.5 MiB", s: 1_249_975_000 }]);
  // Once a minute at most.
  await commit("INSERT INTO t SELECT i, random() FROM range(50_000) r(i)");
  await commit("CHECKPOINT");
  expect(tight()).toBe(1);
  nowMs += 60_000;
  await commit("INSERT INTO t SELECT i, random() FROM range(50_000) r(i)");
  await commit("CHECKPOINT");
  expect(tight()).toBe(2);
  // Nothing to write: nothing to forget.
  await commit("CHECKPOINT");
  expect(tight()).toBe(2);
  connection.disconnectSync();
  instance.closeSync();
  rmSync(folder, { recursive: true });
});

test("commits are a flood when they add much, by one or by many that each add little; a fleet's own pace is none", async () => {
  let nowMs = 0;
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-room-"));
  const path = join(folder, "a.duckdb");
  const sizes = { memoryLimit: "128MB", restLimit: "40MB", checkpointAt: "5MB", threads: 1 };
  const heard: string[] = [];
  const connection = { run: async (sql: string) => void heard.push(sql) } as unknown as DuckDBConnection;
  /** Whether so many commits, so far apart, of which each adds so much, have given the log more room. */
  const floods = async (commits: number, everyMs: number, bytes: number, paceBytesPerS?: number) => {
    heard.length = 0;
    writeFileSync(`${path}.wal`, "");
    const pace = paceBytesPerS !== undefined && { paceBytesPerS };
    const room = new Room({ path, ...sizes, ...pace, nowMs: () => nowMs });
    for (let i = 0; i < commits; i++) {
      nowMs += everyMs;
      await room.begin(connection, "light");
      appendFileSync(`${path}.wal`, Buffer.alloc(bytes));
      await room.end(connection, "light");
    }
    return heard.includes("SET memory_limit = '128MB'; SET checkpoint_threshold = '32MB'");
  };
  expect(await floods(1, 250, 1_600_000)).toBe(true);
  expect(await floods(1, 250, 1_600_000, 2_000_000)).toBe(true);
  expect(await floods(10, 100, 600_000)).toBe(false);
  expect(await floods(10, 100, 600_000, 2_000_000)).toBe(true);
  expect(await floods(40, 250, 250_000, 2_000_000)).toBe(false);
  // What waited for two seconds arrives at once.
  nowMs += 2_000;
  expect(await floods(8, 20, 150_000, 2_000_000)).toBe(false);
  rmSync(folder, { recursive: true });
});
