import type { Span } from "./changes.js";

/** A question to a rig, and what it said to it last. */
export interface Series {
  /** Names it on the tape. */
  id: number;
  /** Counts the replies since one that was written whole. */
  step: number;
  /** The life of the tape's memory in which `last` was written; of an earlier one nothing may be built on. */
  life: number;
  last: Span;
}

/** Replies of all rigs together; what finds no room is written whole each time. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Longer ones are not remembered: nothing that is asked every few seconds is. */
export const MOST_REPLY_BYTES = 64 * 1024;
/** So many replies build upon each other: damage of the tape costs no more of a rig than these. */
const MOST_STEPS = 255;
/** Of a series of which nothing is kept: the next reply is written whole. */
const NO_LIFE = -1;
/** Room for a reply comes in so many bytes. */
const STEP_BYTES = 1_024;

/** What is remembered of the rigs' replies, so that of the next ones the changes suffice. */
export class Replies {
  /** Begins anew with each file: it is read by itself. */
  life = 0;
  #bytes = 0;
  #nextId = 0;

  /** Nothing that was written before may be built on. */
  forget(): void {
    this.life++;
  }

  /** Rigs are named anew: what they said is nobody's any more. */
  drop(): void {
    this.life++;
    this.#bytes = 0;
  }

  /** What the next reply can be told from; undefined where it must be written whole. */
  before(series: Series | undefined): Span | undefined {
    return series && series.life === this.life && series.step < MOST_STEPS ? series.last : undefined;
  }

  /** Keeps `reply` as what was said last, in place of what was said before; where there is no room for it, nothing. */
  keep(series: Series, reply: Span): void {
    const length = reply.to - reply.from;
    const more = sizeFor(length) - series.last.bytes.length;
    if (length > series.last.bytes.length) {
      if (this.#bytes + more > MOST_BYTES) {
        series.life = NO_LIFE;
        return;
      }
      this.#bytes += more;
      series.last = roomOf(sizeFor(length));
    }
    reply.bytes.copy(series.last.bytes, 0, reply.from, reply.to);
    series.last.to = length;
  }

  /** As {@link keep}, for what was written whole. */
  restart(series: Series, reply: Span): void {
    series.step = 0;
    series.life = this.life;
    this.keep(series, reply);
  }

  /** A series that begins with `reply`; undefined when there is no room for it. */
  begin(reply: Span): Series | undefined {
    const size = sizeFor(reply.to - reply.from);
    if (this.#bytes + size > MOST_BYTES) return undefined;
    this.#bytes += size;
    const series = { id: this.#nextId++, step: 0, life: this.life, last: roomOf(size) };
    this.keep(series, reply);
    return series;
  }
}

/** How many bytes of room a reply of so many gets. */
const sizeFor = (length: number): number => (Math.floor(length / STEP_BYTES) + 1) * STEP_BYTES;

function roomOf(size: number): Span {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: new DataView(bytes.buffer), from: 0, to: 0 };
}
