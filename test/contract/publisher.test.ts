import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Publisher, type PublisherConfig, startPublisher } from "@hashwatt/agent/publisher/publisher";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { type Clock, systemClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AckingBroker } from "./streams/ackingBroker.js";
import { elasticClock } from "./streams/elasticClock.js";

const log = pino({ enabled: false });

let broker: AckingBroker;
let dataDir: string;
let running: Publisher[];

beforeEach(async () => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "hashwatt-publisher-"));
  broker = new AckingBroker();
  running = [];
  await broker.start();
});
afterEach(async () => {
  for (const publisher of running) await publisher.close();
  await broker.stop();
  expect(broker.refused).toEqual([]);
  fs.rmSync(dataDir, { recursive: true });
});

async function start(more: Partial<PublisherConfig> = {}, clock: Clock = systemClock): Promise<Publisher> {
  const publisher = await startPublisher({
    config: {
      site: "hall",
      agent: "a1",
      broker: { url: `mqtt://127.0.0.1:${broker.port}` },
      dataDir,
      batchMs: 20,
      batchSamples: 500,
      gzip: true,
      spool: { maxBytes: 1e9, maxAgeMs: 6 * 86_400_000, segmentBytes: 16 * 1024 * 1024 },
      ...more,
    },
    clock,
    log,
    version: "1.2.3",
    rigCounts: () => ({ mining: 2 }),
    signal: new AbortController().signal,
  });
  running.push(publisher);
  return publisher;
}

const sample = (n: number, atMs = Date.now()): Sample => ({
  rig: `rig-${n % 50}`,
  atMs,
  intervalMs: 5_000,
  status: "mining",
  hashrateThs: n,
});
const until = (what: () => void) => vi.waitFor(what, { timeout: 15_000, interval: 10 });
const numbers = () => broker.stored.map((one) => one.sample.hashrateThs);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

test("samples arrive in order, the first batch of a boot is empty, and the spool empties", async () => {
  const publisher = await start();
  for (const n of upTo(100)) publisher.push(sample(n));
  await until(() => expect(numbers()).toEqual(upTo(100)));
  expect(broker.batches[0]).toMatchObject({ seq: 1, first: 1, live: true, samples: [] });
  expect(broker.batches.every(({ live }) => live)).toBe(true);
  await until(() => expect(publisher.stats().spool).toMatchObject({ batches: 0, bytes: 0 }));
  expect(publisher.stats()).toMatchObject({ connected: true, outage: false, samples: 100 });
});

test("evidence comes with a rig's first sample and on change", async () => {
  const publisher = await start({ batchMs: 0 });
  const evidence: Evidence = { address: "10.0.0.1", model: "M50" };
  await until(() => expect(publisher.stats().acks).toBe(1));
  for (const n of upTo(3)) publisher.push({ ...sample(n), rig: "r" }, evidence);
  publisher.push({ ...sample(3), rig: "r" }, { ...evidence, model: "M60" });
  await until(() => expect(numbers()).toEqual(upTo(4)));
  const told = broker.batches.flatMap(({ rigs }) => Object.values(rigs ?? {}));
  expect(told.map(({ model }) => model)).toEqual(["M50", "M60"]);
});

test("birth, change and goodbye are told, retained", async () => {
  const publisher = await start();
  await until(() => expect(broker.retained()?.state).toBe("online"));
  expect(broker.retained()).toMatchObject({
    version: "1.2.3",
    rigs: { mining: 2 },
    spool: { droppedBatches: 0, damagedRecords: 0 },
  });
  await publisher.close();
  expect(broker.retained()).toMatchObject({ state: "offline", version: "1.2.3" });
});

test("a broker that dies and comes back at once costs nothing", async () => {
  const publisher = await start();
  for (const n of upTo(50)) publisher.push(sample(n));
  await until(() => expect(numbers()).toHaveLength(50));
  await broker.stop();
  for (const n of upTo(50)) publisher.push(sample(50 + n));
  await until(() => expect(publisher.stats().connected).toBe(false));
  await until(() => expect(publisher.stats().spool.batches).toBeGreaterThan(0));
  await broker.start();
  await until(() => expect(numbers()).toEqual(upTo(100)));
});

test("after a broker outage of ten minutes live values come at once and the backlog beside them, all of it once", async () => {
  const clock = elasticClock();
  const publisher = await start({}, clock);
  let n = 0;
  using _feed = clock.every(100, () => publisher.push(sample(n++, clock.nowMs())));
  await until(() => expect(broker.stored.length).toBeGreaterThan(3));
  await broker.stop();
  clock.factor = 200;
  const downMs = clock.monoMs();
  await until(() => expect(clock.monoMs() - downMs).toBeGreaterThan(600_000));
  clock.factor = 1;
  expect(publisher.stats().outage).toBe(true);
  expect(publisher.stats().spool.batches).toBeGreaterThan(50);
  const upMs = clock.monoMs();
  const before = broker.stored.length;
  await broker.start();
  await until(() => expect(broker.stored.slice(before).some(({ live }) => live)).toBe(true));
  expect(clock.monoMs() - upMs).toBeLessThan(10_000);
  const firstLive = broker.stored.slice(before).find(({ live }) => live)!.sample.hashrateThs!;
  const upToLive = () => numbers().filter((one) => one! < firstLive);
  await until(() => expect(upToLive()).toHaveLength(firstLive));
  expect(upToLive().toSorted((a, b) => a! - b!)).toEqual(upTo(firstLive));
}, 40_000);

test("without a server nothing but probes goes out, and a new start sends what is spooled as backlog", async () => {
  broker.serving = false;
  const clock = elasticClock();
  clock.factor = 50;
  const first = await start({}, clock);
  for (const n of upTo(40)) first.push(sample(n));
  await until(() => expect(first.stats().outage).toBe(true));
  const sent = first.stats().published;
  await until(() => expect(first.stats().published).toBeGreaterThan(sent));
  expect(new Set(broker.batches.map(({ seq }) => seq))).toEqual(new Set([1]));
  await first.close();
  broker.serving = true;
  const second = await start();
  second.push(sample(40));
  await until(() => expect(numbers().toSorted((a, b) => a! - b!)).toEqual(upTo(41)));
  expect(broker.stored.filter(({ live }) => !live)).toHaveLength(40);
  // The boot of the first run never learned its offset.
  expect(broker.stored.filter(({ sample }) => sample.clock === "unsure")).toHaveLength(40);
});

test("while nothing is acknowledged a batch gathers a second, and the first ack ends the one in hand", async () => {
  broker.serving = false;
  const clock = elasticClock();
  const publisher = await start({}, clock);
  clock.factor = 20;
  publisher.push(sample(0, clock.nowMs()));
  await until(() => expect(publisher.stats().outage).toBe(true));
  clock.factor = 1;
  const spooled = () => publisher.stats().batches;
  publisher.push(sample(1, clock.nowMs()));
  const [before, fromMs] = [spooled(), clock.monoMs()];
  await until(() => expect(spooled()).toBe(before + 1));
  expect(clock.monoMs() - fromMs).toBeGreaterThan(990);
  publisher.push(sample(2, clock.nowMs()));
  broker.serving = true;
  const { stream, seq } = broker.batches[0]!;
  broker.ack(stream, seq);
  await until(() => expect(numbers().toSorted((a, b) => a! - b!)).toEqual(upTo(3)));
});

test("stamps of a clock that is an hour behind are corrected, those before the first ack too", async () => {
  const clock = elasticClock();
  clock.wallErrorMs = -3_600_000;
  const publisher = await start({}, clock);
  publisher.push(sample(0, clock.nowMs()));
  await until(() => expect(publisher.stats().clockOffsetMs).toBeDefined());
  expect(publisher.stats().clockOffsetMs! / 3_600_000).toBeCloseTo(1, 2);
  publisher.push(sample(1, clock.nowMs()));
  await until(() => expect(broker.stored).toHaveLength(2));
  for (const { sample } of broker.stored) expect(Math.abs(sample.atMs - Date.now())).toBeLessThan(15_000);
});

test("the batch that is in hand when the first ack comes is corrected like every other", async () => {
  const clock = elasticClock();
  clock.wallErrorMs = -3_600_000;
  const publisher = await start({ batchMs: 2_000 }, clock);
  publisher.push(sample(0, clock.nowMs()));
  await until(() => expect(publisher.stats().clockOffsetMs).toBeDefined());
  expect(broker.stored).toHaveLength(0);
  await until(() => expect(broker.stored).toHaveLength(1));
  for (const { sample } of broker.stored) expect(Math.abs(sample.atMs - Date.now())).toBeLessThan(15_000);
});

test("a step of the wall clock moves no stamp", async () => {
  const clock = elasticClock();
  const publisher = await start({ batchMs: 200 }, clock);
  await until(() => expect(publisher.stats().clockOffsetMs).toBeDefined());
  publisher.push(sample(0, clock.nowMs()));
  clock.wallErrorMs = 86_400_000;
  publisher.push(sample(1, clock.nowMs()));
  await until(() => expect(broker.stored).toHaveLength(2));
  for (const { sample } of broker.stored) expect(Math.abs(sample.atMs - Date.now())).toBeLessThan(15_000);
});

test("after a sleep of the machine no stamp is believed before the server has told the time anew", async () => {
  const clock = elasticClock();
  const publisher = await start({}, clock);
  await until(() => expect(publisher.stats().clockOffsetMs).toBeDefined());
  publisher.push(sample(0, clock.nowMs()));
  await until(() => expect(numbers()).toEqual([0]));
  // The monotonic clock stands still in a sleep: all others have gone on. One ack was on its way.
  const { stream, seq } = broker.batches.at(-1)!;
  broker.ack(stream, seq);
  broker.aheadMs = 3_600_000;
  clock.wallErrorMs = 3_600_000;
  for (const n of upTo(20)) publisher.push(sample(1 + n, clock.nowMs()));
  await until(() => expect(numbers()).toEqual(upTo(21)));
  for (const { sample } of broker.stored.slice(1))
    expect(Math.abs(sample.atMs - Date.now() - 3_600_000)).toBeLessThan(15_000);
});

test("a server that has more of the live stream than was made of it gets a new one, and all that comes is stored", async () => {
  const publisher = await start();
  publisher.push(sample(0));
  await until(() => expect([numbers(), publisher.stats().spool.batches]).toEqual([[0], 0]));
  const { acks } = publisher.stats();
  const { stream } = broker.batches.at(-1)!;
  broker.ack(stream, 290_000);
  await until(() => expect(publisher.stats().acks).toBeGreaterThan(acks));
  publisher.push(sample(1));
  await until(() => expect(numbers()).toEqual([0, 1]));
  expect(broker.batches.at(-1)).toMatchObject({ seq: 1, live: true });
  expect(broker.batches.at(-1)!.stream).not.toBe(stream);
});

test("a segment that the disk withholds for a while costs nothing", async () => {
  broker.serving = false;
  const clock = elasticClock();
  clock.factor = 50;
  const first = await start({}, clock);
  for (const n of upTo(40)) first.push(sample(n));
  await until(() => expect(first.stats().outage).toBe(true));
  await first.close();
  broker.serving = true;
  const second = await start();
  const file = path.join(dataDir, "spool", "0000000001.seg");
  fs.renameSync(file, `${file}.away`);
  for (const n of upTo(20)) {
    second.push(sample(40 + n));
    await until(() => expect(numbers()).toHaveLength(n + 1));
  }
  expect(second.stats().spool.error).toContain(file);
  fs.renameSync(`${file}.away`, file);
  await until(() => expect(numbers().toSorted((a, b) => a! - b!)).toEqual(upTo(60)));
  expect(second.stats().spool).toMatchObject({ droppedBatches: 0, damagedRecords: 0 });
});

test("a server that resumed the stream gets all evidence again", async () => {
  const publisher = await start({ batchMs: 0 });
  const evidence: Evidence = { address: "10.0.0.1" };
  publisher.push({ ...sample(0), rig: "r" }, evidence);
  await until(() => expect(numbers()).toEqual([0]));
  const { stream, seq } = broker.batches.at(-1)!;
  broker.ack(stream, seq, { resumed: true });
  await until(() => expect(publisher.stats().acks).toBeGreaterThanOrEqual(3));
  publisher.push({ ...sample(1), rig: "r" }, evidence);
  await until(() => expect(numbers()).toEqual([0, 1]));
  expect(broker.batches.at(-1)).toMatchObject({ seq: 1, rigs: { r: evidence } });
  expect(broker.batches.at(-1)!.stream).not.toBe(stream);
});

test("a batch is cut at its number of samples and at its bytes", async () => {
  const publisher = await start({ batchMs: 500, batchSamples: 10 });
  for (const n of upTo(25)) publisher.push(sample(n));
  await until(() => expect(numbers()).toEqual(upTo(25)));
  expect(broker.batches.map(({ samples }) => samples.length)).toEqual([0, 10, 10, 5]);
  await publisher.close();
  const large = await start({ batchMs: 500, gzip: false });
  const faults = Array.from({ length: 64 }, (_, n) => ({ code: `${n}`, text: "x".repeat(300) }));
  for (const n of upTo(25)) large.push({ ...sample(25 + n), faults });
  await until(() => expect(numbers()).toEqual(upTo(50)));
  expect(Math.max(...broker.payloads.map((payload) => payload.length))).toBeLessThan(270_000);
});

test("the right password is asked for, and a wrong one is not fatal", async () => {
  broker.password = "secret";
  const publisher = await start({
    broker: { url: `mqtt://127.0.0.1:${broker.port}`, username: "u", password: "wrong" },
  });
  publisher.push(sample(0));
  await until(() => expect(publisher.stats().spool.batches).toBe(2));
  expect(publisher.stats().connected).toBe(false);
  await publisher.close();
  const right = await start({
    broker: { url: `mqtt://127.0.0.1:${broker.port}`, username: "u", password: "secret" },
  });
  await until(() => expect(numbers()).toEqual([0]));
  expect(right.stats().connected).toBe(true);
});

test("garbage on the ack topic changes nothing", async () => {
  const publisher = await start();
  await until(() => expect(publisher.stats().acks).toBe(1));
  broker.ack("x".repeat(200), 1);
  broker.ack("unknown", Number.MAX_SAFE_INTEGER);
  publisher.push(sample(0));
  await until(() => expect(numbers()).toEqual([0]));
});

test("a second publisher on the same folder is refused", async () => {
  await start();
  await expect(start()).rejects.toMatchObject({ code: "locked" });
});
