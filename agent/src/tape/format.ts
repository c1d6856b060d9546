import { crc32 } from "node:zlib";
import type { Outcome } from "../links/tap.js";

/*
 * docs/tape-format.md describes what is written here; simulator/src/tapes/ reads it by that page alone.
 */

/** First bytes of a block; the digit is the version of the format. */
const MAGIC = Buffer.from("HWt1", "latin1");
/** Bytes before the body of a block. */
export const BLOCK_HEAD = 64;
/** Bytes of an exchange before its header lines and body. */
export const EXCHANGE_HEAD = 33;
/** The same of one whose reply is remembered, or told by what changed. */
export const REMEMBERED_HEAD = EXCHANGE_HEAD + 4;

export const ABOUT = 0;
export const DOOR = 1;
export const QUESTION = 2;
export const EXCHANGE = 3;
export const REMEMBERED = 4;
export const CHANGED = 5;

/** Stands for the series of a reply that none builds on. */
export const NONE = 0xffffffff;

export const PLAIN = 0;
export const BROTLI = 1;

/** Flags of an exchange. */
export const CREDENTIALS = 1;
export const HELD = 2;
export const CUT = 4;

/** Outcomes by their number on the tape. */
export const OUTCOMES = [
  "answered",
  "refused",
  "unreachable",
  "timeout",
  "reset",
  "tooLarge",
  "empty",
  "garbled",
  "truncated",
] as const satisfies readonly Outcome[];

/** What the head of a block says beside its body. Offsets are ms since `startMs`. */
export interface BlockHead {
  /** Eight hex digits that name the recording. */
  run: string;
  /** Epoch ms at which it began. */
  startMs: number;
  /** When the earliest exchange of the block was begun, and when the last one ended. */
  firstMs: number;
  lastMs: number;
  exchanges: number;
  codec: typeof PLAIN | typeof BROTLI;
  /** Length of the body when it is unpacked. */
  rawLength: number;
}

/** Head and body of a block in one piece. */
export function encodeBlock(head: BlockHead, body: Buffer): Buffer {
  const bytes = Buffer.alloc(BLOCK_HEAD + body.length);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(body.length, 8);
  bytes.writeUInt32LE(crc32(body), 12);
  bytes[16] = head.codec;
  bytes.writeUInt32LE(head.rawLength, 20);
  bytes.writeUInt32LE(head.exchanges, 24);
  bytes.writeDoubleLE(head.startMs, 32);
  bytes.writeDoubleLE(head.firstMs, 40);
  bytes.writeDoubleLE(head.lastMs, 48);
  bytes.write(head.run, 56, 8, "latin1");
  bytes.writeUInt32LE(crc32(bytes.subarray(8, BLOCK_HEAD)), 4);
  body.copy(bytes, BLOCK_HEAD);
  return bytes;
}
