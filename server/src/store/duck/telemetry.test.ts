import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredSample } from "../store.js";
import { DuckTelemetryStore } from "./telemetry.js";

const NOW = Date.UTC(2026, 2, 1);
const ALL = { fromMs: 0, toMs: NOW * 2 };
const row = (atMs: number, over: Partial<StoredSample["sample"]> = {}): StoredSample => ({
  rig: 1,
  receivedMs: NOW,
  sample: {
    atMs,
    intervalMs: 5_000,
    status: "mining",
    pool: "stratum+tcp://pool",
    boards: [{ slot: 0, hashrateThs: 30 }],
    fansRpm: [5_000],
    faults: [{ code: "fan", text: "fan 1" }],
    ...over,
  },
});

describe("the telemetry file", () => {
  let folder: string;
  let store: DuckTelemetryStore;
  const open = async () => {
    ({ store } = await DuckTelemetryStore.open({
      path: join(folder, "telemetry.duckdb"),
      nowMs: () => NOW,
      report: () => undefined,
    }));
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "hashwatt-"));
    await open();
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it("keeps nothing of a trial, whether it takes the rows or not", async () => {
    const good = [row(NOW), row(NOW + 1)];
    await store.trial(good);
    await expect(store.trial([...good, row(1.5)])).rejects.toMatchObject({
      code: "storeFailed",
      retryable: false,
    });
    expect(await store.count(ALL)).toBe(0);
    await store.append({ samples: good, marks: [] });
    await store.close();
    await open();
    expect(await store.count(ALL)).toBe(2);
    expect((await store.latest()).map(({ sample }) => sample)).toEqual([good[1]!.sample]);
  });

  it("drops old rows of every table, and keeps none of one that has a time", async () => {
    const old = { psuTempC: 50, fansRpm: [5_000, 5_100] };
    await store.append({ samples: [row(NOW, old), row(NOW + 7_200_000, old)], marks: [] });
    await store.compactBoards(NOW + 3_600_000);
    await store.append({ samples: [row(NOW + 1, old)], marks: [] });
    expect(await store.dropBefore(NOW + 3_600_000)).toBe(2);
    await store.close();
    const instance = await DuckDBInstance.create(join(folder, "telemetry.duckdb"));
    const connection = await instance.connect();
    const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
    const timed = await rows(
      "SELECT table_name FROM duckdb_columns() WHERE column_name = 'ts' AND NOT internal",
    );
    expect(timed.length).toBeGreaterThan(8);
    for (const [table] of timed)
      expect(
        await rows(`SELECT count(*)::INTEGER FROM ${table} WHERE ts < ${NOW + 3_600_000}`),
        `${table}`,
      ).toEqual([[0]]);
    expect(await rows("SELECT count(*)::INTEGER FROM extras")).toEqual([[1]]);
    connection.closeSync();
    instance.closeSync();
  });

  it("keeps nothing of a refused append, not even once its memory is collected", async () => {
    // More rows than one chunk, so that some have left this process's own arrays when the last is refused.
    const many = Array.from({ length: 2_500 }, (_, i) => row(NOW + i));
    await expect(store.append({ samples: [...many, row(1.5)], marks: [] })).rejects.toMatchObject({
      code: "storeFailed",
    });
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (let i = 0; i < 5; i++) {
      collect();
      expect(await store.count(ALL)).toBe(0);
    }
    await store.append({ samples: [row(NOW)], marks: [] });
    expect(await store.count(ALL)).toBe(1);
    expect(await store.boards({ ...ALL, rig: 1, stepMs: 1_000 })).toHaveLength(1);
  });
});
