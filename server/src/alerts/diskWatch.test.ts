import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { DiskWatch } from "./diskWatch.js";

test("tells the room on the disk of a folder, nothing while it cannot be asked, and that there is none to watch", async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const folder = mkdtempSync(join(tmpdir(), "hashwatt-disk-"));
  const disk = new DiskWatch(folder, log);
  expect(disk.room).toBeUndefined();
  await disk.look();
  expect(disk.room).toMatchObject({ freeBytes: expect.any(Number), totalBytes: expect.any(Number) });
  rmSync(folder, { recursive: true });
  await disk.look();
  await disk.look();
  expect(disk.room).toBeUndefined();
  expect(lines).toHaveLength(1);
  const none = new DiskWatch(undefined, log);
  await none.look();
  expect(none.room).toBe("none");
});
