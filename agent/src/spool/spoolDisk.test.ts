import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeDisk } from "./disk.js";
import { ok, readAll, SpoolBench, troubledDisk } from "./fixtures/spoolBench.js";

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

test("a segment that the disk cannot read is given up as a gap after three tries", async () => {
  const spool = await bench.open({
    segmentBytes: 2_000,
    disk: {
      ...nodeDisk,
      read: (file, offset, length) =>
        file.endsWith("0000000002.seg")
          ? Promise.reject(new Error("EIO: i/o error"))
          : nodeDisk.read(file, offset, length),
    },
  });
  bench.fill(spool, "a", 1, 40);
  const reader = spool.reader("a");
  const seen: number[] = [];
  for (let seq = 1, tries = 0; seq <= 40 && tries < 100; tries++) {
    const spooled = reader.get(seq);
    if (!spooled) await reader.load();
    else {
      if (spooled.kind === "record") seen.push(seq);
      seq = spooled.kind === "gap" ? spooled.to + 1 : seq + 1;
      reader.release(seq);
    }
  }
  expect(seen[0]).toBe(1);
  expect(seen.at(-1)).toBe(40);
  expect(seen.length).toBeLessThan(40);
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
