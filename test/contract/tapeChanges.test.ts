import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Heard } from "@hashwatt/agent/links/tap";
import { ownersDisk } from "@hashwatt/agent/tape/folder";
import { startRecorder } from "@hashwatt/agent/tape/recorder";
import { fakeClock } from "@hashwatt/protocol/time";
import { type Exchange, TapeMemory } from "@hashwatt/simulator/tapes/exchange";
import { openTape, type Tape, TapeHead } from "@hashwatt/simulator/tapes/tape";
import { bodyOf } from "@hashwatt/simulator/tapes/tapeFile";
import fc from "fast-check";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hashwatt-changes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const heard = (reply: Buffer, more: Partial<Heard> = {}): Heard => ({
  address: "192.0.2.7",
  port: 4028,
  over: "tcp",
  request: '{"command":"stats"}',
  startedMs: 0,
  tookMs: 5,
  outcome: "answered",
  pieces: [reply],
  ...more,
});

/** Records these, `perBlock` a second. */
async function record(said: readonly Heard[], perBlock: number): Promise<Tape> {
  const clock = fakeClock(Date.UTC(2026, 10, 1));
  const log = pino({ level: "silent" });
  const recorder = startRecorder({ folder, clock, log, version: "1.2.3" });
  for (const [i, exchange] of said.entries()) {
    recorder.heard({ ...exchange, startedMs: clock.monoMs() });
    if (i % perBlock === perBlock - 1) await clock.advance(1_000);
  }
  await recorder.close();
  expect(recorder.stats()).toMatchObject({ exchanges: said.length, lost: 0 });
  return openTape(folder);
}

/** Of a tape of one file. */
const exchangesOf = (tape: Tape): Exchange[] => {
  const memory = new TapeMemory();
  return tape.blocks.flatMap((block) => [...memory.exchangesOf(block, bodyOf(block)!)]);
};

const report = (n: number) =>
  Buffer.from(
    `{"STATUS":[{"Code":70}],"STATS":[{"Elapsed":${1_000 + n * 5},"GHS 5s":${99_990 + n * 7}.25,"chain":"${"o".repeat(900)}",` +
      `"temp":"${50 + (n % 7)}-${61 + (n % 5)}-0-0"}],"id":1}\0`,
  );

test("whatever rigs say comes back from a tape byte for byte", async () => {
  const word = fc.oneof(
    fc.constantFrom('"GHS 5s":', ",", '"', "}", "-", "\n", "|", "\0\0\0\0\0\0\0\0", "\x80", "o".repeat(70)),
    fc.integer().map(String),
  );
  const texts = fc
    .array(word, { minLength: 1, maxLength: 60 })
    .map((words) => Buffer.from(words.join(""), "latin1"));
  /** The next reply is the one before with some of its bytes cut out and others put in. */
  const edit = fc.tuple(fc.nat(1_000), fc.nat(20), fc.array(word, { maxLength: 4 }));
  const replies = fc.sample(fc.tuple(texts, fc.array(edit, { maxLength: 6 })), { numRuns: 50, seed: 7 });
  const said: Heard[] = [];
  for (const [first, edits] of replies) {
    let now = first;
    said.push(heard(now));
    for (const [place, cut, put] of edits) {
      const at = place % (now.length + 1);
      now = Buffer.concat([now.subarray(0, at), Buffer.from(put.join(""), "latin1"), now.subarray(at + cut)]);
      said.push(heard(now));
    }
  }
  const tape = await record(said, 3);
  expect(exchangesOf(tape).map(({ body }) => body.toString("latin1"))).toEqual(
    said.map(({ pieces }) => Buffer.concat([...pieces]).toString("latin1")),
  );
});

test("of a reply that a rig has given before, its changes alone are on the tape; with a login it is another one", async () => {
  const web = (reply: Buffer, secrecy?: "credentials"): Heard =>
    heard(reply, {
      over: "http",
      request: "GET /stats",
      status: 200,
      headers: ["Content-Type", "application/json"],
      secrecy,
    });
  const said = Array.from({ length: 300 }, (_, n) => [
    heard(report(n)),
    web(report(n * 2)),
    web(report(n * 3), "credentials"),
  ]);
  const tape = await record(said.flat(), 30);
  const exchanges = exchangesOf(tape);
  expect(exchanges.map(({ body }) => body.toString())).toEqual(
    said.flat().map(({ pieces }) => pieces[0]!.toString()),
  );
  expect(exchanges[1]).toMatchObject({ status: 200, headers: [["Content-Type", "application/json"]] });
  expect(exchanges.filter(({ isLoggedIn }) => isLoggedIn)).toHaveLength(300);
  const bytes = tape.blocks.reduce((sum, { bodyLength }) => sum + bodyLength, 0);
  expect(bytes / said.flat().length).toBeLessThan(100);
});

test("a damaged block costs what builds on it, until a rig's reply stands whole again", async () => {
  const tape = await record(
    Array.from({ length: 300 }, (_, n) => heard(report(n))),
    10,
  );
  const path = join(folder, readdirSync(folder)[0]!);
  const bytes = readFileSync(path);
  const at = tape.blocks[4]!.offset + 80;
  bytes[at] = bytes[at]! ^ 255;
  writeFileSync(path, bytes);
  const damaged = openTape(folder);
  // Forty before it, and what comes from the 257th on, which is whole again.
  expect(damaged.exchanges).toBe(40 + 300 - 256);
  expect(damaged.damagedBytes).toBeGreaterThan(tape.blocks[4]!.bodyLength);
  expect(exchangesOf(damaged).at(-1)?.body.equals(report(299))).toBe(true);
});

/**
 * Forty seconds of two rigs in files of ten: one that answers at once every half second, and one that takes two seconds now and
 * then, so also while a file begins. Tells what the first one said, and when.
 */
async function recordInFiles(): Promise<{ atMs: number; said: Buffer }[]> {
  const clock = fakeClock(Date.UTC(2026, 10, 1));
  const log = pino({ level: "silent" });
  const recorder = startRecorder({ folder, clock, log, version: "1.2.3", fileMs: 10_000 });
  const told: { atMs: number; said: Buffer }[] = [];
  let count = 0;
  const hear = (reply: Buffer, more: Partial<Heard>) => {
    recorder.heard(heard(reply, more));
    count++;
  };
  for (let n = 0; n < 80; n++) {
    hear(report(n), { startedMs: clock.monoMs() });
    told.push({ atMs: clock.nowMs(), said: report(n) });
    if (n % 5 === 0 && n)
      hear(report(n + 500), { address: SLOW, startedMs: clock.monoMs() - 2_000, tookMs: 2_000 });
    await clock.advance(500);
    // Packing takes its time whatever the clock says, and until a file's first block is written none follows it.
    if (n % 2) await expect.poll(() => recorder.stats().exchanges, { interval: 1 }).toBe(count);
  }
  await recorder.close();
  return told;
}
const SLOW = "192.0.2.8";
const STATS = { over: "tcp", request: '{"command":"stats"}' } as const;
const spoken = (head: TapeHead, address = "192.0.2.7") =>
  head.find({ address, port: 4028 }, STATS, false)?.body.toString();

test("a reply that is on its way while one file follows the other hides none of either", async () => {
  const told = await recordInFiles();
  const tape = openTape(folder);
  const paths = tape.blocks.map(({ path }) => path);
  // Blocks of two files do alternate here.
  expect(paths.filter((path, i) => path !== paths[i - 1]).length).toBeGreaterThan(new Set(paths).size);
  const lost: string[] = [];
  const heads = [new TapeHead(tape, (path) => lost.push(path))];
  for (const [n, { atMs, said }] of told.entries()) {
    // One that begins at every moment of the tape tells the same as one that was there from the start, also where that is between two files.
    heads.push(heads[0]!.copy());
    const late = new TapeHead(tape);
    for (const head of [...heads, late]) {
      head.moveTo(atMs);
      expect(spoken(head)).toBe(said.toString());
      if (n >= 1 && n < 76)
        expect(spoken(head, SLOW)).toBe(report(500 + 5 * Math.floor((n + 4) / 5)).toString());
    }
  }
  expect(lost).toEqual([]);
});

test("a file that is removed or damaged while it is replayed is left out and named, and the others are told", async () => {
  const told = await recordInFiles();
  const tape = openTape(folder);
  const lost = new Set<string>();
  const head = new TapeHead(tape, (path) => lost.add(path));
  const [, second, third] = [...new Set(tape.blocks.map(({ path }) => path))];
  rmSync(second!);
  const { offset } = tape.blocks.find(({ path }) => path === third)!;
  const bytes = readFileSync(third!);
  bytes[offset + 80] = bytes[offset + 80]! ^ 255;
  writeFileSync(third!, bytes);
  head.moveTo(told[30]!.atMs);
  expect(told.slice(0, 24).map(({ said }) => said.toString())).toContain(spoken(head));
  head.moveTo(told.at(-1)!.atMs);
  expect(spoken(head)).toBe(told.at(-1)!.said.toString());
  expect([...lost]).toEqual([second, third]);
});

test("what a full disk does not take is built on by nothing that comes", async () => {
  let isFull = false;
  const disk = {
    ...ownersDisk,
    write(fd: number, bytes: Buffer, at: number) {
      if (isFull) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      return ownersDisk.write(fd, bytes, at);
    },
  };
  const clock = fakeClock(Date.UTC(2026, 10, 1));
  const recorder = startRecorder({
    ...{ folder, clock, disk },
    log: pino({ level: "silent" }),
    version: "1.2.3",
  });
  for (let n = 0; n < 30; n++) {
    isFull = n >= 10 && n < 20;
    recorder.heard(heard(report(n), { startedMs: clock.monoMs() }));
    await clock.advance(1_000);
    await expect.poll(() => recorder.stats().exchanges + recorder.stats().lost).toBe(n + 1);
  }
  await recorder.close();
  expect(recorder.stats()).toMatchObject({ exchanges: 20, lost: 10 });
  const tape = openTape(folder);
  expect(tape.damagedBytes).toBe(0);
  expect(exchangesOf(tape).map(({ body }) => body.toString())).toEqual(
    [...Array(10).keys(), ...Array.from({ length: 10 }, (_, n) => n + 20)].map((n) => report(n).toString()),
  );
});

test("what comes faster than it is put on the tape, and a reply longer than all that waits, come back in their order", async () => {
  const long = Buffer.alloc(5 * 1024 * 1024, "0123456789");
  const said = Array.from({ length: 6_000 }, (_, n) =>
    n === 3_000 ? heard(long) : heard(report(n), { address: `192.0.2.${n % 5}` }),
  );
  const tape = await record(said, said.length);
  const came = exchangesOf(tape);
  expect(came).toHaveLength(said.length);
  for (const [n, { body, door }] of came.entries()) {
    const reply = n === 3_000 ? long : report(n);
    if (!body.equals(reply) || door.address !== (n === 3_000 ? "192.0.2.7" : `192.0.2.${n % 5}`))
      expect.fail(`reply ${n} is another one`);
  }
});
