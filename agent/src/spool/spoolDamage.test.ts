import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ok, readAll, SpoolBench } from "./fixtures/spoolBench.js";

let bench: SpoolBench;
beforeEach(() => {
  bench = new SpoolBench();
});
afterEach(() => bench[Symbol.dispose]());

test("a write that a kill cut at any byte costs that record only", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 3);
  const file = bench.segments()[0]!;
  const before = fs.statSync(file).size;
  bench.fill(spool, "a", 4, 4);
  bench.kill(spool);
  const whole = fs.readFileSync(file);
  for (let cut = before; cut < whole.length; cut++) {
    fs.writeFileSync(file, whole.subarray(0, cut));
    const again = await bench.open();
    expect(again.backlog()).toEqual([{ stream: "a", first: 1, last: 3 }]);
    expect(await readAll(again.reader("a"), 1, 3)).toEqual(ok(3));
    bench.kill(again);
  }
});

test("a flipped byte anywhere costs one record, which is reported, and the rest is read", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 8);
  spool.close();
  const file = bench.segments()[0]!;
  const whole = fs.readFileSync(file);
  let damagedTotal = 0;
  for (let at = 0; at < whole.length; at += 7) {
    const broken = Buffer.from(whole);
    broken[at]! ^= 1 << (at % 8);
    fs.writeFileSync(file, broken);
    const again = await bench.open();
    const last = again.backlog()[0]!.last;
    expect(last).toBe(8);
    const kinds = await readAll(again.reader("a"), 1, 8);
    const damaged = kinds.filter((kind) => kind === "damaged").length;
    expect(damaged).toBeLessThanOrEqual(1);
    expect(again.depth().damagedRecords).toBe(damaged);
    damagedTotal += damaged;
    bench.kill(again);
  }
  // The flips that hit the footer cost nothing.
  expect(damagedTotal).toBeGreaterThan((whole.length / 7) * 0.8);
});

test("a byte flipped in a segment that a kill left is found and reported too, but for its very end", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 4);
  bench.fill(spool, "b", 1, 4);
  bench.kill(spool);
  const file = bench.segments()[0]!;
  const whole = fs.readFileSync(file);
  for (let at = 0; at < whole.length; at += 5) {
    const broken = Buffer.from(whole);
    broken[at]! ^= 0x40;
    fs.writeFileSync(file, broken);
    const again = await bench.open();
    const kinds: string[] = [];
    for (const { stream, first, last } of again.backlog())
      kinds.push(...(await readAll(again.reader(stream), first, last)));
    expect(kinds.filter((kind) => kind === "ok")).toHaveLength(7);
    bench.kill(again);
  }
});

test("a segment of which nothing can be read becomes damaged batches, and the next is read", async () => {
  const spool = await bench.open({ segmentBytes: 2_000 });
  bench.fill(spool, "a", 1, 40);
  const [, second] = bench.segments();
  const file = second!;
  const size = fs.statSync(file).size;
  fs.writeFileSync(file, Buffer.alloc(size));
  const kinds = await readAll(spool.reader("a"), 1, 40);
  expect(new Set(kinds)).toEqual(new Set(["ok", "damaged"]));
  expect(kinds.at(-1)).toBe("ok");
  expect(spool.depth().damagedRecords).toBe(kinds.filter((kind) => kind === "damaged").length);
});

test("a position file that is damaged costs that acknowledged batches are sent again", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 10);
  spool.ack("a", 5);
  spool.close();
  fs.writeFileSync(path.join(bench.folder, "position.json"), '{"v":1,"floors":');
  expect((await bench.open()).backlog()).toEqual([{ stream: "a", first: 1, last: 10 }]);
});

test("records cut off at the end are missed and reported, up to where the spool stood some seconds before", async () => {
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 6);
  bench.fill(spool, "b", 1, 4);
  spool.ack("a", 2);
  bench.clock.advance(5_000);
  bench.kill(spool);
  const file = bench.segments()[0]!;
  const whole = fs.readFileSync(file);
  // To a record's boundary, where nothing looks cut; and to nothing at all.
  for (const [size, left] of [
    [(whole.length / 10) * 5, 5],
    [0, 0],
  ] as const) {
    fs.writeFileSync(file, whole.subarray(0, size));
    const again = await bench.open();
    expect(new Map(again.backlog().map(({ stream, first, last }) => [stream, [first, last]]))).toEqual(
      new Map([
        ["a", [3, 6]],
        ["b", [1, 4]],
      ]),
    );
    const kinds = [...(await readAll(again.reader("a"), 3, 6)), ...(await readAll(again.reader("b"), 1, 4))];
    expect(kinds.filter((kind) => kind === "ok")).toHaveLength(Math.max(0, left - 2));
    expect(again.depth().damagedRecords).toBe(8 - Math.max(0, left - 2));
    bench.kill(again);
  }
});

test("a kill right after all is acknowledged and unlinked misses nothing", async () => {
  const spool = await bench.open({ segmentBytes: 1_000 });
  bench.fill(spool, "a", 1, 20);
  bench.clock.advance(5_000);
  spool.ack("a", 20);
  bench.kill(spool);
  expect((await bench.open({ segmentBytes: 1_000 })).backlog()).toEqual([]);
});
