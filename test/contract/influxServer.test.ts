import type { Health, RigDetail, Totals } from "@hashwatt/protocol/http";
import type { Sample } from "@hashwatt/protocol/sample";
import { systemClock } from "@hashwatt/protocol/time";
import { agentTopic, type Batch } from "@hashwatt/protocol/topics";
import { configSchema } from "@hashwatt/server/config/schema";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { connectAsync, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { programs } from "../support/programs.js";
import { until } from "../support/wait.js";
import { tempFolder } from "./support/telemetryStores.js";

const PATIENCE_MS = 30_000;

/** A server with its store in a real InfluxDB 1.x, and an agent that sends it batches. */
describe.skipIf(!programs.influxd)("a server on an InfluxDB", () => {
  let influxd: Influxd;
  let folder: ReturnType<typeof tempFolder>;
  let server: RunningServer | undefined;
  let mqtt: MqttClient | undefined;
  /** Newest seq that was acknowledged. */
  let acked = 0;
  let seq = 0;

  const start = async (influx: Record<string, unknown> = {}) => {
    server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: { embedded: { port: 0 } },
        store: {
          kind: "influxdb",
          dataDir: folder.path,
          influx: { url: influxd.url, ...influxd.admin, ...influx },
        },
        sites: [{ site: "farm", price: 0.06, gridRegion: "CN-SD", demo: true }],
        flushMs: 20,
        liveFlushMs: 20,
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
    mqtt = await connectAsync(server.mqttUrl!, { protocolVersion: 4, clientId: "hashwatt-farm-a1" });
    mqtt.on("message", (_topic, payload) => {
      acked = Math.max(acked, (JSON.parse(payload.toString()) as { seq: number }).seq);
    });
    await mqtt.subscribeAsync(agentTopic("farm", "a1", "ack"), { qos: 1 });
  };
  const stop = async () => {
    await mqtt?.endAsync(true);
    await server?.close();
    mqtt = server = undefined;
  };
  beforeEach(async () => {
    influxd = await startInfluxd({ auth: true });
    folder = tempFolder();
    acked = seq = 0;
  });
  afterEach(async () => {
    await stop();
    await influxd[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const get = async <T>(path: string): Promise<T> =>
    (await fetch(`${server!.url}${path}`)).json() as Promise<T>;
  const health = () => get<Health>("/api/health");
  const totals = () => get<Totals>("/api/totals");
  const sampleOf = (atMs: number, over: Partial<Sample> = {}): Sample => ({
    rig: "h1",
    atMs,
    intervalMs: 5_000,
    status: "mining",
    hashrateThs: 100,
    powerW: 3_250,
    powerSource: "psu",
    boards: [{ slot: 0, hashrateThs: 50, chipTempC: 70 }],
    ...over,
  });
  const publish = async (samples: Sample[], over: Partial<Batch> = {}) => {
    const batch: Batch = {
      v: 1,
      stream: "s1",
      live: true,
      seq: over.seq ?? ++seq,
      first: 1,
      boot: "b",
      monoMs: 1,
      sentMs: Date.now(),
      rigs: { h1: { address: "10.0.0.1", mac: "02:00:00:00:00:01", nominalThs: 110 } },
      samples,
      ...over,
    };
    await mqtt!.publishAsync(agentTopic("farm", "a1", "batch"), JSON.stringify(batch), { qos: 1 });
  };
  const ackedTo = (wanted: number) => until(`ack of ${wanted}`, () => acked >= wanted, PATIENCE_MS);
  const stored = async (field = "powerW") => {
    const { series = [] } = await influxd.query(`SELECT "${field}" FROM rig`, "hashwatt");
    return series.flatMap(({ values }) => values.map(([atMs]) => Number(atMs)));
  };

  it("acknowledges what the InfluxDB has answered for, under its site and with all that was read", async () => {
    await start();
    const nowMs = Date.now();
    await publish([sampleOf(nowMs), sampleOf(nowMs - 5_000)]);
    await ackedTo(1);
    expect(await stored()).toEqual([nowMs - 5_000, nowMs]);
    const { series } = await influxd.query("SELECT * FROM board GROUP BY *", "hashwatt");
    expect(series?.[0]?.tags).toEqual({ board: "0", rig: "r1", site: "farm" });
    expect(await health()).toMatchObject({
      ok: true,
      parts: {
        store: {
          ok: true,
          note: expect.stringMatching(/^InfluxDB 1\.6\.7\S* at http:\/\/127\.0\.0\.1:\d+ works$/),
        },
      },
    });
  });

  it("shows after a restart what was stored last", async () => {
    await start();
    await publish([sampleOf(Date.now(), { chipTempC: 66 })]);
    await ackedTo(1);
    await stop();
    await start();
    const rig = await get<RigDetail>("/api/rigs/r1");
    expect(rig).toMatchObject({ sample: { chipTempC: 66, boards: [{ slot: 0, chipTempC: 70 }] } });
  });

  it("starts without it, says so, acknowledges nothing, and catches up when it is there", async () => {
    await start();
    const nowMs = Date.now();
    await publish([sampleOf(nowMs - 600_000, { chipTempC: 61 })]);
    await ackedTo(1);
    await stop();
    await influxd.kill();
    await start();
    const note = expect.stringContaining(
      `no answer from InfluxDB at ${influxd.url} (ECONNREFUSED): start it`,
    );
    expect(await health()).toMatchObject({ ok: false, parts: { store: { ok: false, note } } });
    expect(await totals()).toMatchObject({ store: { kind: "influxdb", ok: false, note } });
    // The series of a rig ends in words that say why, and what is in the state file is still answered.
    const answer = await fetch(
      `${server!.url}/api/rigs/r1/series?from=${nowMs - 900_000}&to=${nowMs}&step=5000`,
    );
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: "storeAway", message: note });
    expect((await get<RigDetail>("/api/rigs/r1")).sample).toBeNull();

    const rig2 = { h2: { address: "10.0.0.2", mac: "02:00:00:00:00:02" } };
    await publish([sampleOf(nowMs, { rig: "h2" })], { rigs: rig2 });
    await until("the live reading", async () => (await get<RigDetail>("/api/rigs/r2")).sample !== null);
    expect((await health()).counters.rowsPending).toBe(1);
    expect(acked).toBe(1);

    await influxd.restart();
    await ackedTo(2);
    expect(await stored()).toEqual([nowMs - 600_000, nowMs]);
    await until("a store that works", async () => (await health()).parts.store!.ok, PATIENCE_MS);
    expect((await totals()).store).toEqual({ kind: "influxdb", ok: true });
    // What was stored before is shown too, now that it can be read.
    expect(await get<RigDetail>("/api/rigs/r1")).toMatchObject({ sample: { chipTempC: 61 } });
  });

  it("loses nothing and stores nothing twice when it is killed in the midst of it", async () => {
    await start();
    const firstMs = Date.now() - 400_000;
    const times: number[] = [];
    const send = async (batches: number) => {
      for (let i = 0; i < batches; i++) {
        const own = Array.from({ length: 50 }, (_, n) => firstMs + (times.length + n) * 7);
        times.push(...own);
        await publish(own.map((atMs) => sampleOf(atMs)));
      }
    };
    for (let round = 0; round < 3; round++) {
      await send(30);
      if (round) await ackedTo(seq - 20);
      await influxd.kill();
      await send(30);
      await influxd.restart();
    }
    await ackedTo(seq);
    expect(await stored()).toEqual(times);
    expect((await influxd.query("SELECT count(slot) FROM board", "hashwatt")).series![0]!.values[0]![1]).toBe(
      times.length,
    );
    expect((await health()).refusals).toEqual([]);
  }, 120_000);

  it("counts and names what it will not hold, acknowledges the batch, and tells it as an event", async () => {
    await start();
    const nowMs = Date.now();
    await publish([sampleOf(nowMs)]);
    await ackedTo(1);
    await publish([sampleOf(nowMs - 20 * 86_400_000), sampleOf(nowMs - 1_000)], {
      live: false,
      stream: "s2",
      seq: 1,
    });
    await until("the old stream's ack", async () => (await stored()).length === 2, PATIENCE_MS);
    // Another program has written this field as a text.
    await influxd.query('DROP MEASUREMENT "rig"', "hashwatt");
    const headers = {
      authorization: `Basic ${Buffer.from(`${influxd.admin!.username}:${influxd.admin!.password}`).toString("base64")}`,
    };
    const foreign = await fetch(`${influxd.url}/write?db=hashwatt&precision=ms`, {
      method: "POST",
      headers,
      body: `rig,rig=r99 outletTempC="hot" ${nowMs}`,
    });
    expect(foreign.status).toBe(204);
    await publish([sampleOf(nowMs + 1, { outletTempC: 50 }), sampleOf(nowMs + 2)]);
    await ackedTo(2);
    expect(await stored()).toEqual([nowMs + 2]);
    const refusals = await until("the refusals", async () => {
      const found = (await health()).refusals.filter(({ kind }) => kind === "store-lines");
      return found[0]?.count === 3 ? found : undefined;
    });
    expect(refusals[0]!.last).toMatch(
      /^1 line is not in InfluxDB's "hashwatt": partial write: field type conflict/,
    );
    expect((await health()).parts.store!.ok).toBe(true);
    const told = await until("the events", async () => {
      const events = await get<{ kind: string; text: string }[]>("/api/events");
      const texts = events.filter(({ kind }) => kind === "samples-not-stored").map(({ text }) => text);
      return texts.length === 2 && texts;
    });
    expect(told).toEqual([
      expect.stringContaining("partial write: field type conflict"),
      expect.stringContaining("points beyond retention policy dropped=2"),
    ]);
  });

  it("whose permission is taken away stops the acks and says which", async () => {
    await start();
    await publish([sampleOf(Date.now())]);
    await ackedTo(1);
    await stop();
    await influxd.query("CREATE USER \"w\" WITH PASSWORD 'p'");
    for (const name of ["hashwatt", "hashwatt_5m", "hashwatt_1h"])
      await influxd.query(`GRANT ALL ON "${name}" TO "w"`);
    await start({ username: "w", password: "p" });
    await publish([sampleOf(Date.now())]);
    await ackedTo(2);
    await influxd.query('REVOKE WRITE ON "hashwatt" FROM "w"');
    await publish([sampleOf(Date.now())]);
    await until("the word about it", async () => {
      const { store } = (await health()).parts;
      return (
        !store!.ok &&
        store!.note.includes('lets us not write "hashwatt": give this token or user the permission')
      );
    });
    expect(acked).toBe(2);
    await influxd.query('GRANT ALL ON "hashwatt" TO "w"');
    await ackedTo(3);
  });

  it("ends in time while the InfluxDB takes requests and gives no answer", async () => {
    await start();
    await publish([sampleOf(Date.now())]);
    await ackedTo(1);
    process.kill(influxd.pid, "SIGSTOP");
    try {
      await publish([sampleOf(Date.now())]);
      await until("a row that waits", async () => (await health()).counters.rowsPending === 1);
      const startedMs = performance.now();
      await stop();
      expect(performance.now() - startedMs).toBeLessThan(10_000);
    } finally {
      process.kill(influxd.pid, "SIGCONT");
    }
    await start();
    // Not acknowledged, so that the agent sends it again.
    await until("the mark as it stood", () => acked === 1);
  });
});
