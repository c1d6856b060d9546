import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { SpoolRecord } from "../spool/record.js";
import type { Spool } from "../spool/spool.js";
import type { Spooled, SpoolReader } from "../spool/spoolReader.js";
import { encodeDamaged, encodeMessage, restampBody } from "./envelope.js";
import { restamping, type Stamping } from "./serverTime.js";
import type { Lane, Send, Streams } from "./streams.js";

export interface LanesOptions {
  spool: Spool;
  streams: Streams;
  clock: Clock;
  log: Logger;
  /** This run and its clock. */
  stamping: Stamping;
  /** False when the message cannot be taken. */
  publish(payload: Buffer): boolean;
  /** Whether the connection has room for a batch of that lane. */
  ready(lane: Lane): boolean;
  /** The spool lacks everything of `stream` up to `to`, and all before is acknowledged. */
  onGap(stream: string, to: number): void;
}

/** Brings what the streams want sent from the spool to the connection: the live lane first, then the backlog lane. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #readers: Partial<Record<Lane, SpoolReader>> = {};
  /** When each unacknowledged batch of the live stream was first sent; a repetition does not count, its ack may be the first one's. */
  readonly #sentMs = new Map<number, number>();
  /**
   * How the stamps of batches were changed when they were sent, by stream and seq: what is known of the time grows with each ack,
   * and a batch that a server has stored without having noted so must come again with the very same stamps.
   */
  readonly #changes = new Map<string, Map<number, number | "unsure">>();
  #pumping = false;
  published = 0;
  publishedBytes = 0;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** A new live stream begins. The former one's reader goes on in the backlog lane where that is empty. */
  open(stream: string): void {
    const former = this.#readers.live;
    // No key without a reader: every value of the table is walked.
    if (former) this.#readers.backlog ??= former;
    this.#readers.live = this.#options.spool.reader(stream);
    this.#sentMs.clear();
  }

  /** A record was appended to the live stream. */
  offer(record: SpoolRecord): void {
    this.#readers.live?.offer(record);
  }

  /** Everything of `stream` before `first` is done with. */
  release(stream: string, first: number): void {
    for (const reader of Object.values(this.#readers)) if (reader.stream === stream) reader.release(first);
    const changes = this.#changes.get(stream);
    if (changes) for (const seq of changes.keys()) if (seq < first) changes.delete(seq);
    if (stream !== this.#readers.live?.stream) return;
    for (const seq of this.#sentMs.keys()) if (seq < first) this.#sentMs.delete(seq);
  }

  /** Nothing of `stream` is left. */
  forget(stream: string): void {
    this.#changes.delete(stream);
    if (this.#readers.backlog?.stream === stream) delete this.#readers.backlog;
  }

  /** When the batch that an ack names was first sent; undefined where the ack tells nothing new or is not of the live stream. */
  sentMs(ack: { stream: string; seq: number }): number | undefined {
    return ack.stream === this.#readers.live?.stream ? this.#sentMs.get(ack.seq) : undefined;
  }

  /** Stamp of the oldest unacknowledged sample of `stream`, where it is at hand. */
  oldestMs(stream: string): number | undefined {
    return Object.values(this.#readers).find((reader) => reader.stream === stream)?.oldestMs;
  }

  /** Sends what may be sent. Calls within a call do nothing, since the outer one goes on. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#sendNext("live"));
      while (this.#sendNext("backlog"));
    } finally {
      this.#pumping = false;
    }
  }

  #sendNext(lane: Lane): boolean {
    const { streams, clock, ready, onGap } = this.#options;
    const send = ready(lane) ? streams.next(lane, clock.monoMs()) : undefined;
    if (!send) return false;
    const reader = this.#readerOf(send);
    const spooled = reader.get(send.seq);
    if (!spooled) {
      void reader.load().then((came) => {
        if (came) this.pump();
      });
      return false;
    }
    if (spooled.kind === "gap") {
      // Only what is oldest can be given up: until then the gap waits.
      if (send.seq !== send.first) return false;
      onGap(send.stream, spooled.to);
      return true;
    }
    if (spooled.kind === "record" && this.#waits(send, spooled.record)) return false;
    const payload = this.#encode(send, spooled);
    if (!this.#options.publish(payload)) return false;
    this.published++;
    this.publishedBytes += payload.length;
    if (lane === "live" && !this.#sentMs.has(send.seq)) this.#sentMs.set(send.seq, clock.monoMs());
    streams.sent(send, clock.monoMs());
    return true;
  }

  /**
   * Whether the stamps of a batch wait for an ack that tells the time. The oldest live batch goes in any case, for somebody has to
   * ask; it is an empty one, but where that was dropped.
   */
  #waits({ lane, seq, first }: Send, record: SpoolRecord): boolean {
    const { boot, time } = this.#options.stamping;
    if (record.offsetKnown || record.samples === 0 || record.boot !== boot || time.sure) return false;
    return lane === "backlog" || seq !== first;
  }

  #changeOf(record: SpoolRecord): number | "unsure" {
    const { stamping } = this.#options;
    if (record.offsetKnown || record.boot !== stamping.boot) return restamping(record, stamping);
    let changes = this.#changes.get(record.stream);
    const known = changes?.get(record.seq);
    if (known !== undefined) return known;
    const change = restamping(record, stamping);
    if (!stamping.time.sure) return change;
    if (!changes) {
      changes = new Map();
      this.#changes.set(record.stream, changes);
    }
    changes.set(record.seq, change);
    return change;
  }

  #readerOf(send: Send): SpoolReader {
    const known = this.#readers[send.lane];
    if (known?.stream === send.stream) return known;
    const reader = this.#options.spool.reader(send.stream);
    this.#readers[send.lane] = reader;
    return reader;
  }

  #encode(send: Send, spooled: Exclude<Spooled, { kind: "gap" }>): Buffer {
    const { clock, log, stamping } = this.#options;
    const { stream, live, seq, first } = send;
    const head = { stream, live, seq, first, sentMs: clock.nowMs() };
    if (spooled.kind === "damaged") return encodeDamaged(head, stamping.boot, clock.monoMs());
    const { record } = spooled;
    const change = this.#changeOf(record);
    if (change === 0) return encodeMessage(head, record.body, record.gzip);
    try {
      return encodeMessage(head, restampBody(record.body, record.gzip, change), record.gzip);
    } catch (error) {
      // Its checksum holds and it is no batch: kept by a faulty program. It must not stop what follows.
      log.error({ err: error, stream, seq }, "spooled batch not understood");
      return encodeDamaged(head, stamping.boot, clock.monoMs());
    }
  }
}
