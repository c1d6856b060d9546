import { openSync } from "node:fs";
import { join } from "node:path";
import { AgentError } from "../agentError.js";
import { type Disk, diskTrouble, nodeDisk, systemCode } from "../spool/disk.js";

/** Bounds of a tape's files. */
export interface TapeLimits {
  /** A file that has grown to so many bytes, or is so old, is followed by the next one. */
  fileBytes: number;
  fileMs: number;
  /** All files together; beyond, the oldest ones go. */
  maxBytes: number;
}

export const TAPE_LIMITS: TapeLimits = {
  fileBytes: 64 * 1024 * 1024,
  fileMs: 3_600_000,
  maxBytes: 10_000_000_000,
};

/** A disk whose files their owner alone may read: answers of rigs hold accounts, and whatever else they tell. */
export const ownersDisk: Disk = { ...nodeDisk, create: (path) => openSync(path, "ax", 0o600) };

/** What a failed write means to an operator. */
export const tapeTrouble = (error: unknown, folder: string): string =>
  ["ENOSPC", "EDQUOT"].includes(systemCode(error))
    ? `no space left in ${folder}: free some, or record with a smaller maxBytes`
    : diskTrouble(error, folder);

/** Files of a tape: `20261126T091500Z-1f09ac3b-000001.hwtape`, in the order of time when sorted by name. */
const NAME = /^(\d{8}T\d{6}Z-[0-9a-f]{8})-(\d{6})\.hwtape$/;

/** Hears of files that go since there are too many bytes, and of one that should and cannot, once until all can that should. */
export interface Heed {
  removed(path: string): void;
  stuck(path: string, error: unknown): void;
}

/**
 * Writes blocks into one file after the other. A file is never written on by a later run, so that what a crash tore off stays
 * its last block. Methods throw what the disk throws and stay usable.
 */
export class TapeFolder {
  #fd = -1;
  #path = "";
  #size = 0;
  #beganMs = 0;
  #number = 0;
  /** Oldest first, the file being written not among them. */
  readonly #files: { path: string; size: number; isFirst: boolean }[] = [];
  /** A file could not be removed when that was tried last. */
  #isStuck = false;
  /** Bytes of all files that were written by this run. */
  written = 0;

  /** Throws `io` when the folder cannot be made or read. */
  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    private readonly limits: TapeLimits,
    private readonly stem: string,
    private readonly heed: Heed,
  ) {
    try {
      disk.mkdir(folder);
      for (const name of disk.list(folder).sort()) {
        const number = NAME.exec(name)?.[2];
        if (number !== undefined)
          this.#files.push({
            path: join(folder, name),
            size: disk.size(join(folder, name)),
            isFirst: Number(number) === 1,
          });
      }
    } catch (cause) {
      throw new AgentError("io", `no tape can be kept in ${folder}: ${tapeTrouble(cause, folder)}`, {
        cause,
      });
    }
  }

  /** Whether what comes next begins a file. */
  isNew(nowMs: number): boolean {
    return this.#fd < 0 || this.#size >= this.limits.fileBytes || nowMs - this.#beganMs >= this.limits.fileMs;
  }

  /** Appends a block, whole or not at all; `nowMs` is monotonic. */
  append(block: Buffer, begins: boolean, nowMs: number): void {
    if (begins) {
      this.#leave();
      this.#begin(nowMs);
    }
    try {
      for (let at = 0; at < block.length; ) at += this.disk.write(this.#fd, block, at);
    } catch (error) {
      // Half a block is no block: behind it nothing could be found but by looking for it.
      if (begins) this.#giveUp();
      else this.disk.truncate(this.#fd, this.#size);
      throw error;
    }
    this.#size += block.length;
    this.written += block.length;
    this.#bound();
  }

  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    try {
      this.disk.sync(fd);
    } finally {
      this.disk.close(fd);
    }
  }

  #begin(nowMs: number): void {
    const number = this.#number + 1;
    this.#path = join(this.folder, `${this.stem}-${String(number).padStart(6, "0")}.hwtape`);
    this.#fd = this.disk.create(this.#path);
    this.#number = number;
    this.#size = 0;
    this.#beganMs = nowMs;
  }

  /**
   * Lets go of a file that has not got its first block: what came behind could not be read without. The next one has its number, so that
   * number 1 is the first file of a run that there is.
   */
  #giveUp(): void {
    const fd = this.#fd;
    this.#fd = -1;
    try {
      this.disk.close(fd);
    } finally {
      this.disk.unlink(this.#path);
      this.#number--;
    }
  }

  #leave(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#files.push({ path: this.#path, size: this.#size, isFirst: this.#number === 1 });
    this.disk.settle(fd, () => {});
  }

  /**
   * The first file of a run is the last of it to go: in it stands what rigs say of themselves only when they are met. Of a file that
   * cannot be removed the next ones take the place: the bytes have their bound all the same.
   */
  #bound(): void {
    let total = this.#size + this.#files.reduce((sum, { size }) => sum + size, 0);
    if (total <= this.limits.maxBytes) return;
    const movable = [...this.#files];
    let isStuck = false;
    while (total > this.limits.maxBytes && movable.length) {
      const at = movable.findIndex(({ isFirst }, i) => !isFirst || movable[i + 1]?.isFirst);
      const [next] = movable.splice(Math.max(0, at), 1);
      const { path, size } = next!;
      try {
        this.disk.unlink(path);
      } catch (error) {
        // A file that somebody else took away is gone. Any other is tried again behind the next block: this one is written.
        if (systemCode(error) !== "ENOENT") {
          if (!this.#isStuck) this.heed.stuck(path, error);
          this.#isStuck = isStuck = true;
          continue;
        }
      }
      this.#files.splice(this.#files.indexOf(next!), 1);
      total -= size;
      this.heed.removed(path);
    }
    this.#isStuck = isStuck;
  }
}
