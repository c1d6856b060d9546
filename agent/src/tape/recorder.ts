import { randomBytes } from "node:crypto";
import { brotliCompress, constants } from "node:zlib";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { Heard, Tap } from "../links/tap.js";
import type { Disk } from "../spool/disk.js";
import { Block } from "./block.js";
import { ownersDisk, TAPE_LIMITS, TapeFolder, type TapeLimits, tapeTrouble } from "./folder.js";
import { BROTLI, encodeBlock, PLAIN } from "./format.js";
import { withoutSecrets } from "./withoutSecrets.js";

/** What has been recorded by one run. */
export interface Recorded {
  exchanges: number;
  /** Bytes before they were packed, and on the disk. */
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
/** What waits to be packed; a disk that takes it no faster costs exchanges, and no memory. */
const MOST_WAITING_BYTES = 4 * BLOCK_BYTES;
/**
 * Quality 0: 2 µs for a reply of 4 kB and about a twentieth of its size; 1 packs a sixth better and takes half as long again. The
 * encoder's own memory is made anew for each block: blocks of a quarter of the size cost a quarter more.
 */
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
  const files = new TapeFolder(disk, folder, { ...TAPE_LIMITS, ...limits }, `${stamp}-${run}`, (path) =>
    log.info({ path }, "oldest file of the tape removed, it has grown to its bound"),
  );
  const about = { agent: version, started: new Date(startMs).toISOString() };
  const block = new Block(BLOCK_BYTES + 256 * 1024);
  const stats = { exchanges: 0, rawBytes: 0, lost: 0 };
  let timer: Timer | undefined;
  let waitingBytes = 0;
  let last: Promise<void> = Promise.resolve();
  let trouble = false;
  let closed = false;

  const lose = (exchanges: number, reason: string) => {
    stats.lost += exchanges;
    if (!trouble) log.warn({ folder, reason }, "tape not written, polling goes on without it");
    trouble = true;
  };

  const write = (head: Parameters<typeof encodeBlock>[0], body: Buffer) => {
    try {
      const nowMs = clock.monoMs();
      files.append(encodeBlock(head, body), files.isNew(nowMs), nowMs);
      if (trouble) log.info({ folder, lost: stats.lost }, "tape written again");
      trouble = false;
      stats.exchanges += head.exchanges;
      stats.rawBytes += head.rawLength;
    } catch (error) {
      lose(head.exchanges, tapeTrouble(error, folder));
    }
  };

  const flush = () => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    const { exchanges, firstMs, lastMs } = block;
    if (!exchanges) return;
    if (waitingBytes >= MOST_WAITING_BYTES) {
      block.free(block.take());
      lose(exchanges, "the disk or the processor does not keep up");
      return;
    }
    const raw = block.take();
    const head = { run, startMs, firstMs, lastMs, exchanges, rawLength: raw.length };
    waitingBytes += raw.length;
    const packed = new Promise<Buffer | undefined>((resolve) => {
      brotliCompress(raw, PACKING, (error, bytes) => resolve(error ? undefined : bytes));
    });
    // Written in their order, whichever is packed first.
    last = last.then(async () => {
      const bytes = await packed;
      waitingBytes -= raw.length;
      write({ ...head, codec: bytes ? BROTLI : PLAIN }, bytes ?? raw);
      block.free(raw);
    });
  };

  return {
    folder,
    heard(exchange: Heard) {
      if (closed) return;
      if (!block.length) block.about(about);
      const { pieces, headers } = withoutSecrets(exchange);
      block.add(exchange, exchange.startedMs - startMonoMs, pieces, headers);
      if (block.length >= BLOCK_BYTES) flush();
      else timer ??= clock.after(BLOCK_MS, flush);
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
