import type { Ack } from "@hashwatt/protocol/topics";
import type { StreamMark } from "../store/store.js";
import { type Arriving, decide } from "./decide.js";

/** An ack and whose it is. */
export interface AddressedAck {
  site: string;
  agent: string;
  ack: Ack;
}

/** Whose batch it is: site and agent come from the topic, never from the payload. */
export interface Source {
  site: string;
  agent: string;
}

/**
 * What to do with a batch: take its samples into the next commit, or answer with `ack` at once, or neither.
 * `lost` and `resumed` as in the verdict of `decide`.
 */
export type Arrival =
  | { kind: "accepted"; lost: number; resumed: boolean }
  | { kind: "duplicate"; ack?: Ack }
  | { kind: "rejected"; ack?: Ack };

const DAY_MS = 86_400_000;
/** How long a mark outlives the last batch of its stream: far longer than any spool keeps one. */
export const MARK_TTL_MS = 30 * DAY_MS;
/** Streams whose ack is published at start: an agent that waits for one has been heard of within a day. */
export const START_ACK_MS = DAY_MS;
/** Streams kept per agent, and agents; beyond either the one that was heard of longest ago is forgotten. */
const MAX_STREAMS = 4_096;
const MAX_AGENTS = 20_000;

interface Entry extends Source {
  stream: string;
  /** What the store holds; undefined until the first commit. */
  committed: StreamMark | undefined;
  /** What was accepted, committed or not; undefined for a stream that was only ever rejected. */
  pending: { seq: number; lost: number; updatedMs: number } | undefined;
  /** A rewind was sent and nothing accepted since. */
  answered: boolean;
  resumed: boolean;
}

/**
 * The marks of all streams: what is accepted runs ahead of what is committed, and only what is committed is acknowledged.
 *
 * The order of calls is `arrive` for each batch, `take` for the marks to commit with it, then `committed` with those marks,
 * or later ones of the same streams, once the store holds them. What was accepted is never taken back: a commit that fails
 * is tried again with the same samples and marks, and a server that ends before it works starts from the marks of its store.
 */
export class StreamMarks {
  readonly #agents = new Map<string, Map<string, Entry>>();
  /** Accepted since the last `take`. */
  readonly #dirty = new Set<Entry>();

  /** Starts from the marks of the store. */
  constructor(marks: Iterable<StreamMark> = []) {
    for (const mark of marks) {
      const { seq, lost, updatedMs } = mark;
      const entry = this.#fresh(mark, mark.stream);
      entry.committed = mark;
      entry.pending = { seq, lost, updatedMs };
    }
  }

  /** Judges one batch at its arrival and moves the pending mark when it is accepted. */
  arrive(source: Source, batch: Arriving, nowMs: number): Arrival {
    let entry = this.#agents.get(keyOf(source))?.get(batch.stream);
    const verdict = decide(entry?.pending, batch);
    if (verdict.accept) {
      entry ??= this.#fresh(source, batch.stream);
      entry.pending = { seq: batch.seq, lost: (entry.pending?.lost ?? 0) + verdict.lost, updatedMs: nowMs };
      this.#dirty.add(entry);
      entry.answered = false;
      entry.resumed ||= verdict.resumed === true;
      return { kind: "accepted", lost: verdict.lost, resumed: verdict.resumed === true };
    }
    if (verdict.ack !== undefined) {
      // A duplicate of what is not committed yet gets its ack from the commit.
      const sure = entry?.committed !== undefined && batch.seq <= entry.committed.seq;
      return { kind: "duplicate", ...(sure && entry && { ack: ackOf(entry, nowMs) }) };
    }
    entry ??= this.#fresh(source, batch.stream);
    if (entry.answered) return { kind: "rejected" };
    entry.answered = true;
    // A rewind is an ack too: it names what is committed, for the agent frees what it names.
    return { kind: "rejected", ack: { ...ackOf(entry, nowMs), rewind: true } };
  }

  /** The marks of what was accepted since the last call, to be stored with its samples. */
  take(): StreamMark[] {
    const marks: StreamMark[] = [];
    for (const { site, agent, stream, pending } of this.#dirty)
      if (pending) marks.push({ site, agent, stream, ...pending });
    this.#dirty.clear();
    return marks;
  }

  /** The store holds `marks`: returns the acks to publish. */
  committed(marks: readonly StreamMark[], nowMs: number): AddressedAck[] {
    return marks.map((mark) => {
      const entry = this.#agents.get(keyOf(mark))?.get(mark.stream);
      if (entry && (entry.committed === undefined || entry.committed.seq < mark.seq)) entry.committed = mark;
      return {
        site: mark.site,
        agent: mark.agent,
        ack: {
          stream: mark.stream,
          seq: mark.seq,
          serverMs: nowMs,
          ...(entry?.resumed && { resumed: true }),
        },
      };
    });
  }

  /**
   * The acks to publish when the server has subscribed after its start. Each asks for a rewind, since what was in flight to the
   * server's former life is gone; for an agent without anything in flight that changes nothing.
   */
  acksAtStart(nowMs: number): AddressedAck[] {
    const acks: AddressedAck[] = [];
    for (const streams of this.#agents.values())
      for (const entry of streams.values()) {
        const mark = entry.committed;
        if (!mark || mark.updatedMs < nowMs - START_ACK_MS) continue;
        acks.push({ site: mark.site, agent: mark.agent, ack: { ...ackOf(entry, nowMs), rewind: true } });
      }
    return acks;
  }

  /** Forgets streams that have been silent for 30 days; returns the time before which the store may drop its marks too. */
  evict(nowMs: number): number {
    const beforeMs = nowMs - MARK_TTL_MS;
    for (const [key, streams] of this.#agents) {
      for (const [stream, entry] of streams)
        if (!this.#dirty.has(entry) && heardMs(entry) < beforeMs) streams.delete(stream);
      if (!streams.size) this.#agents.delete(key);
    }
    return beforeMs;
  }

  /** How many streams are held. */
  get size(): number {
    let size = 0;
    for (const streams of this.#agents.values()) size += streams.size;
    return size;
  }

  #fresh(source: Source, stream: string): Entry {
    const { site, agent } = source;
    const key = keyOf(source);
    const entry: Entry = {
      site,
      agent,
      stream,
      committed: undefined,
      pending: undefined,
      answered: false,
      resumed: false,
    };
    let streams = this.#agents.get(key);
    if (!streams) {
      if (this.#agents.size >= MAX_AGENTS) this.#forgetAgent();
      streams = new Map();
      this.#agents.set(key, streams);
    } else if (streams.size >= MAX_STREAMS) this.#forgetStream(streams);
    streams.set(stream, entry);
    return entry;
  }

  #forgetStream(streams: Map<string, Entry>): void {
    let oldest: Entry | undefined;
    for (const entry of streams.values())
      if (!this.#dirty.has(entry) && (!oldest || heardMs(entry) < heardMs(oldest))) oldest = entry;
    if (oldest) streams.delete(oldest.stream);
  }

  #forgetAgent(): void {
    let oldest: { key: string; atMs: number } | undefined;
    for (const [key, streams] of this.#agents) {
      let atMs = 0;
      for (const entry of streams.values())
        atMs = Math.max(atMs, this.#dirty.has(entry) ? Infinity : heardMs(entry));
      if (!oldest || atMs < oldest.atMs) oldest = { key, atMs };
    }
    if (oldest && oldest.atMs < Infinity) this.#agents.delete(oldest.key);
  }
}

const heardMs = (entry: Entry): number => entry.pending?.updatedMs ?? 0;

/** Slugs hold no slash, so the pair cannot be confused. */
const keyOf = ({ site, agent }: Source): string => `${site}/${agent}`;

const ackOf = (entry: Entry, nowMs: number): Ack => ({
  stream: entry.stream,
  seq: entry.committed?.seq ?? 0,
  serverMs: nowMs,
  ...(entry.resumed && { resumed: true }),
});
