import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { QueuedNotification, StateStore } from "../store/state/state.js";
import { ChannelWorker } from "./channelWorker.js";
import type { AlertMessage } from "./messages/alertMessage.js";
import type { Delivery, Notifier } from "./notifiers/notifier.js";

/** Messages of one channel that wait for delivery; when full the oldest becomes a dead letter. */
const MAX_QUEUED = 500;
/** Dead letters that are kept to be looked at and sent again; the oldest go first. */
const MAX_DEAD = 200;

/**
 * Messages on their way to channels: each is kept in the state store until it is delivered or somebody has thrown it away.
 * Every channel has a worker of its own, so that one that hangs delays no other.
 */
export class Notifications {
  readonly #store: Pick<StateStore, "notifications" | "putNotification" | "dropNotification" | "addEvent">;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #workers = new Map<string, ChannelWorker>();
  readonly #dead = new Map<string, QueuedNotification>();
  /** The last change of channels; never rejects. */
  #changing: Promise<void> = Promise.resolve();
  givenUp = 0;

  constructor(
    store: Pick<StateStore, "notifications" | "putNotification" | "dropNotification" | "addEvent">,
    clock: Clock,
    log: Logger,
    random: () => number = Math.random,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#random = random;
  }

  /** Takes up what an earlier run could not deliver, and begins with all of it at once: whoever was away may be there again. */
  async start(notifiers: readonly Notifier[]): Promise<void> {
    for (const notifier of notifiers) this.#open(notifier);
    const nowMs = this.#clock.nowMs();
    for (const message of await this.#store.notifications()) {
      if (message.failed) this.#dead.set(message.id, message);
      else await this.take({ ...message, dueMs: Math.min(message.dueMs, nowMs) });
    }
  }

  /**
   * Goes on with other channels: a channel that is the same object keeps its worker; of one that is gone, messages die. One call
   * after the other: each begins with the workers that the one before has left.
   */
  use(notifiers: readonly Notifier[]): Promise<void> {
    const done = this.#changing.then(() => this.#change(notifiers));
    this.#changing = done.catch(() => undefined);
    return done;
  }

  get queued(): number {
    let sum = 0;
    for (const worker of this.#workers.values()) sum += worker.waiting;
    return sum;
  }

  /** What keeps a channel from delivering, for the health page; undefined while all is well. */
  get problem(): string | undefined {
    for (const [id, { problem }] of this.#workers) if (problem !== undefined) return `${id}: ${problem}`;
    return undefined;
  }

  get dead(): number {
    return this.#dead.size;
  }

  /** Delivers a message that the store has. */
  async take(message: QueuedNotification): Promise<void> {
    const worker = this.#workers.get(message.notifier);
    if (!worker) return this.#die(message, "this channel is off, or not configured any more");
    if (worker.waiting >= MAX_QUEUED && worker.oldest) {
      const { oldest } = worker;
      worker.drop(oldest.id);
      await this.#die(oldest, "too many messages wait for this channel");
    }
    worker.add(message);
  }

  /** Tells a channel once what is true now; nothing is kept of it. */
  refresh(channel: string, messages: readonly AlertMessage[]): void {
    this.#workers.get(channel)?.refresh(messages);
  }

  /** Tries a message at once; undefined where there is no such channel. */
  async test(channel: string, message: AlertMessage): Promise<Delivery | undefined> {
    return this.#workers.get(channel)?.test(message);
  }

  /** How a channel is; undefined where there is none. */
  status(channel: string): Pick<
    ChannelWorker,
    "waiting" | "delivered" | "deliveredMs" | "problem" | "problemMs"
  > & {
    dead: number;
  } {
    const { waiting = 0, delivered = 0, deliveredMs, problem, problemMs } = this.#workers.get(channel) ?? {};
    let dead = 0;
    for (const { notifier } of this.#dead.values()) if (notifier === channel) dead++;
    return { waiting, delivered, deliveredMs, problem, problemMs, dead };
  }

  /** Messages that could not be delivered, newest first. */
  deadLetters(): QueuedNotification[] {
    return [...this.#dead.values()].sort((a, b) => b.failed!.atMs - a.failed!.atMs);
  }

  /** Sends a dead letter again. Returns whether there is such a one. */
  async sendAgain(id: string): Promise<boolean> {
    const dead = this.#dead.get(id);
    if (!dead) return false;
    const { failed: _over, ...rest } = dead;
    const nowMs = this.#clock.nowMs();
    const again: QueuedNotification = { ...rest, createdMs: nowMs, dueMs: nowMs, attempts: 0 };
    await this.#store.putNotification(again);
    this.#dead.delete(id);
    await this.take(again);
    return true;
  }

  /** Throws a dead letter away. Returns whether there was such a one. */
  async forget(id: string): Promise<boolean> {
    if (!this.#dead.has(id)) return false;
    await this.#store.dropNotification(id);
    return this.#dead.delete(id);
  }

  /** Stops; what is undelivered stays in the store for the next run. */
  async close(): Promise<void> {
    await this.#changing;
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
  }

  async #change(notifiers: readonly Notifier[]): Promise<void> {
    const wanted = new Map(notifiers.map((notifier) => [notifier.id, notifier]));
    for (const [id, worker] of this.#workers) {
      const next = wanted.get(id);
      if (next === worker.notifier) continue;
      // It takes messages until it has ended, though it delivers none of them: they go on with its successor.
      await worker.close();
      if (next) this.#open(next);
      else this.#workers.delete(id);
      for (const message of worker.messages) await this.take(message);
    }
    for (const [id, notifier] of wanted) if (!this.#workers.has(id)) this.#open(notifier);
  }

  #open(notifier: Notifier): void {
    const events = {
      delivered: (message: QueuedNotification) => this.#drop(message.id),
      later: (message: QueuedNotification) => this.#keep(message),
      failed: (message: QueuedNotification, reason: string) => this.#die(message, reason),
    };
    this.#workers.set(notifier.id, new ChannelWorker(notifier, events, this.#clock, this.#log, this.#random));
  }

  async #die(message: QueuedNotification, reason: string): Promise<void> {
    this.givenUp++;
    const failed = { ...message, failed: { atMs: this.#clock.nowMs(), reason } };
    this.#dead.set(message.id, failed);
    await this.#keep(failed);
    if (this.#dead.size > MAX_DEAD) {
      const oldest = this.#dead.keys().next().value!;
      this.#dead.delete(oldest);
      await this.#drop(oldest);
    }
    const text = `A message of ${new Date(message.createdMs).toISOString()} to ${message.notifier} was not delivered: ${reason}`;
    await this.#store
      .addEvent({ atMs: this.#clock.nowMs(), kind: "notification-lost", text })
      .catch((error: unknown) => this.#log.warn({ err: error }, "event not stored"));
  }

  /** The queue in memory is what counts while this process runs; a store that fails costs only what a crash would lose. */
  async #keep(message: QueuedNotification): Promise<void> {
    await this.#store
      .putNotification(message)
      .catch((error: unknown) => this.#log.warn({ err: error }, "notification not stored"));
  }

  async #drop(id: string): Promise<void> {
    await this.#store
      .dropNotification(id)
      .catch((error: unknown) => this.#log.warn({ err: error }, "notification not removed"));
  }
}
