import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock, systemClock } from "@hashwatt/protocol/time";
import { connectAsync } from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { loadConfig } from "./config.js";
import { doctor } from "./doctor.js";
import { holdFile } from "./fixtures/holdFile.js";
import { type RunningServer, startServer } from "./server.js";
import { openStores } from "./store/registry.js";

describe("the doctor", () => {
  let folder: string;
  let dataDir: string;
  let blocker: Server | undefined;
  let server: RunningServer | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hashwatt-doctor-"));
    dataDir = join(folder, "data");
  });
  afterEach(async () => {
    blocker?.close();
    blocker = undefined;
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (config: object) => {
    const path = join(folder, "server.yaml");
    const defaults = {
      http: { port: 0 },
      broker: { embedded: { port: 0 } },
      store: { kind: "duckdb", dataDir, maxDiskGb: 0.1 },
    };
    writeFileSync(path, JSON.stringify({ ...defaults, ...config }));
    return path;
  };
  const examine = async (config: object, clock = systemClock) => {
    const findings = await doctor(write(config), clock);
    const of = (wanted: string) =>
      findings.filter(({ grade }) => grade === wanted).map(({ part, text }) => `${part}: ${text}`);
    return { findings, wrong: of("wrong"), warned: of("warn"), good: of("ok") };
  };
  const freePort = async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    return port;
  };
  const run = async (config: object, log = pino({ level: "silent" })) => {
    server = await startServer(loadConfig(write(config), {}), "0.1.0", systemClock, log);
    return Number(new URL(server.url).port);
  };
  const makeStores = async () => {
    const stores = await openStores({ dataDir, kind: "duckdb", clock: systemClock });
    await stores.close();
  };
  const files = () => readdirSync(folder, { recursive: true }).sort();
  /** Names, sizes and times of what lies in the data folder. */
  const traces = () =>
    readdirSync(dataDir).map((name) => {
      const { size, mtimeMs } = statSync(join(dataDir, name));
      return `${name} ${size} ${mtimeMs}`;
    });

  test("finds nothing wrong with a healthy machine, says what will stay unknown, and makes nothing", async () => {
    const { findings, wrong, warned } = await examine({ sites: [{ site: "farm" }] });
    expect([...wrong, ...warned]).toEqual([]);
    expect(findings.map((finding) => finding.part)).toEqual([
      "config",
      "site farm",
      "clock",
      "http",
      "disk",
      "store",
      "broker",
    ]);
    expect(findings[1]?.text).toContain("no price in the config, so profit stays unknown");
    expect(findings[4]?.text).toContain("is made at the first start");
    expect(findings[5]?.text).toContain("no files yet");
    expect(files()).toEqual(["server.yaml"]);
  });

  test("warns, as the start does, where raw samples go before a spool may bring what belongs beside them", async () => {
    const store = (rawDays: number) => ({ store: { kind: "duckdb", dataDir, maxDiskGb: 0.1, rawDays } });
    const { warned } = await examine(store(1));
    expect(warned).toEqual([expect.stringMatching(/^retention: store.rawDays is 1, and .* set 7 or more$/)]);
    expect((await examine(store(7))).warned).toEqual([]);
    const lines: string[] = [];
    await run({ ...store(1), broker: "off" }, pino({ level: "warn" }, { write: (line) => lines.push(line) }));
    expect(lines).toEqual([expect.stringContaining("store.rawDays is 1")]);
  });

  test("reads the files of a server that was stopped and changes nothing in them", async () => {
    await makeStores();
    const before = traces();
    const { wrong, warned, good } = await examine({});
    expect([...wrong, ...warned]).toEqual([]);
    expect(good).toContain("store: duckdb, 0 rigs known, 0 samples");
    expect(traces()).toEqual(before);
  });

  test("of a server that runs tells what it says of its parts", async () => {
    const [port, mqttPort] = [await freePort(), await freePort()];
    const config = {
      http: { port },
      broker: { embedded: { port: mqttPort } },
      sites: [{ site: "farm", price: 0.06, gridRegion: "CN-SD" }],
    };
    const at = await run(config);
    await vi.waitUntil(
      async () => ((await (await fetch(`http://127.0.0.1:${at}/api/health`)).json()) as { ok: boolean }).ok,
      {
        timeout: 20_000,
      },
    );
    const { findings, wrong, warned, good } = await examine(config);
    expect([...wrong, ...warned]).toEqual([]);
    expect(findings.map(({ part }) => part)).toEqual([
      "config",
      "site farm",
      "clock",
      "http",
      "disk",
      "store",
      "broker",
      "notifications",
      "upkeep",
      "ledger",
    ]);
    expect(good).toContain("site farm: price and grid region are set");
    expect(good).toContain("store: duckdb works");
    expect(good).toContainEqual(
      expect.stringMatching(`^http: Hashwatt 0.1.0 runs at http://127.0.0.1:${port} since 20`),
    );
    expect(good).toContainEqual(
      expect.stringMatching(/^clock: .* the newest file of .* \(20.*\), the running server's$/),
    );
  });

  test("says so when the server that runs uses another data folder, and makes none", async () => {
    const port = await run({ broker: "off" });
    const other = join(folder, "other");
    const { wrong, warned } = await examine({
      http: { port },
      store: { kind: "duckdb", dataDir: other, maxDiskGb: 0.1 },
    });
    expect(wrong).toEqual([]);
    expect(warned).toEqual([expect.stringContaining(`does not use ${other}: to compare`)]);
    expect(files()).not.toContain("other");
  });

  test("names the agent whose clock is another one", async () => {
    const config = { http: { port: await freePort() } };
    await run(config);
    const mqtt = await connectAsync(server!.mqttUrl!, { clientId: "hashwatt-farm-a1", protocolVersion: 4 });
    const status = { v: 1, state: "online", version: "0.1.0", sentMs: Date.now(), clockOffsetMs: -90_000 };
    await mqtt.publishAsync("hashwatt/v1/farm/agent/a1/status", JSON.stringify(status), {
      qos: 1,
      retain: true,
    });
    let { warned } = await examine(config);
    for (let tries = 0; !warned.length && tries < 50; tries++) warned = (await examine(config)).warned;
    await mqtt.endAsync(true);
    expect(warned).toEqual([expect.stringMatching(/^clock: .*farm\/a1 by 90\.0 s/)]);
  });

  test("names the process that holds the data folder of a server that answers elsewhere", async () => {
    await run({ broker: "off" });
    const { wrong } = await examine({});
    expect(wrong).toEqual([
      expect.stringContaining(
        `store: data folder ${dataDir} is used by another Hashwatt (pid ${process.pid})`,
      ),
    ]);
  });

  test.each([
    ["its own", () => process.pid],
    ["that of a process that lives and is no Hashwatt", () => process.ppid],
  ])("takes a lock file that a kill has left for none, even where its pid is %s", async (_what, pid) => {
    await makeStores();
    writeFileSync(join(dataDir, "hashwatt.lock"), `${pid()}\n`);
    const { wrong, warned, good } = await examine({});
    expect([...wrong, ...warned]).toEqual([]);
    expect(good).toContain("store: duckdb, 0 rigs known, 0 samples");
  });

  test("names a process that holds the data folder whatever its lock file says", async () => {
    await makeStores();
    writeFileSync(join(dataDir, "hashwatt.lock"), `${process.pid}\n`);
    const other = await holdFile(join(dataDir, "hashwatt.duckdb"));
    try {
      const { wrong } = await examine({});
      expect(wrong).toEqual([
        `store: data folder ${dataDir} is used by another Hashwatt (pid ${other.pid}): stop it, or use another folder`,
      ]);
    } finally {
      await other.end();
    }
  });

  test("names a config that does not hold and looks no further", async () => {
    const { wrong } = await examine({ htpp: {} });
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toContain("did you mean http?");
  });

  test("suggests the nearest grid region", async () => {
    const { wrong } = await examine({ sites: [{ site: "farm", gridRegion: "CN-SDD" }] });
    expect(wrong).toEqual([
      expect.stringContaining(
        'site farm: no emission factor is known for grid region "CN-SDD"; did you mean CN-SD?',
      ),
    ]);
  });

  test("names a port that is taken by something else", async () => {
    blocker = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    await new Promise<void>((resolve) => blocker?.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as { port: number };
    const { wrong } = await examine({ http: { port } });
    expect(wrong).toEqual([expect.stringContaining(`http: port ${port} of 127.0.0.1 is in use`)]);
  });

  test("names a broker that cannot be reached", async () => {
    const { wrong } = await examine({ broker: { url: "mqtt://127.0.0.1:9" } });
    expect(wrong).toEqual([
      expect.stringMatching(/^broker: mqtt:\/\/127\.0\.0\.1:9: the broker cannot be reached/),
    ]);
  });

  test.each([
    ["a file in the way", "file/data"],
    ["a file of that name", "file"],
  ])("names %s of the data folder", async (_what, name) => {
    writeFileSync(join(folder, "file"), "");
    const { wrong } = await examine({
      store: { kind: "duckdb", dataDir: join(folder, name), maxDiskGb: 0.1 },
    });
    expect(wrong).toEqual([expect.stringContaining(`disk: ${join(folder, "file")} is no folder`)]);
  });

  test.runIf(process.platform === "linux")("names a place where nothing can be kept", async () => {
    const { wrong } = await examine({ store: { kind: "duckdb", dataDir: "/proc/hashwatt", maxDiskGb: 0.1 } });
    expect(wrong).toEqual([expect.stringContaining("disk: /proc is no place for files")]);
  });

  test("warns of a limit that is beyond the disk, and advises one", async () => {
    const { wrong, warned } = await examine({ store: { kind: "duckdb", dataDir, maxDiskGb: 1e9 } });
    expect(wrong).toEqual([]);
    expect(warned).toEqual([expect.stringMatching(/^disk: .* set store\.maxDiskGb to \d+, or/)]);
  });

  test.each([
    ["hashwatt.duckdb", "wrong", /hashwatt\.duckdb is damaged/],
    ["telemetry.duckdb", "warned", /telemetry\.duckdb is damaged.*the next start sets it aside/],
  ] as const)("names %s when it is damaged, and leaves it as it is", async (name, grade, message) => {
    await makeStores();
    truncateSync(join(dataDir, name), 5_000);
    const before = traces();
    const found = await examine({});
    expect(found[grade]).toEqual([expect.stringMatching(message)]);
    expect(traces()).toEqual(before);
  });

  test("names a clock that lies before the program was made", async () => {
    const { wrong } = await examine({ store: { kind: "memory" } }, fakeClock(Date.UTC(2020, 0, 1)));
    expect(wrong).toEqual([expect.stringContaining("clock: this machine says 2020-01-01")]);
  });

  test("names a clock that lies before what was written to the data folder", async () => {
    mkdirSync(dataDir);
    const path = join(dataDir, "quarantine.jsonl");
    writeFileSync(path, "");
    const ahead = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000);
    utimesSync(path, ahead, ahead);
    const { wrong } = await examine({});
    expect(wrong).toEqual([
      expect.stringContaining(`${path} was written at ${ahead.toISOString()}, in the future`),
    ]);
  });
});
