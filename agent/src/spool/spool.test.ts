import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AgentError } from "../agentError.js";
import { type Disk, nodeDisk } from "./disk.js";
import type { SpoolRecord } from "./record.js";
import { Spool, type SpoolOptions } from "./spool.js";
import type { SpoolReader } from "./spoolReader.js";

const START_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;
let folder: string;
let clock: FakeClock;
let opened: Spool[];
let dropped: [stream: string, first: number][];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "hashwatt-spool-"));
  clock = fakeClock(START_MS);
  opened = [];
  dropped = [];
});
afterEach(() => {
  for (const spool of opened) spool.close();
  fs.rmSync(folder, { recursive: true });
});

async function open(options: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await Spool.open({
    folder,
    clock,
    log: pino({ enabled: false }),
    maxBytes: 1e9,
    maxAgeMs: 6 * DAY_MS,
    segmentBytes: 16 * 1024 * 1024,
    onDropped: (stream, first) => dropped.push([stream, first]),
    ...options,
  });
  opened.push(spool);
  return spool;
}

/** Forgets a spool as a kill -9 does: no footer, no position, the lock stays. */
function kill(spool: Spool): void {
  opened.splice(opened.indexOf(spool), 1);
  fs.rmSync(path.join(folder, "lock"));
}

const bodyOf = (stream: string, seq: number) => Buffer.from(`${stream}/${seq}/`.repeat(10));
const record = (stream: string, seq: number, body = bodyOf(stream, seq)): SpoolRecord => ({
  stream,
  seq,
  boot: "boot",
  monoMs: seq,
  wallMs: START_MS,
  offsetKnown: true,
  samples: 1,
  oldestMs: clock.nowMs(),
  newestMs: clock.nowMs(),
  gzip: false,
  body,
});

function fill(spool: Spool, stream: string, from: number, to: number): void {
  for (let seq = from; seq <= to; seq++) spool.append(record(stream, seq));
}

/** What a reader yields from `first` to `last`, "ok", "damaged" or "gap", checking each body. */
async function readAll(reader: SpoolReader, first: number, last: number): Promise<string[]> {
  const kinds: string[] = [];
  for (let seq = first; seq <= last; seq++) {
    for (let tries = 0; !reader.get(seq); tries++) {
      if (tries > 5) throw new Error(`nothing stands at ${seq}`);
      await reader.load();
    }
    const spooled = reader.get(seq)!;
    if (spooled.kind === "record")
      expect([spooled.record.seq, spooled.record.body.toString()]).toEqual([
        seq,
        bodyOf(reader.stream, seq).toString(),
      ]);
    kinds.push(spooled.kind === "record" ? "ok" : spooled.kind);
    reader.release(seq + 1);
  }
  return kinds;
}
const ok = (count: number) => Array.from({ length: count }, () => "ok");
const segments = () => fs.readdirSync(folder).filter((name) => name.endsWith(".seg"));

test("what was appended is read back after a close and after a kill", async () => {
  const first = await open();
  fill(first, "a", 1, 50);
  first.close();
  const second = await open();
  expect(second.backlog()).toEqual([{ stream: "a", first: 1, last: 50 }]);
  fill(second, "b", 1, 50);
  kill(second);
  const third = await open();
  expect(third.backlog()).toEqual([
    { stream: "a", first: 1, last: 50 },
    { stream: "b", first: 1, last: 50 },
  ]);
  expect(await readAll(third.reader("a"), 1, 50)).toEqual(ok(50));
  expect(await readAll(third.reader("b"), 1, 50)).toEqual(ok(50));
});

test("what is acknowledged does not come back after a close, and its segments are unlinked", async () => {
  const spool = await open({ segmentBytes: 2_000 });
  fill(spool, "a", 1, 100);
  const before = segments().length;
  expect(before).toBeGreaterThan(5);
  spool.ack("a", 60);
  expect(segments().length).toBeLessThan(before);
  spool.close();
  const again = await open();
  expect(again.backlog()).toEqual([{ stream: "a", first: 61, last: 100 }]);
  again.ack("a", 100);
  expect(again.backlog()).toEqual([]);
  again.close();
  expect(segments()).toEqual([]);
});

test("after a kill at most the acks of the last five seconds are forgotten", async () => {
  const spool = await open();
  fill(spool, "a", 1, 10);
  spool.ack("a", 4);
  await clock.advance(5_000);
  spool.ack("a", 7);
  kill(spool);
  expect((await open()).backlog()).toEqual([{ stream: "a", first: 5, last: 10 }]);
});

test("a write that a kill cut at any byte costs that record only", async () => {
  const spool = await open();
  fill(spool, "a", 1, 3);
  const file = path.join(folder, segments()[0]!);
  const before = fs.statSync(file).size;
  fill(spool, "a", 4, 4);
  kill(spool);
  const whole = fs.readFileSync(file);
  for (let cut = before; cut < whole.length; cut++) {
    fs.writeFileSync(file, whole.subarray(0, cut));
    const again = await open();
    expect(again.backlog()).toEqual([{ stream: "a", first: 1, last: 3 }]);
    expect(await readAll(again.reader("a"), 1, 3)).toEqual(ok(3));
    kill(again);
  }
});

test("a flipped byte anywhere costs one record, which is reported, and the rest is read", async () => {
  const spool = await open();
  fill(spool, "a", 1, 8);
  spool.close();
  const file = path.join(folder, segments()[0]!);
  const whole = fs.readFileSync(file);
  let damagedTotal = 0;
  for (let at = 0; at < whole.length; at += 7) {
    const broken = Buffer.from(whole);
    broken[at]! ^= 1 << (at % 8);
    fs.writeFileSync(file, broken);
    const again = await open();
    const last = again.backlog()[0]!.last;
    expect(last).toBe(8);
    const kinds = await readAll(again.reader("a"), 1, 8);
    const damaged = kinds.filter((kind) => kind === "damaged").length;
    expect(damaged).toBeLessThanOrEqual(1);
    expect(again.depth().damagedRecords).toBe(damaged);
    damagedTotal += damaged;
    kill(again);
  }
  // The flips that hit the footer cost nothing.
  expect(damagedTotal).toBeGreaterThan((whole.length / 7) * 0.8);
});

test("a byte flipped in a segment that a kill left is found and reported too, but for its very end", async () => {
  const spool = await open();
  fill(spool, "a", 1, 4);
  fill(spool, "b", 1, 4);
  kill(spool);
  const file = path.join(folder, segments()[0]!);
  const whole = fs.readFileSync(file);
  for (let at = 0; at < whole.length; at += 5) {
    const broken = Buffer.from(whole);
    broken[at]! ^= 0x40;
    fs.writeFileSync(file, broken);
    const again = await open();
    const kinds: string[] = [];
    for (const { stream, first, last } of again.backlog())
      kinds.push(...(await readAll(again.reader(stream), first, last)));
    expect(kinds.filter((kind) => kind === "ok")).toHaveLength(7);
    kill(again);
  }
});

test("a segment of which nothing can be read becomes damaged batches, and the next is read", async () => {
  const spool = await open({ segmentBytes: 2_000 });
  fill(spool, "a", 1, 40);
  const [, second] = segments();
  const file = path.join(folder, second!);
  const size = fs.statSync(file).size;
  fs.writeFileSync(file, Buffer.alloc(size));
  const kinds = await readAll(spool.reader("a"), 1, 40);
  expect(new Set(kinds)).toEqual(new Set(["ok", "damaged"]));
  expect(kinds.at(-1)).toBe("ok");
  expect(spool.depth().damagedRecords).toBe(kinds.filter((kind) => kind === "damaged").length);
});

test("beyond its bytes the oldest segment goes, counted, and the streams hear of it", async () => {
  const spool = await open({ maxBytes: 20_000, segmentBytes: 16_000_000 });
  fill(spool, "a", 1, 60);
  fill(spool, "b", 1, 200);
  const size = segments().reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0);
  expect(size).toBeLessThanOrEqual(21_000);
  const { batches, droppedBatches } = spool.depth();
  expect(batches + droppedBatches).toBe(260);
  expect(droppedBatches).toBeGreaterThan(60);
  expect(dropped).toContainEqual(["a", 61]);
  const [{ stream, first, last }] = spool.backlog() as [{ stream: string; first: number; last: number }];
  expect([stream, last]).toEqual(["b", 200]);
  expect(dropped.at(-1)).toEqual(["b", first]);
  expect(await readAll(spool.reader("b"), first, last)).toEqual(ok(last - first + 1));
});

test("what is older than the bound goes, also where it is from an earlier run", async () => {
  const spool = await open();
  fill(spool, "a", 1, 10);
  spool.close();
  await clock.advance(4 * DAY_MS);
  const again = await open();
  fill(again, "b", 1, 10);
  await clock.advance(2 * DAY_MS - 60_000);
  expect(again.backlog()).toHaveLength(2);
  await clock.advance(120_000);
  expect(again.backlog()).toEqual([{ stream: "b", first: 1, last: 10 }]);
  expect(dropped).toEqual([["a", 11]]);
  expect(again.depth().droppedBatches).toBe(10);
});

test("a step of the wall clock makes nothing old", async () => {
  const spool = await open();
  fill(spool, "a", 1, 10);
  clock.step(30 * DAY_MS);
  await clock.advance(120_000);
  expect(spool.backlog()).toHaveLength(1);
  spool.close();
  clock.step(-60 * DAY_MS);
  expect((await open()).backlog()).toHaveLength(1);
});

/** A disk that refuses to write while `trouble` is set, after `room` more bytes. */
function troubledDisk() {
  const state = { trouble: undefined as string | undefined, room: 0 };
  const refuse = () => {
    if (state.trouble) throw Object.assign(new Error(`${state.trouble}: refused`), { code: state.trouble });
  };
  const disk: Disk = {
    ...nodeDisk,
    create(file) {
      refuse();
      return nodeDisk.create(file);
    },
    write(fd, bytes, offset) {
      if (state.trouble && state.room > 0) {
        const length = Math.min(state.room, bytes.length - offset);
        state.room -= length;
        return nodeDisk.write(fd, bytes.subarray(0, offset + length), offset);
      }
      refuse();
      return nodeDisk.write(fd, bytes, offset);
    },
    writeText(file, text, exclusive) {
      refuse();
      nodeDisk.writeText(file, text, exclusive);
    },
  };
  return { state, disk };
}

test.each(["ENOSPC", "EROFS", "EIO"])(
  "%s: batches wait in memory, are read from there, and reach the disk later",
  async (code) => {
    const { state, disk } = troubledDisk();
    const spool = await open({ disk });
    fill(spool, "a", 1, 5);
    Object.assign(state, { trouble: code, room: 30 });
    fill(spool, "a", 6, 20);
    expect(spool.depth().error).toMatch(/space|read-only|cannot write/);
    expect(spool.depth().batches).toBe(20);
    const reader = spool.reader("a");
    expect(await readAll(reader, 1, 20)).toEqual(ok(20));
    state.trouble = undefined;
    await clock.advance(1_000);
    expect(spool.depth().error).toBeUndefined();
    fill(spool, "a", 21, 22);
    kill(spool);
    const again = await open();
    expect(await readAll(again.reader("a"), 1, 22)).toEqual(ok(22));
    expect(again.depth().damagedRecords).toBe(0);
  },
);

test("when memory is full too, the oldest of it goes: counted, and a gap where older ones are on disk", async () => {
  const { state, disk } = troubledDisk();
  const spool = await open({ disk, memoryBytes: 2_000 });
  fill(spool, "a", 1, 3);
  state.trouble = "ENOSPC";
  fill(spool, "a", 4, 40);
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
  const spool = await open({ disk, memoryBytes: 2_000 });
  state.trouble = "ENOSPC";
  fill(spool, "a", 1, 40);
  const { droppedBatches } = spool.depth();
  expect(dropped.at(-1)).toEqual(["a", droppedBatches + 1]);
  expect(spool.backlog()).toEqual([{ stream: "a", first: droppedBatches + 1, last: 40 }]);
});

test("an agent starts on a full disk", async () => {
  const { state, disk } = troubledDisk();
  state.trouble = "ENOSPC";
  const spool = await open({ disk });
  fill(spool, "a", 1, 3);
  expect(await readAll(spool.reader("a"), 1, 3)).toEqual(ok(3));
});

test("a segment that the disk cannot read is given up as a gap after three tries", async () => {
  const spool = await open({
    segmentBytes: 2_000,
    disk: {
      ...nodeDisk,
      read: (file, offset, length) =>
        file.endsWith("0000000002.seg")
          ? Promise.reject(new Error("EIO: i/o error"))
          : nodeDisk.read(file, offset, length),
    },
  });
  fill(spool, "a", 1, 40);
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
  const spool = await open({
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
  for (let seq = 1; seq <= 400; seq++) spool.append(record("a", seq, body));
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
  const spool = await open();
  const body = Buffer.alloc(700_000, "y");
  spool.append(record("a", 1, body));
  spool.append(record("a", 2));
  const reader = spool.reader("a");
  await reader.load();
  const spooled = reader.get(1);
  expect(spooled?.kind === "record" && spooled.record.body.equals(body)).toBe(true);
});

test("a second agent on the same folder is refused, the lock of a dead one is taken over", async () => {
  const spool = await open();
  const refused = await open().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AgentError);
  expect(refused).toMatchObject({ code: "locked", retryable: false });
  expect((refused as Error).message).toContain(folder);
  spool.close();
  fs.writeFileSync(path.join(folder, "lock"), JSON.stringify({ pid: process.pid, since: "another boot/1" }));
  (await open()).close();
  fs.writeFileSync(path.join(folder, "lock"), "");
  await open();
});

test("a folder that cannot be made is refused in words", async () => {
  const file = path.join(folder, "file");
  fs.writeFileSync(file, "");
  await expect(open({ folder: path.join(file, "spool") })).rejects.toMatchObject({ code: "io" });
});

test("a position file that is damaged costs that acknowledged batches are sent again", async () => {
  const spool = await open();
  fill(spool, "a", 1, 10);
  spool.ack("a", 5);
  spool.close();
  fs.writeFileSync(path.join(folder, "position.json"), '{"v":1,"floors":');
  expect((await open()).backlog()).toEqual([{ stream: "a", first: 1, last: 10 }]);
});

test("what a boot learned of the server's clock is known to the next as long as its batches are there", async () => {
  const spool = await open();
  fill(spool, "a", 1, 10);
  spool.rememberBoot("boot", 1_234_567);
  spool.close();
  const again = await open();
  expect(again.bootAheadMs("boot")).toBe(1_234_567);
  again.ack("a", 10);
  again.rememberBoot("boot2", 7);
  again.close();
  const third = await open();
  expect(third.bootAheadMs("boot")).toBeUndefined();
});
