import {
  copyFileSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { holdFile } from "../../fixtures/holdFile.js";
import { DuckFile } from "./file.js";

describe("a DuckDB file that is begun", () => {
  let root: string;
  let path: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "hashwatt-begin-"));
    path = join(root, "test.duckdb");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const open = (at = path) =>
    DuckFile.open({
      path: at,
      migrations: [{ version: 1, statements: ["CREATE TABLE t (a INTEGER)"] }],
      memoryLimit: "64MB",
      restLimit: "32MB",
      checkpointAt: "12MB",
      threads: 1,
      nowMs: () => Date.UTC(2026, 10, 4),
      damaged: "throw",
    });
  /** Opens and closes; returns what was said. */
  const openOnce = async (): Promise<string[]> => {
    const { file, reports } = await open();
    await file.close();
    return reports;
  };

  it("is at its place only when whole, so that a process may die while it makes one", async () => {
    const shortest: number[] = [];
    for (let n = 0; n < 10; n++) {
      const at = join(root, `${n}.duckdb`);
      let begun = false;
      const opening = open(at).finally(() => {
        begun = true;
      });
      let least = Number.POSITIVE_INFINITY;
      while (!begun) {
        least = Math.min(least, statSync(at, { throwIfNoEntry: false })?.size ?? least);
        await new Promise(setImmediate);
      }
      await (await opening).file.close();
      shortest.push(least);
    }
    // Three headers of 4,096 bytes: DuckDB opens no file that has fewer.
    for (const bytes of shortest) expect(bytes).toBeGreaterThanOrEqual(12_288);
    expect(readdirSync(root).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  it("is begun over what a process left that died while it made one", async () => {
    await openOnce();
    const whole = readFileSync(path);
    for (const bytes of [0, 4_096, 8_192, whole.length]) {
      rmSync(path);
      writeFileSync(`${path}.new`, whole.subarray(0, bytes));
      expect(await openOnce()).toEqual([]);
      expect(readdirSync(root)).toEqual(["test.duckdb"]);
    }
  });

  it("has no second name after a process that died when it had its first", async () => {
    await openOnce();
    linkSync(path, `${path}.new`);
    expect(await openOnce()).toEqual([]);
    expect(readdirSync(root)).toEqual(["test.duckdb"]);
  });

  it("is not begun while another process makes it", async () => {
    const other = await holdFile(`${path}.new`);
    try {
      await expect(open()).rejects.toMatchObject({
        code: "storeLocked",
        message: `${path}.new is used by another process (pid ${other.pid})`,
      });
    } finally {
      await other.end();
    }
    expect(await openOnce()).toEqual([]);
    expect(readdirSync(root)).toEqual(["test.duckdb"]);
  });

  it("sets a log aside whose file is gone, and says so", async () => {
    const { file } = await open();
    const session = await file.session();
    await session.run("INSERT INTO t VALUES (1)");
    copyFileSync(`${path}.wal`, join(root, "kept"));
    await file.close();
    rmSync(path);
    const log = readFileSync(join(root, "kept"));
    writeFileSync(`${path}.wal`, log);
    const orphan = `${path}.wal.orphan-20261104T000000Z`;
    expect(await openOnce()).toEqual([
      `${path} was not there, but its write-ahead log was: a new file was begun and the log is at ${orphan}`,
    ]);
    expect(readFileSync(orphan)).toEqual(log);
  });
});
