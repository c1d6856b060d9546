import type { Disk } from "./disk.js";
import { encodeFooter, segmentPath } from "./outline.js";
import type { SpoolRecord } from "./record.js";
import { extendRuns, type Segment } from "./segment.js";

/** Below this size a segment whose batches are all acknowledged is written on, instead of being replaced. */
const WORTH_REMOVING = 1024 * 1024;

interface Current {
  segment: Segment;
  fd: number;
}

/** Appends records to one segment after the other. Methods throw what the disk throws and stay usable. */
export class SegmentWriter {
  #current: Current | undefined;

  /** @param number of the first segment it makes */
  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    readonly segmentBytes: number,
    private number: number,
    private readonly onUnsynced: (path: string, error: unknown) => void,
  ) {}

  /** Appends the bytes of a record, whole or not at all. Returns the segment when it is the first record of it. */
  append(record: SpoolRecord, bytes: Buffer, monoMs: number): Segment | undefined {
    if (
      this.#current &&
      this.#current.segment.size + bytes.length > this.segmentBytes &&
      this.#current.segment.size
    )
      this.#leave();
    this.#current ??= this.#begin(monoMs);
    const { segment } = this.#current;
    this.#write(this.#current, bytes);
    const begun = segment.size === 0;
    extendRuns(segment.runs, record, segment.size, bytes.length);
    segment.size += bytes.length;
    segment.newestMonoMs = monoMs;
    return begun ? segment : undefined;
  }

  /** Whether `segment`, which holds nothing open, may be unlinked; lets go of it when it is the one being written. */
  release(segment: Segment): boolean {
    const current = this.#current;
    if (current?.segment !== segment) return true;
    if (segment.size < WORTH_REMOVING) return false;
    this.#current = undefined;
    this.#close(current);
    return true;
  }

  /** Finishes the segment being written: footer, sync, close. */
  finish(): void {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    try {
      this.#writeFooter(current);
      if (current.fd >= 0) this.disk.sync(current.fd);
    } finally {
      this.#close(current);
    }
    if (!current.segment.size) this.disk.unlink(current.segment.path);
  }

  /** The same without waiting for the platter, which may take as long as many polls. */
  #leave(): void {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    const { path } = current.segment;
    this.#writeFooter(current);
    if (current.fd < 0) return;
    this.disk.settle(current.fd, (error) => {
      if (error) this.onUnsynced(path, error);
    });
  }

  /** Without a footer a segment is read through at the next start, which takes longer and finds the same. */
  #writeFooter(current: Current): void {
    if (!current.segment.size) return;
    try {
      this.#write(current, encodeFooter(current.segment));
    } catch (error) {
      this.onUnsynced(current.segment.path, error);
    }
  }

  #begin(monoMs: number): Current {
    const path = segmentPath(this.folder, this.number);
    const fd = this.disk.create(path);
    this.number++;
    return { segment: { path, size: 0, runs: [], newestMonoMs: monoMs }, fd };
  }

  #write(current: Current, bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += this.disk.write(current.fd, bytes, at);
    } catch (error) {
      try {
        this.disk.truncate(current.fd, current.segment.size);
      } catch {
        // Half a record stays at its end, which reading takes for noise; nothing more is written behind it.
        if (this.#current === current) this.#current = undefined;
        this.#close(current);
      }
      throw error;
    }
  }

  #close(current: Current): void {
    if (current.fd < 0) return;
    const { fd } = current;
    current.fd = -1;
    this.disk.close(fd);
  }
}
