import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { expect, test } from "vitest";
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
