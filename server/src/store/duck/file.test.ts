import { mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DuckFile } from "./file.js";
import { migrate, newestVersion, STATE_MIGRATIONS, TELEMETRY_MIGRATIONS } from "./migrations.js";
import { RowAppender } from "./rowAppender.js";
import type { Session } from "./session.js";

describe("a DuckDB file", () => {
  let root: string;
  let file: DuckFile;
  let session: Session;
  let nowMs = 0;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "hashwatt-file-"));
    ({ file } = await DuckFile.open({
      path: join(root, "test.duckdb"),
      migrations: [
        { version: 1, statements: ["CREATE TABLE t (ts BIGINT, rig INTEGER, a DOUBLE, b DOUBLE)"] },
      ],
      memoryLimit: "64MB",
      restLimit: "32MB",
      checkpointAt: "12MB",
      threads: 2,
      mergesWhenAsked: true,
      nowMs: () => nowMs,
      damaged: "throw",
    }));
    session = await file.session();
  });
  afterEach(async () => {
    await file.close();
    rmSync(root, { recursive: true, force: true });
  });

  const count = async (): Promise<number> =>
    Number((await session.rows("SELECT count(*) AS n FROM t"))[0]?.n);

  it("is opened anew after DuckDB has given it up, with all that was committed and new appenders", async () => {
    const rows = new RowAppender("t", 2);
    let opened = 0;
    await file.whenOpen(async () => {
      opened++;
      await rows.attach(session.connection);
    });
    const append = () =>
      session.transaction(async () => {
        rows.add(1, 2, Float64Array.of(3, Number.NaN));
        rows.flush();
      });
    await append();
    const other = await file.session();
    file.giveUp();
    const [held, alsoHeld] = await Promise.all([count(), other.rows("SELECT * FROM t")]);
    expect([held, alsoHeld.length, opened]).toEqual([1, 1, 2]);
    await append();
    expect(await count()).toBe(2);
  });

  it("lets readings have more memory than commits for as long as they run, and threads until nobody reads", async () => {
    const limits = async (of: Session) => {
      const [row] = await of.rows(
        "SELECT current_setting('memory_limit') AS m, current_setting('threads') AS t",
      );
      return [row?.m, Number(row?.t)];
    };
    const commits = await file.session("light");
    expect(await limits(session)).toEqual(["61.0 MiB", 2]);
    await commits.run("INSERT INTO t VALUES (1, 1, 1, 1)");
    expect(await limits(commits)).toEqual(["30.5 MiB", 2]);
    nowMs += 5_000;
    await commits.run("INSERT INTO t VALUES (2, 1, 1, 1)");
    expect(await limits(commits)).toEqual(["30.5 MiB", 1]);
    expect(await limits(session)).toEqual(["61.0 MiB", 2]);
  });

  it("takes the memory of readers back once a second at most, with the next command after that", async () => {
    const sql = "SELECT current_setting('memory_limit') AS m";
    const commits = await file.session("light");
    const now = async () => (await commits.connection.runAndReadAll(sql)).getRowObjects()[0]?.m;
    await session.rows(sql);
    expect(await now()).toBe("30.5 MiB");
    nowMs += 999;
    await session.rows(sql);
    expect(await now()).toBe("61.0 MiB");
    await commits.run("INSERT INTO t VALUES (1, 1, 1, 1)");
    expect(await now()).toBe("61.0 MiB");
    nowMs += 1;
    await commits.run("INSERT INTO t VALUES (2, 1, 1, 1)");
    expect(await now()).toBe("30.5 MiB");
  });

  it("gives back what was read once it is calm, without a commit", async () => {
    const commits = await file.session("light");
    await commits.run("INSERT INTO t SELECT i, i, random(), random() FROM range(800_000) r(i)");
    await commits.run("CHECKPOINT");
    const heldMb = async () => {
      const reader = await commits.connection.runAndReadAll(
        "SELECT memory_usage_bytes::DOUBLE / 1e6 AS mb FROM duckdb_memory() WHERE tag = 'BASE_TABLE'",
      );
      return Number(reader.getRowObjects()[0]?.mb);
    };
    await session.rows("SELECT sum(hash(t)) FROM t");
    const readMb = await heldMb();
    expect(readMb).toBeGreaterThan(6);
    await file.calm(commits);
    expect(await heldMb()).toBe(readMb);
    nowMs += 5_000;
    await file.calm(commits);
    expect(await heldMb()).toBeLessThan(5);
  });

  it("lets one pass over much have what commits have, and all others everything while they run beside it", async () => {
    const sql = "SELECT current_setting('memory_limit') AS m";
    const limit = async (of: Session) => (await of.rows(sql))[0]?.m;
    const [commits, pass] = [await file.session("light"), await file.session("modest")];
    expect(await limit(session)).toBe("61.0 MiB");
    await pass.alone(async (connection) => {
      const own = async () => (await connection.runAndReadAll(sql)).getRowObjects()[0]?.m;
      expect(await own()).toBe("30.5 MiB");
      for (const beside of [commits, session]) {
        expect(await limit(beside)).toBe("61.0 MiB");
        expect(await own()).toBe("30.5 MiB");
      }
    });
    expect(await limit(commits)).toBe("30.5 MiB");
    expect(await limit(session)).toBe("61.0 MiB");
  });

  it("lets the log grow while much comes at once, and only then", async () => {
    const threshold = async () =>
      (await session.rows("SELECT current_setting('checkpoint_threshold') AS at"))[0]?.at;
    const commits = await file.session("light");
    const usual = await threshold();
    await commits.run("INSERT INTO t SELECT i, 1, random(), random() FROM range(100_000) r(i)");
    expect(await threshold()).toBe("30.5 MiB");
    nowMs += 5_000;
    await commits.run("INSERT INTO t VALUES (1, 1, 1, 1)");
    expect(await threshold()).toBe(usual);
  });

  it("lets the log grow a little while another file is written to, and only then", async () => {
    const commits = await file.session("light");
    const threshold = async () =>
      (await session.rows("SELECT current_setting('checkpoint_threshold') AS at"))[0]?.at;
    const usual = await threshold();
    const afterCommit = async () => {
      await commits.run("INSERT INTO t VALUES (1, 1, 1, 1)");
      return threshold();
    };
    file.room.spares = true;
    expect(await afterCommit()).toBe("9.5 MiB");
    expect(await afterCommit()).toBe("9.5 MiB");
    file.room.spares = false;
    expect(await afterCommit()).toBe(usual);
  });

  it("leaves rows where a checkpoint wrote them until a score have, and lays them together when asked", async () => {
    const commits = await file.session("light");
    const groups = async () => {
      const [row] = await session.rows(
        "SELECT count(DISTINCT row_group_id) AS n FROM pragma_storage_info('t')",
      );
      return Number(row?.n);
    };
    const write = async (checkpoints: number) => {
      for (let i = 0; i < checkpoints; i++) {
        await commits.run(`INSERT INTO t SELECT ${i}, r, random(), random() FROM range(1_000) r(r)`);
        await file.settle(commits);
      }
    };
    await write(11);
    expect(await groups()).toBe(11);
    // As many as a run before may have left are taken to be there, so that the first calls all do something.
    for (let i = 0; i < 10; i++) {
      await commits.run("INSERT INTO t VALUES (1, 1, 1, 1)");
      await file.settle(commits, true);
    }
    expect(await groups()).toBeLessThan(5);
    await write(1);
    const before = await groups();
    await write(1);
    await commits.run("INSERT INTO t VALUES (1, 1, 1, 1)");
    await file.settle(commits, true);
    expect(await groups()).toBe(before + 2);
    await write(10);
    // There is nothing to write: it is no checkpoint, and merges nothing.
    await file.settle(commits, true);
    expect(await groups()).toBeGreaterThan(10);
    await commits.run("INSERT INTO t VALUES (1, 1, 1, 1)");
    await file.settle(commits, true);
    expect(await groups()).toBeLessThan(5);
    expect(await count()).toBe(23_012);
  });

  it("rolls a transaction back whole when any part of it fails", async () => {
    await expect(
      session.transaction(async (connection) => {
        await connection.run("INSERT INTO t VALUES (1, 1, 1, 1)");
        await connection.run("INSERT INTO nothing VALUES (1)");
      }),
    ).rejects.toMatchObject({ code: "storeFailed", retryable: false });
    expect(await count()).toBe(0);
  });

  it("takes rows of more shapes than it has chunks for, nulls and values each in their place", async () => {
    const wide = Array.from({ length: 30 }, (_, i) => `c${i}`);
    await session.run(
      `CREATE TABLE w (ts BIGINT, rig INTEGER, ${wide.map((name) => `${name} DOUBLE`).join(", ")})`,
    );
    const rows = new RowAppender("w", wide.length);
    await session.alone((connection) => rows.attach(connection));
    const valueAt = (n: number, i: number): number =>
      (n * 7 + i * 3) % 5 < 2 + (n % 3) ? n * 100 + i : Number.NaN;
    const total = 5_000;
    for (let round = 0; round < 2; round++)
      await session.transaction(async () => {
        for (let n = 0; n < total; n++) {
          const row = Float64Array.from(wide, (_, i) => valueAt(n % 23, i));
          rows.add(round * total + n, n % 23, row);
        }
        rows.flush();
      });
    const columns = await session.columns("SELECT * FROM w ORDER BY ts");
    expect(columns.ts).toHaveLength(2 * total);
    for (let at = 0; at < 2 * total; at += 1) {
      const n = (at % total) % 23;
      expect(Number(columns.ts![at])).toBe(at);
      expect(columns.rig![at]).toBe(n);
      for (let i = 0; i < wide.length; i++) {
        const wanted = valueAt(n, i);
        const held = columns[`c${i}`]![at];
        if (held !== (Number.isNaN(wanted) ? null : wanted))
          expect(held, `row ${at} column ${i}`).toBe(wanted);
      }
    }
  });

  it("runs only the migrations that a file lacks, in order, and none of a list that fails half-way", async () => {
    const more = [
      { version: 1, statements: ["CREATE TABLE t (never INTEGER)"] },
      { version: 2, statements: ["CREATE TABLE two AS SELECT 2 AS x"] },
      {
        version: 3,
        statements: ["CREATE TABLE three AS SELECT x + 1 AS x FROM two", "SELECT * FROM nowhere"],
      },
    ];
    await expect(session.alone((connection) => migrate(connection, "test", more))).rejects.toThrow(/nowhere/);
    await expect(session.rows("SELECT * FROM two")).rejects.toThrow();
    more[2]!.statements.pop();
    await session.alone((connection) => migrate(connection, "test", more));
    await session.alone((connection) => migrate(connection, "test", more));
    expect((await session.rows("SELECT x FROM three"))[0]?.x).toBe(3);
    expect(newestVersion(TELEMETRY_MIGRATIONS)).toBe(TELEMETRY_MIGRATIONS.length);
    expect(newestVersion(STATE_MIGRATIONS)).toBe(STATE_MIGRATIONS.length);
  });

  it("is whole without the free blocks at its end that DuckDB has cut off, and damaged without a block in use", async () => {
    const path = join(root, "cut.duckdb");
    const open = async () => {
      const { file } = await DuckFile.open({
        path,
        migrations: [{ version: 1, statements: ["CREATE TABLE kept (a BIGINT, b DOUBLE)"] }],
        memoryLimit: "64MB",
        restLimit: "32MB",
        checkpointAt: "32MB",
        threads: 1,
        nowMs: () => nowMs,
        damaged: "throw",
      });
      return { file, session: await file.session() };
    };
    const first = await open();
    for (const sql of [
      "INSERT INTO kept SELECT i, i * 0.37 FROM range(200000) r(i)",
      "CHECKPOINT",
      "CREATE TABLE gone AS SELECT i, i * 0.73 FROM range(600000) r(i)",
      "CHECKPOINT",
      "DROP TABLE gone",
      "CHECKPOINT",
    ])
      await first.session.run(sql);
    await first.file.close();
    const raw = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
    const reader = await (await raw.connect()).runAndReadAll(
      "SELECT block_size * total_blocks FROM pragma_database_size()",
    );
    expect(Number(reader.getRows()[0]?.[0])).toBeGreaterThan(statSync(path).size);
    raw.closeSync();

    const second = await open();
    const [held] = await second.session.rows("SELECT count(b) AS n FROM kept");
    expect(Number(held?.n)).toBe(200_000);
    await second.file.close();

    truncateSync(path, statSync(path).size - 262_144);
    await expect(open()).rejects.toMatchObject({ code: "storeDamaged" });
  });
});
