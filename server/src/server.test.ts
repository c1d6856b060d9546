import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FleetColumns, RigDetail, Totals } from "@hashwatt/protocol/http";
import type { ServerFrame } from "@hashwatt/protocol/live";
import { systemClock } from "@hashwatt/protocol/time";
import type { Batch } from "@hashwatt/protocol/topics";
import { agentTopic, rigTopic } from "@hashwatt/protocol/topics";
import { connectAsync, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { configSchema } from "./config/schema.js";
import { type RunningServer, startServer } from "./server.js";

/** Waits for something in the real world, at most five seconds. */
async function until<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 5_000; Date.now() < end; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("did not come true within 5 s");
}

describe("a running server", () => {
  let dataDir: string;
  let server: RunningServer;
  let mqtt: MqttClient;
  const messages: { topic: string; body: Record<string, unknown> }[] = [];
  let seq = 0;

  const start = () =>
    startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: { embedded: { port: 0 } },
        store: { dataDir },
        sites: [{ site: "farm", price: 0.06, gridRegion: "CN-SD", demo: true }],
        flushMs: 20,
        liveFlushMs: 20,
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
  const connect = async () => {
    mqtt = await connectAsync(server.mqttUrl!, {
      clientId: "hashwatt-farm-a1",
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    mqtt.on("message", (topic, payload) => {
      messages.push({ topic, body: JSON.parse(payload.toString() || "null") as Record<string, unknown> });
    });
    await mqtt.subscribeAsync(["hashwatt/v1/farm/agent/a1/ack", "hashwatt/v1/farm/rig/+/info"], { qos: 1 });
  };
  const get = async <T>(path: string): Promise<T> =>
    (await fetch(`${server.url}${path}`)).json() as Promise<T>;
  const publish = (over: Partial<Batch> = {}, hashrateThs = 100) => {
    const batch = {
      v: 1,
      stream: "s1",
      live: true,
      seq: ++seq,
      first: 1,
      boot: "b",
      monoMs: 1,
      sentMs: Date.now(),
      rigs: {
        h1: {
          address: "10.0.0.1",
          mac: "02:00:00:00:00:01",
          make: "Bitmain",
          model: "Antminer S19 Pro",
          dialect: "antminer",
          algo: "SHA256",
          nominalThs: 110,
        },
      },
      samples: [
        {
          rig: "h1",
          atMs: Date.now(),
          intervalMs: 5_000,
          status: "mining",
          hashrateThs,
          powerW: 3_250,
          powerSource: "model",
          chipTempC: 70,
          boards: [{ slot: 0, hashrateThs: 50, chipTempC: 70 }],
        },
      ],
      ...over,
    };
    return mqtt.publishAsync(agentTopic("farm", "a1", "batch"), gzipSync(JSON.stringify(batch)), { qos: 1 });
  };
  const acked = (to: number) =>
    until(() => messages.find(({ topic, body }) => topic.endsWith("/ack") && (body.seq as number) >= to));

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "hashwatt-server-"));
    messages.length = 0;
    seq = 0;
    server = await start();
    await connect();
  });
  afterEach(async () => {
    await mqtt?.endAsync(true);
    await server?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test("acknowledges a batch, shows it over HTTP and pushes it to a screen", async () => {
    const frames: ServerFrame[] = [];
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/live`);
    socket.on("message", (data) => frames.push(JSON.parse(data.toString()) as ServerFrame));
    await until(() => frames.find((frame) => frame.t === "hello"));
    socket.send(JSON.stringify({ op: "subscribe", channel: "fleet" }));
    await until(() => frames.find((frame) => frame.t === "snap"));

    await publish();
    await acked(1);
    const delta = await until(() => frames.find((frame) => frame.t === "delta"));
    expect(delta).toMatchObject({
      ch: "fleet",
      data: {
        info: [[1, "10.0.0.1", "farm", "a1", "10.0.0.1", "Bitmain", "Antminer S19 Pro", null, "SHA256", 110]],
      },
    });
    const site = (await get<{ site: string }[]>("/api/sites"))[0]!.site;
    for (const of of ["rigs/r1", `sites/${site}`])
      expect(await get(`/api/${of}/availability`)).toMatchObject({ rangeMs: 0, ratio: null });
    const fleet = await get<FleetColumns>("/api/fleet");
    expect(fleet.rig).toEqual([1]);
    expect(fleet.columns).toMatchObject({
      status: { dict: ["mining"], ix: [0] },
      hashrateThs: [100],
      limitC: [90],
    });
    const totals = await get<Totals>("/api/totals");
    expect(totals.fleet).toMatchObject({
      rigs: 1,
      reporting: 1,
      powerW: 3_250,
      powerBySource: { model: 3_250 },
    });
    expect(totals.fleet.money[0]?.profitPerH).toBeCloseTo(
      (38.349547201233555 / 24_000) * 100 - 3.25 * 0.06,
      9,
    );
    expect(totals.fleet.co2KgPerH).toBeCloseTo(3.25 * 0.6191, 9);
    const detail = await get<RigDetail>("/api/rigs/r1");
    expect(detail).toMatchObject({
      id: "r1",
      name: "10.0.0.1",
      stale: false,
      sample: { boards: [{ slot: 0 }] },
    });
    expect(detail.sample).not.toHaveProperty("rig");
    socket.close();

    const info = await until(() => messages.find(({ topic }) => topic === rigTopic("farm", "r1", "info")));
    expect(info.body).toMatchObject({ id: "r1", model: "Antminer S19 Pro", nominalThs: 110 });
  });

  test("after a restart shows what it knew and asks every stream to go on where it was stored", async () => {
    await publish();
    await acked(1);
    await mqtt.endAsync(true);
    await server.close();
    messages.length = 0;
    server = await start();
    const fleet = await get<FleetColumns>("/api/fleet");
    expect(fleet.columns.hashrateThs).toEqual([100]);
    await connect();
    await publish({ rigs: undefined as never }, 101);
    await acked(2);
    expect((await get<FleetColumns>("/api/fleet")).rig).toEqual([1]);
    await publish({ seq: 1 });
    expect(await until(() => messages.find(({ body }) => body.seq === 2))).toBeDefined();
  });

  test("lets an agent publish nowhere but under its own name", async () => {
    const strange = [
      agentTopic("farm", "a2", "batch"),
      agentTopic("farm", "a1", "ack"),
      rigTopic("farm", "r1", "info"),
      "hashwatt/v1/farm/agent/a1/batch/more",
      "anything",
    ];
    for (const topic of strange) {
      const client = await connectAsync(server.mqttUrl!, {
        clientId: "hashwatt-farm-a1x",
        protocolVersion: 4,
        reconnectPeriod: 0,
      });
      const closed = new Promise<void>((resolve) => client.on("close", () => resolve()));
      client.publish(topic, "{}", { qos: 1 }, () => undefined);
      await closed;
      await client.endAsync(true);
    }
    const health = await get<{ refusals: { kind: string; count: number }[] }>("/api/health");
    expect(health.refusals.find((refusal) => refusal.kind === "mqtt-publish")?.count).toBe(strange.length);
  });

  test("lets nobody be the server", async () => {
    const client = connectAsync(server.mqttUrl!, {
      username: "hashwatt-server",
      password: "guess",
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    await expect(client).rejects.toThrow(/bad username or password/i);
  });

  test("lets anybody listen", async () => {
    const listener = await connectAsync(server.mqttUrl!, { clientId: "grafana", protocolVersion: 4 });
    const seen: string[] = [];
    listener.on("message", (topic) => seen.push(topic));
    await listener.subscribeAsync("hashwatt/#");
    await publish();
    await until(() => (seen.includes(agentTopic("farm", "a1", "batch")) ? true : undefined));
    await listener.endAsync(true);
  });

  test("ends a connection that announces a packet beyond any batch, and goes on with the others", async () => {
    const big = await connectAsync(server.mqttUrl!, {
      clientId: "a9",
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    const closed = new Promise<void>((resolve) => big.on("close", () => resolve()));
    big.publish(agentTopic("farm", "a9", "batch"), Buffer.alloc(5 << 20), { qos: 1 }, () => undefined);
    big.on("error", () => undefined);
    await closed;
    await publish();
    await acked(1);
    const health = await get<{ refusals: { kind: string }[] }>("/api/health");
    expect(health.refusals.map((refusal) => refusal.kind)).toContain("mqtt-packet");
    await big.endAsync(true);
  });

  test("a second server on the same data, MQTT port or HTTP port is refused with one line", async () => {
    const port = Number(new URL(server.url).port);
    const mqttPort = Number(new URL(server.mqttUrl!).port);
    const other = (over: object) =>
      startServer(
        configSchema.parse({
          http: { port: 0 },
          broker: { embedded: { port: 0 } },
          store: { kind: "memory" },
          ...over,
        }),
        "0.1.0",
        systemClock,
        pino({ level: "silent" }),
      );
    await expect(other({ store: { dataDir } })).rejects.toThrow(/used by another Hashwatt/);
    await expect(other({ http: { port } })).rejects.toThrow(`HTTP port ${port} of 127.0.0.1 is in use`);
    await expect(other({ broker: { embedded: { port: mqttPort } } })).rejects.toThrow(
      `MQTT port ${mqttPort} of 127.0.0.1 is in use`,
    );
  });

  test.each([
    ["a foreign host", { host: "evil.example" }],
    ["a foreign page", { origin: "http://evil.example" }],
  ])("takes no live connection from %s", async (_what, headers) => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/live`, { headers });
    const error = await new Promise<Error>((resolve) => socket.on("error", resolve));
    expect(error.message).toContain("403");
  });

  test.each([
    ['{"op":"subscribe","chanel":"fleet"}', "chanel: is no key of a frame; did you mean channel?"],
    [
      '{"op":"subscribe","channel":"fleet","form":{"epoch":"e","seq":1}}',
      "form: is no key of a frame; did you mean from?",
    ],
    [
      '{"op":"subscribe","channel":"fleet","from":{"epoch":"e","sequence":1}}',
      "from.sequence: is no key of a frame",
    ],
    ['{"op":"unsubscribe","channel":"fleet","from":1}', "from: is no key of a frame"],
  ])("tells a screen which key of a frame it does not know: %s", async (text, message) => {
    const frames: ServerFrame[] = [];
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/live`);
    socket.on("message", (data) => frames.push(JSON.parse(data.toString()) as ServerFrame));
    await until(() => frames[0]);
    socket.send(text);
    const error = await until(() => frames.find((frame) => frame.t === "error"));
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(frames.map((frame) => frame.t)).not.toContain("snap");
    socket.close();
  });

  test("answers frames that make no sense and ends a connection that sends only such", async () => {
    const frames: ServerFrame[] = [];
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/live`);
    socket.on("message", (data) => frames.push(JSON.parse(data.toString()) as ServerFrame));
    await until(() => frames[0]);
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    for (const text of [
      "{",
      "[]",
      '{"op":"subscribe","channel":"rig:r99"}',
      '{"op":"subscribe","channel":"__proto__"}',
    ])
      socket.send(text);
    await until(() => (frames.filter((frame) => frame.t === "error").length === 4 ? true : undefined));
    expect(frames).toContainEqual({ t: "error", ch: "rig:r99", message: "rig:r99: there is no such rig" });
    for (let i = 0; i < 16; i++) socket.send("x");
    await closed;
  });
});
