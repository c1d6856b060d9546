import { LiveAges } from "./liveAges.js";

/** The figures of the contract. Times in ms of the monotonic clock. */
export const STREAM_RULES = {
  /**
   * Unacknowledged batches in flight; of the backlog also no more bytes than its reader holds. What is on its way to the server
   * stands before a live batch there: with 256 batches of a second each, half a second of a server's work.
   */
  liveWindow: 8,
  backlogWindow: 160,
  /** Silence after which nothing but probes is sent. */
  outageMs: 10_000,
  /** Spacing of probes; the first goes out after this silence already, since a duplicate costs nothing. */
  probeMs: 5_000,
  /** An ack that finds the oldest unacknowledged live batch older than this opens a new live stream. */
  rollMs: 5_000,
  /** Without progress for so long a stream is sent again from its oldest batch. */
  rewindMs: 10_000,
  /** A batch older than this goes out with `live: false`, whatever its stream: it must not disturb what is shown. */
  liveAgeMs: 10_000,
  /** While the oldest live batch waits longer than this, backlog goes one by one and leaves the line to the live stream. */
  yieldMs: 2_000,
} as const;

export type StreamRules = Record<keyof typeof STREAM_RULES, number>;

/** What the machine is told. `monoMs` of `step` is the time at which it happened. */
export type StreamsEvent =
  /** At start: an older stream of the spool, oldest first; `first` to `last` are not acknowledged. */
  | { type: "backlog"; stream: string; first: number; last: number }
  /** A new live stream begins; the former becomes backlog. */
  | { type: "open"; stream: string }
  /** The live stream has grown by the batch `seq`. */
  | { type: "appended"; seq: number }
  | { type: "connected" }
  | { type: "disconnected" }
  | { type: "ack"; stream: string; seq: number; rewind?: boolean; resumed?: boolean }
  /** The spool holds nothing of `stream` before `first` any more. */
  | { type: "dropped"; stream: string; first: number }
  /** It is open whether this machine slept, which the monotonic clock does not count: how old live batches up to `to` are is too. */
  | { type: "doubted"; to: number }
  | { type: "tick" };

/** What the machine asks for. */
export type StreamsEffect =
  /** All of `stream` up to `seq` is stored by the server: the spool may forget it. */
  | { type: "free"; stream: string; seq: number }
  /** Nothing of `stream` is left. */
  | { type: "drained"; stream: string }
  /**
   * Cut the batch in the making, then answer with `open`. With `overtaken` the server has more of the live stream than was ever
   * made of it, and so many batches of it went unstored: nothing more must be put into it.
   */
  | { type: "roll"; overtaken?: number };

/** A batch to send. `first` and `live` go into its envelope. */
export interface Send {
  lane: Lane;
  stream: string;
  seq: number;
  first: number;
  live: boolean;
}

/** The live stream and the backlog stream that drains beside it. */
export type Lane = "live" | "backlog";

interface Stream {
  readonly id: string;
  /** Oldest batch that is neither acknowledged nor dropped. */
  first: number;
  last: number;
  /** Highest batch sent since the last rewind; never below `first - 1`. */
  sent: number;
  /** When `first` last moved, the window last became non-empty, or the stream was last rewound. */
  progressMs: number;
  /** Its oldest batch is to be sent out of turn. */
  probe: boolean;
  /** It was sent so since the last progress, which what was sent before it may not have made. */
  probed: boolean;
}

/**
 * Which batch goes out when: the agent's half of the ack contract, without any IO, clock or randomness. The shell feeds
 * `step`, obeys its effects, and asks `next` for as long as it yields something that it can send, confirming with `sent`.
 */
export class Streams {
  readonly #rules: StreamRules;
  #live: Stream | undefined;
  /** Oldest first; only the head is sent. */
  readonly #backlog: Stream[] = [];
  readonly #ages: LiveAges;
  /** Up to this batch the live stream goes out as late, whatever the ages say. */
  #lateTo = 0;
  #connected = false;
  /** Nothing was heard in this boot yet: the live stream sends one batch, whose ack tells the clock offset. */
  #heard = false;
  #lastAckMs = Number.NEGATIVE_INFINITY;
  /** Since when something is unacknowledged. */
  #waitingMs: number | undefined;
  #probedMs = Number.NEGATIVE_INFINITY;

  constructor(options: Partial<StreamRules> = {}) {
    this.#rules = { ...STREAM_RULES, ...options };
    this.#ages = new LiveAges(this.#rules.liveAgeMs);
  }

  /** The id of the live stream; undefined before the first `open`. */
  get live(): string | undefined {
    return this.#live?.id;
  }

  /** Whether the live window has room, so that a batch cut at this moment would go out at once. */
  get room(): boolean {
    const live = this.#live;
    return live !== undefined && live.last - live.first + 1 < this.#liveWindow();
  }

  /** Whether the server has been silent for so long that only probes go out. */
  outage(monoMs: number): boolean {
    return this.#silenceMs(monoMs) >= this.#rules.outageMs;
  }

  /** Takes one event and returns what it entails. */
  step(event: StreamsEvent, monoMs: number): StreamsEffect[] {
    const effects: StreamsEffect[] = [];
    switch (event.type) {
      case "backlog":
        this.#backlog.push(fresh(event.stream, event.first, event.last, monoMs));
        break;
      case "open":
        this.#open(event.stream, monoMs, effects);
        break;
      case "appended":
        if (this.#live) this.#live.last = event.seq;
        this.#ages.add(event.seq, monoMs);
        break;
      case "connected":
        this.#connected = true;
        // What was in flight on the former connection may or may not have arrived.
        this.#rewindAll(monoMs);
        if (this.outage(monoMs)) this.#probe(monoMs);
        break;
      case "disconnected":
        this.#connected = false;
        break;
      case "ack":
        this.#ack(event, monoMs, effects);
        break;
      case "dropped":
        this.#drop(event, effects);
        break;
      case "doubted":
        this.#lateTo = event.to;
        break;
      case "tick":
        this.#tick(monoMs);
        break;
    }
    const waiting = this.#backlog.length > 0 || unacked(this.#live);
    if (!waiting) this.#waitingMs = undefined;
    else this.#waitingMs ??= monoMs;
    return effects;
  }

  /** The batch that lane should send at this moment, if any. Live first, always. */
  next(lane: Lane, monoMs: number): Send | undefined {
    const stream = lane === "live" ? this.#live : this.#backlog[0];
    if (!this.#connected || !stream || !unacked(stream)) return undefined;
    if (stream.probe) return this.#send(lane, stream, stream.first, monoMs);
    if (this.outage(monoMs)) return undefined;
    const seq = stream.sent + 1;
    const window = lane === "live" ? this.#liveWindow() : this.#backlogWindow(monoMs);
    if (seq > stream.last || seq - stream.first >= window) return undefined;
    return this.#send(lane, stream, seq, monoMs);
  }

  /** Confirms that what `next` gave was handed to the connection. */
  sent(send: Send, monoMs: number): void {
    const stream = send.lane === "live" ? this.#live : this.#backlog[0];
    if (stream?.id !== send.stream) return;
    if (stream.sent < stream.first) stream.progressMs = monoMs;
    if (stream.probe && send.seq === stream.first) {
      stream.probe = false;
      stream.probed = true;
    }
    if (send.seq > stream.sent) stream.sent = send.seq;
  }

  #send(lane: Lane, stream: Stream, seq: number, monoMs: number): Send {
    const young = seq > this.#lateTo && this.#ages.of(seq, monoMs) <= this.#rules.liveAgeMs;
    const live = lane === "live" && young;
    return { lane, stream: stream.id, seq, first: stream.first, live };
  }

  #liveWindow(): number {
    return this.#heard ? this.#rules.liveWindow : 1;
  }

  #backlogWindow(monoMs: number): number {
    return this.#liveLagMs(monoMs) > this.#rules.yieldMs ? 1 : this.#rules.backlogWindow;
  }

  /** Age of the oldest unacknowledged batch of the live stream; 0 when there is none. */
  #liveLagMs(monoMs: number): number {
    const live = this.#live;
    return live && unacked(live) ? this.#ages.of(live.first, monoMs) : 0;
  }

  #silenceMs(monoMs: number): number {
    return this.#waitingMs === undefined ? 0 : monoMs - Math.max(this.#waitingMs, this.#lastAckMs);
  }

  #open(id: string, monoMs: number, effects: StreamsEffect[]): void {
    const former = this.#live;
    this.#live = fresh(id, 1, 0, monoMs);
    this.#ages.clear();
    this.#lateTo = 0;
    if (!former) return;
    if (unacked(former)) {
      rewind(former, monoMs);
      this.#backlog.push(former);
    } else effects.push({ type: "drained", stream: former.id });
  }

  #ack(ack: StreamsEvent & { type: "ack" }, monoMs: number, effects: StreamsEffect[]): void {
    // The first word after an outage: what was sent into it is lost.
    if (this.outage(monoMs)) this.#rewindAll(monoMs);
    this.#heard = true;
    this.#lastAckMs = monoMs;
    const stream = this.#find(ack.stream);
    // A machine that was set back with its memory goes on with numbers that it has given before: all of them would be duplicates.
    const overtaken =
      stream !== undefined && stream === this.#live && ack.seq > stream.last
        ? stream.last - stream.first + 1
        : undefined;
    if (stream) {
      const seq = Math.min(ack.seq, stream.last);
      if (seq >= stream.first) {
        stream.first = seq + 1;
        stream.sent = Math.max(stream.sent, seq);
        stream.progressMs = monoMs;
        // An answered probe: nothing tells whether the batches behind it had arrived, and a duplicate costs little.
        if (stream.probed) rewind(stream, monoMs);
        stream.probe = false;
        stream.probed = false;
        effects.push({ type: "free", stream: stream.id, seq });
        this.#settle(stream, effects);
      }
      if (ack.rewind) rewind(stream, monoMs);
    }
    const unknown = ack.resumed === true && stream !== undefined && stream === this.#live;
    if (overtaken !== undefined) effects.push({ type: "roll", overtaken });
    else if (unknown || this.#liveLagMs(monoMs) > this.#rules.rollMs) effects.push({ type: "roll" });
  }

  #drop(event: StreamsEvent & { type: "dropped" }, effects: StreamsEffect[]): void {
    const stream = this.#find(event.stream);
    if (!stream || event.first <= stream.first) return;
    stream.first = Math.min(event.first, stream.last + 1);
    stream.sent = Math.max(stream.sent, stream.first - 1);
    this.#settle(stream, effects);
  }

  /** Keeps the books of a stream whose `first` moved. */
  #settle(stream: Stream, effects: StreamsEffect[]): void {
    if (stream === this.#live) this.#ages.forget(stream.first);
    else if (!unacked(stream)) {
      this.#backlog.splice(this.#backlog.indexOf(stream), 1);
      effects.push({ type: "drained", stream: stream.id });
    }
  }

  #tick(monoMs: number): void {
    const { probeMs, rewindMs } = this.#rules;
    if (!this.#connected) return;
    if (this.#silenceMs(monoMs) >= probeMs && monoMs - this.#probedMs >= probeMs) this.#probe(monoMs);
    if (this.outage(monoMs)) return;
    for (const stream of [this.#live, this.#backlog[0]])
      if (stream && stream.sent >= stream.first && monoMs - stream.progressMs >= rewindMs)
        rewind(stream, monoMs);
  }

  /** Both lanes probe: a batch that the server cannot swallow in one must not silence the other. */
  #probe(monoMs: number): void {
    this.#probedMs = monoMs;
    for (const stream of [this.#live, this.#backlog[0]]) if (stream && unacked(stream)) stream.probe = true;
  }

  #rewindAll(monoMs: number): void {
    if (this.#live) rewind(this.#live, monoMs);
    for (const stream of this.#backlog) rewind(stream, monoMs);
  }

  #find(id: string): Stream | undefined {
    return this.#live?.id === id ? this.#live : this.#backlog.find((stream) => stream.id === id);
  }
}

const fresh = (id: string, first: number, last: number, monoMs: number): Stream => ({
  id,
  first,
  last,
  sent: first - 1,
  progressMs: monoMs,
  probe: false,
  probed: false,
});

const unacked = (stream: Stream | undefined): boolean => stream !== undefined && stream.first <= stream.last;

function rewind(stream: Stream, monoMs: number): void {
  stream.sent = stream.first - 1;
  stream.progressMs = monoMs;
}
