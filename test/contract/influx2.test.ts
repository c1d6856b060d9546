import { afterEach, describe, expect, it } from "vitest";
import { type FakeInflux2, startFakeInflux2 } from "../support/fakeInflux2.js";
import { line, nowMs, Opened, READ, readBack } from "./support/openedInflux.js";

const WEEK_S = 7 * 86_400;
const opened = new Opened();
const open = opened.open.bind(opened);

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
    opened.close();
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

  it("has the retention of its buckets lengthened and never cut, and says how one would", async () => {
    const held = { hashwatt: 3_600, hashwatt_5m: 500 * 86_400, hashwatt_1h: 0 };
    await start({ buckets: held });
    const notes: string[] = [];
    const influx = open(keys, notes);
    await influx.ready();
    expect(fake.buckets.map(({ everySeconds }) => everySeconds)).toEqual([WEEK_S, 500 * 86_400, 0]);
    expect(notes).toEqual([
      'InfluxDB keeps bucket "hashwatt_5m" 500 days, and the config says 400 days; it stays so until you change the config or the bucket: influx bucket update --id b2 --retention 9600h',
    ]);
    const { raw, fiveMinutes } = influx.databases;
    expect([raw.keepMs, fiveMinutes.keepMs]).toEqual([WEEK_S * 1_000, 500 * 86_400_000]);
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

  it("that falls ill is not sent a body for every line, neither at once nor while one is taken apart", async () => {
    await start();
    const influx = open(keys);
    await influx.write("hashwatt", [line(1)]);
    const lines = Array.from({ length: 4_000 }, (_, i) => line(i));
    const ill = { status: 500, body: { code: "internal error", message: "disk on fire" } };
    // The good line is taken so often before the InfluxDB fails on that too.
    for (const good of [0, 1]) {
      let proofs = 0;
      fake.trouble = ({ body }) => (body === line(1) && proofs++ < good ? undefined : ill);
      fake.writes.length = 0;
      for (let tries = 0; tries < 3; tries++)
        await expect(influx.write("hashwatt", lines)).rejects.toMatchObject({
          code: "storeFailed",
          retryable: true,
        });
      expect(fake.writes.length).toBeLessThan(16);
    }
    fake.trouble = undefined;
    expect(await influx.write("hashwatt", lines)).toEqual([]);
  });

  describe("that fails on a line alone in its hour", () => {
    const oldMs = nowMs - 3 * 86_400_000;
    const reading = (rig: number, atMs: number, powerW = 1) =>
      `rig,rig=r${rig},site=north status="mining",intervalMs=5000,lagMs=10,powerW=${powerW},faults="a\\"b,x=7" ${atMs}`;
    const panic = { status: 500, body: { code: "internal error", message: "panic" } };

    it("loses nothing where nothing can be written to that time, and is asked little", async () => {
      await start();
      const influx = open(keys);
      const now = Array.from({ length: 1_000 }, (_, i) => reading(i, nowMs));
      const old = Array.from({ length: 1_000 }, (_, i) => reading(i, oldMs + i));
      await influx.write("hashwatt", [reading(1, nowMs)]);
      fake.trouble = ({ body }) => (body.includes(` ${String(oldMs).slice(0, 8)}`) ? panic : undefined);
      for (const lines of [[...now, ...old], [reading(1, oldMs)]]) {
        fake.writes.length = 0;
        for (let tries = 0; tries < 6; tries++)
          await expect(influx.write("hashwatt", lines)).rejects.toMatchObject({
            code: "storeFailed",
            retryable: true,
          });
        expect(fake.writes.length).toBeLessThan(100);
      }
      fake.trouble = undefined;
      expect(await influx.write("hashwatt", [...now, ...old])).toEqual([]);
    });

    it("gives it up once a number of that same line is taken there", async () => {
      await start();
      const influx = open(keys);
      const poison = reading(7, oldMs, 666);
      await influx.write("hashwatt", [reading(1, nowMs)]);
      fake.trouble = ({ body }) => (body.includes("powerW=666") ? panic : undefined);
      for (let tries = 0; tries < 2; tries++)
        await expect(influx.write("hashwatt", [poison])).rejects.toMatchObject({ retryable: true });
      expect(await influx.write("hashwatt", [poison])).toEqual([
        { database: "hashwatt", count: 1, why: expect.stringContaining("panic"), lines: [poison] },
      ]);
      expect(new Set(fake.buckets[0]!.lines)).toEqual(
        new Set([reading(1, nowMs), `rig,rig=r7,site=north lagMs=10 ${oldMs}`]),
      );
    });
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
