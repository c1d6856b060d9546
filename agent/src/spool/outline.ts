import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Clock } from "@hashwatt/protocol/time";
import { z } from "zod";
import type { Disk } from "./disk.js";
import type { Found } from "./record.js";
import { extendRuns, pieces, type Run, type Segment } from "./segment.js";

const footerSchema = z.object({
  size: z.number(),
  runs: z.array(
    z.object({
      stream: z.string(),
      boot: z.string(),
      first: z.number(),
      last: z.number(),
      offset: z.number(),
      end: z.number(),
      oldestMs: z.number().optional(),
      newestMs: z.number().optional(),
    }),
  ),
});

const FOOTER_MAGIC = 0x31665748;
const TRAILER = 12;
const MAX_FOOTER = 1024 * 1024;
/** All segments together are tried so often at start, so that one that stays unreadable delays it by 4 s. */
const READ_TRIES = 5;
const RETRY_MS = 1_000;

/** What closes a finished segment: its runs, so that a start need not read the records. */
export function encodeFooter(segment: Segment): Buffer {
  const json = Buffer.from(JSON.stringify({ size: segment.size, runs: segment.runs }));
  const trailer = Buffer.alloc(TRAILER);
  trailer.writeUInt32LE(json.length, 0);
  trailer.writeUInt32LE(crc32(json), 4);
  trailer.writeUInt32LE(FOOTER_MAGIC, 8);
  return Buffer.concat([json, trailer]);
}

/** What a start learns of a segment; `cut`: it ends in the middle of something, as after a kill. */
export interface Outline {
  path: string;
  /** From its file name; they rise with time. */
  number: number;
  size: number;
  runs: Run[];
  cut: boolean;
  /** False: the disk refused to read it; its number is taken all the same. */
  readable: boolean;
}

/** Path of segment `number` in `folder`. */
export const segmentPath = (folder: string, number: number): string =>
  join(folder, `${String(number).padStart(10, "0")}.seg`);

/**
 * What the segments of a folder hold, oldest first: from their footers, or where there is none from their records. One that the
 * disk refuses is tried again for some seconds, since what follows it would make its batches look damaged.
 */
export async function readOutlines(
  disk: Disk,
  folder: string,
  clock: Clock,
  onUnreadable: (path: string, error: unknown) => void,
): Promise<Outline[]> {
  const outlines: Outline[] = [];
  for (const name of disk.list(folder).sort()) {
    const number = Number(/^(\d{10})\.seg$/.exec(name)?.[1]);
    if (!number) continue;
    outlines.push({
      path: segmentPath(folder, number),
      number,
      size: 0,
      runs: [],
      cut: false,
      readable: false,
    });
  }
  let left = outlines;
  for (let tries = 1; left.length; tries++) {
    const refused: Outline[] = [];
    for (const outline of left)
      try {
        Object.assign(outline, await readContent(disk, outline.path));
      } catch (error) {
        if (tries === READ_TRIES) onUnreadable(outline.path, error);
        else refused.push(outline);
      }
    left = refused;
    if (left.length) await clock.sleep(RETRY_MS, new AbortController().signal);
  }
  return outlines;
}

async function readContent(disk: Disk, path: string): Promise<Content> {
  const fileSize = disk.size(path);
  return (await readFooter(disk, path, fileSize)) ?? (await scan(disk, path, fileSize));
}

type Content = Omit<Outline, "path" | "number">;

async function readFooter(disk: Disk, path: string, fileSize: number): Promise<Content | undefined> {
  if (fileSize < TRAILER) return undefined;
  const trailer = await disk.read(path, fileSize - TRAILER, TRAILER);
  const length = trailer.length === TRAILER ? trailer.readUInt32LE(0) : 0;
  if (trailer.length < TRAILER || trailer.readUInt32LE(8) !== FOOTER_MAGIC) return undefined;
  if (length > MAX_FOOTER || length > fileSize - TRAILER) return undefined;
  const json = await disk.read(path, fileSize - TRAILER - length, length);
  if (crc32(json) !== trailer.readUInt32LE(4)) return undefined;
  const footer = footerSchema.safeParse(JSON.parse(json.toString()));
  return footer.success ? { ...footer.data, cut: false, readable: true } : undefined;
}

async function scan(disk: Disk, path: string, fileSize: number): Promise<Content> {
  const runs: Run[] = [];
  let size = 0;
  for await (const piece of pieces(disk, path, 0, fileSize))
    for (const found of piece.found) {
      if (found.offset > size) giveToFormer(runs.at(-1), found);
      extendRuns(runs, found.record, found.offset, found.length);
      size = found.offset + found.length;
    }
  return { size, runs, cut: size < fileSize, readable: true };
}

/** Noise before the first record of another stream was a record of the former stream: it gets a seq, to be reported. */
function giveToFormer(former: Run | undefined, found: Found): void {
  if (former && former.stream !== found.record.stream && found.record.seq === 1) former.last++;
}
