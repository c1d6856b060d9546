import { appendFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Sample } from "@hashwatt/protocol/sample";

/** Beyond this size nothing more is kept, only counted. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Where late samples of an impossible time are kept apart: one JSON line each, for whoever can tell when they were taken. */
export interface Quarantine {
  /** Keeps samples of one batch. Returns how many found no room. Rejects when the file cannot be written. */
  keep(
    from: { site: string; agent: string; stream: string; seq: number },
    samples: readonly Sample[],
  ): Promise<number>;
}

/** Keeps them in `quarantine.jsonl` of a folder, up to 16 MB. */
export function quarantineFile(folder: string): Quarantine {
  const path = join(folder, "quarantine.jsonl");
  return {
    async keep(from, samples) {
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      if (size >= MAX_BYTES) return samples.length;
      await appendFile(path, samples.map((sample) => `${JSON.stringify({ ...from, sample })}\n`).join(""));
      return 0;
    },
  };
}
