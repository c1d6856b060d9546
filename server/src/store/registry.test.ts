import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newestVersion, STATE_MIGRATIONS, TELEMETRY_MIGRATIONS } from "./duck/migrations.js";
import { walShape } from "./duck/wal.js";
import { openStores } from "./registry.js";
import type { StoredSample, StreamMark } from "./store.js";

const NOW = Date.UTC(2026, 2, 1, 12, 30);
const clock = { nowMs: () => NOW };
const COMMITS = 24;
const mark = (seq: number): StreamMark => ({
  site: "n",
  agent: "a",
  stream: "s",
  seq,
  updatedMs: NOW,
  lost: 0,
});
const samples = (k: number): StoredSample[] =>
  Array.from({ length: 20 }, (_, i) => ({
    rig: i + 1,
    receivedMs: NOW + k * 5_000 + 50,
    sample: {
      atMs: NOW + k * 5_000,
      intervalMs: 5_000,
      status: "mining",
      powerW: 3000 + k,
      hashrateThs: 100 + k / 7,
    },
  }));
describe("the stores of a data folder", () => {
  let root: string;
  let dataDir: string;
  const open = (dir = dataDir) => openStores({ dataDir: dir, kind: "duckdb", clock });
  const telemetryFile = () => join(dataDir, "telemetry.duckdb");
  const stateFile = () => join(dataDir, "hashwatt.duckdb");

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "hashwatt-registry-"));
    dataDir = join(root, "data");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Fills both stores and leaves the folder as a kill would: logs not written into their files. */
  async function killedFolder(): Promise<void> {
    const live = join(root, "live");
    const stores = await open(live);
    for (let k = 0; k < COMMITS; k++) {
      await stores.telemetry.append({ samples: samples(k), marks: [mark(k + 1)] });
      await stores.state.putSetting(`k${k}`, String(k));
    }
    mkdirSync(dataDir);
    for (const name of readdirSync(live)) copyFileSync(join(live, name), join(dataDir, name));
    await stores.close();
    expect(existsSync(`${telemetryFile()}.wal`)).toBe(true);
  }

  /** Marks and samples of a reopened folder, which must agree: what was lost was lost whole. */
  async function held(stores: Awaited<ReturnType<typeof open>>): Promise<number> {
    const seq = (await stores.telemetry.marks())[0]?.seq ?? 0;
    expect(await stores.telemetry.count({ fromMs: 0, toMs: NOW * 2 })).toBe(seq * 20);
    return seq;
  }

  it("come back whole after a kill, and report nothing", async () => {
    await killedFolder();
    const stores = await open();
    expect(stores.reports).toEqual([]);
    expect(await held(stores)).toBe(COMMITS);
    expect(await stores.state.setting(`k${COMMITS - 1}`)).toBe(String(COMMITS - 1));
    await stores.close();
  });

  it("lose only the unfinished end of a log that was cut short, and say so", async () => {
    await killedFolder();
    truncateSync(`${telemetryFile()}.wal`, statSync(`${telemetryFile()}.wal`).size - 77);
    const stores = await open();
    expect(stores.reports).toEqual([
      expect.stringMatching(/ends in \d+ bytes that are no whole entry.*a copy is at/),
    ]);
    expect(await held(stores)).toBe(COMMITS - 1);
    await stores.close();
  });

  it("keep all before the place where a log is damaged, wherever that is, with a copy aside and a report", {
    timeout: 60_000,
  }, async () => {
    await killedFolder();
    const wal = readFileSync(`${telemetryFile()}.wal`);
    const shape = walShape(`${telemetryFile()}.wal`)!;
    const main = readFileSync(telemetryFile());
    const state = readFileSync(stateFile());
    const stateWal = readFileSync(`${stateFile()}.wal`);
    const entry = shape.boundaries[Math.floor(shape.boundaries.length / 2)]!;
    // In the header, in an entry's length (small and large digits), its checksum, its body, and anywhere.
    const places = [
      0,
      2,
      5,
      entry,
      entry + 3,
      entry + 7,
      entry + 9,
      entry + 40,
      wal.length >> 2,
      wal.length - 9,
    ];
    for (const place of places) {
      rmSync(dataDir, { recursive: true });
      mkdirSync(dataDir);
      const damaged = Buffer.from(wal);
      damaged[place]! ^= 0xff;
      writeFileSync(telemetryFile(), main);
      writeFileSync(`${telemetryFile()}.wal`, damaged);
      writeFileSync(stateFile(), state);
      writeFileSync(`${stateFile()}.wal`, stateWal);
      const stores = await open();
      expect(stores.reports.length, `byte ${place}`).toBeGreaterThan(0);
      const copy = readdirSync(dataDir).find((name) => name.startsWith("telemetry.duckdb.wal.damaged-"));
      expect(readFileSync(join(dataDir, copy!)).equals(damaged), `byte ${place}`).toBe(true);
      const seq = await held(stores);
      if (place < 8) expect(seq).toBe(COMMITS);
      else expect(seq).toBeGreaterThanOrEqual(Math.floor((place / wal.length) * COMMITS) - 2);
      expect(await stores.state.setting("k0")).toBe("0");
      await stores.telemetry.append({ samples: samples(99), marks: [mark(seq + 1)] });
      await stores.close();
      const again = await open();
      expect(again.reports).toEqual([]);
      expect(await held(again)).toBe(seq + 1);
      await again.close();
    }
  });

  it("set an unreadable telemetry file aside, begin a new one and keep the state", async () => {
    await killedFolder();
    await (await open()).close();
    const whole = readFileSync(telemetryFile());
    const flipped = (place: number) => {
      const bytes = Buffer.from(whole);
      bytes[place]! ^= 0xff;
      return bytes;
    };
    const damages = [
      flipped(9),
      flipped(4_100),
      whole.subarray(0, 1_000),
      whole.subarray(0, whole.length >> 1),
      Buffer.from("no database"),
    ];
    for (const [i, bytes] of damages.entries()) {
      writeFileSync(telemetryFile(), bytes);
      const stores = await open();
      expect(stores.reports, `damage ${i}`).toEqual([
        expect.stringMatching(/set aside as .*telemetry\.duckdb\.damaged-20260301T123000Z/),
      ]);
      expect(await stores.telemetry.latest()).toEqual([]);
      expect(await stores.state.setting("k3")).toBe("3");
      await stores.close();
    }
    const aside = readdirSync(dataDir).filter((name) => name.startsWith("telemetry.duckdb.damaged-"));
    expect(aside).toHaveLength(damages.length);
  });

  it("start, hydrate and take samples whatever byte of the telemetry file is wrong", {
    timeout: 60_000,
  }, async () => {
    await killedFolder();
    await (await open()).close();
    const whole = readFileSync(telemetryFile());
    for (let place = 12_290; place < whole.length; place += Math.floor(whole.length / 12)) {
      const bytes = Buffer.from(whole);
      bytes[place]! ^= 0xff;
      writeFileSync(telemetryFile(), bytes);
      const stores = await open();
      const latest = await stores.telemetry.latest();
      expect(latest, `byte ${place}`).toHaveLength(stores.reports.length > 0 ? 0 : 20);
      await stores.telemetry.append({ samples: samples(99), marks: [mark(99)] });
      expect(await stores.telemetry.count({ fromMs: NOW + 99 * 5_000, toMs: NOW * 2 })).toBe(20);
      await stores.close();
    }
  });

  it("refuse a file of a newer schema with one line and leave it as it is", async () => {
    await (await open()).close();
    const files = [
      [stateFile(), STATE_MIGRATIONS],
      [telemetryFile(), TELEMETRY_MIGRATIONS],
    ] as const;
    for (const [file, migrations] of files) {
      const whole = readFileSync(file);
      const instance = await DuckDBInstance.create(file);
      const connection = await instance.connect();
      await connection.run("INSERT INTO schema_version VALUES (99)");
      connection.disconnectSync();
      instance.closeSync();
      await expect(open()).rejects.toMatchObject({
        code: "storeSchema",
        message: `${file} has schema 99, this program knows up to ${newestVersion(migrations)}: start the newer Hashwatt that wrote it`,
      });
      writeFileSync(file, whole);
    }
    await (await open()).close();
  });

  it("belong to one process: a second one gets a line with the pid of the first, and damages nothing", async () => {
    const stores = await open();
    await stores.telemetry.append({ samples: samples(0), marks: [mark(1)] });
    await expect(open()).rejects.toMatchObject({ code: "storeLocked" });
    const script = `
      const { openStores } = await import(${JSON.stringify(new URL("../../dist/store/registry.js", import.meta.url).href)});
      await openStores({ dataDir: process.argv[1], kind: "duckdb", clock: { nowMs: () => 0 } })
        .then(() => console.log("opened"), (error) => console.log(error.code + ": " + error.message));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, dataDir]);
    // One that got in would stay.
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes) => {
        said += bytes;
      });
    await once(child, "close");
    clearTimeout(late);
    expect(said.trim()).toBe(
      `storeLocked: data folder ${dataDir} is used by another Hashwatt (pid ${process.pid}): stop it, or use another folder`,
    );
    expect(await held(stores)).toBe(1);
    await stores.close();
    const again = await open();
    expect(again.reports).toEqual([]);
    expect(await held(again)).toBe(1);
    await again.close();
  });

  it("name a folder that cannot be made", async () => {
    writeFileSync(join(root, "file"), "");
    await expect(open(join(root, "file", "data"))).rejects.toMatchObject({ code: "dataFolder" });
  });

  it("refuse a closed store", async () => {
    const stores = await open();
    await stores.close();
    await stores.close();
    await expect(stores.telemetry.append({ samples: [], marks: [] })).rejects.toMatchObject({
      code: "storeClosed",
    });
    await expect(stores.state.putSetting("a", "b")).rejects.toMatchObject({ code: "storeClosed" });
  });
});
