import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync, crc32 } from "node:zlib";
import { SimulatorError } from "../errors.js";

/*
 * Reads what docs/tape-format.md describes. Numbers are little endian.
 */
const MAGIC = Buffer.from("HWt", "latin1");
const VERSION = "1".charCodeAt(0);
const HEAD = 64;
/** No block is longer, packed or not; a length beyond is noise that looks like one. */
const MOST_BLOCK_BYTES = 256 * 1024 * 1024;
const SEARCHED = 1024 * 1024;

/** Where a block stands, and what its head says. Times are epoch ms. */
export interface BlockPlace {
  path: string;
  offset: number;
  bodyLength: number;
  bodyCrc: number;
  codec: number;
  rawLength: number;
  /** The recording it belongs to. */
  run: string;
  startMs: number;
  /** When its earliest exchange was begun, and when its last one ended. */
  firstMs: number;
  lastMs: number;
  exchanges: number;
}

/** Blocks of one file in their order, and bytes of it that are none: a torn end, damage. */
export interface FileOutline {
  blocks: BlockPlace[];
  damagedBytes: number;
}

/** The files of a tape in the order of their names, which is that of time. Throws `bad-tape`. */
export function tapeFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".hwtape"));
  } catch (cause) {
    const { code = "unknown" } = cause as NodeJS.ErrnoException;
    throw new SimulatorError("bad-tape", `cannot read the folder of the tape ${folder} (${code})`, { cause });
  }
  if (!names.length)
    throw new SimulatorError(
      "bad-tape",
      `${folder} holds no tape: record one there with "hashwatt-agent record --out ${folder} ADDRESS…"`,
    );
  return names.sort().map((name) => join(folder, name));
}

/** Finds the blocks of a file by their heads; bodies are not read. Throws `bad-tape` for a later version of the format. */
export function outlineOf(path: string): FileOutline {
  return withFile(path, (fd) => {
    const { size } = fstatSync(fd);
    const outline: FileOutline = { blocks: [], damagedBytes: 0 };
    let at = 0;
    while (at < size) {
      const head = readAt(fd, at, HEAD);
      const block = head.length === HEAD ? headAt(head, path, at) : undefined;
      if (block && at + HEAD + block.bodyLength <= size) {
        outline.blocks.push(block);
        at += HEAD + block.bodyLength;
        continue;
      }
      // What is no block may lie behind one that was torn: then that one reaches into the next, which is looked for from its head.
      const last = outline.blocks.at(-1);
      const isTorn =
        last !== undefined && last.offset + HEAD + last.bodyLength === at && bodyOf(last) === undefined;
      const from = isTorn ? outline.blocks.pop()!.offset : at;
      const next = nextMagic(fd, from + 1, size);
      outline.damagedBytes += next - from;
      at = next;
    }
    return outline;
  });
}

/** The unpacked body of a block; undefined when it is damaged, or can no longer be read. */
export function bodyOf(block: BlockPlace): Buffer | undefined {
  try {
    const body = withFile(block.path, (fd) => readAt(fd, block.offset + HEAD, block.bodyLength));
    if (body.length !== block.bodyLength || crc32(body) !== block.bodyCrc) return undefined;
    return block.codec === 0 ? body : brotliDecompressSync(body, { maxOutputLength: MOST_BLOCK_BYTES });
  } catch {
    return undefined;
  }
}

function headAt(head: Buffer, path: string, offset: number): BlockPlace | undefined {
  if (head.compare(MAGIC, 0, 3, 0, 3) !== 0 || crc32(head.subarray(8)) !== head.readUInt32LE(4))
    return undefined;
  const codec = head[16]!;
  if (head[3] !== VERSION || codec > 1)
    throw new SimulatorError(
      "bad-tape",
      `${path} is of a later version of the tape's format: update this simulator`,
    );
  const bodyLength = head.readUInt32LE(8);
  if (bodyLength > MOST_BLOCK_BYTES) return undefined;
  const startMs = head.readDoubleLE(32);
  return {
    path,
    offset,
    bodyLength,
    bodyCrc: head.readUInt32LE(12),
    codec,
    rawLength: head.readUInt32LE(20),
    exchanges: head.readUInt32LE(24),
    startMs,
    firstMs: startMs + head.readDoubleLE(40),
    lastMs: startMs + head.readDoubleLE(48),
    run: head.toString("latin1", 56, 64),
  };
}

/** Where the next block may begin; the end of the file when there is none. */
function nextMagic(fd: number, from: number, size: number): number {
  for (let at = from; at < size; at += SEARCHED) {
    // One that lies across two pieces is found as well.
    const found = readAt(fd, at, SEARCHED + MAGIC.length - 1).indexOf(MAGIC);
    if (found >= 0) return at + found;
  }
  return size;
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const read = readSync(fd, bytes, got, length - got, offset + got);
    if (read === 0) break;
    got += read;
  }
  return bytes.subarray(0, got);
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    const { code = "unknown" } = cause as NodeJS.ErrnoException;
    throw new SimulatorError("bad-tape", `cannot read ${path} (${code})`, { cause });
  }
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
