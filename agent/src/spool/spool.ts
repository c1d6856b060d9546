import { beginning } from "@hashwatt/protocol/plainText";
import type { Timer } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { type Depth, depthOf } from "./depth.js";
import { type Disk, diskTrouble, nodeDisk } from "./disk.js";
import { Floors } from "./floors.js";
import { lockFolder } from "./lock.js";
import { MemoryQueue } from "./memoryQueue.js";
import { type Outline, readOutlines } from "./outline.js";
import { Position } from "./position.js";
import { encodeRecord, type SpoolRecord } from "./record.js";
import type { Segment } from "./segment.js";
import { SegmentWriter } from "./segmentWriter.js";
import { SetAside } from "./setAside.js";
import type { SpoolOptions } from "./spoolOptions.js";
import { SpoolReader } from "./spoolReader.js";

const POSITION_EVERY_MS = 5_000;
const RETRY_DISK_MS = 1_000;
const AGE_EVERY_MS = 60_000;
/** A stamp so many times older than the bound is a wrong clock's, not an old batch's. */
const IMPLAUSIBLE_AGE = 10;

/**
 * Batches on disk until the server has them. Segments of `segmentBytes` are only ever appended to, and unlinked when all they
 * hold is acknowledged. A record is written, not synced: a killed process loses nothing, a power cut what the system had not
 * written yet, some seconds; a segment is synced when it is finished and at close.
 * While the disk refuses, records wait in a bounded memory queue and are read from there; it heals by itself.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #disk: Disk;
  readonly #lock: Disposable;
  /** Finished segments, oldest first, then the one being written. */
  readonly #segments: Segment[] = [];
  readonly #writer: SegmentWriter;
  readonly #floors = new Floors();
  readonly #memory: MemoryQueue;
  readonly #aside: SetAside;
  readonly #position: Position;
  readonly #timers: Timer[];
  /** Until then the disk is not tried again. */
  #retryMs = Number.NEGATIVE_INFINITY;
  #dropped = 0;
  #damaged = 0;
  #error: string | undefined;

  private constructor(options: SpoolOptions, lock: Disposable, outlines: Outline[]) {
    this.#options = options;
    this.#disk = options.disk ?? nodeDisk;
    this.#lock = lock;
    this.#position = new Position(this.#disk, options.folder);
    this.#memory = new MemoryQueue(options.memoryBytes ?? 8 * 1024 * 1024);
    this.#aside = new SetAside(this.#disk, options.folder, options.log);
    // With fewer than four segments to the bound, dropping one would take most of what there is.
    const segmentBytes = Math.min(options.segmentBytes, Math.max(1, Math.floor(options.maxBytes / 4)));
    this.#writer = new SegmentWriter(
      this.#disk,
      options.folder,
      segmentBytes,
      Math.max(outlines.at(-1)?.number ?? 0, this.#aside.lastNumber) + 1,
      (path, error) => options.log.error({ path, err: error }, "spool segment not synced"),
    );
    this.#adoptGone(outlines);
    for (const outline of outlines) this.#adopt(outline);
    this.#freeSegments();
    this.#timers = [
      options.clock.every(POSITION_EVERY_MS, () => this.#savePosition()),
      options.clock.every(RETRY_DISK_MS, () => this.#drainMemory()),
      options.clock.every(AGE_EVERY_MS, () => this.#dropOld()),
    ];
  }

  /**
   * Opens the spool of a folder, making it where it is missing, and reads what an earlier run left.
   * Throws AgentError: `locked` when another agent uses it, `io` when it cannot be used at all.
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    const { folder, log } = options;
    const disk = options.disk ?? nodeDisk;
    try {
      disk.mkdir(folder);
    } catch (cause) {
      throw new AgentError("io", diskTrouble(cause, folder), { cause, retryable: false });
    }
    const lock = lockFolder(disk, folder);
    try {
      const outlines = await readOutlines(disk, folder, options.clock, (path, error) =>
        log.error({ path, err: error }, "spool segment unreadable"),
      );
      // What a killed process was writing is cut; a cut anywhere else is damage, and its batches are missed when they are read.
      const tail = outlines.at(-1);
      if (tail?.cut) log.warn({ path: tail.path, bytes: tail.size }, "spool tail cut");
      const spool = new Spool(options, lock, outlines);
      spool.#dropOld();
      return spool;
    } catch (cause) {
      lock[Symbol.dispose]();
      if (cause instanceof AgentError) throw cause;
      throw new AgentError("io", `cannot read the spool in ${folder}: check its disk`, { cause });
    }
  }

  /** Keeps a record: on disk, or in memory while the disk refuses. Seqs of a stream come one by one from 1. Never throws. */
  append(record: SpoolRecord): void {
    this.#floors.grow(record.stream, record.seq);
    this.#position.touch();
    if (!this.#memory.peek() && this.#write(record)) return;
    for (const lost of this.#memory.push(record)) this.#forget(lost);
    this.#drainMemory();
  }

  /** Streams with batches that are not acknowledged, oldest first. */
  backlog(): { stream: string; first: number; last: number }[] {
    return this.#floors.open();
  }

  /** Everything of `stream` up to `seq` is stored by the server. */
  ack(stream: string, seq: number): void {
    this.#raise(stream, seq);
    this.#freeSegments();
  }

  /** So many batches are gone that the spool gave up as stored. */
  countDropped(batches: number): void {
    this.#dropped += batches;
  }

  /** A reader of `stream` from its oldest batch on. */
  reader(stream: string): SpoolReader {
    const first = (this.#floors.floor(stream) ?? 0) + 1;
    const { clock, log } = this.#options;
    return new SpoolReader(stream, first, {
      disk: this.#disk,
      monoMs: () => clock.monoMs(),
      segments: () => this.#segments,
      memory: () => this.#memory.records,
      gapAt: (seq) => this.#floors.gapAt(stream, seq),
      last: () => this.#floors.last(stream) ?? 0,
      onDamaged: (seq, path) => {
        this.#damaged++;
        log.warn({ stream, seq, path }, "spool record damaged");
      },
      onRefused: (path, error) => log.warn({ path, err: error }, "spool segment cannot be read, tried again"),
      onReadAgain: (path) => log.info({ path }, "spool segment can be read again"),
      onGivenUp: (segment, batches, error) => {
        segment.givenUp = true;
        this.#dropped += batches;
        log.error({ path: segment.path, batches, err: error }, "spool segment unreadable, given up");
      },
    });
  }

  /** Remembers the server's clock minus the monotonic clock of `boot`, ms, for stamps that are corrected after a restart. */
  rememberBoot(boot: string, aheadMs: number): void {
    this.#position.remember(boot, aheadMs);
  }

  /** What an earlier boot had learned; undefined when it never did. */
  bootAheadMs(boot: string): number | undefined {
    return this.#position.aheadMs(boot);
  }

  /** How full it is, at the accuracy of a segment. */
  depth(): Depth & { droppedBatches: number; damagedRecords: number; error?: string } {
    const error = this.#error ?? this.#segments.find(({ refusal }) => refusal)?.refusal?.reason;
    return {
      ...depthOf(this.#floors, this.#segments, this.#memory),
      droppedBatches: this.#dropped,
      damagedRecords: this.#damaged,
      // As much as a status takes.
      ...(error !== undefined && { error: beginning(error, 300) }),
    };
  }

  /** Syncs, saves the position and lets the folder go. What is only in memory gets a last chance. */
  close(): void {
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#retryMs = Number.NEGATIVE_INFINITY;
    this.#drainMemory();
    try {
      this.#writer.finish();
      this.#freeSegments();
    } catch (error) {
      this.#options.log.error({ err: error }, "spool segment not synced");
    }
    this.#position.touch();
    this.#savePosition();
    this.#lock[Symbol.dispose]();
  }

  /** Streams that had open batches and are in no segment: these are missed, not forgotten. */
  #adoptGone(outlines: readonly Outline[]): void {
    for (const { stream, floor, last } of this.#position.missed(outlines))
      this.#floors.adoptGone(stream, floor, last);
  }

  #adopt(outline: Outline): void {
    const { path, size, runs } = outline;
    if (!outline.readable) return;
    const { floors, lasts } = this.#position;
    for (const run of runs) this.#floors.adopt(run, floors[run.stream], lasts[run.stream]);
    const { clock, maxAgeMs } = this.#options;
    const newestMs = Math.max(...runs.map((run) => run.newestMs ?? Number.NEGATIVE_INFINITY));
    const ageMs = clock.nowMs() - newestMs;
    const believed = ageMs > 0 && ageMs < IMPLAUSIBLE_AGE * maxAgeMs ? ageMs : 0;
    this.#segments.push({ path, size, runs, newestMonoMs: clock.monoMs() - believed });
  }

  #write(record: SpoolRecord): boolean {
    const { clock, folder, log } = this.#options;
    if (clock.monoMs() < this.#retryMs) return false;
    try {
      const begun = this.#writer.append(record, encodeRecord(record), clock.monoMs());
      if (begun) this.#begin(begun);
    } catch (error) {
      const trouble = diskTrouble(error, folder);
      if (this.#error !== trouble) log.error({ err: error, folder }, "spool cannot write");
      this.#error = trouble;
      this.#retryMs = clock.monoMs() + RETRY_DISK_MS;
      return false;
    }
    if (this.#error !== undefined) log.info({ folder }, "spool writes again");
    this.#error = undefined;
    return true;
  }

  /** A new segment must fit under the bound with all that it may come to hold. */
  #begin(segment: Segment): void {
    this.#segments.push(segment);
    let bytes = this.#writer.segmentBytes + this.#aside.bytes;
    for (const { size } of this.#segments) bytes += size;
    bytes -= this.#aside.free(bytes - this.#options.maxBytes);
    this.#dropWhile("bytes", (oldest) => {
      const over = bytes > this.#options.maxBytes && oldest !== segment;
      bytes -= oldest.size;
      return over;
    });
  }

  #drainMemory(): void {
    for (let record = this.#memory.peek(); record; record = this.#memory.peek()) {
      if (!this.#write(record)) return;
      this.#memory.shift();
    }
  }

  /** A record that memory could not hold: the stream begins after it, or has a gap there. */
  #forget(lost: SpoolRecord): void {
    const { stream, seq } = lost;
    const floor = this.#floors.floor(stream);
    if (floor === undefined || seq <= floor) return;
    if (this.#dropped++ === 0)
      this.#options.log.error({ stream, seq }, "spool drops batches that nothing can hold");
    if (seq > floor + 1) this.#floors.gap(stream, seq);
    else {
      this.#raise(stream, seq);
      this.#options.onDropped(stream, seq + 1);
    }
  }

  #dropOld(): void {
    const { clock, maxAgeMs } = this.#options;
    this.#dropWhile("age", (oldest) => clock.monoMs() - oldest.newestMonoMs > maxAgeMs);
  }

  /** Gives up the oldest segment for as long as `over` holds for it. */
  #dropWhile(bound: "bytes" | "age", over: (oldest: Segment) => boolean): void {
    let batches = 0;
    for (let oldest = this.#segments[0]; oldest && over(oldest); oldest = this.#segments[0]) {
      for (const run of oldest.runs) {
        const open = this.#floors.openIn(run);
        if (!open) continue;
        batches += open;
        this.#raise(run.stream, run.last);
        this.#options.onDropped(run.stream, run.last + 1);
      }
      this.#freeSegments();
      // A small one that is being written stays, with nothing open in it.
      if (this.#segments[0] === oldest) break;
    }
    if (!batches) return;
    this.#dropped += batches;
    this.#options.log.error({ bound, batches }, "spool full, oldest batches dropped");
    this.#savePosition();
  }

  #raise(stream: string, seq: number): void {
    if (!this.#floors.raise(stream, seq)) return;
    this.#position.touch();
    this.#memory.free(stream, seq);
  }

  /** Unlinks the segments that hold nothing open. The one being written goes too, once it is worth it. */
  #freeSegments(): void {
    for (let at = 0; at < this.#segments.length; ) {
      const segment = this.#segments[at]!;
      if (segment.runs.some((run) => this.#floors.openIn(run)) || !this.#writer.release(segment)) {
        at++;
        continue;
      }
      this.#segments.splice(at, 1);
      try {
        // An older position would take its batches for lost.
        this.#savePosition();
        if (segment.givenUp) this.#aside.take(segment);
        else this.#disk.unlink(segment.path);
      } catch (error) {
        // It stays as a file; its batches are below the floor and are not sent again.
        this.#options.log.warn({ err: error, path: segment.path }, "spool segment not removed");
      }
    }
  }

  #savePosition(): void {
    const inMemory = this.#memory.records.map(({ stream }) => stream);
    this.#position.save(this.#floors, this.#segments, inMemory);
  }
}
