import fs from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Disk, nodeDisk } from "./disk.js";
import { ok, readAll, SpoolBench, troubledDisk } from "./fixtures/spoolBench.js";
import type { Spool } from "./spool.js";

let bench: SpoolBench;
beforeEach(() => {
  bench = new SpoolBench();
});
afterEach(() => bench[Symbol.dispose]());

test.each(["ENOSPC", "EROFS", "EIO"])(
  "%s: batches wait in memory, are read from there, and reach the disk later",
  async (code) => {
    const { state, disk } = troubledDisk();
    const spool = await bench.open({ disk });
    bench.fill(spool, "a", 1, 5);
    Object.assign(state, { trouble: code, room: 30 });
    bench.fill(spool, "a", 6, 20);
    expect(spool.depth().error).toMatch(/space|read-only|cannot write/);
    expect(spool.depth().batches).toBe(20);
    const reader = spool.reader("a");
    expect(await readAll(reader, 1, 20)).toEqual(ok(20));
    state.trouble = undefined;
    await bench.clock.advance(1_000);
    expect(spool.depth().error).toBeUndefined();
    bench.fill(spool, "a", 21, 22);
    bench.kill(spool);
    const again = await bench.open();
    expect(await readAll(again.reader("a"), 1, 22)).toEqual(ok(22));
    expect(again.depth().damagedRecords).toBe(0);
  },
);

test("when memory is full too, the oldest of it goes: counted, and a gap where older ones are on disk", async () => {
  const { state, disk } = troubledDisk();
  const spool = await bench.open({ disk, memoryBytes: 2_000 });
  bench.fill(spool, "a", 1, 3);
  state.trouble = "ENOSPC";
  bench.fill(spool, "a", 4, 40);
  const { droppedBatches } = spool.depth();
  expect(droppedBatches).toBeGreaterThan(20);
  const reader = spool.reader("a");
  expect(await readAll(reader, 1, 3)).toEqual(ok(3));
  await reader.load();
  expect(reader.get(4)).toEqual({ kind: "gap", to: 3 + droppedBatches });
  spool.ack("a", 3 + droppedBatches);
  reader.release(4 + droppedBatches);
  expect(await readAll(reader, 4 + droppedBatches, 40)).toEqual(ok(37 - droppedBatches));
});

test("on a full disk with nothing older on it, what memory drops is named at once", async () => {
  const { state, disk } = troubledDisk();
  const spool = await bench.open({ disk, memoryBytes: 2_000 });
  state.trouble = "ENOSPC";
  bench.fill(spool, "a", 1, 40);
  const { droppedBatches } = spool.depth();
  expect(bench.dropped.at(-1)).toEqual(["a", droppedBatches + 1]);
  expect(spool.backlog()).toEqual([{ stream: "a", first: droppedBatches + 1, last: 40 }]);
});

test("an agent starts on a full disk", async () => {
  const { state, disk } = troubledDisk();
  state.trouble = "ENOSPC";
  const spool = await bench.open({ disk });
  bench.fill(spool, "a", 1, 3);
  expect(await readAll(spool.reader("a"), 1, 3)).toEqual(ok(3));
});

/** A disk that reads, but for where `refuses` says otherwise. */
const refusing = (refuses: (file: string) => boolean): Disk => ({
  ...nodeDisk,
  read: (file, offset, length) =>
    refuses(file) ? Promise.reject(new Error("EIO: i/o error, read")) : nodeDisk.read(file, offset, length),
});
const isSecond = (file: string) => file.endsWith("0000000002.seg");

/** Reads stream "a" on from its first batch, as far as the disk lets it with each call. */
function readOn(spool: Spool): { kinds: string[]; go(): Promise<void> } {
  const reader = spool.reader("a");
  const kinds: string[] = [];
  let seq = 1;
  const go = async () => {
    for (;;) {
      const spooled = reader.get(seq);
      if (!spooled && !(await reader.load())) return;
      if (!spooled) continue;
      kinds.push(spooled.kind);
      seq = spooled.kind === "gap" ? spooled.to + 1 : seq + 1;
      reader.release(seq);
    }
  };
  return { kinds, go };
}
const records = (count: number) => Array.from({ length: count }, () => "record");

test("a disk that refuses to read for minutes costs nothing, however often it is asked meanwhile", async () => {
  let away = true;
  let refused = 0;
  const disk = refusing((file) => {
    const refuses = away && isSecond(file);
    if (refuses) refused++;
    return refuses;
  });
  const spool = await bench.open({ segmentBytes: 2_000, disk });
  bench.fill(spool, "a", 1, 40);
  const { kinds, go } = readOn(spool);
  for (let second = 0; second < 240; second++) {
    for (let ask = 0; ask < 10; ask++) await go();
    await bench.clock.advance(1_000);
  }
  expect(refused).toBeLessThanOrEqual(240);
  expect(spool.depth().error).toMatch(/cannot read .*0000000002\.seg.*EIO/);
  away = false;
  await go();
  expect(kinds).toEqual(records(40));
  expect(spool.depth()).toMatchObject({ droppedBatches: 0, damagedRecords: 0 });
  expect(spool.depth().error).toBeUndefined();
});

test("a disk that stumbles now and then over a long segment costs nothing", async () => {
  let reads = 0;
  const spool = await bench.open({ disk: refusing(() => ++reads % 4 === 0) });
  const body = Buffer.alloc(20_000, "x");
  for (let seq = 1; seq <= 400; seq++) spool.append(bench.record("a", seq, body));
  const { kinds, go } = readOn(spool);
  for (let second = 0; second < 60; second++) {
    await go();
    await bench.clock.advance(1_000);
  }
  expect(reads).toBeGreaterThan(32);
  expect(kinds).toEqual(records(400));
});

test("a segment that the disk refuses for five minutes is given up as a gap, counted, and set aside while there is room", async () => {
  const spool = await bench.open({ segmentBytes: 2_000, maxBytes: 20_000, disk: refusing(isSecond) });
  bench.fill(spool, "a", 1, 40);
  const { kinds, go } = readOn(spool);
  for (let second = 0; second < 310; second++) {
    await go();
    await bench.clock.advance(1_000);
  }
  const lost = 40 - (kinds.length - 1);
  expect(kinds.filter((kind) => kind === "gap")).toHaveLength(1);
  expect(kinds.at(-1)).toBe("record");
  expect(spool.depth().droppedBatches).toBe(lost);
  const files = () => fs.readdirSync(bench.folder).filter((name) => name.includes(".seg"));
  spool.ack("a", 40);
  expect(files()).toEqual(["0000000002.seg.unreadable", "0000000003.seg"]);
  expect(spool.depth().error).toBeUndefined();
  bench.fill(spool, "b", 1, 200);
  expect(files()).not.toContain("0000000002.seg.unreadable");
});

test("a segment that the disk refuses at start is tried again for some seconds, and nothing is taken for damaged", async () => {
  const before = await bench.open({ segmentBytes: 2_000 });
  bench.fill(before, "a", 1, 40);
  before.ack("a", 10);
  before.close();
  let refusals = 3;
  const disk = refusing((file) => file.endsWith("0000000001.seg") && refusals-- > 0);
  let settled = false;
  const opening = bench.open({ segmentBytes: 2_000, disk }).finally(() => {
    settled = true;
  });
  while (!settled) {
    await bench.clock.advance(100);
    await new Promise((done) => setImmediate(done));
  }
  const spool = await opening;
  expect(await readAll(spool.reader("a"), 11, 40)).toEqual(ok(30));
  expect(spool.depth().damagedRecords).toBe(0);
});

test("a backlog is read a piece at a time, however large it is", async () => {
  const reads: number[] = [];
  const spool = await bench.open({
    segmentBytes: 1_000_000,
    disk: {
      ...nodeDisk,
      read: (file, offset, length) => {
        reads.push(length);
        return nodeDisk.read(file, offset, length);
      },
    },
  });
  const body = Buffer.alloc(20_000, "x");
  for (let seq = 1; seq <= 400; seq++) spool.append(bench.record("a", seq, body));
  const reader = spool.reader("a");
  let held = 0;
  for (let seq = 1; seq <= 400; seq++) {
    while (!reader.get(seq)) await reader.load();
    let ahead = 0;
    while (reader.get(seq + ahead + 1)) ahead++;
    held = Math.max(held, ahead);
    reader.release(seq + 1);
  }
  expect(Math.max(...reads)).toBeLessThanOrEqual(256 * 1024);
  expect(held).toBeLessThan(120);
});

test("a record longer than a piece is read", async () => {
  const spool = await bench.open();
  const body = Buffer.alloc(700_000, "y");
  spool.append(bench.record("a", 1, body));
  spool.append(bench.record("a", 2));
  const reader = spool.reader("a");
  await reader.load();
  const spooled = reader.get(1);
  expect(spooled?.kind === "record" && spooled.record.body.equals(body)).toBe(true);
});
