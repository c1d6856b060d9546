import { Readable } from "node:stream";

/** Retained messages that the server can make again at any time, so that the broker need not keep them. */
export interface HeldTopics {
  /** Whether a topic is one of them. */
  holds(topic: string): boolean;
  /** Whether a subscription to `pattern` may name any of them. */
  reaches(pattern: string): boolean;
  messages(): Iterable<{ topic: string; body: string }>;
}

interface RetainedPacket {
  cmd: "publish";
  topic: string;
  qos: 0 | 1 | 2;
  payload: Buffer;
  retain: boolean;
}

/** What a broker asks its persistence about retained messages. */
export interface RetainedStore {
  storeRetained(packet: { topic: string }): Promise<void>;
  createRetainedStreamCombi(patterns: string[]): Readable;
}

/** Has a store leave out what `held` makes, and give it to who subscribes all the same. */
export function leaveOut(store: RetainedStore, held: HeldTopics): void {
  const storeRetained = store.storeRetained.bind(store);
  const stream = store.createRetainedStreamCombi.bind(store);
  store.storeRetained = async (packet) => {
    if (!held.holds(packet.topic)) await storeRetained(packet);
  };
  store.createRetainedStreamCombi = (patterns) => {
    const reaching = patterns.filter((pattern) => held.reaches(pattern));
    return reaching.length ? Readable.from(both(stream(patterns), reaching, held)) : stream(patterns);
  };
}

async function* both(
  kept: Readable,
  patterns: readonly string[],
  held: HeldTopics,
): AsyncGenerator<RetainedPacket> {
  yield* kept;
  for (const { topic, body } of held.messages())
    if (patterns.some((pattern) => matches(pattern, topic)))
      yield { cmd: "publish", topic, qos: 1, payload: Buffer.from(body), retain: true };
}

/** Whether an MQTT subscription pattern names a topic (that does not begin with `$`). */
export function matches(pattern: string, topic: string): boolean {
  const levels = topic.split("/");
  const wanted = pattern.split("/");
  for (const [i, level] of wanted.entries()) {
    if (level === "#") return true;
    if (i >= levels.length || (level !== "+" && level !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}
