import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { JobView } from "@hashwatt/protocol/jobs";
import { systemClock } from "@hashwatt/protocol/time";
import { apiClient } from "@hashwatt/server/cli/apiClient";
import type { JobCommand } from "@hashwatt/server/cli/jobCommands";
import { type CopyOptions, storeCopyCommand } from "@hashwatt/server/cli/storeCopy";
import { serverAddress } from "@hashwatt/server/config/clientConfig";
import { configSchema } from "@hashwatt/server/config/schema";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { DuckTelemetryStore } from "@hashwatt/server/store/duck/telemetry";
import type { StoredSample } from "@hashwatt/server/store/store";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { programs } from "../support/programs.js";
import { until } from "../support/wait.js";
import { DAY_MS, fleetDay } from "./support/day.js";
import { knownRigs } from "./support/knownRigs.js";
import { tempFolder } from "./support/telemetryStores.js";

const HOUR_MS = 3_600_000;
const DAY_24_MS = 24 * HOUR_MS;
const RIGS = 8;
/** The made-up day as though it ended a little while ago: an InfluxDB keeps what its retention lets it. */
const SHIFT_MS = Math.floor((Date.now() - DAY_MS) / HOUR_MS) * HOUR_MS - 6 * HOUR_MS;
const day: StoredSample[] = fleetDay({ seed: 31, rigs: RIGS, hours: 3, intervalMs: 10_000 }).map(
  (stored) => ({
    ...stored,
    receivedMs: stored.receivedMs + SHIFT_MS,
    sample: { ...stored.sample, atMs: stored.sample.atMs + SHIFT_MS },
  }),
);

describe.skipIf(!programs.influxd)("a server copies between DuckDB and InfluxDB", () => {
  let influxd: Influxd;
  let folder: ReturnType<typeof tempFolder>;
  let server: RunningServer;
  let database = "";
  const lines: string[] = [];
  const at = (name: string) => join(folder.path, name);

  beforeAll(async () => {
    influxd = await startInfluxd({ auth: true });
  });
  afterAll(() => influxd?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    folder = tempFolder();
    lines.length = 0;
    database = `copy${folder.path.replace(/[^A-Za-z0-9]/g, "")}`;
    mkdirSync(at("data"));
    await knowRigs("data");
  });
  afterEach(async () => {
    await server?.close();
    folder[Symbol.dispose]();
  });

  const knowRigs = (name: string, seenMs = DAY_MS) => knownRigs(at(name), RIGS, seenMs);
  const openFile = async (path: string) =>
    (await DuckTelemetryStore.open({ path: at(path), nowMs: Date.now, report: () => undefined })).store;
  async function fillFile(path: string, samples: readonly StoredSample[] = day): Promise<void> {
    const store = await openFile(path);
    for (let first = 0; first < samples.length; first += 2_000)
      await store.append({ samples: samples.slice(first, first + 2_000), marks: [] });
    await store.close();
  }
  const influx = () => ({ url: influxd.url, ...influxd.admin, database });
  const start = async (kind: "duckdb" | "influxdb", rawDays?: number) => {
    server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: "off",
        store: { kind, dataDir: at("data"), influx: influx(), rawDays },
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
  };
  const command = (signal = new AbortController().signal): JobCommand => ({
    api: apiClient(
      serverAddress({ url: server.url }, () => configSchema.parse({}), {}),
      systemClock,
    ),
    clock: systemClock,
    terminal: { isTTY: false, write: () => undefined },
    out: (line) => lines.push(line),
    signal,
  });
  const copy = (from: string, to: string, options: Partial<CopyOptions> = {}) =>
    storeCopyCommand(command(), { from, to, influx: {}, ...options });
  const jobs = async () => (await (await fetch(`${server.url}/api/jobs`)).json()) as JobView[];
  /** Waits until the nth copy has written something. */
  const underWay = (n: number) =>
    until(
      "something is copied",
      async () => (await jobs()).some(({ id, progress }) => id === `copy-${n}` && progress.done > 0),
      60_000,
      2,
    );
  /** What the InfluxDB holds, by how often. */
  async function points(measurement: "rig" | "board"): Promise<Map<string, number>> {
    const held = new Map<string, number>();
    const { series = [] } = await influxd.query(`SELECT * FROM "${measurement}" GROUP BY *`, database);
    for (const { tags, columns, values } of series)
      for (const row of values) {
        const key = `${tags?.site} ${tags?.rig} ${tags?.board ?? ""} ${row[columns.indexOf("time")]}`;
        held.set(key, (held.get(key) ?? 0) + 1);
      }
    return held;
  }
  const wantedPoints = () => ({
    rig: day.map(({ rig, sample }) => `north r${rig}  ${sample.atMs}`).sort(),
    board: day
      .flatMap(({ rig, sample }) =>
        (sample.boards ?? []).map(({ slot }) => `north r${rig} ${slot} ${sample.atMs}`),
      )
      .sort(),
  });
  async function expectWhole(): Promise<void> {
    const wanted = wantedPoints();
    for (const measurement of ["rig", "board"] as const) {
      const held = await points(measurement);
      expect([...held.keys()].sort()).toEqual(wanted[measurement]);
      expect([...held.values()].every((times) => times === 1)).toBe(true);
    }
  }

  it("its own DuckDB to the InfluxDB of its config, then what arrived meanwhile, and back into a folder", async () => {
    const late = day.filter((_, i) => i % 97 === 0);
    await fillFile(
      "data/telemetry.duckdb",
      day.filter((_, i) => i % 97 !== 0),
    );
    await start("duckdb");
    await copy("duckdb", "influxdb");
    expect(lines[0]).toBe(
      `${day.length - late.length} samples copied from duckdb:${at("data/telemetry.duckdb")} to influxdb:${influxd.url}/${database}`,
    );
    expect(lines.at(-1)).toContain("start the server with store.kind influxdb");
    await server.close();
    // What the server takes in before it is switched to the other store.
    await fillFile(
      "data/telemetry.duckdb",
      late.map((stored) => ({ ...stored, receivedMs: Date.now() })),
    );

    await start("influxdb");
    lines.length = 0;
    await copy("duckdb", "influxdb");
    await expectWhole();
    expect(lines).toHaveLength(1);
    await copy("influxdb", `duckdb:${at("elsewhere")}`);
    expect(lines.join("\n")).toContain("never beside the state of another server");
    await server.close();
    const back = await openFile("elsewhere/telemetry.duckdb");
    const all = await back.samples({ fromMs: 0, toMs: Date.now() });
    const plain = ({ receivedMs: _arrival, ...stored }: StoredSample) => stored;
    expect(all.map(plain)).toEqual(day.map(plain));
    await back.close();
  });

  it("as whole as DuckDB still holds it, once its boards are compacted", async () => {
    await fillFile("data/telemetry.duckdb");
    const file = await openFile("data/telemetry.duckdb");
    await file.compactBoards(Date.now());
    const range = { rig: 2, fromMs: DAY_MS + SHIFT_MS, toMs: Date.now(), stepMs: 60_000 };
    const boards = (await file.boards(range)).length;
    await file.close();
    await start("duckdb");
    await copy("duckdb", "influxdb");
    expect([...(await points("rig")).keys()].sort()).toEqual(wantedPoints().rig);
    expect([...(await points("board")).keys()].filter((key) => key.startsWith("north r2 "))).toHaveLength(
      boards,
    );
  });

  it.each(["duckdb", "influxdb"] as const)("goes on where it was cut off, from %s", async (from) => {
    const to = from === "duckdb" ? "influxdb" : `duckdb:${at("target")}`;
    await fillFile("data/telemetry.duckdb");
    await start("duckdb");
    if (from === "influxdb") {
      await copy("duckdb", "influxdb");
      await server.close();
      await start("influxdb");
    }
    const before = (await jobs()).length;
    const abort = new AbortController();
    const cancelled = storeCopyCommand(command(abort.signal), { from, to, influx: {} });
    await underWay(before + 1);
    abort.abort();
    // On a fast machine it may have come to its end before it hears of it.
    expect(await cancelled.catch((error: Error) => error.message)).toSatisfy(
      (said) => said === undefined || /cancelled/.test(String(said)),
    );
    // Once more, and this time the server itself ends.
    const body = {
      from: { kind: from },
      to: from === "duckdb" ? { kind: "influxdb" } : { kind: "duckdb", path: at("target") },
    };
    const { status } = await fetch(`${server.url}/api/jobs/copy`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(status).toBe(202);
    await server.close();
    await start(from);
    lines.length = 0;
    await copy(from, to);
    expect(Number(/^(\d+) samples copied/.exec(lines[0]!)?.[1])).toBeLessThan(day.length);
    if (from === "duckdb") return expectWhole();
    await server.close();
    const target = await openFile("target/telemetry.duckdb");
    expect(await target.samples({ fromMs: 0, toMs: Date.now() })).toEqual(day);
    await target.close();
  });

  it("all that an InfluxDB holds, which stays as it is; and once more into a file that was replaced", async () => {
    const old = day.slice(0, 2_000).map((stored) => ({
      ...stored,
      sample: { ...stored.sample, atMs: stored.sample.atMs - 20 * DAY_24_MS },
    }));
    await fillFile("old/telemetry.duckdb", old);
    await start("duckdb", 90);
    await copy(`duckdb:${at("old")}`, "influxdb");
    await server.close();
    const retention = async (name: string) =>
      (await influxd.query(`SHOW RETENTION POLICIES ON "${name}"`)).series![0]!.values[0]![1];
    expect(await retention(database)).toBe("2160h0m0s");
    for (const name of [`${database}_5m`, `${database}_1h`]) await influxd.query(`DROP DATABASE "${name}"`);

    await start("duckdb", 7);
    lines.length = 0;
    await copy("influxdb", `duckdb:${at("target")}`);
    expect(lines[0]).toMatch(/^2000 samples copied /);
    expect(await retention(database)).toBe("2160h0m0s");
    const { series } = await influxd.query("SHOW DATABASES");
    expect(series![0]!.values.flat()).not.toContain(`${database}_5m`);

    rmSync(at("target/telemetry.duckdb"));
    await fillFile("target/telemetry.duckdb", day.slice(0, 1));
    lines.length = 0;
    await copy("influxdb", `duckdb:${at("target")}`);
    expect(lines[0]).toMatch(/^2000 samples copied /);
    expect(lines[1]).toContain("no longer holds what was copied to it before: it was copied anew");
    const again = await copy(`influxdb:${influxd.url}`, `duckdb:${at("target")}`, {
      influx: { ...influxd.admin, database: "nowhere" },
    }).catch((error: Error) => error.message);
    expect(again).toContain('has no database "nowhere"');
  });

  it("only what is its own, and says what is wrong in one line otherwise", async () => {
    await fillFile("data/telemetry.duckdb");
    await knowRigs("foreign", DAY_MS + 5);
    await fillFile("foreign/telemetry.duckdb");
    await start("duckdb");
    const refused = async (from: string, to: string, why: string, options: Partial<CopyOptions> = {}) =>
      expect(await copy(from, to, options).catch((error: Error) => error.message)).toContain(why);
    await refused(`duckdb:${at("foreign")}`, "influxdb", "r1 of ");
    await refused("duckdb", `duckdb:${at("x")}`, "both sides are duckdb");
    await refused(`duckdb:${at("nowhere")}`, "influxdb", "there is no ");
    await refused("duck", "influxdb", '--from: "duck" is none of duckdb, duckdb:FOLDER');
    await refused("duckdb", "influxdb:ftp://x", "to: ");
    await refused("duckdb", `influxdb:${influxd.url}`, "does not know us", {
      influx: { username: "operator", password: "wrong" },
    });
    for (const { params, error } of await jobs())
      expect(JSON.stringify([params, error])).not.toContain(influxd.admin!.password);
    // A rig that only the source knows.
    renameSync(at("foreign/hashwatt.duckdb"), at("foreign/other.duckdb"));
    await fillFile(
      "foreign/telemetry.duckdb",
      day.slice(0, 5).map((stored) => ({ ...stored, rig: 77 })),
    );
    await refused(`duckdb:${at("foreign")}`, "influxdb", "r77 of duckdb:");
    expect(readdirSync(at("foreign")).sort()).toContain("telemetry.duckdb");
  });

  it("and forgets how far streams were stored in one while the other was in use", async () => {
    const mark = { site: "north", agent: "a1", stream: "s", seq: 7, updatedMs: Date.now(), lost: 0 };
    const marks = async () => {
      const file = await openFile("data/telemetry.duckdb");
      const held = await file.marks();
      await file.close();
      return held;
    };
    const file = await openFile("data/telemetry.duckdb");
    await file.append({ samples: [], marks: [mark] });
    await file.close();
    for (const kind of ["duckdb", "duckdb", "influxdb"] as const) {
      await start(kind);
      await server.close();
      expect(await marks()).toEqual([mark]);
    }
    await start("duckdb");
    await server.close();
    expect(await marks()).toEqual([]);
  });

  it("into an InfluxDB that is named by its URL, with a user of its own", async () => {
    await fillFile("data/telemetry.duckdb", day.slice(0, 3_000));
    await start("duckdb");
    const other = `${database}other`;
    await copy("duckdb", `influxdb:${influxd.url}`, { influx: { ...influxd.admin, database: other } });
    const { series } = await influxd.query('SELECT count("intervalMs") FROM "rig"', other);
    expect(series![0]!.values[0]![1]).toBe(3_000);
    expect((await jobs())[0]!.params).toEqual({ from: "duckdb", to: `influxdb:${influxd.url}/${other}` });
  });
});
