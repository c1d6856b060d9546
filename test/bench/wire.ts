import { createServer } from "node:net";
import { gunzipSync } from "node:zlib";
import { agentTopic, type Batch, parseAgentTopic } from "@hashwatt/protocol/topics";
import { Aedes } from "aedes";
import { connectAsync } from "mqtt";
import { freePort } from "../support/ports.js";
import { until } from "../support/wait.js";
import { loopbackAddresses } from "./addresses.js";
import { type Bench, bounded, reported } from "./figure.js";
import { openStack } from "./stack.js";
import { startWorker } from "./worker.js";

const RIGS = 1_000;
const INTERVAL_MS = 30_000;
const PER_DAY = 86_400_000 / INTERVAL_MS;

interface Count {
  bytes: number;
  batches: number;
  samples: number;
  boards: number;
  jsonBytes: number;
}
const nothing = (): Count => ({ bytes: 0, batches: 0, samples: 0, boards: 0, jsonBytes: 0 });

/**
 * What 1,000 rigs that are read every 30 s put on the wire, per rig and day, from payloads counted at a subscriber: one real
 * agent by default, one with `batchMs: 1000`. The broker is bare, and what acknowledges stores nothing.
 */
export const bench: Bench = async ({ seconds, say }) => {
  const mqttPort = await freePort();
  const stack = await openStack("wire", mqttPort);
  const port = await freePort();
  const rigs = startWorker("floors/rigServer.ts");
  const broker = await Aedes.createBroker();
  const listener = createServer(broker.handle);
  await new Promise<void>((resolve) => listener.listen(mqttPort, "127.0.0.1", resolve));
  const client = await connectAsync(stack.mqttUrl, { protocolVersion: 4 });
  const counts = new Map<string, Count>();
  const reporting = new Map<string, Set<string>>();
  client.on("message", (topic, payload) => {
    const agent = parseAgentTopic(topic)?.agent;
    if (!agent) return;
    const text = payload[0] === 0x1f ? gunzipSync(payload) : payload;
    const batch = JSON.parse(text.toString()) as Batch;
    const ack = { stream: batch.stream, seq: batch.seq, serverMs: Date.now() };
    client.publish(agentTopic(stack.site, agent, "ack"), JSON.stringify(ack), { qos: 1 });
    const count = counts.get(agent) ?? nothing();
    counts.set(agent, count);
    count.bytes += payload.length;
    count.jsonBytes += text.length;
    count.batches++;
    count.samples += batch.samples.length;
    const seen = reporting.get(agent) ?? new Set();
    reporting.set(agent, seen);
    for (const sample of batch.samples) {
      seen.add(sample.rig);
      if (sample.boards?.length === 3 && sample.fansRpm && sample.shares && sample.pool) count.boards++;
    }
  });
  try {
    await client.subscribeAsync(agentTopic(stack.site, "+", "batch"), { qos: 1 });
    await rigs.call("listen", { port, kind: "antminer", mode: "moving" });
    const addresses = loopbackAddresses(2 * RIGS).map((host) => `${host}:${port}`);
    await stack.startAgent("default", addresses.slice(0, RIGS), { intervalMs: INTERVAL_MS });
    await stack.startAgent("wide", addresses.slice(RIGS), { intervalMs: INTERVAL_MS, batchMs: 1_000 });
    say("waiting for the first reading of each rig");
    await until(
      "every rig reports",
      () => ["default", "wide"].every((agent) => reporting.get(agent)?.size === RIGS),
      90_000,
      200,
    );
    counts.clear();
    say("counting");
    await new Promise((resolve) => setTimeout(resolve, Math.max(seconds * 1000, INTERVAL_MS)));
    const figures = (agent: string, name: string, atMost: number) => {
      const count = counts.get(agent) ?? nothing();
      const full = count.boards / count.samples;
      return [
        bounded(
          name,
          ((count.bytes / count.samples) * PER_DAY) / 1e6,
          "MB per rig and day",
          { atMost },
          {
            note: `${(count.samples / count.batches).toFixed(1)} samples to a batch, ${Math.round(count.bytes / count.samples)} B a sample (${Math.round(count.jsonBytes / count.samples)} B as JSON)`,
          },
        ),
        bounded(`${name}: samples with boards, fans, shares, pool`, full, "", { atLeast: 0.95 }),
        reported(`${name}: messages`, (count.batches / count.samples) * PER_DAY * RIGS, "per day"),
      ];
    };
    return [...figures("default", "by default", 0.9), ...figures("wide", "with batchMs 1000", 0.55)];
  } finally {
    await stack.close();
    await rigs.stop();
    await client.endAsync(true);
    listener.close();
    await new Promise<void>((resolve) => broker.close(() => resolve()));
  }
};
