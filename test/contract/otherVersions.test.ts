import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Publisher, startPublisher } from "@hashwatt/agent/publisher/publisher";
import { systemClock } from "@hashwatt/protocol/time";
import {
  type Ack,
  ackSchema,
  agentStatusSchema,
  parseAgentTopic,
  parseBatch,
  unknownInStatus,
} from "@hashwatt/protocol/topics";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Expected, keptVersions, unpack } from "../upgrade/archive.js";
import { AckingBroker } from "./streams/ackingBroker.js";

const until = (what: () => void) => vi.waitFor(what, { timeout: 15_000, interval: 10 });

/** Messages of a kind that the programs of a version have sent. */
function recorded({ messages }: Expected, kind: "batch" | "status" | "ack"): unknown[] {
  return messages
    .filter(({ topic }) => parseAgentTopic(topic)?.kind === kind)
    .map(({ payload }) => Buffer.from(payload, "base64"))
    .map((bytes) => JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString()) as unknown);
}

const folder = mkdtempSync(join(tmpdir(), "hashwatt-versions-"));
const versions = keptVersions().map((version) => unpack(version, join(folder, version)));
let broker: AckingBroker;
let publisher: Publisher | undefined;

beforeEach(async () => {
  broker = new AckingBroker();
  await broker.start();
});
afterEach(async () => {
  await publisher?.close();
  publisher = undefined;
  await broker.stop();
});

describe.each(versions)("version $version", (expected) => {
  test("sent batches, evidence and statuses that are understood to the last key", () => {
    const batches = recorded(expected, "batch").map((json) => parseBatch(json));
    expect(batches.filter(({ samples }) => samples.length).length).toBeGreaterThan(5);
    expect(batches.some(({ live }) => !live)).toBe(true);
    expect(batches.some(({ rigs }) => rigs !== undefined)).toBe(true);
    for (const { refused, unknownKeys } of batches)
      expect({ refused, unknownKeys }).toEqual({ refused: [], unknownKeys: 0 });
    const statuses = recorded(expected, "status");
    expect(statuses.length).toBeGreaterThan(1);
    for (const json of statuses) {
      expect(agentStatusSchema.parse(json)).toEqual(json);
      expect(unknownInStatus(json)).toBe(0);
    }
  });

  test("answered with acks that let an agent of now send, free and rewind", async () => {
    const acks = recorded(expected, "ack") as Ack[];
    for (const ack of acks) expect(ackSchema.parse(ack)).toEqual(ack);
    const keys = new Set(acks.flatMap((ack) => Object.keys(ack)));
    expect([...keys]).toEqual(expect.arrayContaining(["stream", "seq", "serverMs", "rewind", "resumed"]));
    broker.dress = (ack) => Object.fromEntries(Object.entries(ack).filter(([key]) => keys.has(key)));
    await deliver();
  });
});

test("a server that is newer may say more in its acks than an agent knows", async () => {
  broker.dress = (ack) => ({ v: 3, ...ack, load: { ratio: 0.4 }, advice: ["slower"], until: null });
  await deliver();
});

/** An agent of now delivers to a server that answers as the test has dressed it, a rewind included. */
async function deliver(): Promise<void> {
  const dataDir = mkdtempSync(join(folder, "agent-"));
  publisher = await startPublisher({
    config: {
      ...{ site: "hall", agent: "a1", broker: { url: `mqtt://127.0.0.1:${broker.port}` }, dataDir },
      ...{ batchMs: 20, batchSamples: 500, gzip: true },
      spool: { maxBytes: 1e9, maxAgeMs: 6 * 86_400_000, segmentBytes: 1 << 20 },
    },
    clock: systemClock,
    log: pino({ enabled: false }),
    version: "1.2.3",
    rigCounts: () => ({ mining: 1 }),
    signal: new AbortController().signal,
  });
  const push = (n: number) =>
    publisher?.push({ rig: "r1", atMs: Date.now(), intervalMs: 5_000, status: "mining", hashrateThs: n });
  const stored = () => broker.stored.map(({ sample }) => sample.hashrateThs);
  await until(() => expect(publisher?.stats().spool.batches).toBe(0));
  // What is sent while the server is away is unknown to it and comes again after a rewind.
  broker.serving = false;
  push(0);
  await until(() => expect(broker.batches.length).toBeGreaterThan(1));
  const { stream } = broker.batches.at(-1)!;
  broker.serving = true;
  broker.ack(stream, 1, { rewind: true });
  for (let n = 1; n < 20; n++) push(n);
  await until(() => expect(stored()).toEqual(Array.from({ length: 20 }, (_, n) => n)));
  await until(() => expect(publisher?.stats().spool).toMatchObject({ batches: 0, bytes: 0 }));
  expect(publisher.stats()).toMatchObject({ outage: false, samples: 20 });
  expect(publisher.stats().clockOffsetMs).toBeDefined();
}

process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
