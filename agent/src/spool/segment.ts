import type { Disk } from "./disk.js";
import { type Found, parseRecords, type SpoolRecord } from "./record.js";

/** Consecutive batches of one stream inside a segment. */
export interface Run {
  stream: string;
  boot: string;
  first: number;
  last: number;
  /** Where its first record begins, and where its last one ends. */
  offset: number;
  end: number;
  /** Stamps of its oldest and newest sample, where it has any. */
  oldestMs?: number | undefined;
  newestMs?: number | undefined;
}

/** That the disk refuses to read a segment. Times are monotonic. */
export interface Refusal {
  sinceMs: number;
  tries: number;
  /** Until then it is not tried again. */
  retryMs: number;
  /** What the operator is told. */
  reason: string;
}

/** One file of the spool. */
export interface Segment {
  path: string;
  /** Bytes of records; a footer may follow. */
  size: number;
  runs: Run[];
  /** Monotonic time of its newest record; negative when that is from before this process. */
  newestMonoMs: number;
  /** Absent: it can be read, as far as is known. */
  refusal?: Refusal | undefined;
  /** Batches in it were given up because of that. */
  givenUp?: true;
}

/** Size of the pieces in which a segment is read. */
export const CHUNK = 256 * 1024;

/** Adds a record of `length` bytes at `offset` to the runs of a segment. */
export function extendRuns(runs: Run[], record: SpoolRecord, offset: number, length: number): void {
  const tail = runs.at(-1);
  if (tail?.stream === record.stream && record.seq > tail.last) {
    tail.last = record.seq;
    tail.end = offset + length;
    tail.oldestMs = least(tail.oldestMs, record.oldestMs);
    tail.newestMs = most(tail.newestMs, record.newestMs);
    return;
  }
  runs.push({
    stream: record.stream,
    boot: record.boot,
    first: record.seq,
    last: record.seq,
    offset,
    end: offset + length,
    oldestMs: record.oldestMs,
    newestMs: record.newestMs,
  });
}

/** Reads `path` from `offset` to `end` in pieces; offsets of what is found are those of the file. */
export async function* pieces(
  disk: Disk,
  path: string,
  offset: number,
  end: number,
): AsyncGenerator<{ found: Found[]; next: number }> {
  let at = offset;
  let want = CHUNK;
  while (at < end) {
    const bytes = await disk.read(path, at, Math.min(want, end - at));
    const atEnd = bytes.length < want || at + bytes.length >= end;
    const { found, consumed, need } = parseRecords(bytes, atEnd);
    for (const one of found) one.offset += at;
    at += consumed;
    // A record longer than a piece: read it whole.
    want = Math.max(CHUNK, need ?? 0);
    yield { found, next: at };
    if (atEnd) return;
  }
}

const least = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
const most = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);
