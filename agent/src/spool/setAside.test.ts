import fs from "node:fs";
import path from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeDisk } from "./disk.js";
import { SpoolBench } from "./fixtures/spoolBench.js";
import { segmentPath } from "./outline.js";
import { SetAside } from "./setAside.js";

let bench: SpoolBench;
beforeEach(() => {
  bench = new SpoolBench();
});
afterEach(() => bench[Symbol.dispose]());

const setAside = () => new SetAside(nodeDisk, bench.folder, pino({ enabled: false }));
/** A segment of 100 bytes. */
function segment(number: number) {
  const file = segmentPath(bench.folder, number);
  fs.writeFileSync(file, Buffer.alloc(100));
  return { path: file, size: 100, runs: [], newestMonoMs: 0 };
}
const numbers = () => fs.readdirSync(bench.folder).map((name) => Number.parseInt(name, 10));

test("of what is set aside the newest four stay, and they are known after a restart", () => {
  const aside = setAside();
  for (const number of [1, 2, 4, 7, 8]) aside.take(segment(number));
  expect(numbers()).toEqual([2, 4, 7, 8]);
  const again = setAside();
  expect([again.bytes, again.lastNumber]).toEqual([400, 8]);
});

test("what is set aside makes room, oldest first", () => {
  const aside = setAside();
  for (const number of [1, 2, 3]) aside.take(segment(number));
  expect(aside.free(-50)).toBe(0);
  expect(aside.free(150)).toBe(200);
  expect(numbers()).toEqual([3]);
  expect(aside.free(1_000)).toBe(100);
  expect([aside.bytes, aside.free(1_000)]).toEqual([0, 0]);
});

test("a new segment takes no number that was set aside", async () => {
  fs.renameSync(segment(5).path, path.join(bench.folder, "0000000005.seg.unreadable"));
  const spool = await bench.open();
  bench.fill(spool, "a", 1, 1);
  expect(bench.segments()).toEqual([segmentPath(bench.folder, 6)]);
});
