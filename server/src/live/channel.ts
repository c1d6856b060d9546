/** A connected client as the hub sees it. */
export interface HubClient {
  /** Queues a frame; never throws. */
  send(frame: Buffer): void;
  /** Bytes queued and not yet taken by the network. */
  readonly bufferedAmount: number;
  /** Ends the connection. */
  end(reason: string): void;
}

/** Beyond this many queued bytes a client gets no more deltas, but a gap and a fresh snapshot once it has caught up. */
const SLOW_BYTES = 4 * 1024 * 1024;
/** A slow client has caught up when so little is left. */
const DRAINED_BYTES = 64 * 1024;
/** A client that stays slow so long is let go. */
const GIVE_UP_MS = 60_000;
/** Deltas kept for resume, by number and by bytes: a minute of a small fleet, some seconds of a large one. */
const RING_FRAMES = 256;
const RING_BYTES = 2 * 1024 * 1024;
/** After its last reader has gone a channel goes on so long, for a connection that only broke. */
const LINGER_MS = 60_000;

interface Subscription {
  /** Since when this client has been too slow for deltas; undefined while it keeps up. */
  slowSinceMs: number | undefined;
}

/** One channel: its sequence, its latest deltas, its readers. Numbers grow by one with every delta. */
export class LiveChannel {
  readonly name: string;
  #seq: number;
  #ring: { seq: number; frame: Buffer }[] = [];
  #ringBytes = 0;
  readonly #readers = new Map<HubClient, Subscription>();
  #watchedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, seq: number) {
    this.name = name;
    this.#seq = seq;
  }

  get seq(): number {
    return this.#seq;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Bytes of the deltas that are kept. */
  get ringBytes(): number {
    return this.#ringBytes;
  }

  /** Whether deltas are worth making. */
  isWatched(nowMs: number): boolean {
    return this.#readers.size > 0 || nowMs < this.#watchedUntilMs;
  }

  /** Somebody has taken a snapshot and will want the deltas after it. */
  touch(nowMs: number): void {
    this.#watchedUntilMs = nowMs + LINGER_MS;
  }

  /**
   * Adds a reader. False: it reads already or has too much queued, so it counts as slow, and `catchUp` sends it the state
   * once it has drained; asked for again and again, snapshots would fill memory.
   */
  add(client: HubClient, nowMs: number): boolean {
    const known = this.#readers.get(client);
    if (!known && client.bufferedAmount <= SLOW_BYTES) {
      this.#readers.set(client, { slowSinceMs: undefined });
      return true;
    }
    this.#readers.set(client, { slowSinceMs: known?.slowSinceMs ?? nowMs });
    return false;
  }

  has(client: HubClient): boolean {
    return this.#readers.has(client);
  }

  /** Takes a reader away; true where it was the last one. */
  remove(client: HubClient, nowMs: number): boolean {
    const wasLast = this.#readers.delete(client) && !this.#readers.size;
    if (wasLast) this.touch(nowMs);
    return wasLast;
  }

  /** Something changed that nobody watches: who resumes from before it gets a gap. */
  skip(): void {
    this.#seq++;
    this.forget();
  }

  /** Keeps none of the deltas so far: who resumes from before the latest gets a gap. */
  forget(): void {
    this.#ring = [];
    this.#ringBytes = 0;
  }

  /** Sends a delta to every reader that keeps up; `make` gets its number. */
  emit(make: (seq: number) => Buffer, nowMs: number): void {
    const frame = make(++this.#seq);
    this.#ring.push({ seq: this.#seq, frame });
    this.#ringBytes += frame.length;
    while (this.#ring.length > RING_FRAMES || (this.#ringBytes > RING_BYTES && this.#ring.length > 1))
      this.#ringBytes -= this.#ring.shift()!.frame.length;
    for (const [client, subscription] of this.#readers) {
      if (subscription.slowSinceMs !== undefined) continue;
      if (client.bufferedAmount > SLOW_BYTES) subscription.slowSinceMs = nowMs;
      else client.send(frame);
    }
  }

  /** The deltas after `seq`; undefined when some of them are gone. */
  since(seq: number): Buffer[] | undefined {
    if (seq === this.#seq) return [];
    const oldest = this.#ring[0];
    if (!oldest || seq > this.#seq || seq < oldest.seq - 1) return undefined;
    return this.#ring.filter((delta) => delta.seq > seq).map((delta) => delta.frame);
  }

  /** Brings readers that were slow and have drained up to date with `resync`, and lets go of those that stay slow. */
  catchUp(resync: (client: HubClient) => void, nowMs: number): void {
    for (const [client, subscription] of this.#readers) {
      if (subscription.slowSinceMs === undefined) continue;
      if (client.bufferedAmount <= DRAINED_BYTES) {
        subscription.slowSinceMs = undefined;
        resync(client);
      } else if (nowMs - subscription.slowSinceMs > GIVE_UP_MS) client.end("too slow");
    }
  }
}
