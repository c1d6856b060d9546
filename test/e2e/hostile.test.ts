import { gzipSync } from "node:zlib";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../support/stack.js";
import { stackRuns } from "../support/testStore.js";
import { until } from "../support/wait.js";

interface Health {
  ok: boolean;
  counters: Record<string, number>;
  refusals: { kind: string; count: number; last: string }[];
}

/** Mulberry32; a run is repeatable by its seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const COUNT = 20_000;

describe.skipIf(!stackRuns)("20,000 hostile batches on MQTT", () => {
  let stack: Stack;
  let client: MqttClient;
  beforeAll(async () => {
    stack = await startStack({ rigs: [], broker: "mosquitto" });
    client = await connectAsync(stack.brokerUrl, { protocolVersion: 4 });
  });
  afterAll(async () => {
    await client?.endAsync();
    await stack?.close();
  });

  test("are counted, named and harmless, and a good batch among them is stored", async () => {
    const next = random(20261126);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
    const good = (seq: number) => ({
      v: 1,
      stream: "s1",
      live: true,
      seq,
      first: 1,
      boot: "b1",
      monoMs: 1,
      sentMs: Date.now(),
      samples: [{ rig: "10-0-0-1", atMs: Date.now(), intervalMs: 5000, status: "mining", hashrateThs: 100 }],
    });
    const odd = () =>
      pick<unknown>([
        null,
        -1,
        0,
        1e308,
        "",
        "x".repeat(2_000),
        "../../etc",
        "\u0000",
        [],
        {},
        [[[[]]]],
        true,
        { __proto__: null, constructor: 1 },
        "💥",
        2 ** 53,
        -0.5,
        "1; DROP TABLE samples",
        "<script>alert(1)</script>",
      ]);
    const mutate = (): Buffer => {
      const batch = good(1 + Math.floor(next() * 1e6)) as Record<string, unknown>;
      const kind = Math.floor(next() * 8);
      if (kind === 0) return Buffer.from(JSON.stringify(batch)).subarray(0, Math.floor(next() * 200));
      if (kind === 1)
        return Buffer.from(Array.from({ length: Math.floor(next() * 300) }, () => Math.floor(next() * 256)));
      if (kind === 2)
        return gzipSync(Buffer.from(JSON.stringify(batch))).subarray(0, 5 + Math.floor(next() * 60));
      if (kind === 3) batch[pick(Object.keys(batch))] = odd();
      if (kind === 4)
        (batch.samples as Record<string, unknown>[])[0]![
          pick(["rig", "atMs", "status", "chipTempC", "fansRpm", "boards", "faults"])
        ] = odd();
      if (kind === 5)
        batch.rigs = { [pick(["10-0-0-1", "__proto__", "UPPER", "a/b/#"])]: { address: odd(), mac: odd() } };
      if (kind === 6) batch.samples = Array.from({ length: Math.floor(next() * 50) }, odd);
      if (kind === 7) batch[pick(["__proto__", "", "💥", "constructor", "x".repeat(200), "lost"])] = odd();
      // A stream of its own each, so that the sequence rules do not hide what the content is.
      batch.stream = kind === 3 ? batch.stream : `h${Math.floor(next() * 50)}`;
      return Buffer.from(JSON.stringify(batch));
    };
    const before = process.memoryUsage().rss;
    expect(before).toBeGreaterThan(0);
    for (let sent = 0; sent < COUNT; ) {
      const burst: Promise<unknown>[] = [];
      for (let i = 0; i < 200; i++, sent++)
        burst.push(client.publishAsync("hashwatt/v1/test/agent/evil/batch", mutate(), { qos: 1 }));
      await Promise.all(burst);
    }
    // A gzip bomb: 1 kB that would unpack to far more than any batch.
    await client.publishAsync("hashwatt/v1/test/agent/evil/batch", gzipSync(Buffer.alloc(64 << 20)), {
      qos: 1,
    });
    await client.publishAsync(
      "hashwatt/v1/test/agent/good/batch",
      JSON.stringify({ ...good(1), stream: "ok" }),
      { qos: 1 },
    );
    const health = await until(
      "the good batch is stored and all others judged",
      async () => {
        const fleet = await stack.get<{ rig: number[]; columns: { agent: unknown } }>("/api/fleet");
        const now = await stack.get<Health>("/api/health");
        return JSON.stringify(fleet.columns.agent).includes("good") ? now : undefined;
      },
      60_000,
    );
    expect(health.ok).toBe(true);
    const refused = health.refusals.reduce((sum, refusal) => sum + refusal.count, 0);
    expect(refused).toBeGreaterThan(COUNT / 4);
    for (const refusal of health.refusals) expect(refusal.last.length, refusal.kind).toBeGreaterThan(5);
    expect(stack.server.lines.filter((line) => /unhandled|uncaught|"level":60/i.test(line))).toEqual([]);
    const fleet = await stack.get<{ columns: Record<string, unknown> }>("/api/fleet");
    expect(JSON.stringify(fleet)).not.toContain("NaN");
  }, 120_000);
});
