import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredSample } from "../store.js";
import { sizeOf } from "./room.js";
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

const gone = (atMs: number): StoredSample["sample"] => ({ atMs, intervalMs: 5_000, status: "unreachable" });

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

  it("writes its log into its file before it spares memory", async () => {
    const path = join(folder, "telemetry.duckdb");
    await store.append({ samples: [row(NOW)], marks: [] });
    expect(sizeOf(`${path}.wal`)).toBeGreaterThan(0);
    await store.spare(true);
    expect(sizeOf(`${path}.wal`)).toBe(0);
    await store.append({ samples: [row(NOW + 1)], marks: [] });
    await store.spare(true);
    expect(sizeOf(`${path}.wal`)).toBeGreaterThan(0);
  });

  it("takes a commit as large as an intake ever makes within what it has at rest", async () => {
    const many = Array.from({ length: 24_000 }, (_, n) => ({ ...row(NOW + n), rig: n }));
    for (let commit = 0; commit < 3; commit++) {
      const samples = many.map((each) => ({
        ...each,
        sample: { ...each.sample, atMs: each.sample.atMs + commit * 60_000 },
      }));
      await store.append({ samples, marks: [] });
    }
    expect(await store.count(ALL)).toBe(72_000);
  });

  it("drops old rows of every table, and keeps none of one that has a time", async () => {
    const old = { psuTempC: 50, fansRpm: [5_000, 5_100] };
    await store.append({ samples: [row(NOW, old), row(NOW + 7_200_000, old)], marks: [] });
    await store.compactBoards(NOW + 3_600_000);
    await store.append({ samples: [row(NOW + 1, old)], marks: [] });
    // Seldom values count for an hour beyond their own time.
    expect(await store.dropBefore(NOW + 7_200_000)).toBe(2);
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

  const latest = async () => (await store.latest())[0]!.sample;

  it("tells the newest reading whole, though what seldom changes is written once an hour", async () => {
    const hour = 3_600_000;
    const limits = { chipLimitC: 95, powerMode: "low", hashrateWindowS: 5 };
    await store.append({ samples: [row(NOW, limits), row(NOW + 5_000, limits)], marks: [] });
    expect(await latest()).toMatchObject({ atMs: NOW + 5_000, pool: "stratum+tcp://pool", ...limits });
    await store.append({ samples: [row(NOW + 2 * hour, limits)], marks: [] });
    expect(await latest()).toMatchObject(limits);
    await store.append({ samples: [{ ...row(0), sample: gone(NOW + 2 * hour + 5_000) }], marks: [] });
    expect(await latest()).toEqual(gone(NOW + 2 * hour + 5_000));
  });

  it("is not misled by a late reading that says something else", async () => {
    await store.append({ samples: [row(NOW), row(NOW + 10_000)], marks: [] });
    await store.append({ samples: [row(NOW + 5_000, { pool: "stratum+tcp://other" })], marks: [] });
    expect((await latest()).pool).toBe("stratum+tcp://pool");
    await store.append({ samples: [row(NOW + 15_000)], marks: [] });
    await store.close();
    await open();
    expect((await latest()).pool).toBe("stratum+tcp://pool");
  });

  it("writes again what a trial or a refused append had taken back", async () => {
    await store.trial([row(NOW)]);
    await store.append({ samples: [row(NOW + 1)], marks: [] });
    expect((await latest()).pool).toBe("stratum+tcp://pool");
    const other = { pool: "stratum+tcp://other" };
    await expect(store.append({ samples: [row(NOW + 2, other), row(1.5)], marks: [] })).rejects.toMatchObject(
      { code: "storeFailed" },
    );
    await store.append({ samples: [row(NOW + 3, other)], marks: [] });
    expect((await latest()).pool).toBe("stratum+tcp://other");
  });

  it("drops seldom values with the readings that they are of, and keeps those that later ones rest on", async () => {
    await store.append({ samples: [row(NOW), row(NOW + 600_000)], marks: [] });
    expect(await store.dropBefore(NOW + 600_000)).toBe(1);
    expect((await latest()).pool).toBe("stratum+tcp://pool");
  });

  it("takes over a file of the first schema, in which a reading without seldom values has none", async () => {
    await store.append({ samples: [row(NOW)], marks: [] });
    await store.append({ samples: [{ ...row(0), sample: gone(NOW + 5_000) }], marks: [] });
    await store.close();
    const instance = await DuckDBInstance.create(join(folder, "telemetry.duckdb"));
    const connection = await instance.connect();
    await connection.run("DELETE FROM schema_version WHERE version > 1");
    await connection.run(`DELETE FROM extras WHERE ts = ${NOW + 5_000}`);
    connection.disconnectSync();
    instance.closeSync();
    await open();
    expect(await latest()).toEqual(gone(NOW + 5_000));
  });
});
