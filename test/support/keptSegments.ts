import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseRecords } from "@hashwatt/agent/spool/record";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";

/** A batch as it stands on an agent's disk. */
export interface KeptBatch {
  stream: string;
  seq: number;
  samples: Sample[];
  rigs?: Record<string, Evidence>;
}

/** A batch and where its record lies. */
export interface PlacedBatch extends KeptBatch {
  offset: number;
  length: number;
}

/** Everything that an agent ever wrote to its spool. */
export interface KeptSegments {
  /** Batches of all records that are undamaged now. */
  batches(): Generator<KeptBatch>;
  /** The bytes of each segment as they are now, by a name of its own. */
  contents(): Map<string, Buffer>;
  close(): void;
}

/** Batches of all records of a segment that are undamaged. */
export function* batchesIn(segment: Buffer): Generator<PlacedBatch> {
  for (const { record, damaged, offset, length } of parseRecords(segment, true).found) {
    if (damaged) continue;
    const { stream, seq, body } = record;
    const json = (record.gzip ? gunzipSync(body) : body).toString();
    const { samples, rigs } = JSON.parse(`{${json}`) as Omit<KeptBatch, "stream" | "seq">;
    yield { stream, seq, samples, ...(rigs && { rigs }), offset, length };
  }
}

/** The next round tries again: unlinked in between, or a disk that takes no name now. */
const PASSING = new Set(["ENOENT", "ENOSPC", "EROFS", "EEXIST"]);

/**
 * Keeps the segments of an agent's spool by giving each a second name in `folder` (of the same disk), so that they outlive
 * being unlinked, and so that damage done to one is seen here as the agent sees it. Those named in `except` are left alone.
 */
export function keepSegments(
  agentDataDir: string,
  folder: string,
  except: readonly string[] = [],
): KeptSegments {
  const spool = join(agentDataDir, "spool");
  const keep = () => {
    if (!existsSync(spool)) return;
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      if (!PASSING.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
    for (const name of readdirSync(spool)) {
      if (!name.endsWith(".seg") || except.includes(name)) continue;
      try {
        // By inode: an agent that starts anew may give a number a second time.
        const kept = join(folder, `${statSync(join(spool, name)).ino}.seg`);
        if (!existsSync(kept)) linkSync(join(spool, name), kept);
      } catch (error) {
        if (!PASSING.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
  };
  const timer = setInterval(keep, 5);
  const names = (): string[] => {
    keep();
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return {
    *batches() {
      for (const name of names()) yield* batchesIn(read(name));
    },
    contents: () => new Map(names().map((name) => [name, read(name)])),
    close: () => clearInterval(timer),
  };
}
