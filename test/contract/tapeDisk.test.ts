import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Heard } from "@hashwatt/agent/links/tap";
import { ownersDisk } from "@hashwatt/agent/tape/folder";
import { type RecorderOptions, startRecorder } from "@hashwatt/agent/tape/recorder";
import { fakeClock } from "@hashwatt/protocol/time";
import { openTape } from "@hashwatt/simulator/tapes/tape";
import { bodyOf } from "@hashwatt/simulator/tapes/tapeFile";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";

const VERSION = "1.2.3";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hashwatt-tape-disk-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const failing = (code: string): Error => Object.assign(new Error("no"), { code });
const heard = (n: number): Heard => ({
  address: "192.0.2.7",
  port: 4028,
  over: "tcp",
  request: '{"command":"summary"}',
  startedMs: n * 2_000,
  tookMs: 5,
  outcome: "answered",
  pieces: [Buffer.from(`{"n":${n}}\0`)],
});

/** Records an exchange to a block; `told` has what the log says of it, from a warning up. */
function recording(more: Partial<RecorderOptions>) {
  const clock = fakeClock(Date.UTC(2026, 10, 1));
  const told: string[] = [];
  const log = pino(
    { level: "warn" },
    { write: (line: string) => void told.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const recorder = startRecorder({ folder, clock, log, version: VERSION, ...more });
  let n = 0;
  const record = async (exchanges: number) => {
    for (const end = n + exchanges; n < end; ) {
      recorder.heard(heard(n++));
      await clock.advance(2_000);
      await expect.poll(() => recorder.stats().exchanges + recorder.stats().lost).toBe(n);
    }
  };
  return { recorder, record, told };
}

test("a file that fails to take its first block is begun anew, with all that its reader must know", async () => {
  let left = 1;
  const disk = {
    ...ownersDisk,
    write(fd: number, bytes: Buffer, at: number) {
      if (left-- <= 0) return ownersDisk.write(fd, bytes, at);
      ownersDisk.write(fd, bytes.subarray(0, at + 10), at);
      throw failing("ENOSPC");
    },
  };
  const { recorder, record } = recording({ disk });
  await record(3);
  await recorder.close();
  expect(recorder.stats()).toMatchObject({ exchanges: 2, lost: 1 });
  expect(readdirSync(folder)).toHaveLength(1);
  const { blocks, damagedBytes } = openTape(folder);
  expect(damagedBytes).toBe(0);
  expect(bodyOf(blocks[0]!)?.toString("latin1")).toContain(`"agent":"${VERSION}"`);
});

test("the file of a run that stays to the last is the first that took its block, whatever the disk refused before", async () => {
  let refused = 0;
  const disk = {
    ...ownersDisk,
    create(path: string) {
      if (refused++ < 1) throw failing("EMFILE");
      return ownersDisk.create(path);
    },
    write(fd: number, bytes: Buffer, at: number) {
      if (refused++ < 4) throw failing("ENOSPC");
      return ownersDisk.write(fd, bytes, at);
    },
  };
  const { recorder, record } = recording({ disk, fileMs: 1_000, maxBytes: 1_200 });
  await record(20);
  await recorder.close();
  expect(recorder.stats().lost).toBeGreaterThan(1);
  const kept = readdirSync(folder).sort();
  expect(kept.length).toBeLessThan(10);
  expect(kept[0]).toContain("-000001.hwtape");
});

test("an old file that cannot be removed costs nothing of what comes, is told once, and goes when it can", async () => {
  let isHeld = true;
  const disk = {
    ...ownersDisk,
    unlink(path: string) {
      if (isHeld) throw failing("EACCES");
      ownersDisk.unlink(path);
    },
  };
  const { recorder, record, told } = recording({ disk, fileMs: 1_000, maxBytes: 1_200 });
  await record(20);
  expect(recorder.stats()).toMatchObject({ exchanges: 20, lost: 0 });
  expect(readdirSync(folder)).toHaveLength(20);
  isHeld = false;
  await record(1);
  expect(readdirSync(folder).length).toBeLessThan(10);
  // One that somebody else has taken away is no trouble.
  rmSync(join(folder, readdirSync(folder).sort()[1]!));
  await record(9);
  await recorder.close();
  expect(recorder.stats()).toMatchObject({ exchanges: 30, lost: 0 });
  expect(told).toEqual(["file of the tape not removed, the next ones go in its place"]);
});

test("one old file that can never be removed leaves the tape within its bound: the next ones go, and it is told once", async () => {
  const disk = {
    ...ownersDisk,
    unlink(path: string) {
      if (path.endsWith("-000002.hwtape")) throw failing("EPERM");
      ownersDisk.unlink(path);
    },
  };
  const maxBytes = 1_200;
  const { recorder, record, told } = recording({ disk, fileMs: 1_000, maxBytes });
  await record(40);
  await recorder.close();
  expect(recorder.stats()).toMatchObject({ exchanges: 40, lost: 0 });
  const kept = readdirSync(folder).sort();
  expect(kept.reduce((sum, name) => sum + ownersDisk.size(join(folder, name)), 0)).toBeLessThanOrEqual(
    maxBytes,
  );
  // The first of the run stays, as ever, and the last are there.
  expect(kept[0]).toContain("-000001.hwtape");
  expect(kept[1]).toContain("-000002.hwtape");
  expect(kept.at(-1)).toContain("-000040.hwtape");
  expect(told).toEqual(["file of the tape not removed, the next ones go in its place"]);
});
