import { randomBytes } from "node:crypto";
import { brotliCompress, constants } from "node:zlib";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { Heard, Tap } from "../links/tap.js";
import type { Disk } from "../spool/disk.js";
import { Block } from "./block.js";
import { ownersDisk, TAPE_LIMITS, TapeFolder, type TapeLimits, tapeTrouble } from "./folder.js";
import { type BlockHead, BROTLI, encodeBlock, PLAIN } from "./format.js";
import { Hand, type Held } from "./hand.js";

/** What has been recorded by one run. */
export interface Recorded {
  exchanges: number;
  /** Bytes of what the rigs said, and those on the disk. */
  rawBytes: number;
  bytes: number;
  /** Exchanges that found no place: the disk would not take them, or not fast enough. */
  lost: number;
}

/** A tape that is being recorded: give it to the links, close it when they are closed. */
export interface Recorder extends Tap {
  readonly folder: string;
  stats(): Recorded;
  /** Writes what is in hand. */
  close(): Promise<void>;
}

export interface RecorderOptions extends Partial<TapeLimits> {
  folder: string;
  clock: Clock;
  log: Logger;
  /** Of the agent, for the reader. */
  version: string;
  disk?: Disk;
}

/** An exchange is on the disk so long after it ended at most, and sooner when so many bytes have come together. */
const BLOCK_MS = 1_000;
const BLOCK_BYTES = 4 * 1024 * 1024;
/** What was heard is put into a block when so much has come together, and before a block is written: at 5,000 polls/s a thousand replies. */
const HAND_BYTES = 4 * 1024 * 1024;
/** What waits to be packed; a disk that takes it no faster costs exchanges, and no memory. */
const MOST_WAITING_BYTES = 4 * BLOCK_BYTES;
/**
 * Blocks with so much of whole replies are packed, as those at the start are: to a tenth or less. Of replies that are told by their
 * changes packing would save a third, for half as much work again as all else that is done for them.
 */
const PACKED_SHARE = 0.5;
const PACKING = {
  // What comes out in one go: each further piece would be one more way to the thread and back.
  chunkSize: 256 * 1024,
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 0,
    [constants.BROTLI_PARAM_LGWIN]: 22,
  },
};

/** Begins to record into `folder`. Throws `io` when it cannot be used. */
export function startRecorder(options: RecorderOptions): Recorder {
  const { folder, clock, log, version, disk = ownersDisk, ...limits } = options;
  const startMs = clock.nowMs();
  const startMonoMs = clock.monoMs();
  const run = randomBytes(4).toString("hex");
  const stamp = new Date(startMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const files = new TapeFolder(disk, folder, { ...TAPE_LIMITS, ...limits }, `${stamp}-${run}`, {
    removed: (path) => log.info({ path }, "oldest file of the tape removed, it has grown to its bound"),
    stuck: (path, error) =>
      log.warn(
        { path, reason: tapeTrouble(error, folder) },
        "file of the tape not removed, the next ones go in its place",
      ),
  });
  const about = { agent: version, started: new Date(startMs).toISOString() };
  const hand = new Hand(HAND_BYTES);
  const block = new Block(BLOCK_BYTES + 256 * 1024);
  const stats = { exchanges: 0, rawBytes: 0, lost: 0 };
  let timer: Timer | undefined;
  let waitingBytes = 0;
  let last: Promise<void> = Promise.resolve();
  let trouble = false;
  let closed = false;
  /** Whether the block that is being filled begins a file, and whether one on its way does. */
  let begins = true;
  let isBeginning = false;
  /** What was made in this life of the block's memory, or before, is read with the help of what is lost. */
  let lostLife = -1;

  /** Counts what finds no place; nothing that comes builds on it, nor on what is being filled. */
  const lose = (exchanges: number, reason: string) => {
    stats.lost += exchanges + block.exchanges;
    if (block.length) block.free(block.take());
    block.forget();
    if (!trouble) log.warn({ folder, reason }, "tape not written, polling goes on without it");
    trouble = true;
  };

  const write = (head: BlockHead, body: Buffer, isFirst: boolean): boolean => {
    try {
      files.append(encodeBlock(head, body), isFirst, clock.monoMs());
      if (trouble) log.info({ folder, lost: stats.lost }, "tape written again");
      trouble = false;
      return true;
    } catch (error) {
      lostLife = block.life;
      lose(head.exchanges, tapeTrouble(error, folder));
      return false;
    }
  };

  const flushBlock = () => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    const { exchanges, firstMs, lastMs, life, replyBytes } = block;
    if (!exchanges) return;
    if (waitingBytes >= MOST_WAITING_BYTES) {
      lose(0, "the disk or the processor does not keep up");
      return;
    }
    const isPacked = block.wholeBytes > PACKED_SHARE * block.length;
    const isFirst = begins;
    if (isFirst) isBeginning = true;
    const raw = block.take();
    const head = { run, startMs, firstMs, lastMs, exchanges, rawLength: raw.length };
    waitingBytes += raw.length;
    const packed = isPacked
      ? new Promise<Buffer | undefined>((resolve) => {
          brotliCompress(raw, PACKING, (error, bytes) => resolve(error ? undefined : bytes));
        })
      : undefined;
    // Written in their order, whichever is packed first.
    last = last.then(async () => {
      const bytes = await packed;
      waitingBytes -= raw.length;
      if (isFirst) isBeginning = false;
      if (life <= lostLife) stats.lost += exchanges;
      else if (write({ ...head, codec: bytes ? BROTLI : PLAIN }, bytes ?? raw, isFirst)) {
        stats.exchanges += exchanges;
        stats.rawBytes += replyBytes;
      }
      block.free(raw);
    });
  };

  const put = (held: Held) => {
    if (!block.length) {
      begins = !isBeginning && files.isNew(clock.monoMs());
      if (begins) {
        block.forget();
        block.about(about);
      }
    }
    block.add(held, held.heard.startedMs - startMonoMs);
    if (block.length >= BLOCK_BYTES) flushBlock();
  };
  const emptyHand = () => {
    for (const held of hand.empty()) put(held);
  };
  const flush = () => {
    emptyHand();
    flushBlock();
  };

  return {
    folder,
    heard(exchange: Heard) {
      if (closed) return;
      if (!hand.take(exchange)) {
        emptyHand();
        hand.take(exchange);
      }
      timer ??= clock.after(BLOCK_MS, flush);
    },
    stats: () => ({ ...stats, bytes: files.written }),
    async close() {
      flush();
      closed = true;
      await last;
      try {
        files.close();
      } catch (error) {
        lose(0, tapeTrouble(error, folder));
      }
    },
  };
}
