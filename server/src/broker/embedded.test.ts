import { systemClock } from "@hashwatt/protocol/time";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Refusals } from "../refusals.js";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded.js";

const BATCH = "hashwatt/v1/hall/agent/a1/batch";
const STATUS = "hashwatt/v1/hall/agent/a1/status";

describe("the embedded broker", () => {
  let broker: EmbeddedBroker;
  const clients: MqttClient[] = [];
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
});
