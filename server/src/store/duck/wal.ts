import { closeSync, existsSync, fstatSync, openSync, readSync, writeSync } from "node:fs";

/** First bytes of a write-ahead log as DuckDB writes it: entry type 98 (version), format 2. They carry no checksum. */
export const WAL_HEADER = Buffer.from([0x64, 0x00, 0x62, 0x65, 0x00, 0x02, 0xff, 0xff]);
/** Length and checksum before each entry, 8 bytes each. */
const FRAME_BYTES = 16;

/** What the outside of a log says, without its checksums. */
export interface WalShape {
  bytes: number;
  headerOk: boolean;
  /** End of the last entry that is there whole. */
  wholeBytes: number;
  /** Starts of the entries that are there whole, and `wholeBytes`. */
  boundaries: number[];
}

/**
 * Walks the entries of a write-ahead log. DuckDB takes a log with a foreign first entry for empty, and one whose entry
 * says a length beyond the end for torn by a crash; both open without a word and lose what follows, so that this looks
 * first. undefined when there is no log.
 */
export function walShape(path: string): WalShape | undefined {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, "r");
  try {
    const { size: bytes } = fstatSync(file);
    if (bytes === 0) return undefined;
    const head = Buffer.alloc(WAL_HEADER.length);
    const headerOk = readSync(file, head, 0, head.length, 0) === head.length && head.equals(WAL_HEADER);
    const boundaries: number[] = [];
    let at = WAL_HEADER.length;
    const frame = Buffer.alloc(FRAME_BYTES);
    while (at + FRAME_BYTES <= bytes) {
      readSync(file, frame, 0, FRAME_BYTES, at);
      const end = at + FRAME_BYTES + Number(frame.readBigUInt64LE(0));
      if (end > bytes || end === at + FRAME_BYTES) break;
      boundaries.push(at);
      at = end;
    }
    boundaries.push(Math.min(at, bytes));
    return { bytes, headerOk, wholeBytes: Math.min(at, bytes), boundaries };
  } finally {
    closeSync(file);
  }
}

/** Writes the header anew: it holds the format alone, so that nothing but its bytes can be wrong in it. */
export function writeWalHeader(path: string): void {
  const file = openSync(path, "r+");
  try {
    writeSync(file, WAL_HEADER, 0, WAL_HEADER.length, 0);
  } finally {
    closeSync(file);
  }
}

/** The place that DuckDB names when an entry's checksum is wrong; undefined when it names none. */
export function damagedAt(message: string): number | undefined {
  const place = /WAL file.*byte position (\d+)/is.exec(message)?.[1];
  return place === undefined ? undefined : Number(place);
}

/** Where to cut a log that is damaged at `place`: the start of that entry. */
export const cutAt = ({ boundaries }: WalShape, place: number): number =>
  boundaries.filter((start) => start <= place).at(-1) ?? WAL_HEADER.length;
