import type { AlertView } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { QueuedNotification, StateStore } from "../store/state/state.js";
import { type AlertMessage, MESSAGE_ALERTS, type Notifier } from "./notifiers/notifier.js";

/** Messages that wait for delivery; when full the oldest is given up. */
const MAX_QUEUED = 1_000;
const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 900_000;
/** An alert of yesterday helps nobody. */
const GIVE_UP_MS = 86_400_000;
const IDLE_MS = 60_000;

/** Delivers alert messages in order of their due time, each kept in the state store until it is delivered or final. */
export class Notifications {
  readonly #notifiers: ReadonlyMap<string, Notifier>;
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #queue = new Map<string, QueuedNotification>();
  readonly #stop = new AbortController();
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #made = 0;
  /** What went wrong last, for the health page; undefined while all is well. */
  problem: string | undefined;
  givenUp = 0;

  constructor(notifiers: readonly Notifier[], store: StateStore, clock: Clock, log: Logger) {
    this.#notifiers = new Map(notifiers.map((notifier) => [notifier.id, notifier]));
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Takes up what an earlier run could not deliver, and begins. */
  async start(): Promise<void> {
    for (const waiting of await this.#store.notifications()) this.#queue.set(waiting.id, waiting);
    if (this.#notifiers.size) this.#running = this.#run(this.#stop.signal);
  }

  /**
   * Queues one message about alerts that have just fired or resolved, but for rounds that are kept quiet. Nothing to say or
   * nobody to tell is no message.
   */
  async send(transitions: readonly AlertView[]): Promise<void> {
    const alerts = transitions.filter(
      ({ quietUntilMs, partOf }) => quietUntilMs === undefined && partOf === undefined,
    );
    if (!alerts.length) return;
    const nowMs = this.#clock.nowMs();
    const body: AlertMessage = {
      v: 1,
      sentMs: nowMs,
      alerts: alerts.slice(0, MESSAGE_ALERTS),
      more: Math.max(0, alerts.length - MESSAGE_ALERTS),
    };
    for (const notifier of this.#notifiers.keys()) {
      const message: QueuedNotification = {
        id: `${nowMs.toString(36)}-${(this.#made++).toString(36)}-${notifier}`,
        notifier,
        body,
        createdMs: nowMs,
        dueMs: nowMs,
        attempts: 0,
      };
      if (this.#queue.size >= MAX_QUEUED) await this.#giveUp(this.#oldest(), "the queue is full");
      this.#queue.set(message.id, message);
      await this.#keep(message);
    }
    this.#wake?.();
  }

  /** Stops; what is undelivered stays in the store for the next run. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const next = this.#nextDue();
      const waitMs = next ? next.dueMs - this.#clock.nowMs() : IDLE_MS;
      if (!next || waitMs > 0) await this.#pause(Math.min(waitMs, IDLE_MS));
      else await this.#deliver(next, signal);
    }
  }

  async #deliver(message: QueuedNotification, signal: AbortSignal): Promise<void> {
    const notifier = this.#notifiers.get(message.notifier);
    if (!notifier) return this.#giveUp(message, "this notifier is not configured any more");
    const nowMs = this.#clock.nowMs();
    const went = await notifier.deliver(message.body, signal).catch((reason: unknown) => {
      if (!signal.aborted) this.#log.error({ err: reason, notifier: message.notifier }, "notifier failed");
      return { kind: "retry", reason: "the notifier failed" } as const;
    });
    if (signal.aborted) return;
    if (went.kind === "delivered") {
      if (this.problem !== undefined)
        this.#log.info({ notifier: message.notifier }, "notifications are delivered again");
      this.problem = undefined;
      return this.#forget(message);
    }
    if (this.problem !== went.reason)
      this.#log.warn({ notifier: message.notifier, reason: went.reason }, "notification not delivered");
    this.problem = went.reason;
    if (went.kind === "refused") return this.#giveUp(message, went.reason);
    if (nowMs - message.createdMs > GIVE_UP_MS) return this.#giveUp(message, `${went.reason} for a day`);
    const backOffMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** message.attempts);
    const dueMs =
      nowMs + Math.max(backOffMs, "afterMs" in went && went.afterMs !== undefined ? went.afterMs : backOffMs);
    const later = { ...message, attempts: message.attempts + 1, dueMs };
    this.#queue.set(later.id, later);
    await this.#keep(later);
  }

  async #giveUp(message: QueuedNotification, why: string): Promise<void> {
    this.givenUp++;
    await this.#forget(message);
    const text = `A message of ${new Date(message.createdMs).toISOString()} to ${message.notifier} was not delivered: ${why}`;
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

  async #forget(message: QueuedNotification): Promise<void> {
    this.#queue.delete(message.id);
    await this.#store
      .dropNotification(message.id)
      .catch((error: unknown) => this.#log.warn({ err: error }, "notification not removed"));
  }

  #nextDue(): QueuedNotification | undefined {
    let next: QueuedNotification | undefined;
    for (const message of this.#queue.values()) if (!next || message.dueMs < next.dueMs) next = message;
    return next;
  }

  #oldest(): QueuedNotification {
    return this.#queue.values().next().value!;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, resolve);
      this.#wake = () => {
        timer[Symbol.dispose]();
        resolve();
      };
    });
  }
}
