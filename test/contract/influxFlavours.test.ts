import { STATUSES } from "@hashwatt/protocol/sample";
import { systemClock } from "@hashwatt/protocol/time";
import { InfluxClient } from "@hashwatt/server/store/influx/client";
import { Influx } from "@hashwatt/server/store/influx/influx";
import { addLines } from "@hashwatt/server/store/influx/lines";
import { InfluxTelemetryStore } from "@hashwatt/server/store/influx/telemetry";
import { InfluxWriter } from "@hashwatt/server/store/influx/writer";
import { MemoryStateStore } from "@hashwatt/server/store/state/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeInflux2, startFakeInflux2 } from "../support/fakeInflux2.js";
import { type FakeInflux3, startFakeInflux3 } from "../support/fakeInflux3.js";
import { programs } from "../support/programs.js";
import { startVictoria } from "../support/victoria.js";
import { fleetDay } from "./support/day.js";
import { influxConfig } from "./support/influxStore.js";

const WEEK_S = 7 * 86_400;
const keep = { rawDays: 7, rollupDays: 400 };
const opened: Influx[] = [];
const open = (keys: Record<string, unknown>, notes: string[] = []): Influx => {
  const config = influxConfig(keys);
  const influx = new Influx({ config, clock: systemClock, keep, note: (text) => notes.push(text) });
  opened.push(influx);
  return influx;
};
const nowMs = Date.now();
const line = (rig: number, atMs = nowMs, value = "1") => `rig,rig=r${rig},site=north powerW=${value} ${atMs}`;

describe("InfluxDB 2.x", () => {
  let fake: FakeInflux2;
  let keys: Record<string, unknown>;
  const start = async (options: Partial<Parameters<typeof startFakeInflux2>[0]> = {}) => {
    fake = await startFakeInflux2({ tokens: TOKENS, ...options });
    keys = { url: fake.url, org: "mine", token: "operator" };
  };
  const TOKENS = {
    operator: { read: "all", write: "all", manage: true },
    buckets: {
      read: ["hashwatt", "hashwatt_5m", "hashwatt_1h"],
      write: ["hashwatt", "hashwatt_5m", "hashwatt_1h"],
    },
    reader: { read: "all", write: [] },
  } satisfies Parameters<typeof startFakeInflux2>[0]["tokens"];
  const OURS = { hashwatt: WEEK_S, hashwatt_5m: 400 * 86_400, hashwatt_1h: 0 };
  afterEach(async () => {
    for (const influx of opened.splice(0)) influx.close();
    await fake.close();
    expect(fake.unexpected).toEqual([]);
  });

  it("says its version and gets its three buckets made, each with a retention of its own", async () => {
    await start();
    expect(await open(keys).ready()).toEqual({ flavour: "2", version: "2.9.1" });
    const made = fake.buckets.map(({ name, everySeconds }) => [name, everySeconds]);
    expect(Object.fromEntries(made)).toEqual(OURS);
    expect(fake.mappings).toEqual([]);
  });

  it("before 2.4 gets a mapping for each bucket, once", async () => {
    await start({ version: "2.3.0" });
    await open(keys).ready();
    await open(keys).ready();
    expect(fake.mappings).toHaveLength(3);
    expect(fake.mappings[0]).toMatchObject({
      database: "hashwatt",
      bucketID: fake.buckets[0]!.id,
      default: true,
    });
  });

  it("has the retention of its buckets changed, but not of one that keeps for ever", async () => {
    await start({ buckets: { hashwatt: 3_600, hashwatt_5m: 0, hashwatt_1h: 0 } });
    const notes: string[] = [];
    await open(keys, notes).ready();
    expect(fake.buckets.map(({ everySeconds }) => everySeconds)).toEqual([WEEK_S, 0, 0]);
    expect(notes).toEqual([expect.stringContaining('InfluxDB keeps bucket "hashwatt_5m" for ever')]);
  });

  it("works with a token that is made for the buckets alone, and says so where one of them is missing", async () => {
    await start({ buckets: { ...OURS, other: 0 } });
    const influx = open({ ...keys, token: "buckets" });
    expect(await influx.write("hashwatt", [line(1)])).toEqual([]);
    await fake.close();
    await start({ buckets: { hashwatt: WEEK_S, hashwatt_5m: 400 * 86_400 } });
    await expect(open({ ...keys, token: "buckets" }).ready()).rejects.toMatchObject({
      code: "storeMissing",
      retryable: true,
      message: expect.stringMatching(
        /has no bucket "hashwatt_1h": create it with a retention of for ever, or allow us to create it \(the token needs write:buckets; 401: write:orgs\/\w+\/buckets is unauthorized\)$/,
      ),
    });
  });

  it("is told from the config that does not fit it", async () => {
    await start();
    await expect(open({ url: fake.url }).ready()).rejects.toMatchObject({
      code: "config",
      message: "store.influx needs a token for InfluxDB 2.x (token or tokenFile)",
    });
    await expect(open({ ...keys, token: "wrong" }).ready()).rejects.toMatchObject({
      code: "storeDenied",
      message: expect.stringContaining("does not know us: correct token"),
    });
    await expect(open({ ...keys, org: "theirs" }).ready()).rejects.toMatchObject({ code: "storeMissing" });
  });

  it("is sent a batch again without the line for which it refused all of it", async () => {
    await start();
    const influx = open(keys);
    const lost = await influx.write("hashwatt", [line(1), "no line", line(2), "nor this"]);
    expect(lost).toEqual([
      { database: "hashwatt", count: 1, why: "missing fields", lines: ["no line"] },
      { database: "hashwatt", count: 1, why: "missing fields", lines: ["nor this"] },
    ]);
    expect(fake.buckets[0]!.lines).toEqual([line(1), line(2)]);
    expect(fake.writes).toHaveLength(3);
  });

  it("stores what is good beside what its retention or a type forbids, which is counted", async () => {
    await start();
    const influx = open(keys);
    expect(await influx.write("hashwatt", [line(1, nowMs - 8 * 86_400_000), line(2)])).toEqual([
      {
        database: "hashwatt",
        count: 1,
        why: expect.stringContaining("points beyond retention policy dropped=1"),
        lines: [],
      },
    ]);
    expect(await influx.write("hashwatt", [line(3, nowMs, '"much"'), line(4)])).toMatchObject([
      { count: 1, why: expect.stringContaining("field type conflict") },
    ]);
    expect(fake.buckets[0]!.lines).toEqual([line(2), line(4)]);
    expect(fake.writes).toHaveLength(2);
  });

  it("gets a bucket again that is gone, and the lines after it", async () => {
    await start();
    const influx = open(keys);
    await influx.ready();
    fake.buckets.splice(0, 1);
    expect(await influx.write("hashwatt", [line(1)])).toEqual([]);
    expect(fake.buckets.find(({ name }) => name === "hashwatt")?.lines).toEqual([line(1)]);
  });

  it("that lets us read and not write stops the acks and says which permission is missing", async () => {
    await start({ buckets: OURS });
    await expect(open({ ...keys, token: "reader" }).write("hashwatt", [line(1)])).rejects.toMatchObject({
      code: "storeDenied",
      retryable: true,
      message: expect.stringContaining(
        'lets us not write "hashwatt": give this token or user the permission to write it',
      ),
    });
  });

  it.each([429, 503, 500])("that answers %s takes the same lines later", async (status) => {
    await start();
    const influx = open(keys);
    const body = { code: "unavailable", message: status === 500 ? "timeout" : "too many requests" };
    fake.trouble = () => ({ status, headers: { "retry-after": "1" }, body });
    const refusal = { code: "storeFailed", retryable: true };
    for (let tries = 0; tries < 5; tries++)
      await expect(influx.write("hashwatt", [line(1), line(2)])).rejects.toMatchObject(refusal);
    fake.trouble = undefined;
    expect(await influx.write("hashwatt", [line(1), line(2)])).toEqual([]);
    expect(fake.buckets[0]!.lines).toEqual([line(1), line(2)]);
  });

  it("that fails on one line and takes all others loses that line alone, and only when it has proven so", async () => {
    await start();
    const influx = open(keys);
    const poison = line(13);
    const lines = Array.from({ length: 40 }, (_, i) => line(i));
    fake.trouble = ({ body }) =>
      body.split("\n").includes(poison)
        ? { status: 500, body: { code: "internal error", message: "panic" } }
        : undefined;
    // Nothing was ever taken: it may be the server.
    for (let tries = 0; tries < 2; tries++)
      await expect(influx.write("hashwatt", lines)).rejects.toMatchObject({
        code: "storeFailed",
        retryable: true,
      });
    const lost = await influx.write("hashwatt", lines);
    expect(lost).toEqual([
      { database: "hashwatt", count: 1, why: expect.stringContaining("panic"), lines: [poison] },
    ]);
    expect(new Set(fake.buckets[0]!.lines)).toEqual(new Set(lines.filter((each) => each !== poison)));
  });

  it("that fails on everything loses nothing, however long it lasts", async () => {
    await start();
    const influx = open(keys);
    await influx.write("hashwatt", [line(1)]);
    fake.trouble = () => ({ status: 500, body: { code: "internal error", message: "disk on fire" } });
    for (let tries = 0; tries < 8; tries++)
      await expect(influx.write("hashwatt", [line(2), line(3)])).rejects.toMatchObject({
        code: "storeFailed",
        retryable: true,
        message: expect.stringContaining('failed to write "hashwatt": see its log (500: disk on fire)'),
      });
    fake.trouble = undefined;
    expect(await influx.write("hashwatt", [line(2), line(3)])).toEqual([]);
  });

  it("that finds a body too large is sent smaller ones", async () => {
    await start();
    const influx = open(keys);
    fake.trouble = ({ body }) =>
      body.split("\n").length > 3
        ? { status: 413, body: { code: "request too large", message: "points batch is too large" } }
        : undefined;
    const lines = Array.from({ length: 20 }, (_, i) => line(i));
    expect(await influx.write("hashwatt", lines)).toEqual([]);
    expect(fake.buckets[0]!.lines).toHaveLength(20);
  });

  it("is sent compressed bodies where asked, and plain ones once something refuses those", async () => {
    await start();
    const lines = Array.from({ length: 40 }, (_, i) => line(i));
    const influx = open({ ...keys, gzip: true });
    let zipped = 0;
    fake.trouble = ({ headers }) => {
      if (headers["content-encoding"] === "gzip") zipped++;
      return undefined;
    };
    expect(await influx.write("hashwatt", lines)).toEqual([]);
    expect(zipped).toBe(1);
    fake.trouble = ({ headers }) => {
      if (headers["content-encoding"] !== "gzip") return undefined;
      zipped++;
      return { status: 500, body: { code: "internal error", message: "gzip: invalid header" } };
    };
    expect(await influx.write("hashwatt", lines)).toEqual([]);
    expect(await influx.write("hashwatt", lines)).toEqual([]);
    expect(zipped).toBe(2);
  });

  it("may answer series in any order, and a part at a time", async () => {
    await start();
    const columns = ["time", "status", "intervalMs", "powerW"];
    fake.answers.set('SELECT "status"', [
      { name: "rig", tags: { rig: "r11" }, columns, values: [[nowMs - 2_000, "mining", 5_000, 3_100]] },
      { name: "rig", tags: { rig: "r2" }, columns, values: [[nowMs - 1_000, "unreachable", 5_000, null]] },
      { name: "rig", tags: { rig: "r2" }, columns, values: [[nowMs - 5_000, "mining", 5_000, 3_000]] },
      { name: "rig", tags: { rig: "someone's" }, columns, values: [[nowMs, "mining", 5_000, 1]] },
    ]);
    expect(await readBack(open(keys))).toEqual(READ);
    expect(fake.statements.at(-1)).toMatch(
      /^SELECT "status", .* FROM rig WHERE time >= \d+ms AND time < \d+ms AND \(rig = 'r2' OR rig = 'r11'\) GROUP BY rig$/,
    );
  });

  it("has no more writes under way than the config says", async () => {
    await start();
    const influx = open({ ...keys, maxInFlight: 2, batchLines: 100 });
    const lines = Array.from({ length: 1_050 }, (_, i) => line(i));
    await influx.write("hashwatt", lines);
    expect(fake.writes).toHaveLength(11);
    expect(fake.most()).toBeLessThanOrEqual(2);
    expect(fake.buckets[0]!.lines).toHaveLength(1_050);
  });
});

/** What a store reads back of two rigs, whose series a version may answer in any order and with tags where it likes. */
async function readBack(influx: Influx): Promise<unknown> {
  const state = new MemoryStateStore();
  const lost = () => expect.unreachable("nothing was written");
  const store = new InfluxTelemetryStore({ influx, state, nowMs: () => nowMs, lost });
  const rows = await store.raw({ fromMs: nowMs - 60_000, toMs: nowMs, rigs: [2, 11] });
  return rows.map(({ rig, atMs, status, powerW }) => [rig, nowMs - atMs, STATUSES[status], powerW]);
}
const READ = [
  [2, 5_000, "mining", 3_000],
  [2, 1_000, "unreachable", null],
  [11, 2_000, "mining", 3_100],
];

describe("InfluxDB 3", () => {
  let fake: FakeInflux3;
  const tokens = { admin: { admin: true }, plain: { admin: false } };
  const keys = (token = "admin") => ({ url: fake.url, token });
  beforeEach(async () => {
    fake = await startFakeInflux3({ tokens });
  });
  afterEach(async () => {
    for (const influx of opened.splice(0)) influx.close();
    await fake.close();
    expect(fake.unexpected).toEqual([]);
  });

  it("gets its databases made with their retention, before a first write makes one that keeps for ever", async () => {
    const influx = open(keys());
    expect(await influx.write("hashwatt", [line(1)])).toEqual([]);
    expect(influx.instance).toEqual({ flavour: "3", version: "3.9.0" });
    expect([...fake.databases]).toEqual([
      ["hashwatt", "168h"],
      ["hashwatt_5m", "9600h"],
      ["hashwatt_1h", undefined],
    ]);
    expect(fake.lines).toEqual([line(1)]);
  });

  it("works with a token that may not list databases, and says so where one of them is missing", async () => {
    await expect(open(keys("plain")).ready()).rejects.toMatchObject({
      code: "storeMissing",
      message: expect.stringContaining(
        'has no database "hashwatt": create it with a retention of 7 days, or allow us',
      ),
    });
    fake.answers.set("SHOW MEASUREMENTS", []);
    for (const name of ["hashwatt", "hashwatt_5m", "hashwatt_1h"]) fake.databases.set(name, "1h");
    expect(await open(keys("plain")).write("hashwatt", [line(1)])).toEqual([]);
  });

  it("stores what is good of a batch and names what it leaves out by its number", async () => {
    const influx = open(keys());
    const lost = await influx.write("hashwatt", [line(1), "no line", line(2, nowMs, '"much"'), line(3)]);
    expect(lost).toEqual([
      { database: "hashwatt", count: 1, why: "Could not parse entire line", lines: ["no line"] },
      {
        database: "hashwatt",
        count: 1,
        why: expect.stringContaining("invalid column type for column 'powerW'"),
        lines: [line(2, nowMs, '"much"')],
      },
    ]);
    expect(fake.lines).toEqual([line(1), line(3)]);
    expect(fake.writes).toHaveLength(1);
  });

  it("whose limits forbid a write stops the acks instead of losing lines", async () => {
    const influx = open(keys());
    await influx.write("hashwatt", [line(1)]);
    fake.trouble = () => ({ status: 422, body: { error: "Adding a new column would exceed limit of 500" } });
    await expect(influx.write("hashwatt", [line(2), line(3)])).rejects.toMatchObject({
      code: "storeFailed",
      retryable: true,
      message: expect.stringContaining("exceed limit"),
    });
    fake.trouble = undefined;
    expect(await influx.write("hashwatt", [line(2), line(3)])).toEqual([]);
  });

  it("may answer tags as columns of one series", async () => {
    const columns = ["time", "rig", "status", "intervalMs", "powerW"];
    fake.answers.set('SELECT "status"', [
      {
        name: "rig",
        columns,
        values: [
          [nowMs - 5_000, "r2", "mining", 5_000, 3_000],
          [nowMs - 2_000, "r11", "mining", 5_000, 3_100],
          [nowMs - 1_000, "r2", "unreachable", 5_000, null],
        ],
      },
    ]);
    expect(await readBack(open(keys()))).toEqual(READ);
  });

  it("refuses a token that it does not know", async () => {
    await expect(open(keys("stale")).ready()).rejects.toMatchObject({ code: "storeDenied" });
  });
});

describe.skipIf(!programs.victoriaMetrics)("VictoriaMetrics", () => {
  it("stores every number of a day that the official client writes to /api/v2/write", async () => {
    await using victoria = await startVictoria();
    const config = influxConfig({ url: victoria.url, flavour: 2, org: "mine", token: "any" });
    const client = new InfluxClient(config, systemClock);
    const writer = new InfluxWriter(client, async () => undefined);
    const day = fleetDay({ seed: 3, rigs: 4, hours: 1, intervalMs: 30_000 });
    const lines: string[] = [];
    for (const stored of day) addLines({ ...stored, site: "north" }, lines);
    expect(await writer.write("hashwatt", lines)).toEqual([]);
    client.close();
    for (const [metric, of] of [
      ["rig_hashrateThs", (at: number) => day[at]!.sample.hashrateThs],
      ["rig_powerW", (at: number) => day[at]!.sample.powerW],
      ["rig_acceptedDiff", (at: number) => day[at]!.sample.shares?.acceptedDiff],
    ] as const) {
      const wanted = new Map<string, Map<number, number>>();
      for (const [at, { rig, sample }] of day.entries()) {
        const value = of(at);
        if (value === undefined) continue;
        const values = wanted.get(`r${rig}`) ?? new Map<number, number>();
        wanted.set(`r${rig}`, values.set(sample.atMs, value));
      }
      const series = await victoria.stored(metric);
      expect(series.map(({ labels }) => labels.site)).toEqual(series.map(() => "north"));
      const held = series.map(({ labels, values, timestamps }) => [
        labels.rig!,
        new Map(timestamps.map((atMs, i) => [atMs, values[i]!])),
      ]);
      expect(new Map(held as [string, Map<number, number>][])).toEqual(wanted);
    }
    expect((await victoria.stored("board_chips")).length).toBeGreaterThan(0);
  });
});
