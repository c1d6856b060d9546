import { gzipSync } from "node:zlib";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { type Clock, systemClock } from "@hashwatt/protocol/time";
import { agentTopic } from "@hashwatt/protocol/topics";
import { configSchema } from "@hashwatt/server/config/schema";
import { startServer } from "@hashwatt/server/server";
import { connectAsync, type MqttClient } from "mqtt";
import { pino } from "pino";
import { until } from "./wait.js";

/** What a rig of a {@link ToldServer} is and reads. */
export interface ToldRig {
  evidence: Evidence;
  sample: Omit<Sample, "rig" | "atMs" | "intervalMs">;
}

/** A whole server in this process, with its broker, that the test itself tells of rigs in the place of an agent. */
export interface ToldServer {
  readonly url: string;
  readonly mqtt: MqttClient;
  /** Publishes one batch with a reading of each rig; resolves once it is acknowledged. */
  tell(rigs: readonly ToldRig[]): Promise<void>;
  /** Puts the server's clock forward. */
  later(ms: number): void;
  close(): Promise<void>;
}

/**
 * Starts a {@link ToldServer} with a memory store; `config` is laid over it. After a restart the batches need another `stream`.
 */
export async function startToldServer(
  config: Record<string, unknown> = {},
  stream = "s1",
): Promise<ToldServer> {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  const server = await startServer(
    configSchema.parse({
      http: { port: 0 },
      broker: { embedded: { port: 0 } },
      store: { kind: "memory" },
      sites: [{ site: "farm", price: 0.06, gridRegion: "CN-SD", demo: true }],
      flushMs: 20,
      ...config,
    }),
    "0.1.0",
    clock,
    pino({ level: "silent" }),
  );
  const mqtt = await connectAsync(server.mqttUrl!, { clientId: "hashwatt-farm-a1", reconnectPeriod: 0 });
  let acked = 0;
  let seq = 0;
  mqtt.on("message", (topic, payload) => {
    if (!topic.endsWith("/ack")) return;
    const ack = JSON.parse(payload.toString()) as { seq: number; stream: string };
    if (ack.stream === stream) acked = ack.seq;
  });
  await mqtt.subscribeAsync(agentTopic("farm", "a1", "ack"), { qos: 1 });
  return {
    url: server.url,
    mqtt,
    async tell(rigs) {
      const atMs = clock.nowMs();
      const batch = {
        v: 1,
        stream,
        live: true,
        seq: ++seq,
        first: 1,
        boot: "b",
        monoMs: seq,
        sentMs: atMs,
        rigs: Object.fromEntries(rigs.map(({ evidence }, i) => [`h${i}`, evidence])),
        samples: rigs.map(({ sample }, i) => ({ ...sample, rig: `h${i}`, atMs, intervalMs: 5_000 })),
      };
      await mqtt.publishAsync(agentTopic("farm", "a1", "batch"), gzipSync(JSON.stringify(batch)), { qos: 1 });
      await until(`batch ${seq} is acknowledged`, () => acked >= seq);
    },
    later(ms) {
      aheadMs += ms;
    },
    async close() {
      await mqtt.endAsync(true);
      await server.close();
    },
  };
}

/** A rig that reports all that a reading can hold. */
export const fullRig = (n: number): ToldRig => ({
  evidence: {
    address: `10.0.0.${n}`,
    mac: `02:00:00:00:00:0${n}`,
    serial: `SERIAL${n}`,
    hostname: `host-${n}`,
    make: "Bitmain",
    model: "Antminer S19 Pro",
    firmware: "2024-01",
    dialect: "antminer",
    algo: "SHA256",
    nominalThs: 110,
    pools: [{ url: "stratum+tcp://pool.example:3333", user: `account.worker${n}`, active: true }],
  },
  sample: {
    status: "mining",
    pollMs: 41,
    algo: "SHA256",
    hashrateThs: 110.61,
    hashrateWindowS: 5,
    hashrateAvgThs: 109.9,
    targetThs: 110,
    powerW: 3_250,
    powerSource: "model",
    powerLimitW: 3_400,
    powerMode: "normal",
    inletTempC: 24.5,
    outletTempC: 55,
    coolantTempC: 31,
    psuTempC: 44,
    boardTempC: 66,
    chipTempC: 78.5,
    boardLimitC: 85,
    chipLimitC: 95,
    fansRpm: [5_400, 5_380, 4_980, 5_010],
    fanDutyRatio: 0.8,
    boards: [
      {
        slot: 0,
        hashrateThs: 36.9,
        boardTempC: 66,
        chipTempC: 78.5,
        chips: 114,
        chipsExpected: 114,
        hwErrors: 3,
        frequencyMHz: 525,
        voltageV: 13.2,
      },
    ],
    shares: { accepted: 812, rejected: 3, stale: 1, acceptedDiff: 5.3e7, rejectedDiff: 2e5 },
    pool: "stratum+tcp://pool.example:3333",
    uptimeS: 86_400,
    faults: [{ code: "F1", text: "fan lost" }],
  },
});
