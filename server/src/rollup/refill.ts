import type { TelemetryStore } from "../store/store.js";
import type { OpenBuckets } from "./openBuckets.js";
import { BUCKET_MS } from "./row.js";

/** Rigs whose raw samples are read at once: some 10,000 rows at 5 s. */
const RAW_SLICE = 64;
/** Buckets with samples that a start fills again, so that it is not held up by what waited longer: that is recomputed. */
const MAX_REFILLED = 3;
/** Nothing older is filled again: a day lies between, and every bucket of it would be closed at once. */
const MAX_AGE_MS = 288 * BUCKET_MS;

/**
 * The first of the last few buckets in `starts` that has no row yet, because the server stopped before it closed: later
 * than the newest row at `writtenMs`, before `beforeMs`, and with all its raw samples there (`wholeFromMs`). undefined when
 * there is none.
 */
export function firstUnwritten(
  starts: readonly number[],
  { writtenMs, wholeFromMs, beforeMs }: { writtenMs: number; wholeFromMs: number; beforeMs: number },
): number | undefined {
  return starts
    .filter((startMs) => startMs > writtenMs && startMs >= wholeFromMs && startMs < beforeMs)
    .sort((a, b) => a - b)
    .slice(-MAX_REFILLED)
    .find((startMs) => startMs >= beforeMs - MAX_AGE_MS);
}

/**
 * Feeds `open` the raw samples of the buckets from `fromMs` to `toMs`, and of the one before for what it holds over, as though
 * they came now. Nothing before `fromMs` stays in it.
 */
export async function refill(
  open: OpenBuckets,
  telemetry: Pick<TelemetryStore, "raw">,
  rigs: readonly number[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<void> {
  for (let first = 0; first < rigs.length; first += RAW_SLICE) {
    const slice = rigs.slice(first, first + RAW_SLICE);
    for (const row of await telemetry.raw({ fromMs: fromMs - BUCKET_MS, toMs, rigs: slice })) open.add(row);
    open.closeBefore(slice, fromMs);
    // The row of the bucket before would lack what its own predecessor holds over; it is written, or recomputed.
    open.takeClosed(fromMs);
  }
}
