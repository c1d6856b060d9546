import { MAX_HOLD_MS } from "../rollup/hold.js";
import { boardsOf, COUNTER_GAP_MS, fansOf } from "./parts.js";
import { rawRow } from "./rawRow.js";
import { rawSeriesOf } from "./rawSeries.js";
import type { Commit, RawRow, StoredSample, StreamMark, TelemetryStore } from "./store.js";

const markKey = ({ site, agent, stream }: StreamMark): string => `${site}/${agent}/${stream}`;

/** First index whose sample is at or after `atMs`. */
function lowerBound(samples: readonly StoredSample[], atMs: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (samples[middle]!.sample.atMs < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A telemetry store that forgets with its process: for tests, and the yardstick that other stores are compared with.
 * Bounded by `maxSamples`; when full, each rig's oldest sample makes room for its next.
 */
export class MemoryTelemetryStore implements TelemetryStore {
  readonly kind = "memory";
  readonly #rigs = new Map<number, StoredSample[]>();
  readonly #marks = new Map<string, StreamMark>();
  #count = 0;

  constructor(private readonly options: { maxSamples?: number } = {}) {}

  async append({ samples, marks }: Commit): Promise<void> {
    for (const stored of samples) {
      const rows = this.#rigs.get(stored.rig) ?? [];
      this.#rigs.set(stored.rig, rows);
      const { atMs } = stored.sample;
      const last = rows.at(-1);
      if (!last || last.sample.atMs <= atMs) rows.push(stored);
      else rows.splice(lowerBound(rows, atMs + 1), 0, stored);
      if (++this.#count > (this.options.maxSamples ?? 2_000_000)) {
        rows.shift();
        this.#count--;
      }
    }
    for (const mark of marks) this.#marks.set(markKey(mark), { ...mark });
  }

  /** Takes any row. */
  async trial(_samples: readonly StoredSample[]): Promise<void> {}

  async marks(): Promise<StreamMark[]> {
    return [...this.#marks.values()].map((mark) => ({ ...mark }));
  }

  async dropMarks(beforeMs: number): Promise<void> {
    for (const [key, mark] of this.#marks) if (mark.updatedMs < beforeMs) this.#marks.delete(key);
  }

  async latest(): Promise<StoredSample[]> {
    return [...this.#rigs.entries()].sort(([a], [b]) => a - b).flatMap(([, samples]) => samples.at(-1) ?? []);
  }

  async answered({ rigs, fromMs }: { rigs: readonly number[]; fromMs: number }) {
    const answered = new Map<number, number>();
    for (const rig of new Set(rigs))
      for (const { receivedMs, sample } of this.#window(rig, fromMs, Number.POSITIVE_INFINITY))
        if (sample.status !== "unreachable")
          answered.set(
            rig,
            Math.max(answered.get(rig) ?? Number.NEGATIVE_INFINITY, Math.min(sample.atMs, receivedMs)),
          );
    return answered;
  }

  #window(rig: number, fromMs: number, toMs: number): StoredSample[] {
    const samples = this.#rigs.get(rig) ?? [];
    return samples.slice(lowerBound(samples, fromMs), lowerBound(samples, toMs));
  }

  async samples({ fromMs, toMs }: { fromMs: number; toMs: number }): Promise<StoredSample[]> {
    return [...this.#rigs.keys()]
      .flatMap((rig) => this.#window(rig, fromMs, toMs))
      .sort((a, b) => a.sample.atMs - b.sample.atMs || a.rig - b.rig);
  }

  async raw(range: { fromMs: number; toMs: number; rigs?: readonly number[] }): Promise<RawRow[]> {
    const rigs = [...new Set(range.rigs ?? this.#rigs.keys())].sort((a, b) => a - b);
    return rigs.flatMap((rig) => this.#window(rig, range.fromMs, range.toMs).map(rawRow));
  }

  async rawSeries(query: Parameters<TelemetryStore["rawSeries"]>[0]) {
    const rows = await this.raw({ ...query, fromMs: query.fromMs - MAX_HOLD_MS });
    return rawSeriesOf(rows, query);
  }

  scanned(range: { fromMs: number; toMs: number; rigs: readonly number[] }): Promise<number> {
    return this.count(range);
  }

  async count({ fromMs, toMs }: { fromMs: number; toMs: number }): Promise<number> {
    let count = 0;
    for (const rig of this.#rigs.keys()) count += this.#window(rig, fromMs, toMs).length;
    return count;
  }

  async bucketsSince(receivedMs: number, stepMs: number): Promise<number[]> {
    const starts = new Set<number>();
    for (const samples of this.#rigs.values())
      for (const stored of samples)
        if (stored.receivedMs >= receivedMs) starts.add(Math.floor(stored.sample.atMs / stepMs) * stepMs);
    return [...starts].sort((a, b) => a - b);
  }

  async boards(range: Parameters<TelemetryStore["boards"]>[0]) {
    return boardsOf(this.#window(range.rig, range.fromMs - COUNTER_GAP_MS, range.toMs), range);
  }

  async fans(range: Parameters<TelemetryStore["fans"]>[0]) {
    return fansOf(this.#window(range.rig, range.fromMs, range.toMs), range);
  }

  async span(): Promise<{ fromMs: number; toMs: number } | undefined> {
    let span: { fromMs: number; toMs: number } | undefined;
    for (const samples of this.#rigs.values()) {
      const [first, last] = [samples[0]?.sample.atMs, samples.at(-1)?.sample.atMs];
      if (first === undefined || last === undefined) continue;
      span = { fromMs: Math.min(span?.fromMs ?? first, first), toMs: Math.max(span?.toMs ?? last, last) };
    }
    return span;
  }

  /** Nothing to do: this store keeps every reading as it came. */
  async compactBoards(): Promise<void> {}

  async dropBefore(beforeMs: number): Promise<number> {
    let dropped = 0;
    for (const [rig, samples] of this.#rigs) {
      const gone = samples.splice(0, lowerBound(samples, beforeMs)).length;
      dropped += gone;
      if (samples.length === 0) this.#rigs.delete(rig);
    }
    this.#count -= dropped;
    return dropped;
  }

  async bytes(): Promise<number> {
    return 0;
  }

  async usedBytes(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {
    this.#rigs.clear();
    this.#marks.clear();
  }
}
