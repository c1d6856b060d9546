import { BUCKET_MS } from "../../rollup/row.js";
import type { StoredSample, TelemetryStore } from "../store.js";

/** How far a copy has come, over all its runs. */
export interface CopyPosition {
  /** What is stamped before this is copied, */
  doneToMs: number;
  /** but for what arrived in the source at or after this. */
  arrivedMs: number;
  /** Samples copied. */
  samples: number;
}

/** What is copied, and how. */
export interface CopyOrder {
  source: Pick<TelemetryStore, "span" | "count" | "samples" | "bucketsSince">;
  target: Pick<TelemetryStore, "append" | "raw" | "count">;
  /** The target holds a sample once however often it is written; else what it holds is looked up first. */
  overwrites: boolean;
  /** Nothing older is copied. */
  fromMs: number;
  /** Where a former run has stopped; undefined = from the beginning. */
  position: CopyPosition | undefined;
  /** Keeps the position. What was copied since it was last kept may be copied again. */
  keep(position: CopyPosition): Promise<void>;
  nowMs: number;
  /** A sample as the target is to have it. Throws where it must not be copied. */
  prepare?(sample: StoredSample): StoredSample;
  signal: AbortSignal;
  /** Samples that are behind it, of so many. */
  progress(done: number, total: number): void;
}

/** What a run has done. */
export interface CopyDone {
  /** Samples written by this run. */
  copied: number;
  /** Samples that the target held already. */
  held: number;
  position: CopyPosition;
}

/** Samples in memory at once: one such piece is written while the next is read. */
const PIECE = 5_000;
const LEAST_MS = 1_000;
/** Further apart than a day samples are rare, and some databases answer no longer window. */
const MOST_MS = 86_400_000;
/** The position is kept once so many samples were copied since. */
const KEEP_EVERY = 50_000;

/**
 * Copies whole samples from one store to another, oldest first, while both are in use. It may end at any time and be run
 * again: it goes on at the position, and nothing is there twice. What arrives late in what was copied already is copied by
 * the next run. Rejects with the signal's reason, and as the stores and `prepare` do.
 */
export async function copyHistory(order: CopyOrder): Promise<CopyDone> {
  const { source, signal, nowMs } = order;
  const span = await source.span();
  const former = order.position;
  const position: CopyPosition = former ?? {
    doneToMs: Number.NEGATIVE_INFINITY,
    arrivedMs: nowMs,
    samples: 0,
  };
  const done: CopyDone = { copied: 0, held: 0, position };
  if (!span) return done;
  const fromMs = Math.max(position.doneToMs, span.fromMs, order.fromMs);
  const toMs = span.toMs + 1;
  const late = former ? await lateWindows(order, former, fromMs) : [];
  const windows = [...late, ...(fromMs < toMs ? [{ fromMs, toMs }] : [])];
  let total = 0;
  for (const window of windows) total += await source.count(window);

  const before = position.samples;
  let kept = position.samples;
  let writing: Promise<void> = Promise.resolve();
  try {
    for (const [index, window] of windows.entries())
      for await (const { samples, toMs: readTo } of pieces(source, window)) {
        signal.throwIfAborted();
        await writing;
        const isLate = index < late.length;
        writing = write(order, samples, done).then(async () => {
          position.samples += samples.length;
          if (!isLate) position.doneToMs = readTo;
          order.progress(position.samples - before, Math.max(total, position.samples - before));
          if (position.samples - kept < KEEP_EVERY) return;
          kept = position.samples;
          await order.keep({ ...position });
        });
        // Its failure is met at the next turn, and must not be nobody's until then.
        writing.catch(() => undefined);
      }
    await writing;
  } catch (cause) {
    // What is under way is part of the position, or fails for itself.
    await writing.catch(() => undefined);
    await order.keep({ ...position }).catch(() => undefined);
    throw cause;
  }
  // Only a run that came to its end has seen everything that arrived before it began.
  position.arrivedMs = nowMs;
  position.doneToMs = Math.max(position.doneToMs, toMs);
  await order.keep({ ...position });
  return done;
}

/** What was copied already and has got more since. */
async function lateWindows({ source, fromMs: oldest }: CopyOrder, former: CopyPosition, beforeMs: number) {
  const starts = await source.bucketsSince(former.arrivedMs, BUCKET_MS);
  return starts
    .filter((startMs) => startMs < beforeMs && startMs + BUCKET_MS > oldest)
    .map((startMs) => ({ fromMs: Math.max(startMs, oldest), toMs: Math.min(startMs + BUCKET_MS, beforeMs) }));
}

/** The samples of a window in pieces that fit into memory, each with where it ends. */
async function* pieces(
  source: CopyOrder["source"],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): AsyncGenerator<{ samples: StoredSample[]; toMs: number }> {
  let length = BUCKET_MS;
  for (let at = fromMs; at < toMs; ) {
    const end = Math.min(toMs, at + length);
    const rows = await source.count({ fromMs: at, toMs: end });
    if (rows > PIECE && end - at > LEAST_MS) {
      length = Math.max(LEAST_MS, Math.floor(((end - at) * PIECE) / rows / 1.2));
      continue;
    }
    if (rows > 0) yield { samples: await source.samples({ fromMs: at, toMs: end }), toMs: end };
    if (rows < PIECE / 2) length = Math.min(MOST_MS, length * 2);
    at = end;
  }
}

async function write(
  { target, overwrites, prepare }: CopyOrder,
  read: readonly StoredSample[],
  done: CopyDone,
): Promise<void> {
  const samples = prepare ? read.map(prepare) : read;
  const fresh = overwrites ? samples : await without(samples, target);
  if (fresh.length) await target.append({ samples: fresh, marks: [] });
  done.copied += fresh.length;
  done.held += samples.length - fresh.length;
}

/** Samples that the target does not hold yet, by rig and instant. */
async function without(
  samples: readonly StoredSample[],
  target: CopyOrder["target"],
): Promise<readonly StoredSample[]> {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { sample } of samples) {
    fromMs = Math.min(fromMs, sample.atMs);
    toMs = Math.max(toMs, sample.atMs + 1);
  }
  if (!samples.length || (await target.count({ fromMs, toMs })) === 0) return samples;
  const held = new Set((await target.raw({ fromMs, toMs })).map(({ rig, atMs }) => `${rig} ${atMs}`));
  return samples.filter(({ rig, sample }) => !held.has(`${rig} ${sample.atMs}`));
}
