import type { AlertView } from "@hashwatt/protocol/http";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { QueuedNotification } from "../store/state/state.js";
import type { AlertMessage } from "./messages/alertMessage.js";
import type { Delivery, Notifier } from "./notifiers/notifier.js";

const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 900_000;
/** An alert of yesterday helps nobody. */
const GIVE_UP_MS = 86_400_000;
/** Notifiers bound themselves; this is for one that does not. */
const MOST_MS = 60_000;
const IDLE_MS = 60_000;

/** What a worker does with what it has tried. */
export interface WorkerEvents {
  /** It has arrived. */
  delivered(message: QueuedNotification): Promise<void>;
  /** To be tried again later. */
  later(message: QueuedNotification): Promise<void>;
  /** Never to be tried again by itself. */
  failed(message: QueuedNotification, reason: string): Promise<void>;
}

/**
 * Delivers the messages of one channel, one at a time, the oldest first. One that waits for its next try lets others pass
 * that are of other alerts: nobody hears of an end before the beginning.
 */
export class ChannelWorker {
  readonly #queue = new Map<string, QueuedNotification>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #refresh: AlertMessage[] = [];
  #wake: (() => void) | undefined;
  /** What went wrong last, and since when; undefined while all is well. */
  problem: string | undefined;
  problemMs: number | undefined;
  delivered = 0;
  deliveredMs: number | undefined;

  constructor(
    readonly notifier: Notifier,
    private readonly events: WorkerEvents,
    private readonly clock: Clock,
    private readonly log: Logger,
    /** 0–1; spreads tries that would come together. */
    private readonly random: () => number,
  ) {
    this.problem = notifier.problem;
    if (this.problem !== undefined) this.problemMs = clock.nowMs();
    this.#running = this.#run();
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get oldest(): QueuedNotification | undefined {
    return this.#queue.values().next().value;
  }

  get messages(): readonly QueuedNotification[] {
    return [...this.#queue.values()];
  }

  add(message: QueuedNotification): void {
    this.#queue.set(message.id, message);
    this.#wake?.();
  }

  drop(id: string): void {
    this.#queue.delete(id);
  }

  /** Tells once what is true now, after what waits; a later one takes the place of this. */
  refresh(messages: readonly AlertMessage[]): void {
    this.#refresh = [...messages];
    this.#wake?.();
  }

  /** Tries one message now, beside the queue. */
  async test(message: AlertMessage): Promise<Delivery> {
    const went = await this.#try(message);
    this.#note(went);
    return went;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const next = this.#next();
      if (next && next.dueMs <= this.clock.nowMs()) await this.#deliver(next);
      else if (this.#refresh.length) await this.#remind();
      else await this.#pause(next ? next.dueMs - this.clock.nowMs() : IDLE_MS);
    }
  }

  async #remind(): Promise<void> {
    const went = await this.#try(this.#refresh.shift()!);
    if (this.#stop.signal.aborted) return;
    this.#note(went);
    // What is true by then comes with the next reminder.
    if (went.kind !== "delivered") this.#refresh = [];
  }

  async #deliver(message: QueuedNotification): Promise<void> {
    const went = await this.#try({ ...(message.body as AlertMessage), id: message.id });
    if (!this.#queue.has(message.id)) return;
    // What has arrived just before the end of this worker must not be told again by the next.
    if (this.#stop.signal.aborted && went.kind !== "delivered") return;
    this.#note(went);
    const nowMs = this.clock.nowMs();
    if (went.kind === "delivered") {
      this.#queue.delete(message.id);
      return this.events.delivered(message);
    }
    const attempts = message.attempts + 1;
    if (went.kind === "refused" || nowMs - message.createdMs > GIVE_UP_MS) {
      this.#queue.delete(message.id);
      const why = went.kind === "refused" ? went.reason : `${went.reason} for a day`;
      return this.events.failed({ ...message, attempts }, why);
    }
    const backOffMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** message.attempts);
    const spreadMs = backOffMs * (0.8 + 0.4 * this.random());
    const later = { ...message, attempts, dueMs: nowMs + Math.max(spreadMs, went.afterMs ?? 0) };
    this.#queue.set(later.id, later);
    return this.events.later(later);
  }

  async #try(message: AlertMessage): Promise<Delivery> {
    const { signal } = this.#stop;
    using bounded = this.clock.deadline(MOST_MS, signal);
    const late = new Promise<Delivery>((resolve) =>
      bounded.signal.addEventListener("abort", () => resolve({ kind: "retry", reason: "no answer" }), {
        once: true,
      }),
    );
    // One that throws before its first await has failed like any other.
    const deliver = async () => this.notifier.deliver(message, bounded.signal);
    const tried = deliver().catch((reason: unknown): Delivery => {
      // What the failure says may hold what is secret: only its kind is told.
      if (!bounded.signal.aborted)
        this.log.error({ channel: this.notifier.id, kind: (reason as Error)?.name }, "notifier failed");
      return { kind: "retry", reason: "the notifier failed" };
    });
    // Awaited here: the time limit ends with this function.
    return await Promise.race([tried, late]);
  }

  #note(went: Delivery): void {
    const channel = this.notifier.id;
    if (went.kind === "delivered") {
      if (this.problem !== undefined) this.log.info({ channel }, "notifications are delivered again");
      this.problem = this.problemMs = undefined;
      this.delivered++;
      this.deliveredMs = this.clock.nowMs();
      return;
    }
    if (this.problem !== went.reason) {
      this.log.warn({ channel, reason: went.reason }, "notification not delivered");
      this.problemMs = this.clock.nowMs();
    }
    this.problem = went.reason;
  }

  /** The one to be tried next: the first that is due of those whose alerts no earlier one is about, else the soonest. */
  #next(): QueuedNotification | undefined {
    const nowMs = this.clock.nowMs();
    let soonest: QueuedNotification | undefined;
    const before = new Set<string>();
    for (const message of this.#queue.values()) {
      const ids = alertsOf(message).map(({ id }) => id);
      const follows = ids.some((id) => before.has(id));
      for (const id of ids) before.add(id);
      if (follows) continue;
      if (message.dueMs <= nowMs) return message;
      if (!soonest || message.dueMs < soonest.dueMs) soonest = message;
    }
    return soonest;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(Math.max(1, Math.min(ms, IDLE_MS)), () => {
        this.#wake = undefined;
        resolve();
      });
      this.#wake = () => {
        timer[Symbol.dispose]();
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

const alertsOf = ({ body }: QueuedNotification): readonly AlertView[] =>
  (body as Partial<AlertMessage> | null)?.alerts ?? [];
