import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AlertView, Health } from "@hashwatt/protocol/http";
import { type Clock, systemClock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import { configSchema } from "@hashwatt/server/config/schema";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { connectAsync, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeInflux2, startFakeInflux2 } from "../support/fakeInflux2.js";
import { until } from "../support/wait.js";
import { tempFolder } from "./support/telemetryStores.js";

/** A server whose store of readings takes nothing for a while, and a receiver of its alerts. */
describe("a store of readings that is away", () => {
  const folder = tempFolder();
  /** The server's clock is so far ahead, before a restart and after it. */
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  let influx: FakeInflux2;
  let hook: Server;
  /** What was told, by the delivery id that a message may be known again by. */
  const heard = new Map<string, AlertView[]>();
  let server: RunningServer | undefined;
  let mqtt: MqttClient | undefined;
  let acked = 0;

  const start = async () => {
    const { port } = hook.address() as AddressInfo;
    server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: { embedded: { port: 0 } },
        store: {
          ...{ kind: "influxdb", dataDir: folder.path },
          influx: { url: influx.url, org: "mine", token: "t" },
        },
        sites: [{ site: "farm" }],
        alerts: {
          resolveHoldMs: 1_000,
          channels: [{ id: "hook", kind: "webhook", url: `http://127.0.0.1:${port}/` }],
        },
        flushMs: 20,
      }),
      "0.1.0",
      clock,
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
    influx = await startFakeInflux2({ tokens: { t: { read: "all", write: "all", manage: true } } });
    influx.answers.set("", []);
    hook = createServer((request, answer) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const { id, alerts } = JSON.parse(body) as { id: string; alerts: AlertView[] };
        heard.set(id, alerts);
        answer.writeHead(204).end();
      });
    });
    await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
  });
  afterEach(async () => {
    await stop();
    await influx.close();
    hook.close();
    folder[Symbol.dispose]();
  });

  const get = async <T>(path: string): Promise<T> =>
    (await fetch(`${server!.url}${path}`)).json() as Promise<T>;
  const publish = async (seq: number, chipTempC: number) => {
    const atMs = clock.nowMs();
    const sample = { rig: "h1", atMs, intervalMs: 5_000, status: "mining", hashrateThs: 100, powerW: 3_250 };
    const batch = { v: 1, stream: "s1", live: true, seq, first: 1, boot: "b", monoMs: seq, sentMs: atMs };
    const body = {
      ...batch,
      rigs: { h1: { address: "10.0.0.1", mac: "02:00:00:00:00:01" } },
      samples: [{ ...sample, powerSource: "psu", chipTempC, chipLimitC: 95 }],
    };
    await mqtt!.publishAsync(agentTopic("farm", "a1", "batch"), JSON.stringify(body), { qos: 1 });
  };
  const ackedTo = (seq: number) => until(`batch ${seq} is acknowledged`, () => acked >= seq);
  const told = (rule: string) =>
    [...heard.values()].flat().flatMap((alert) => (alert.rule === rule ? alert.state : []));
  const tellsOf = (rule: string, states: string[]) =>
    until(`${rule} is told: ${states}`, () => told(rule).length >= states.length).then(() =>
      expect(told(rule)).toEqual(states),
    );
  const storeIs = (ok: boolean) =>
    until(`the store ${ok ? "works" : "fails"}`, async () => {
      const { parts } = await get<Health>("/api/health");
      return parts.store?.ok === ok;
    });
  const alertOf = async (rule: string, state: string) =>
    (await get<AlertView[]>("/api/alerts")).find((alert) => alert.rule === rule && alert.state === state);

  it("is told while it is, as is what readings showed, and once, though the server starts again and they come again", async () => {
    await start();
    await publish(1, 70);
    await ackedTo(1);

    influx.trouble = () => ({ status: 503, body: { code: "unavailable", message: "no room" } });
    for (const seq of [2, 3]) await publish(seq, 112);
    await tellsOf("overheating", ["firing"]);
    await until("it is judged", () => alertOf("storeDown", "pending"));
    aheadMs += 61_000;
    await tellsOf("storeDown", ["firing"]);
    expect(acked).toBe(1);

    await stop();
    await start();
    await storeIs(true);
    // The agent has had no ack of them, and sends them again.
    for (const seq of [2, 3]) await publish(seq, 112);
    await storeIs(false);
    expect(await alertOf("storeDown", "firing")).toBeDefined();
    expect(await alertOf("overheating", "firing")).toBeDefined();
    influx.trouble = undefined;
    await ackedTo(3);
    let seq = 3;
    const further = async () => {
      aheadMs += 5_000;
      await publish(++seq, 70);
      return told("storeDown").length > 1 && told("overheating").length > 1;
    };
    await until("the end of each is told", further, 60_000, 1_200);
    expect(told("storeDown")).toEqual(["firing", "resolved"]);
    expect(told("overheating")).toEqual(["firing", "resolved"]);
    const changes = [...heard.values()].flat().map(({ id, state, firedMs }) => `${id} ${state} ${firedMs}`);
    expect(new Set(changes).size).toBe(changes.length);
    expect(influx.unexpected).toEqual([]);
  });
});
