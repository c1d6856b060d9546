import fs from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * The few file-system calls that the spool makes, so that a test can fill the disk or break it.
 * Appends are synchronous: a write into the page cache costs less than the hop to a thread, and the order is the program's.
 * Reads of the backlog are not: they may wait for the platter.
 */
export interface Disk {
  mkdir(path: string): void;
  list(path: string): string[];
  /** Opens for appending, creating the file; fails when it exists. */
  create(path: string): number;
  write(fd: number, bytes: Buffer, offset: number): number;
  truncate(fd: number, length: number): void;
  sync(fd: number): void;
  close(fd: number): void;
  /** Syncs and closes in the background; `done` hears of an error. */
  settle(fd: number, done: (error: unknown) => void): void;
  size(path: string): number;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  readText(path: string): string;
  /** Writes a small file anew; with `exclusive` fails when it exists. */
  writeText(path: string, text: string, exclusive?: boolean): void;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(path: string, offset: number, length: number): Promise<Buffer>;
}

/** The machine's own file system. */
export const nodeDisk: Disk = {
  mkdir: makeFolder,
  list: (path) => fs.readdirSync(path),
  create: (path) => fs.openSync(path, "ax", 0o640),
  write: (fd, bytes, offset) => fs.writeSync(fd, bytes, offset),
  truncate: fs.ftruncateSync,
  sync: fs.fsyncSync,
  close: fs.closeSync,
  settle: (fd, done) =>
    fs.fsync(fd, (syncError) => fs.close(fd, (closeError) => done(syncError ?? closeError ?? undefined))),
  size: (path) => fs.statSync(path).size,
  unlink: fs.unlinkSync,
  rename: fs.renameSync,
  readText: (path) => fs.readFileSync(path, "utf8"),
  writeText: (path, text, exclusive) =>
    fs.writeFileSync(path, text, { mode: 0o640, flag: exclusive ? "wx" : "w" }),
  async read(path, offset, length) {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.allocUnsafeSlow(length);
      let got = 0;
      while (got < length) {
        const { bytesRead } = await file.read(bytes, got, length - got, offset + got);
        if (bytesRead === 0) break;
        got += bytesRead;
      }
      return bytes.subarray(0, got);
    } finally {
      await file.close();
    }
  },
};

/** The `code` of a system error, e.g. ENOSPC; "" for anything else. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** What a failed write means to an operator. */
export function diskTrouble(error: unknown, path: string): string {
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return `no space left for the spool in ${path}: free some, what is measured is kept in memory for a short while only`;
    case "EROFS":
      return `the file system of ${path} is read-only: remount it writable`;
    case "EACCES":
    case "EPERM":
      return `no permission to write in ${path}: give it to the user that runs the agent`;
    default:
      return `cannot write in ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Makes a folder and those above it, one by one: the recursive call never returns below /proc and its like. */
function makeFolder(path: string): void {
  if (fs.existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    fs.mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
