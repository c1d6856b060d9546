import type { Disk } from "./disk.js";
import type { SpoolRecord } from "./record.js";
import { CHUNK, pieces, type Run, type Segment } from "./segment.js";

/**
 * What stands at a seq: the record; `damaged`, it was kept and cannot be read; or a gap up to and including `to`, dropped while
 * the disk refused.
 */
export type Spooled =
  | { kind: "record"; record: SpoolRecord }
  | { kind: "damaged" }
  | { kind: "gap"; to: number };

/** What a reader sees of its spool; all of it may change between two loads. */
export interface ReaderView {
  disk: Disk;
  monoMs(): number;
  segments(): readonly Segment[];
  memory(): readonly SpoolRecord[];
  /** End of the gap that `seq` lies in, if it lies in one. */
  gapAt(seq: number): number | undefined;
  /** Newest batch of the stream. */
  last(): number;
  onDamaged(seq: number, path: string): void;
  /** The disk refuses to read a segment, which is tried again; and it reads it once more. */
  onRefused(path: string, error: unknown): void;
  onReadAgain(path: string): void;
  /** It refused for too long: the `batches` that are left of the stream in `segment` are given up. */
  onGivenUp(segment: Segment, batches: number, error: unknown): void;
}

/**
 * Bound of what is held from the oldest unacknowledged batch on, which is what may be in flight: 20 Mbit/s for as long as a way
 * there and back and a commit take. A piece that was read is held as a whole, at least one batch always.
 */
const MAX_HELD_BYTES = 2 * 1024 * 1024;
/**
 * What a disk refuses it mostly gives later: a file server that starts anew takes minutes, a card its reset, and a virus scanner
 * lets go of a file. Nothing waits meanwhile but the backlog, so a segment is given up only after so long and so many tries.
 */
const GIVE_UP_MS = 300_000;
const READ_TRIES = 3;
const RETRY_MS = 1_000;

/**
 * Reads one stream in order, holding a bounded stretch of it from its oldest unacknowledged batch on, so that a rewind costs no
 * reading, and a backlog of any size costs a piece at a time.
 */
export class SpoolReader {
  /** What is held: `#held[i]` stands at seq `#first + i`. A gap is one entry for all of its seqs, and always the last. */
  #held: Spooled[] = [];
  #bytes = 0;
  #first: number;
  #loading = false;
  #cursor: { path: string; offset: number } | undefined;

  constructor(
    readonly stream: string,
    first: number,
    private readonly view: ReaderView,
  ) {
    this.#first = first;
  }

  /** What stands at `seq`; undefined while it is not loaded. */
  get(seq: number): Spooled | undefined {
    return this.#held[seq - this.#first] ?? this.#gapOver(seq);
  }

  /** Stamp of the oldest batch held, where it has one. */
  get oldestMs(): number | undefined {
    const head = this.#held[0];
    return head?.kind === "record" ? head.record.oldestMs : undefined;
  }

  /** Hands over a record that was appended just now, which saves reading it back when it comes next. */
  offer(record: SpoolRecord): void {
    if (record.seq === this.#next && !this.#full && !this.#loading) this.#hold({ kind: "record", record });
  }

  /** Everything before `first` is done with. */
  release(first: number): void {
    const count = Math.min(first - this.#first, this.#held.length);
    if (first <= this.#first) return;
    for (const spooled of this.#held.splice(0, count)) this.#bytes -= weightOf(spooled);
    this.#first = first;
  }

  /** Loads on from what is held, one piece at most. Resolves to whether anything came. Never rejects. */
  async load(): Promise<boolean> {
    if (this.#loading || this.#full || this.#next > this.view.last()) return false;
    // The records of a piece share its memory, so that keeping a few of each would keep them all.
    if (this.#held.length && this.#bytes + CHUNK > MAX_HELD_BYTES) return false;
    this.#loading = true;
    try {
      return await this.#loadNext();
    } finally {
      this.#loading = false;
    }
  }

  get #next(): number {
    return this.#first + this.#held.length;
  }

  get #full(): boolean {
    const gap = this.#held.at(-1)?.kind === "gap";
    return gap || this.#bytes >= MAX_HELD_BYTES;
  }

  async #loadNext(): Promise<boolean> {
    const from = this.#next;
    const gapTo = this.view.gapAt(from);
    if (gapTo !== undefined) {
      this.#hold({ kind: "gap", to: gapTo });
      return true;
    }
    for (const segment of this.view.segments())
      for (const run of segment.runs)
        if (run.stream === this.stream && run.last >= from) return this.#loadRun(segment, run);
    const memory = this.view.memory().filter(({ stream, seq }) => stream === this.stream && seq >= from);
    // Damage before memory's first would be a seq that was never kept: it cannot be, and must not stop the stream.
    if (memory[0] && memory[0].seq > from) this.#damagedTo(memory[0].seq - 1, "memory");
    for (const record of memory) if (!this.#full) this.#hold({ kind: "record", record });
    if (!memory.length) this.#damagedTo(this.view.last(), "nowhere");
    return true;
  }

  async #loadRun(segment: Segment, run: Run): Promise<boolean> {
    const { path } = segment;
    if (run.first > this.#next) {
      this.#damagedTo(run.first - 1, path);
      return true;
    }
    // Every ack and every batch asks for more, which must not use up the tries.
    if (segment.refusal && this.view.monoMs() < segment.refusal.retryMs) return false;
    const last = run.last;
    const end = run.end;
    const offset = this.#cursor?.path === path ? Math.max(this.#cursor.offset, run.offset) : run.offset;
    const before = this.#next;
    try {
      for await (const piece of pieces(this.view.disk, path, offset, end)) {
        // A release during the read may have moved on past what comes.
        for (const { record, damaged, offset, length } of piece.found) {
          if (record.stream !== this.stream || record.seq < this.#next) continue;
          if (this.#full) return true;
          this.#damagedTo(record.seq - 1, path);
          if (this.#full) return true;
          if (damaged) this.#damagedTo(record.seq, path);
          else this.#hold({ kind: "record", record });
          this.#cursor = { path, offset: offset + length };
        }
        // Only what leads further counts: a record may begin where the disk reads and end where it does not.
        if (this.#next > before) this.#readAgain(segment);
        if (piece.next < end && this.#next > before) return true;
      }
      this.#readAgain(segment);
      this.#damagedTo(last, path);
    } catch (error) {
      return this.#refused(segment, last, error);
    }
    return true;
  }

  #readAgain(segment: Segment): void {
    if (!segment.refusal) return;
    segment.refusal = undefined;
    this.view.onReadAgain(segment.path);
  }

  /** Returns whether to go on at once, with what comes behind. */
  #refused(segment: Segment, last: number, error: unknown): boolean {
    // Dropped or done with while it was read: nothing is asked of it any more.
    if (last < this.#next || !this.view.segments().includes(segment)) return true;
    const nowMs = this.view.monoMs();
    const { path } = segment;
    if (!segment.refusal) {
      const reason = `cannot read ${path}, which is tried again: ${error instanceof Error ? error.message : String(error)}; check the disk`;
      segment.refusal = { sinceMs: nowMs, tries: 0, retryMs: 0, reason };
      this.view.onRefused(path, error);
    }
    const { refusal } = segment;
    refusal.retryMs = nowMs + RETRY_MS;
    if (++refusal.tries < READ_TRIES || nowMs - refusal.sinceMs < GIVE_UP_MS) return false;
    this.view.onGivenUp(segment, last - this.#next + 1, error);
    this.#hold({ kind: "gap", to: last });
    return true;
  }

  #damagedTo(seq: number, path: string): void {
    while (this.#next <= seq && !this.#full) {
      const gapTo = this.view.gapAt(this.#next);
      if (gapTo !== undefined) {
        this.#hold({ kind: "gap", to: gapTo });
        continue;
      }
      this.view.onDamaged(this.#next, path);
      this.#hold({ kind: "damaged" });
    }
  }

  #hold(spooled: Spooled): void {
    this.#held.push(spooled);
    this.#bytes += weightOf(spooled);
  }

  #gapOver(seq: number): Spooled | undefined {
    const tail = this.#held.at(-1);
    return tail?.kind === "gap" && seq >= this.#next && seq <= tail.to ? tail : undefined;
  }
}

const weightOf = (spooled: Spooled): number =>
  (spooled.kind === "record" ? spooled.record.body.length : 0) + 256;
