import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { encodeRecord } from "@hashwatt/agent/spool/record";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noteHeld } from "../faults/damages.js";
import { BASE_THS, STEP_THS } from "../faults/numberedFleet.js";
import { heldBy, TELEMETRY_FILE } from "../faults/stored.js";
import { keepSegments } from "../faults/truth.js";
import { until } from "../support/wait.js";

const NOW = Date.UTC(2026, 10, 26, 8);

describe("what a damaged store may miss", () => {
  const lifes: DuckDBInstance[] = [];
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "hashwatt-held-"));
  });
  afterEach(() => {
    for (const life of lifes.splice(0)) life.closeSync();
    rmSync(root, { recursive: true, force: true });
  });

  test("is what was committed behind the first damaged byte of its log, and nothing that was there before", async () => {
    const [living, killed] = [join(root, "living"), join(root, "killed")];
    for (const folder of [living, killed]) mkdirSync(folder);
    const path = join(living, TELEMETRY_FILE);
    const life = await DuckDBInstance.create(path);
    lifes.push(life);
    const connection = await life.connect();
    const commit = (...numbers: number[]) =>
      connection.run(
        `INSERT INTO samples VALUES ${numbers.map((number) => `(${BASE_THS + number * STEP_THS})`).join(", ")}`,
      );
    await connection.run("CREATE TABLE samples (hashrate_ths DOUBLE)");
    await connection.run("CREATE TABLE streams (stream VARCHAR, lost DOUBLE)");
    await commit(1, 2);
    await connection.run("CHECKPOINT");
    await commit(3);
    const first = statSync(`${path}.wal`).size;
    await commit(4, 5);
    const second = statSync(`${path}.wal`).size;
    await commit(6);
    // As it lies there after a kill.
    for (const name of readdirSync(living)) copyFileSync(join(living, name), join(killed, name));
    const numbers = async (logBytes?: number) => (await heldBy(killed, logBytes)).numbers.sort();
    expect(await numbers()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await numbers(second)).toEqual([1, 2, 3, 4, 5]);
    expect(await numbers(second - 1)).toEqual([1, 2, 3]);
    expect(await numbers(first + 5)).toEqual([1, 2, 3]);
    expect(await numbers(3)).toEqual([1, 2]);

    const held = new Set([2, 9]);
    noteHeld(held, await numbers(), await numbers(first + 5));
    expect([...held].sort()).toEqual([4, 5, 6, 9]);
  });
});

describe("the keeper of an agent's spool", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "hashwatt-keeper-"));
    mkdirSync(join(dataDir, "spool"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const record = (seq: number, numbers: number[]) =>
    encodeRecord({
      stream: "s",
      seq,
      boot: "b",
      monoMs: 0,
      wallMs: NOW,
      offsetKnown: true,
      samples: numbers.length,
      oldestMs: NOW,
      newestMs: NOW,
      gzip: false,
      body: Buffer.from(
        `"boot":"b","samples":${JSON.stringify(
          numbers.map((number) => ({
            rig: "h",
            atMs: NOW + number,
            hashrateThs: BASE_THS + number * STEP_THS,
          })),
        )}}`,
      ),
    });

  test("knows what a segment held after it was unlinked, and tells what is damaged from what is whole", async () => {
    const path = join(dataDir, "spool", "0000000001.seg");
    const keeper = keepSegments(dataDir, "a1");
    try {
      const bytes = Buffer.concat([record(1, [1, 2]), record(2, [3]), record(3, [4, 5])]);
      writeFileSync(path, bytes);
      const numbers = () => [...keeper.spooled().whole.keys()];
      await until("it is kept", () => numbers().length === 5);
      keeper.note();
      bytes[record(1, [1, 2]).length + 90]! ^= 1;
      writeFileSync(path, bytes);
      truncateSync(path, bytes.length - 1);
      keeper.noteDamage();
      rmSync(path);
      expect(numbers()).toEqual([1, 2]);
      expect([...keeper.spooled().damaged.keys()]).toEqual([3, 4, 5]);
      expect(keeper.spooled().damaged.get(4)).toEqual({
        stream: "s",
        seq: 3,
        agent: "a1",
        rig: "h",
        atMs: NOW + 4,
      });
    } finally {
      keeper.close();
    }
  });

  test("wants every record stored that no damaged byte lies in, though the agent gives up others with it", () => {
    const path = join(dataDir, "spool", "0000000001.seg");
    const keeper = keepSegments(dataDir, "a1");
    try {
      const records = [record(1, [1, 2]), record(2, [3]), record(3, [4, 5])];
      const bytes = Buffer.concat(records);
      writeFileSync(path, bytes);
      keeper.note();
      bytes[records[0]!.length + 90]! ^= 1;
      writeFileSync(path, bytes);
      keeper.noteDamage();
      truncateSync(path, records[0]!.length);
      const { whole, damaged } = keeper.spooled();
      expect([[...whole.keys()].sort(), [...damaged.keys()]]).toEqual([[1, 2, 4, 5], [3]]);

      // What was spared once is excused when it is met later.
      writeFileSync(path, Buffer.concat([records[0]!, records[2]!]));
      keeper.note();
      truncateSync(path, 10);
      keeper.noteDamage();
      expect([...keeper.spooled().whole.keys()]).toEqual([]);
      expect([...keeper.spooled().damaged.keys()].sort()).toEqual([1, 2, 3, 4, 5]);
    } finally {
      keeper.close();
    }
  });
});
