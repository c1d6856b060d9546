import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { ServerError } from "../../error.js";

/** Everything in a tar file is padded to this. */
const BLOCK = 512;
const CHUNK = 1 << 20;
/** The largest size that eleven octal digits tell; beyond it GNU's binary form is used. */
const OCTAL_MAX = 0o77777777777;
const NAME_BYTES = 100;

/**
 * Packs files of a folder into one tar file (POSIX ustar), each unlinked once it is in, so that the disk never holds all of
 * it twice. `names` are paths within `folder`, with `/`, of at most 100 bytes. Rejects with the signal's reason.
 */
export async function packTar(
  folder: string,
  names: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  await using into = await open(path, "wx", 0o600);
  for (const name of names) {
    signal.throwIfAborted();
    await using from = await open(join(folder, name), "r");
    const { size, mtimeMs } = await from.stat();
    await into.appendFile(header(name, size, mtimeMs));
    await pour(from, 0, size, into);
    await into.appendFile(Buffer.alloc(padding(size)));
    await rm(join(folder, name));
  }
  await into.appendFile(Buffer.alloc(2 * BLOCK));
  await into.sync();
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/** Copies `size` bytes that begin at `at`; returns how many there were. */
async function pour(from: FileHandle, at: number, size: number, into: FileHandle): Promise<number> {
  const buffer = Buffer.alloc(Math.min(CHUNK, Math.max(1, size)));
  for (let done = 0; ; ) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, size - done), at + done);
    if (bytesRead === 0) return done;
    await into.appendFile(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
}

function header(name: string, size: number, mtimeMs: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > NAME_BYTES) throw new RangeError(`${name} is too long a name for a tar file`);
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "ascii");
  block.write(name, 0);
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  if (size <= OCTAL_MAX) octal(size, 124, 11);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  octal(Math.floor(mtimeMs / 1000), 136, 11);
  block.write("0", 156);
  block.write("ustar\x0000", 257, "latin1");
  octal(checksum(block), 148, 6);
  block[155] = 0x20;
  return block;
}

/** Sum of a header's bytes, its own field taken as spaces. */
const checksum = (block: Buffer): number =>
  block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);

/**
 * Unpacks the files of a tar file into `folder`. Other kinds of entries are passed over. Throws ServerError `restoreFailed`
 * when it is no tar file, ends too early, or names a place outside the folder.
 */
export async function unpackTar(path: string, folder: string): Promise<void> {
  const broken = (why: string) => new ServerError("restoreFailed", `${path} is no whole backup: ${why}`);
  await using from = await open(path, "r");
  const block = Buffer.alloc(BLOCK);
  for (let at = 0; ; ) {
    const { bytesRead } = await from.read(block, 0, BLOCK, at);
    if (bytesRead < BLOCK) throw broken("it ends before its end mark");
    if (block.every((byte) => byte === 0)) return;
    if (Number.parseInt(block.toString("latin1", 148, 156), 8) !== checksum(block))
      throw broken(`there is no tar header at byte ${at}`);
    const name = block.toString("utf8", 0, NAME_BYTES).split("\0", 1)[0]!;
    const size =
      block[124] === 0x80
        ? Number(block.readBigUInt64BE(128))
        : Number.parseInt(block.toString("latin1", 124, 136), 8);
    at += BLOCK;
    if (block[156] === 0x30 || block[156] === 0) {
      const inside = posix.normalize(name);
      if (inside.startsWith("..") || inside.startsWith("/")) throw broken(`it holds a file called ${name}`);
      await mkdir(dirname(join(folder, inside)), { recursive: true });
      await using into = await open(join(folder, inside), "w", 0o600);
      if ((await pour(from, at, size, into)) !== size) throw broken(`${name} ends too early`);
    }
    at += size + padding(size);
  }
}
