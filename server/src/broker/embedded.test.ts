import { systemClock } from "@hashwatt/protocol/time";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isRetired } from "../identity/rigIndex.js";
import type { Overview } from "../overview.js";
import { Refusals } from "../refusals.js";
import { RigTopics } from "../rigTopics.js";
import type { RigRecord } from "../store/state/state.js";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded.js";

const BATCH = "hashwatt/v1/hall/agent/a1/batch";
const STATUS = "hashwatt/v1/hall/agent/a1/status";

const rigOf = (rig: number): RigRecord => ({
  rig,
  site: "hall",
  agent: "a1",
  handle: `h${rig}`,
  name: `h${rig}`,
  evidence: { address: `10.0.0.${rig}` },
  aliases: [{ kind: "address", value: `hall/a1/h${rig}` }],
  firstSeenMs: 0,
  lastSeenMs: 0,
});

describe("the embedded broker", () => {
  let broker: EmbeddedBroker;
  const clients: MqttClient[] = [];
  const records: RigRecord[] = [];
  const connect = async (options: IClientOptions) => {
    const client = await connectAsync(broker.url, { reconnectPeriod: 0, protocolVersion: 4, ...options });
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    const refusals = new Refusals(() => 0);
    broker = await startEmbeddedBroker(
      { host: "127.0.0.1", port: 0 },
      systemClock,
      refusals,
      pino({ level: "silent" }),
      {
        held: new RigTopics({
          overview: {} as Overview,
          records: () => records,
          isRetired,
          publish: () => undefined,
          state: false,
        }),
      },
    );
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true);
    await broker.close();
  });

  test("queues nothing for a listener that asked for a persistent session and is away", async () => {
    const persistent = { clean: false, clientId: "listener" };
    const listener = await connect(persistent);
    await listener.subscribeAsync([BATCH, STATUS], { qos: 1 });
    await listener.endAsync();
    const agent = await connect({ clientId: "hashwatt-hall-a1" });
    await agent.publishAsync(BATCH, "missed", { qos: 1 });
    await agent.publishAsync(STATUS, "kept", { qos: 1, retain: true });

    const heard: string[] = [];
    const again = await connect(persistent);
    again.on("message", (_topic, payload) => heard.push(payload.toString()));
    const back = new Promise<void>((resolve) =>
      again.on("message", (topic) => topic === STATUS && resolve()),
    );
    await again.subscribeAsync([BATCH, STATUS], { qos: 1 });
    await back;
    expect(heard).toEqual(["kept"]);
  });

  test.each([
    ["hashwatt/v1/+/rig/+/info", ["rig r1", "rig r2"]],
    ["hashwatt/v1/hall/rig/r2/info", ["rig r2"]],
    ["hashwatt/v1/hall/#", ["kept", "rig r1", "rig r2"]],
    ["hashwatt/v1/+/agent/+/status", ["kept"]],
    ["hashwatt/v1/yard/#", []],
  ])(
    "answers a subscription to %s with what is retained and what the server knows",
    async (pattern, wanted) => {
      records.splice(0, 9, rigOf(1), rigOf(2), { ...rigOf(3), aliases: [] });
      const agent = await connect({ clientId: "hashwatt-hall-a1" });
      await agent.publishAsync(STATUS, "kept", { qos: 1, retain: true });
      const heard: string[] = [];
      const reader = await connect({ clientId: "reader" });
      const last = new Promise<void>((resolve) =>
        reader.on("message", (topic, payload, { retain }) => {
          if (topic === BATCH) return resolve();
          expect(retain).toBe(true);
          heard.push(topic === STATUS ? payload.toString() : `rig ${JSON.parse(payload.toString()).id}`);
        }),
      );
      await reader.subscribeAsync(pattern, { qos: 1 });
      // What is retained goes out before anything that a later subscription brings.
      await reader.subscribeAsync(BATCH, { qos: 1 });
      await agent.publishAsync(BATCH, "now", { qos: 1 });
      await last;
      expect(heard.sort()).toEqual(wanted);
    },
  );
});
