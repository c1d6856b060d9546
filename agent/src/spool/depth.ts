import type { Floors } from "./floors.js";
import type { MemoryQueue } from "./memoryQueue.js";
import type { Segment } from "./segment.js";

/** How much is not acknowledged; `oldestMs` is the stamp of its oldest sample, absent when there is none. */
export interface Depth {
  batches: number;
  bytes: number;
  oldestMs?: number;
}

/** Reckons the depth from what is known of the segments: bytes and oldest stamp are exact to a segment, batches exactly. */
export function depthOf(floors: Floors, segments: readonly Segment[], memory: MemoryQueue): Depth {
  let bytes = memory.bytes;
  let oldestMs: number | undefined;
  for (const { runs } of segments)
    for (const run of runs) {
      const open = floors.openIn(run);
      if (!open) continue;
      bytes += ((run.end - run.offset) * open) / (run.last - run.first + 1);
      if (run.oldestMs !== undefined) oldestMs = Math.min(oldestMs ?? run.oldestMs, run.oldestMs);
    }
  oldestMs ??= memory.peek()?.oldestMs;
  return { batches: floors.batches, bytes: Math.round(bytes), ...(oldestMs !== undefined && { oldestMs }) };
}
