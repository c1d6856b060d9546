import { crc32 } from "node:zlib";

/**
 * One batch as the spool keeps it. `body` is the tail of the batch's JSON (`"boot":…,"monoMs":…,"samples":[…]}`), a gzip
 * member when `gzip`, so that it goes on the wire as it is behind a fresh head.
 */
export interface SpoolRecord {
  stream: string;
  seq: number;
  /** The agent's run that made it. */
  boot: string;
  /** Monotonic clock of that run at the making, ms. */
  monoMs: number;
  /** What the clock that stamped the samples said at `monoMs`, epoch ms. */
  wallMs: number;
  /** Whether the run was sure of its offset to the server when it stamped the samples. */
  offsetKnown: boolean;
  samples: number;
  /** Stamps of the oldest and newest sample; undefined in a batch without samples. */
  oldestMs: number | undefined;
  newestMs: number | undefined;
  gzip: boolean;
  body: Buffer;
}

/*
 * Layout, little endian: magic u32 · crc32 of the header from byte 8 on u32 · body length u32 · crc32 of the body u32 ·
 * flags u8 · stream length u8 · boot length u8 · 0 u8 · samples u32 · seq, monoMs, wallMs, oldestMs, newestMs f64 (NaN = none)
 * · stream · boot · body. Two checksums, so that a damaged body costs one record and a damaged header is not believed.
 */
const MAGIC = Buffer.from("HWr1", "latin1");
const FIXED = 64;
const GZIP = 1;
const OFFSET_KNOWN = 2;
/** Longest body that is believed; a batch is cut far below. */
export const MAX_BODY = 8 * 1024 * 1024;

/** The bytes of a record, header and body in one piece. Throws RangeError on an id of more than 64 characters. */
export function encodeRecord(record: SpoolRecord): Buffer {
  const { stream, boot, body } = record;
  if (stream.length > 64 || boot.length > 64)
    throw new RangeError("a stream or boot id has 64 characters at most");
  const headerLength = FIXED + stream.length + boot.length;
  const bytes = Buffer.allocUnsafe(headerLength + body.length);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(body.length, 8);
  bytes.writeUInt32LE(crc32(body), 12);
  bytes[16] = (record.gzip ? GZIP : 0) | (record.offsetKnown ? OFFSET_KNOWN : 0);
  bytes[17] = stream.length;
  bytes[18] = boot.length;
  bytes[19] = 0;
  bytes.writeUInt32LE(record.samples, 20);
  bytes.writeDoubleLE(record.seq, 24);
  bytes.writeDoubleLE(record.monoMs, 32);
  bytes.writeDoubleLE(record.wallMs, 40);
  bytes.writeDoubleLE(record.oldestMs ?? Number.NaN, 48);
  bytes.writeDoubleLE(record.newestMs ?? Number.NaN, 56);
  bytes.write(stream, FIXED, "latin1");
  bytes.write(boot, FIXED + stream.length, "latin1");
  bytes.writeUInt32LE(crc32(bytes.subarray(8, headerLength)), 4);
  body.copy(bytes, headerLength);
  return bytes;
}

/** What was found at `offset` of a buffer: a record, or one whose body is damaged and whose header can be believed. */
export interface Found {
  offset: number;
  length: number;
  record: SpoolRecord;
  damaged: boolean;
}

/**
 * What a piece of a segment holds. Bytes that are no record are passed over: after a damaged header the next intact one is
 * looked for. `consumed` bytes are done with; where `need` is given, the record at `consumed` goes on past the buffer and is
 * that long in all.
 */
export interface Parsed {
  found: Found[];
  consumed: number;
  need?: number;
}

/** Reads the records of `bytes`, which begin anywhere. `atEnd`: nothing follows, an incomplete record is none. */
export function parseRecords(bytes: Buffer, atEnd: boolean): Parsed {
  const found: Found[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = headerAt(bytes, at);
    if (header === "short" || (header && at + header.length > bytes.length)) {
      if (!atEnd) return { found, consumed: at, ...(header !== "short" && { need: header?.length ?? 0 }) };
    } else if (header) {
      found.push({ offset: at, length: header.length, ...materialise(bytes, at, header) });
      at += header.length;
      continue;
    }
    // No whole record begins here: go on at the next place that looks like one.
    const next = bytes.indexOf(MAGIC, at + 1);
    const to = next >= 0 ? next : atEnd ? bytes.length : Math.max(at + 1, bytes.length - MAGIC.length + 1);
    at = to;
  }
  return { found, consumed: at };
}

interface Header {
  bodyAt: number;
  length: number;
}

/** Undefined: no believable header; "short": it may become one with more bytes. */
function headerAt(bytes: Buffer, at: number): Header | "short" | undefined {
  const left = bytes.length - at;
  if (bytes.compare(MAGIC, 0, Math.min(left, MAGIC.length), at, at + Math.min(left, MAGIC.length)) !== 0)
    return undefined;
  if (left < FIXED) return "short";
  const headerLength = FIXED + bytes[at + 17]! + bytes[at + 18]!;
  if (left < headerLength) return "short";
  if (crc32(bytes.subarray(at + 8, at + headerLength)) !== bytes.readUInt32LE(at + 4)) return undefined;
  const bodyLength = bytes.readUInt32LE(at + 8);
  if (bodyLength > MAX_BODY) return undefined;
  return { bodyAt: at + headerLength, length: headerLength + bodyLength };
}

function materialise(bytes: Buffer, at: number, header: Header): { record: SpoolRecord; damaged: boolean } {
  const body = bytes.subarray(header.bodyAt, at + header.length);
  const streamEnd = at + FIXED + bytes[at + 17]!;
  const flags = bytes[at + 16]!;
  return {
    damaged: crc32(body) !== bytes.readUInt32LE(at + 12),
    record: {
      stream: bytes.toString("latin1", at + FIXED, streamEnd),
      seq: bytes.readDoubleLE(at + 24),
      boot: bytes.toString("latin1", streamEnd, header.bodyAt),
      monoMs: bytes.readDoubleLE(at + 32),
      wallMs: bytes.readDoubleLE(at + 40),
      offsetKnown: (flags & OFFSET_KNOWN) !== 0,
      samples: bytes.readUInt32LE(at + 20),
      oldestMs: numberOrNone(bytes.readDoubleLE(at + 48)),
      newestMs: numberOrNone(bytes.readDoubleLE(at + 56)),
      gzip: (flags & GZIP) !== 0,
      body,
    },
  };
}

const numberOrNone = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);
