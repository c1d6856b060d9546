import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@hashwatt/protocol/time";
import { influxSchema } from "@hashwatt/server/config/influx";
import { Influx } from "@hashwatt/server/store/influx/influx";
import { InfluxTelemetryStore } from "@hashwatt/server/store/influx/telemetry";
import type { LostLines } from "@hashwatt/server/store/influx/writer";
import { MemoryStateStore } from "@hashwatt/server/store/state/memory";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { programs } from "../support/programs.js";

const DAY_MS = 86_400_000;
const keep = { rawDays: 7, rollupDays: 400 };
const opened: Influx[] = [];
const open = (config: Record<string, unknown>, notes: string[] = []): Influx => {
  const influx = new Influx({
    config: influxSchema.parse(config),
    clock: systemClock,
    keep,
    note: (text) => notes.push(text),
  });
  opened.push(influx);
  return influx;
};
afterEach(() => {
  for (const influx of opened.splice(0)) influx.close();
});

describe.skipIf(!programs.influxd).each([false, true])("InfluxDB 1.x with authentication %s", (auth) => {
  let influxd: Influxd;
  let config: Record<string, unknown>;
  beforeAll(async () => {
    influxd = await startInfluxd({ auth });
    config = {
      url: influxd.url,
      ...(influxd.admin && {
        username: influxd.admin.username,
        password: influxd.admin.password,
      }),
    };
  });
  afterAll(() => influxd[Symbol.asyncDispose]());

  const retention = async (name: string) => {
    const { series } = await influxd.query(`SHOW RETENTION POLICIES ON "${name}"`);
    return series![0]!.values.map(([, duration]) => duration);
  };
  const stored = async (database: string, field = "v") => {
    const { series = [] } = await influxd.query(`SELECT "${field}" FROM m`, database);
    return series.flatMap(({ values }) => values.map(([atMs, value]) => [atMs, value]));
  };

  it("says what it is and makes its three databases, each with a retention of its own", async () => {
    const influx = open(config);
    expect(await influx.ready()).toMatchObject({ flavour: "1", version: expect.stringMatching(/^1\.6\.7/) });
    expect(await retention("hashwatt")).toEqual(["168h0m0s"]);
    expect(await retention("hashwatt_5m")).toEqual(["9600h0m0s"]);
    expect(await retention("hashwatt_1h")).toEqual(["0s"]);
  });

  it.each([
    ["for ever", "INF", "0s", Number.POSITIVE_INFINITY],
    ["90 days", "90d", "2160h0m0s", 90 * DAY_MS],
  ])("lengthens a retention and never cuts one that is %s", async (text, duration, shown, keepMs) => {
    const name = `other${duration}`;
    await influxd.query(`CREATE DATABASE "${name}" WITH DURATION ${duration}`);
    await influxd.query(`CREATE DATABASE "${name}_5m" WITH DURATION 30d`);
    const notes: string[] = [];
    const influx = open({ ...config, database: name }, notes);
    expect(influx.databases.raw.keepMs).toBe(7 * DAY_MS);
    await influx.ready();
    expect(await retention(name)).toEqual([shown]);
    expect(await retention(`${name}_5m`)).toEqual(["9600h0m0s"]);
    expect(notes).toEqual([
      `InfluxDB keeps database "${name}" ${text}, and the config says 7 days; it stays so until you change the config or the database: ALTER RETENTION POLICY "autogen" ON "${name}" DURATION 168h`,
    ]);
    expect(influx.databases.raw.keepMs).toBe(keepMs);
  });

  it("is read back as far as it keeps, beyond what the config says", async () => {
    await influxd.query('CREATE DATABASE "longer" WITH DURATION 90d');
    const [influx, state, nowMs] = [
      open({ ...config, database: "longer" }),
      new MemoryStateStore(),
      Date.now(),
    ];
    const lost = ({ why }: LostLines) => expect.unreachable(why);
    const store = () => new InfluxTelemetryStore({ influx, state, nowMs: () => nowMs, lost });
    const atMs = nowMs - 60 * DAY_MS;
    const sample = { rig: "h1", status: "mining" as const, intervalMs: 5_000, atMs };
    await store().append({ samples: [{ rig: 1, site: "north", receivedMs: nowMs, sample }], marks: [] });
    expect(await store().count({ fromMs: atMs - DAY_MS, toMs: nowMs })).toBe(1);
    expect(await store().span()).toEqual({ fromMs: atMs, toMs: atMs });
    expect(store().keepsMs).toBe(90 * DAY_MS);
  });

  it("stores lines and answers statements with parameters, a long series in parts", async () => {
    const influx = open(config);
    const nowMs = Math.floor(Date.now() / 1000) * 1000;
    const lines = Array.from({ length: 25_000 }, (_, i) => `long,rig=r1 v=${i} ${nowMs - i * 1_000}`);
    expect(await influx.write("hashwatt", lines)).toEqual([]);
    let [parts, rows] = [0, 0];
    for await (const { values } of influx.queryParts("hashwatt", "SELECT v FROM long WHERE rig = $rig", {
      rig: "r1",
    })) {
      parts++;
      rows += values.length;
    }
    expect(rows).toBe(25_000);
    expect(parts).toBeGreaterThan(1);
    const [series] = await influx.query(
      "hashwatt",
      "SELECT max(v) FROM long WHERE time >= $from GROUP BY rig",
      {
        from: (nowMs - 9_500) * 1e6,
      },
    );
    expect(series).toMatchObject({ name: "long", tags: { rig: "r1" }, columns: ["time", "max"] });
    expect(series!.values).toEqual([[nowMs - 9_000, 9]]);
    await expect(influx.query("hashwatt", "SELECT v FRO long")).rejects.toMatchObject({
      code: "storeFailed",
      retryable: false,
    });
  });

  it("stores what is good of a batch and tells what is lost and why", async () => {
    const influx = open({ ...config, database: "partial" });
    const nowMs = Date.now();
    const good = `m,rig=r1 v=1 ${nowMs}`;
    expect(await influx.write("partial", [good])).toEqual([]);
    expect(await influx.write("partial", ["no line", `m,rig=r1 v=2 ${nowMs + 1}`, "m v= 3"])).toEqual([
      { database: "partial", count: 1, why: "invalid field format", lines: ["no line"] },
      { database: "partial", count: 1, why: "missing field value", lines: ["m v= 3"] },
    ]);
    expect(await influx.write("partial", ["all bad", "all"])).toMatchObject([{ count: 1 }, { count: 1 }]);
    expect(
      await influx.write("partial", [`m,rig=r1 v=3 ${nowMs - 8 * DAY_MS}`, `m,rig=r1 v=3 ${nowMs + 2}`]),
    ).toMatchObject([{ count: 1, why: expect.stringContaining("points beyond retention policy") }]);
    expect(
      await influx.write("partial", [`m,rig=r1 v="text" ${nowMs + 3}`, `m,rig=r1 v=4 ${nowMs + 4}`]),
    ).toMatchObject([{ count: 1, why: expect.stringContaining("field type conflict") }]);
    expect(await stored("partial")).toEqual([
      [nowMs, 1],
      [nowMs + 1, 2],
      [nowMs + 2, 3],
      [nowMs + 4, 4],
    ]);
  });

  it("makes a database again that was dropped meanwhile", async () => {
    const influx = open({ ...config, database: "gone" });
    const nowMs = Date.now();
    await influx.write("gone", [`m v=1 ${nowMs}`]);
    await influxd.query('DROP DATABASE "gone"');
    await influx.write("gone", [`m v=2 ${nowMs}`]);
    expect(await stored("gone")).toEqual([[nowMs, 2]]);
    expect(await retention("gone")).toEqual(["168h0m0s"]);
  });

  it("says which database is missing where it may not make one", async () => {
    await expect(open({ ...config, database: "never", create: false }).ready()).rejects.toMatchObject({
      code: "storeMissing",
      retryable: true,
      message: `InfluxDB at ${influxd.url} has no database "never": create it with a retention of 7 days`,
    });
    await open({ ...config, database: "made" }).ready();
    await open({ ...config, database: "made", create: false }).ready();
  });

  it("is away while it is killed and takes the same lines again afterwards", async () => {
    const influx = open({ ...config, database: "killed" });
    const nowMs = Date.now();
    await influx.write("killed", [`m v=1 ${nowMs}`]);
    await influxd.kill();
    const lines = [`m v=1 ${nowMs}`, `m v=2 ${nowMs + 1}`];
    await expect(influx.write("killed", lines)).rejects.toMatchObject({
      code: "storeUnreachable",
      retryable: true,
      message: expect.stringMatching(
        /^no answer from InfluxDB at \S+ \(ECONNREFUSED\): start it, or correct/,
      ),
    });
    await influxd.restart();
    expect(await influx.write("killed", lines)).toEqual([]);
    expect(await stored("killed")).toEqual([
      [nowMs, 1],
      [nowMs + 1, 2],
    ]);
  });

  if (auth)
    it("tells an unknown user from one that lacks a permission, and names what it lacks", async () => {
      await open({ ...config, database: "guarded" }).ready();
      await influxd.query("CREATE USER \"reader\" WITH PASSWORD 'p'");
      for (const name of ["guarded", "guarded_5m", "guarded_1h"])
        await influxd.query(`GRANT READ ON "${name}" TO "reader"`);
      const reader = { url: influxd.url, username: "reader", password: "p", database: "guarded" };
      await expect(open({ ...reader, password: "wrong" }).ready()).rejects.toMatchObject({
        code: "storeDenied",
        retryable: true,
        message: expect.stringContaining("does not know us: correct token, or username and password"),
      });
      await open(reader).ready();
      await expect(open(reader).write("guarded", [`m v=1 ${Date.now()}`])).rejects.toMatchObject({
        code: "storeDenied",
        message: expect.stringContaining(
          'lets us not write "guarded": give this token or user the permission',
        ),
      });
      await expect(open({ ...reader, database: "unmade" }).ready()).rejects.toMatchObject({
        code: "storeDenied",
        message: expect.stringContaining(
          'if there is no database "unmade", create it and give the user all privileges on it',
        ),
      });
    });
});

describe("an InfluxDB at a wrong address", () => {
  it("is told from one that is down when something else answers", async () => {
    const other = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
    try {
      const { port } = other.address() as AddressInfo;
      await expect(open({ url: `http://127.0.0.1:${port}` }).ready()).rejects.toMatchObject({
        code: "storeFailed",
        message: expect.stringContaining("does not say which InfluxDB it is: correct store.influx.url"),
      });
    } finally {
      other.close();
    }
  });

  it("is given up when it takes the request and never answers", async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((listening) => mute.listen(0, "127.0.0.1", listening));
    try {
      const { port } = mute.address() as AddressInfo;
      await expect(open({ url: `http://127.0.0.1:${port}`, timeoutMs: 1_000 }).ready()).rejects.toMatchObject(
        {
          code: "storeUnreachable",
          message: expect.stringContaining("(nothing within 1000 ms)"),
        },
      );
    } finally {
      mute.closeAllConnections();
      mute.close();
    }
  });
});
