import type { LiveChannel } from "./channel.js";

/** What the deltas that are kept of all single rigs come to together: a minute of a hundred rigs with some to spare. */
const RINGS_BYTES = 16 * 1024 * 1024;
/** Channels that nobody reads any more and that wait for who may come back: of a few screens that broke off at once. */
const MAX_LINGERING = 256;

/**
 * The channels of single rigs, of which clients open as many as there are rigs. Beyond {@link MAX_LINGERING} those that were left
 * longest ago are closed; beyond {@link RINGS_BYTES} they are too, and when none is left whole rings are let go, of those first that
 * had no delta for longest. Who resumes from what is gone gets a gap and a snapshot.
 */
export class RigChannels {
  readonly #channels = new Map<string, LiveChannel>();
  /** Those without readers, left longest ago first. */
  readonly #lingering = new Set<LiveChannel>();
  /** Those that keep deltas, without a new one for longest first. */
  readonly #rings = new Set<LiveChannel>();
  #bytes = 0;

  /** Bytes of all deltas that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#channels.size;
  }

  get(name: string): LiveChannel | undefined {
    return this.#channels.get(name);
  }

  open(channel: LiveChannel): void {
    this.#channels.set(channel.name, channel);
  }

  all(): IterableIterator<LiveChannel> {
    return this.#channels.values();
  }

  /** A channel has a reader. */
  joined(channel: LiveChannel): void {
    this.#lingering.delete(channel);
  }

  /** A channel has lost its last reader. */
  left(channel: LiveChannel): void {
    this.#lingering.add(channel);
    for (const oldest of this.#lingering) {
      if (this.#lingering.size <= MAX_LINGERING) return;
      this.#close(oldest);
    }
  }

  /** Sends a delta of a channel, as {@link LiveChannel.emit} does. */
  emit(channel: LiveChannel, make: (seq: number) => Buffer, nowMs: number): void {
    this.#bytes -= channel.ringBytes;
    channel.emit(make, nowMs);
    this.#bytes += channel.ringBytes;
    this.#rings.delete(channel);
    this.#rings.add(channel);
    for (const oldest of this.#lingering) {
      if (this.#bytes <= RINGS_BYTES) return;
      this.#close(oldest);
    }
    for (const oldest of this.#rings) {
      if (this.#bytes <= RINGS_BYTES) return;
      this.#letGo(oldest);
    }
  }

  /** Closes those for which nobody has come back in time. */
  sweep(nowMs: number): void {
    for (const channel of this.#lingering) if (!channel.isWatched(nowMs)) this.#close(channel);
  }

  #close(channel: LiveChannel): void {
    this.#letGo(channel);
    this.#lingering.delete(channel);
    this.#channels.delete(channel.name);
  }

  #letGo(channel: LiveChannel): void {
    this.#bytes -= channel.ringBytes;
    channel.forget();
    this.#rings.delete(channel);
  }
}
