import { newText, type Text } from "./changes.js";

/** A question to a rig, and what it said to it last. */
export interface Series {
  /** Names it on the tape. */
  id: number;
  /** Counts the replies since one that was written whole. */
  step: number;
  /** The life of the tape's memory in which `last` was written; of an earlier one nothing may be built on. */
  life: number;
  last: Text;
}

/** Replies of all rigs together; what finds no room is written whole each time. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Nothing that is asked every few seconds is longer. */
const MOST_REPLY_BYTES = 64 * 1024;
/** So many replies build upon each other: damage of the tape costs no more of a rig than these. */
const MOST_STEPS = 255;
/** Room for a reply comes in so many bytes. */
const STEP_BYTES = 1_024;

/** What is remembered of the rigs' replies, so that of the next ones the changes suffice. */
export class Replies {
  /** Begins anew with each file: it is read by itself. */
  life = 0;
  #bytes = 0;
  #nextId = 0;
  /** Room that is free, one of each size. */
  readonly #free: (Text | undefined)[] = [];

  /** Nothing that was written before may be built on. */
  forget(): void {
    this.life++;
  }

  /** Rigs are named anew: what they said is nobody's any more. */
  drop(): void {
    this.life++;
    this.#bytes = 0;
  }

  /** Room for a reply of `length` bytes; undefined for one that is not remembered. */
  room(length: number): Text | undefined {
    if (length > MOST_REPLY_BYTES) return undefined;
    const size = Math.floor(length / STEP_BYTES);
    let text = this.#free[size];
    if (!text) {
      text = newText((size + 1) * STEP_BYTES);
      this.#free[size] = text;
    }
    text.length = length;
    return text;
  }

  /** What `next` can be told from; undefined where it must be written whole. */
  before(series: Series | undefined): Text | undefined {
    return series && series.life === this.life && series.step < MOST_STEPS ? series.last : undefined;
  }

  /** Keeps `text`, which {@link room} gave, as what was said last; the room of what was said before is free. */
  keep(series: Series, text: Text): void {
    this.#bytes += text.bytes.length - series.last.bytes.length;
    this.#free[sizeOf(text)] = undefined;
    this.#free[sizeOf(series.last)] = series.last;
    series.last = text;
  }

  /** As {@link keep}, for what was written whole. */
  restart(series: Series, text: Text): void {
    this.keep(series, text);
    series.step = 0;
    series.life = this.life;
  }

  /** A series that begins with `text`; undefined when there is no room for it. */
  begin(text: Text): Series | undefined {
    if (this.#bytes + text.bytes.length > MOST_BYTES) return undefined;
    this.#bytes += text.bytes.length;
    this.#free[sizeOf(text)] = undefined;
    return { id: this.#nextId++, step: 0, life: this.life, last: text };
  }
}

const sizeOf = (text: Text): number => text.bytes.length / STEP_BYTES - 1;
