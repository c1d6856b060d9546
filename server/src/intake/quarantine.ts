import { appendFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Sample } from "@hashwatt/protocol/sample";

/** Beyond this size nothing more is kept, only counted. */
const MAX_BYTES = 16 * 1024 * 1024;
/** So many batches wait for the disk at most. */
const MAX_WAITING = 100;

/** Where late samples of an impossible time are kept apart: one JSON line each, for whoever can tell when they were taken. */
export interface Quarantine {
  /** Keeps the samples of one batch, all or none of them. Resolves to why none is kept, undefined when they are. Never rejects. */
  keep(
    from: { site: string; agent: string; stream: string; seq: number },
    samples: readonly Sample[],
  ): Promise<string | undefined>;
}

/** Keeps them in `quarantine.jsonl` of a folder, up to 16 MB. */
export function quarantineFile(folder: string, maxBytes = MAX_BYTES): Quarantine {
  const path = join(folder, "quarantine.jsonl");
  let waiting = 0;
  // One after the other: each looks at how much room the one before it has left.
  let tail: Promise<string | undefined> = Promise.resolve(undefined);
  return {
    async keep(from, samples) {
      if (waiting >= MAX_WAITING) return "the disk does not keep up";
      waiting++;
      tail = tail.then(() => {
        const text = samples.map((sample) => `${JSON.stringify({ ...from, sample })}\n`).join("");
        return append(path, text, maxBytes).finally(() => waiting--);
      });
      return tail;
    },
  };
}

async function append(path: string, text: string, maxBytes: number): Promise<string | undefined> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size + Buffer.byteLength(text) > maxBytes) return "quarantine.jsonl is full";
  try {
    await appendFile(path, text);
    return undefined;
  } catch (error) {
    // Half a line would spoil the next one.
    await truncate(path, size).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    return `quarantine.jsonl cannot be written (${code ?? String(error)})`;
  }
}
