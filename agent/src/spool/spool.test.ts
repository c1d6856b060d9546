import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AgentError } from "../agentError.js";
import { DAY_MS, ok, readAll, SpoolBench } from "./fixtures/spoolBench.js";

let bench: SpoolBench;
beforeEach(() => {
  bench = new SpoolBench();
});
afterEach(() => bench[Symbol.dispose]());

test("what was appended is read back after a close and after a kill", async () => {
  const first = await bench.open();
  bench.fill(first, "a", 1, 50);
  first.close();
  const second = await bench.open();
  expect(second.backlog()).toEqual([{ stream: "a", first: 1, last: 50 }]);
  bench.fill(second, "b", 1, 50);
  bench.kill(second);
  const third = await bench.open();
  expect(third.backlog()).toEqual([
    { stream: "a", first: 1, last: 50 },
    { stream: "b", first: 1, last: 50 },
  ]);
  expect(await readAll(third.reader("a"), 1, 50)).toEqual(ok(50));
  expect(await readAll(third.reader("b"), 1, 50)).toEqual(ok(50));
});

test("what is acknowledged does not come back after a close, and its segments are unlinked", async () => {
  const spool = await bench.open({ segmentBytes: 2_000 });
  bench.fill(spool, "a", 1, 100);
  const before = bench.segments().length;
  expect(before).toBeGreaterThan(5);
  spool.ack("a", 60);
  expect(bench.segments().length).toBeLessThan(before);
  spool.close();
  const again = await bench.open();
  expect(again.backlog()).toEqual([{ stream: "a", first: 61, last: 100 }]);
  again.ack("a", 100);
  expect(again.backlog()).toEqual([]);
  again.close();
  expect(bench.segments()).toEqual([]);
});

test("after a kill at most the acks of the last five seconds are forgotten", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 10);
  spool.ack("a", 4);
  await bench.clock.advance(5_000);
  spool.ack("a", 7);
  bench.kill(spool);
  expect((await bench.open()).backlog()).toEqual([{ stream: "a", first: 5, last: 10 }]);
});

test("a reader holds 2 MB of what is not acknowledged, in whole pieces, and goes on when there is room for another", async () => {
  const spool = await bench.open();
  const body = Buffer.alloc(8_000);
  for (let seq = 1; seq <= 600; seq++) spool.append(bench.record("a", seq, body));
  const reader = spool.reader("a");
  const held = () => {
    let last = 0;
    while (reader.get(last + 1)) last++;
    return last;
  };
  while (await reader.load());
  const most = held();
  expect(most * body.length).toBeGreaterThan(1.7 * 1024 * 1024);
  expect(most * body.length).toBeLessThanOrEqual(2 * 1024 * 1024);
  reader.release(2);
  expect(await reader.load()).toBe(false);
  reader.release(42);
  expect(await reader.load()).toBe(true);
  expect(reader.get(most + 1)).toBeDefined();
});

test("beyond its bytes the oldest segment goes, counted, and the streams hear of it", async () => {
  const spool = await bench.open({ maxBytes: 20_000, segmentBytes: 16_000_000 });
  bench.fill(spool, "a", 1, 60);
  bench.fill(spool, "b", 1, 200);
  const size = bench.segments().reduce((sum, name) => sum + fs.statSync(name).size, 0);
  expect(size).toBeLessThanOrEqual(21_000);
  const { batches, droppedBatches } = spool.depth();
  expect(batches + droppedBatches).toBe(260);
  expect(droppedBatches).toBeGreaterThan(60);
  expect(bench.dropped).toContainEqual(["a", 61]);
  const [{ stream, first, last }] = spool.backlog() as [{ stream: string; first: number; last: number }];
  expect([stream, last]).toEqual(["b", 200]);
  expect(bench.dropped.at(-1)).toEqual(["b", first]);
  expect(await readAll(spool.reader("b"), first, last)).toEqual(ok(last - first + 1));
});

test("what is older than the bound goes, also where it is from an earlier run", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 10);
  spool.close();
  await bench.clock.advance(4 * DAY_MS);
  const again = await bench.open();
  bench.fill(again, "b", 1, 10);
  await bench.clock.advance(2 * DAY_MS - 60_000);
  expect(again.backlog()).toHaveLength(2);
  await bench.clock.advance(120_000);
  expect(again.backlog()).toEqual([{ stream: "b", first: 1, last: 10 }]);
  expect(bench.dropped).toEqual([["a", 11]]);
  expect(again.depth().droppedBatches).toBe(10);
});

test("a step of the wall clock makes nothing old", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 10);
  bench.clock.step(30 * DAY_MS);
  await bench.clock.advance(120_000);
  expect(spool.backlog()).toHaveLength(1);
  spool.close();
  bench.clock.step(-60 * DAY_MS);
  expect((await bench.open()).backlog()).toHaveLength(1);
});

test("a second agent on the same folder is refused, the lock of a dead one is taken over", async () => {
  const spool = await bench.open();
  const refused = await bench.open().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AgentError);
  expect(refused).toMatchObject({ code: "locked", retryable: false });
  expect((refused as Error).message).toContain(bench.folder);
  spool.close();
  fs.writeFileSync(
    path.join(bench.folder, "lock"),
    JSON.stringify({ pid: process.pid, since: "another boot/1" }),
  );
  (await bench.open()).close();
  fs.writeFileSync(path.join(bench.folder, "lock"), "");
  await bench.open();
});

test("a folder that cannot be made is refused in words", async () => {
  const file = path.join(bench.folder, "file");
  fs.writeFileSync(file, "");
  await expect(bench.open({ folder: path.join(file, "spool") })).rejects.toMatchObject({ code: "io" });
});

test("what a boot learned of the server's clock is known to the next as long as its batches are there", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 10);
  spool.rememberBoot("boot", 1_234_567);
  spool.close();
  const again = await bench.open();
  expect(again.bootAheadMs("boot")).toBe(1_234_567);
  again.ack("a", 10);
  again.rememberBoot("boot2", 7);
  again.close();
  const third = await bench.open();
  expect(third.bootAheadMs("boot")).toBeUndefined();
});
