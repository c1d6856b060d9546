import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeBackup } from "@hashwatt/server/store/backup/makeBackup";
import { putInPlace } from "@hashwatt/server/store/backup/putInPlace";
import { restore } from "@hashwatt/server/store/backup/restore";
import { DuckTelemetryStore } from "@hashwatt/server/store/duck/telemetry";
import { type OpenStores, openStores } from "@hashwatt/server/store/registry";
import type { Commit, StreamMark } from "@hashwatt/server/store/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeTo } from "./support/closeTo.js";
import { DAY_MS, fleetDay } from "./support/day.js";
import { tempFolder } from "./support/telemetryStores.js";

const HOUR_MS = 3_600_000;
const clock = { nowMs: () => DAY_MS + 7 * HOUR_MS };
const ALL = { fromMs: 0, toMs: DAY_MS * 2 };
const mark = (seq: number): StreamMark => ({
  site: "north",
  agent: "a1",
  stream: "s1",
  seq,
  updatedMs: DAY_MS + seq,
  lost: 0,
});

describe("a backup", () => {
  let folder: ReturnType<typeof tempFolder>;
  let stores: OpenStores;
  let abort: AbortController;
  const at = (name: string) => join(folder.path, name);
  const open = (name: string) => openStores({ dataDir: at(name), kind: "duckdb", clock });

  beforeEach(async () => {
    folder = tempFolder();
    abort = new AbortController();
    stores = await open("data");
  });
  afterEach(async () => {
    await stores.close();
    folder[Symbol.dispose]();
  });

  /** Work that must not run beside a commit, one after another. */
  let turn: Promise<unknown> = Promise.resolve();
  const betweenCommits = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const backup = (name: string, progress: (done: number, total?: number) => void = () => undefined) =>
    makeBackup({
      telemetry: stores.telemetry,
      state: stores.state,
      betweenCommits,
      path: at(name),
      version: "0.1.0",
      nowMs: clock.nowMs(),
      signal: abort.signal,
      progress,
    });

  const day = fleetDay({ seed: 11, rigs: 6, hours: 6, intervalMs: 15_000 });
  async function fill(): Promise<void> {
    for (let first = 0; first < day.length; first += 900)
      await stores.telemetry.append({ samples: day.slice(first, first + 900), marks: [mark(first + 1)] });
    await stores.telemetry.compactBoards(DAY_MS + 3 * HOUR_MS);
    await stores.state.putSetting("name", "of the operator");
    await stores.state.putSetting("jobs", '[{"id":"backup-1"}]');
  }
  /** Everything that can be asked of stores. */
  async function answers({ telemetry, state }: OpenStores) {
    const parts = [];
    for (const rig of [1, 2, 3, 4, 5, 6])
      for (const range of [{ rig, fromMs: DAY_MS, toMs: DAY_MS + 6 * HOUR_MS, stepMs: 60_000 }])
        parts.push(await telemetry.boards(range), await telemetry.fans(range));
    return {
      raw: await telemetry.raw(ALL),
      latest: await telemetry.latest(),
      marks: await telemetry.marks(),
      parts,
      name: await state.setting("name"),
    };
  }

  it.each(["backup", "backup.tar"])("to %s brings back every answer of both stores", async (name) => {
    await fill();
    const steps: number[] = [];
    const { samples, bytes } = await backup(name, (done) => steps.push(done));
    expect(samples).toBe(day.length);
    expect(steps.length).toBeGreaterThan(10);
    expect(readdirSync(folder.path).sort()).toEqual([name, "data"].sort());
    if (name.endsWith(".tar")) expect(bytes).toBe(statSync(at(name)).size);
    const before = await answers(stores);

    const said = await restore(at("new"), at(name), clock);
    expect(said).toEqual([
      `restored from ${at(name)}, made 2026-03-01T07:00:00.000Z by Hashwatt 0.1.0`,
      `${day.length} raw samples are there again`,
    ]);
    const restored = await open("new");
    expect(restored.reports).toEqual([]);
    closeTo(await answers(restored), before);
    expect(await restored.state.setting("jobs")).toBeUndefined();
    await restored.telemetry.append({ samples: day.slice(0, 3), marks: [mark(99_999)] });
    expect(await restored.telemetry.count(ALL)).toBe(day.length + 3);
    await restored.close();
    expect(readdirSync(at("new")).sort()).toEqual(["hashwatt.duckdb", "telemetry.duckdb"]);
  });

  it("holds one instant of both stores while commits go on, and commits do go on", async () => {
    await fill();
    let [stop, seq] = [false, 0];
    const commit = (): Commit => ({
      samples: Array.from({ length: 20 }, (_, i) => ({
        rig: i + 1,
        receivedMs: DAY_MS + seq,
        sample: { atMs: DAY_MS + 8 * HOUR_MS + seq, intervalMs: 1_000, status: "mining" as const },
      })),
      marks: [{ ...mark(seq), stream: "live" }],
    });
    const ingest = (async () => {
      for (; !stop; ) {
        seq++;
        // As ingest does: what samples rest on is in the state before them.
        await stores.state.putSetting("keys", String(seq));
        const next = commit();
        await betweenCommits(() => stores.telemetry.append(next));
      }
    })();
    const during: number[] = [];
    for (const name of ["one", "two", "three"]) {
      const beganAt = seq;
      await backup(name);
      during.push(seq - beganAt);
    }
    stop = true;
    await ingest;
    for (const commits of during) expect(commits).toBeGreaterThan(1);

    for (const name of ["one", "two", "three"]) {
      await restore(at(`new-${name}`), at(name), clock);
      const restored = await open(`new-${name}`);
      const live = (await restored.telemetry.marks()).find(({ stream }) => stream === "live");
      const stored = await restored.telemetry.count({ ...ALL, fromMs: DAY_MS + 8 * HOUR_MS });
      expect(stored).toBe((live?.seq ?? 0) * 20);
      const keys = Number((await restored.state.setting("keys")) ?? 0);
      expect([live?.seq ?? 0, (live?.seq ?? 0) + 1]).toContain(keys);
      await restored.close();
    }
  });

  it("that is cancelled leaves nothing, and the next one works", async () => {
    await fill();
    const cancelled = backup("backup", (done) => {
      if (done > 0) abort.abort(new Error("enough"));
    });
    await expect(cancelled).rejects.toThrow("enough");
    expect(readdirSync(folder.path)).toEqual(["data"]);
    abort = new AbortController();
    await backup("backup.tar");
    expect(readdirSync(folder.path).sort()).toEqual(["backup.tar", "data"]);
  });

  it("removes nothing that is not its own, and gives way to what has got its name meanwhile", async () => {
    await fill();
    for (const name of ["backup", "backup.tar"]) {
      writeFileSync(at(`${name}.part`), "mine");
      mkdirSync(at(`${name}.part.tar`));
      let isThere = false;
      const late = backup(name, () => {
        if (!isThere) writeFileSync(at(name), "mine too");
        isThere = true;
      });
      await expect(late).rejects.toMatchObject({
        code: "badRequest",
        message: expect.stringContaining("has come to exist meanwhile"),
      });
      expect(readFileSync(at(name), "utf8")).toBe("mine too");
      expect(readFileSync(at(`${name}.part`), "utf8")).toBe("mine");
    }
    expect(readdirSync(folder.path)).toHaveLength(7);
  });

  it.skipIf(process.platform === "win32")("can be read by nobody else", async () => {
    await fill();
    const modes = new Set<number>();
    const building = () =>
      readdirSync(folder.path)
        .filter((name) => name.includes(".part-"))
        .map((name) => statSync(at(name)).mode & 0o777);
    await backup("backup", () => {
      for (const mode of building()) modes.add(mode);
    });
    await backup("backup.tar");
    expect([...modes]).toEqual([0o700]);
    expect(statSync(at("backup")).mode & 0o777).toBe(0o700);
    for (const entry of readdirSync(at("backup"), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) expect(statSync(join(entry.parentPath, entry.name)).mode & 0o777).toBe(0o600);
    expect(statSync(at("backup.tar")).mode & 0o777).toBe(0o600);
  });

  it("brings back no session and no note of what was to be mirrored", async () => {
    for (const key of ["access/sessions", "influx.mirror"]) await stores.state.putSetting(key, "[]");
    await backup("backup");
    await restore(at("new"), at("backup"), clock);
    const restored = await open("new");
    for (const key of ["access/sessions", "influx.mirror"])
      expect(await restored.state.setting(key), key).toBeUndefined();
    await restored.close();
  });

  it("is restored without a log whose file is lost, which is set aside", async () => {
    await fill();
    await backup("backup");
    mkdirSync(at("new"));
    for (const name of ["hashwatt.duckdb", "telemetry.duckdb"])
      writeFileSync(at(`new/${name}.wal`), `log of another ${name}`);
    const said = await restore(at("new"), at("backup"), clock);
    expect(said).toHaveLength(4);
    expect(said[1]).toContain("a log without its state file is at ");
    for (const name of ["hashwatt.duckdb", "telemetry.duckdb"])
      expect(readFileSync(at(`new/${name}.before-restore-20260301T070000Z.wal`), "utf8")).toContain(name);
    const restored = await open("new");
    expect(restored.reports).toEqual([]);
    expect(await restored.telemetry.count(ALL)).toBe(day.length);
    await restored.close();
  });

  it("that cannot take all places leaves the former files in theirs", async () => {
    await fill();
    await backup("backup");
    await stores.close();
    const [state, raw] = ["hashwatt.duckdb", "telemetry.duckdb"].map((name) => at(`data/${name}`));
    const before = statSync(state!).ino;
    const files = [
      { building: at("data/built"), path: state!, what: "state file" },
      { building: at("data/missing"), path: raw!, what: "file of raw samples" },
    ];
    writeFileSync(at("data/built"), "new");
    await expect(putInPlace(files, clock.nowMs())).rejects.toMatchObject({ code: "ENOENT" });
    expect(readdirSync(at("data")).sort()).toEqual(["hashwatt.duckdb", "telemetry.duckdb"]);
    expect(statSync(state!).ino).toBe(before);
  });

  it("sets the former files aside when it is restored over them, and takes the newest of several", async () => {
    await fill();
    mkdirSync(at("all"));
    await backup("all/hashwatt-20260301T050000Z");
    await stores.telemetry.append({ samples: day.slice(0, 9), marks: [] });
    await backup("all/hashwatt-20260301T060000Z");
    await stores.telemetry.append({ samples: day.slice(0, 5), marks: [] });
    await expect(restore(at("data"), at("all"), clock)).rejects.toMatchObject({ code: "storeLocked" });
    await stores.close();
    const said = await restore(at("data"), at("all"), clock);
    expect(said[0]).toContain("hashwatt-20260301T060000Z");
    expect(said[2]).toContain("telemetry.duckdb.before-restore-20260301T070000Z");
    stores = await open("data");
    expect(await stores.telemetry.count(ALL)).toBe(day.length + 9);
    await stores.close();
    const { store } = await DuckTelemetryStore.open({
      path: at("data/telemetry.duckdb.before-restore-20260301T070000Z"),
      nowMs: clock.nowMs,
      report: () => undefined,
    });
    expect(await store.count(ALL)).toBe(day.length + 14);
    await store.close();
  });

  it("that is not whole, or newer than the program, is refused and changes nothing", async () => {
    await fill();
    await backup("backup");
    await backup("backup.tar");
    await stores.close();
    const manifestPath = at("backup/manifest.json");
    const manifest = readFileSync(manifestPath, "utf8");
    const refused = async (path: string, why: string) => {
      await expect(restore(at("data"), path, clock)).rejects.toMatchObject({
        code: "restoreFailed",
        message: expect.stringContaining(why),
      });
      expect(readdirSync(at("data")).sort()).toEqual(["hashwatt.duckdb", "telemetry.duckdb"]);
    };
    const samples = readdirSync(at("backup/telemetry")).find((name) => name.startsWith("samples-"))!;
    const changed = (change: (of: { telemetry: Record<string, unknown> }) => void) => {
      const parsed = JSON.parse(manifest);
      change(parsed);
      writeFileSync(manifestPath, JSON.stringify(parsed));
    };
    changed(({ telemetry }) => {
      telemetry.schema = 99;
    });
    await refused(at("backup"), "newer version (schema 99)");
    changed(({ telemetry }) => {
      (telemetry.tables as Record<string, { rows: number }>).samples!.rows++;
    });
    await refused(at("backup"), `samples has ${day.length} rows of ${day.length + 1}`);
    writeFileSync(manifestPath, manifest);
    rmSync(join(at("backup/state"), "settings.parquet"));
    await refused(at("backup"), "settings.parquet");
    writeFileSync(join(at("backup/telemetry"), samples), "cut");
    await refused(at("backup"), samples);
    writeFileSync(at("backup.tar"), readFileSync(at("backup.tar")).subarray(0, 90_000));
    await refused(at("backup.tar"), `${at("backup.tar")} is no whole backup`);
    await refused(at("nowhere"), "no whole export");
    stores = await open("data");
    expect(await stores.telemetry.count(ALL)).toBe(day.length);
  });
});
