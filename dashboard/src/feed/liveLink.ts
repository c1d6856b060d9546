import { type Channel, type ClientFrame, NO_PLACE, type ServerFrame } from "@hashwatt/protocol/live";
import type { ScreenClock, Stop } from "../time.js";
import { type ChannelFrame, type Cursor, stepChannel } from "./channelCursor.js";

/** What the link can do with a connection; both may be called at any time. */
export interface Socket {
  send(text: string): void;
  close(): void;
}
/** What a connection tells the link. */
export interface SocketEvents {
  onText(text: string): void;
  /** The connection ended or never came about; `code` is that of the close frame, where there was one. */
  onEnd(code?: number): void;
}
/** Begins a connection; throws where that is impossible. */
export type OpenSocket = (events: SocketEvents) => Socket;

/** Connects a browser's WebSocket to `url`. */
export const openWebSocket =
  (url: URL): OpenSocket =>
  ({ onText, onEnd }) => {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") onText(data);
    };
    socket.onclose = ({ code }) => onEnd(code);
    // What it was that failed is told by the close that follows.
    return socket;
  };

/**
 * State of the connection. `retryAtMs` (browser clock) is set while a retry is waited for; `sinceMs` is when the state began; `full`:
 * the server has no place for another screen.
 */
export interface Connection {
  state: "connecting" | "live" | "lost";
  sinceMs: number;
  retryAtMs?: number;
  version?: string;
  full?: boolean;
}

/** What the link is built on; tests bring their own. */
export interface LinkOptions {
  open: OpenSocket;
  clock: Pick<ScreenClock, "nowMs" | "monoMs" | "after">;
  /** 0 ≤ x < 1; spreads the retries of many screens. */
  random(): number;
  onConnection(connection: Connection): void;
  /** Applied in order, without holes: snapshot first. */
  onData(channel: Channel, kind: "snap" | "delta", data: unknown, serverMs: number): void;
  /** A channel lost its place; figures stay as they are until the snapshot comes. */
  onGap(channel: Channel): void;
  /** The server refused something, in its own words. */
  onRefusal(channel: string | undefined, message: string): void;
  onServerMs(serverMs: number): void;
}

const OPEN_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 15_000;
/** Tries in a row after which the wait grows no longer. */
const SLOWEST = 10;
/** Silence that counts as a broken connection, in heartbeats. */
const MISSED_HEARTBEATS = 2.5;

/**
 * The live connection: connects, subscribes, resumes each channel where it stood, watches the heartbeat and comes back by
 * itself after a break, sooner first, then slower and jittered.
 */
export class LiveLink {
  readonly #channels = new Map<Channel, Cursor>();
  readonly #options: LinkOptions;
  #socket: Socket | undefined;
  /** Tells this connection's events from those of one that was given up. */
  #opened = 0;
  #epoch: string | undefined;
  #attempt = 0;
  #stopTimer: Stop | undefined;
  #watchMs = OPEN_TIMEOUT_MS;
  #heardMs = 0;
  #stopWatch: Stop | undefined;
  #closed = false;
  #paused = false;
  #state: Connection["state"] = "connecting";

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Opens the connection; the link keeps it up until `close`. */
  start(): void {
    this.#connect();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true;
    this.#stopTimer?.();
    this.#drop();
  }

  /** Tries again at once where a retry is being waited for: the network came back, or a person looks again. */
  hurry(): void {
    if (this.#closed || this.#paused || this.#state !== "lost") return;
    this.#stopTimer?.();
    this.#attempt = 0;
    this.#connect();
  }

  /** Ends the connection until `resume`: whoever looks must log in first. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#stopTimer?.();
    this.#drop();
    this.#announce("lost");
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#attempt = 0;
    if (!this.#closed) this.#connect();
  }

  /** Follows a channel from `from` on, a snapshot fetched elsewhere, or from a fresh snapshot. */
  subscribe(channel: Channel, from?: NonNullable<Cursor>): void {
    if (this.#channels.has(channel)) return;
    this.#channels.set(channel, from);
    if (this.#epoch !== undefined) this.#ask(channel);
  }

  unsubscribe(channel: Channel): void {
    if (this.#channels.delete(channel) && this.#epoch !== undefined)
      this.#say({ op: "unsubscribe", channel });
  }

  #connect(): void {
    const { clock } = this.#options;
    this.#announce("connecting");
    this.#watchMs = OPEN_TIMEOUT_MS;
    this.#heardMs = clock.monoMs();
    const opened = ++this.#opened;
    try {
      this.#socket = this.#options.open({
        onText: (text) => {
          if (opened === this.#opened) this.#hear(text);
        },
        onEnd: (code) => {
          if (opened === this.#opened) this.#lose(code === NO_PLACE);
        },
      });
    } catch {
      this.#retry();
      return;
    }
    this.#watch(OPEN_TIMEOUT_MS);
  }

  #hear(text: string): void {
    const { clock, onServerMs, onRefusal } = this.#options;
    let frame: ServerFrame;
    try {
      frame = JSON.parse(text) as ServerFrame;
    } catch {
      return;
    }
    this.#heardMs = clock.monoMs();
    if ("serverMs" in frame) onServerMs(frame.serverMs);
    switch (frame.t) {
      case "hello":
        this.#epoch = frame.epoch;
        this.#attempt = 0;
        this.#watchMs = frame.heartbeatMs * MISSED_HEARTBEATS;
        this.#watch(this.#watchMs);
        this.#announce("live", { version: frame.version });
        for (const channel of this.#channels.keys()) this.#ask(channel);
        return;
      case "hb":
        return;
      case "error":
        onRefusal(frame.ch, frame.message);
        return;
      default:
        this.#take(frame);
    }
  }

  #take(frame: ChannelFrame): void {
    const { onData, onGap } = this.#options;
    if (this.#epoch === undefined || !this.#channels.has(frame.ch)) return;
    const step = stepChannel(this.#channels.get(frame.ch), this.#epoch, frame);
    this.#channels.set(frame.ch, step.cursor);
    switch (step.do) {
      case "apply":
        if (frame.t !== "gap") onData(frame.ch, frame.t, frame.data, frame.serverMs);
        return;
      case "await":
        onGap(frame.ch);
        return;
      case "resync":
        onGap(frame.ch);
        this.#say({ op: "unsubscribe", channel: frame.ch });
        this.#ask(frame.ch);
        return;
      case "ignore":
        return;
    }
  }

  #ask(channel: Channel): void {
    const from = this.#channels.get(channel);
    this.#say(from ? { op: "subscribe", channel, from } : { op: "subscribe", channel });
  }

  #say(frame: ClientFrame): void {
    try {
      this.#socket?.send(JSON.stringify(frame));
    } catch {
      // A socket that cannot send is about to close; the close brings the retry.
    }
  }

  /** One timer looks at the time of the last frame, instead of one timer per frame. */
  #watch(inMs: number): void {
    this.#stopWatch?.();
    this.#stopWatch = this.#options.clock.after(inMs, () => {
      const silentMs = this.#options.clock.monoMs() - this.#heardMs;
      if (silentMs >= this.#watchMs) this.#lose();
      else this.#watch(this.#watchMs - silentMs);
    });
  }

  #lose(full = false): void {
    this.#drop();
    // It will be full for a while.
    if (full) this.#attempt = SLOWEST;
    if (!this.#closed) this.#retry(full);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#opened++;
    this.#socket = undefined;
    this.#epoch = undefined;
    this.#stopWatch?.();
    this.#stopWatch = undefined;
    socket?.close();
  }

  #retry(full = false): void {
    const { clock, random } = this.#options;
    const wholeMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#attempt++, SLOWEST));
    const waitMs = wholeMs * (0.5 + random() / 2);
    this.#announce("lost", { retryAtMs: clock.nowMs() + waitMs, ...(full && { full }) });
    this.#stopTimer = clock.after(waitMs, () => this.#connect());
  }

  #announce(state: Connection["state"], more: Omit<Connection, "state" | "sinceMs"> = {}): void {
    this.#state = state;
    this.#options.onConnection({ state, sinceMs: this.#options.clock.nowMs(), ...more });
  }
}
