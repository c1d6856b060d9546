import type { Run } from "./segment.js";

/** What is known of a stream: all up to `floor` is acknowledged or dropped, `last` is its newest batch. */
interface StreamState {
  floor: number;
  last: number;
  /** Batches that are gone while older ones are still held; sorted. */
  gaps: { from: number; to: number }[];
}

/** How far each stream is acknowledged, oldest stream first. */
export class Floors {
  readonly #streams = new Map<string, StreamState>();

  /** Notes that batch `seq` of `stream` exists. */
  grow(stream: string, seq: number): void {
    const state = this.#streams.get(stream);
    if (state) state.last = Math.max(state.last, seq);
    else this.#streams.set(stream, { floor: seq - 1, last: seq, gaps: [] });
  }

  /**
   * Notes a run that was found on disk; `floor` is where the stream stood and `last` a batch that it had, undefined when nobody
   * remembers. A floor above the last record is a power cut's doing: what it took was acknowledged.
   */
  adopt(run: Run, floor: number | undefined, last = 0): void {
    const state = this.#streams.get(run.stream) ?? { floor: floor ?? run.first - 1, last: 0, gaps: [] };
    state.last = Math.max(state.last, run.last, last);
    this.#streams.set(run.stream, state);
  }

  /** Notes a stream of which nothing is left on disk; its batches after `floor` up to `last` will be missed. */
  adoptGone(stream: string, floor: number, last: number): void {
    if (floor < last && !this.#streams.has(stream)) this.#streams.set(stream, { floor, last, gaps: [] });
  }

  /** Everything up to `seq` is done with. Returns whether that is news. */
  raise(stream: string, seq: number): boolean {
    const state = this.#streams.get(stream);
    if (!state || seq <= state.floor) return false;
    state.floor = Math.min(seq, state.last);
    state.gaps = state.gaps.filter(({ to }) => to > state.floor);
    return true;
  }

  /** Batch `seq` is gone although older ones are not. */
  gap(stream: string, seq: number): void {
    const gaps = this.#streams.get(stream)?.gaps;
    const tail = gaps?.at(-1);
    if (tail?.to === seq - 1) tail.to = seq;
    else gaps?.push({ from: seq, to: seq });
  }

  /** End of the gap that `seq` lies in; undefined when it lies in none. */
  gapAt(stream: string, seq: number): number | undefined {
    return this.#streams.get(stream)?.gaps.find(({ from, to }) => from <= seq && seq <= to)?.to;
  }

  floor(stream: string): number | undefined {
    return this.#streams.get(stream)?.floor;
  }

  last(stream: string): number | undefined {
    return this.#streams.get(stream)?.last;
  }

  /** How many batches of a run are not done with. */
  openIn(run: Run): number {
    const floor = this.#streams.get(run.stream)?.floor ?? run.last;
    return Math.max(0, run.last - Math.max(floor, run.first - 1));
  }

  /** Streams with batches that are not done with, oldest first. */
  open(): { stream: string; first: number; last: number }[] {
    const open = [];
    for (const [stream, { floor, last }] of this.#streams)
      if (floor < last) open.push({ stream, first: floor + 1, last });
    return open;
  }

  /** How many batches are not done with. */
  get batches(): number {
    let batches = 0;
    for (const { floor, last } of this.#streams.values()) batches += Math.max(0, last - floor);
    return batches;
  }

  /** The floors of the streams in `held`; forgets those that are done with and held nowhere, but for the newest, which grows. */
  snapshot(held: Set<string>): Record<string, number> {
    const floors: Record<string, number> = {};
    const newest = [...this.#streams.keys()].at(-1);
    for (const [stream, { floor, last }] of this.#streams)
      if (held.has(stream) || floor < last) floors[stream] = floor;
      else if (stream !== newest) this.#streams.delete(stream);
    return floors;
  }
}
