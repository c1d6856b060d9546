import { join } from "node:path";
import type { Logger } from "pino";
import type { Disk } from "./disk.js";
import type { Segment } from "./segment.js";

const NAME = /^(\d{10})\.seg\.unreadable$/;
/** Beyond so many the oldest goes: a disk that is dying must not fill up with what it cannot read. */
const MAX_FILES = 4;

/**
 * Segments that were given up because the disk did not let them be read: kept under another name for whoever can still read
 * them. Nothing sends them, since the server counts what they hold as lost.
 */
export class SetAside {
  /** Oldest first. */
  readonly #files: { path: string; size: number }[] = [];
  /** The highest number that is taken; 0 when there is none. */
  readonly lastNumber: number = 0;

  constructor(
    private readonly disk: Disk,
    folder: string,
    private readonly log: Logger,
  ) {
    for (const name of disk.list(folder).sort()) {
      const number = Number(NAME.exec(name)?.[1]);
      if (!number) continue;
      const path = join(folder, name);
      this.#files.push({ path, size: this.#sizeOf(path) });
      this.lastNumber = number;
    }
  }

  get bytes(): number {
    return this.#files.reduce((sum, { size }) => sum + size, 0);
  }

  /** Sets a segment aside. Throws what the disk throws. */
  take(segment: Segment): void {
    const path = `${segment.path}.unreadable`;
    this.disk.rename(segment.path, path);
    this.#files.push({ path, size: segment.size });
    while (this.#files.length > MAX_FILES) this.#dropOldest();
  }

  /** Drops the oldest until `bytes` are free or nothing is left. Returns how many became free. */
  free(bytes: number): number {
    let freed = 0;
    while (freed < bytes && this.#files.length) freed += this.#dropOldest();
    return freed;
  }

  #dropOldest(): number {
    const { path, size } = this.#files.shift()!;
    try {
      this.disk.unlink(path);
    } catch (error) {
      this.log.warn({ err: error, path }, "spool segment not removed");
    }
    return size;
  }

  #sizeOf(path: string): number {
    try {
      return this.disk.size(path);
    } catch {
      // What cannot even be measured is counted as nothing, and goes like the others.
      return 0;
    }
  }
}
