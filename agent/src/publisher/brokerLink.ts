import type { Socket } from "node:net";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import type { Logger } from "pino";
import { packLengths } from "./packLengths.js";

/** Where the broker is and how to get in. `ca` is PEM text; `rejectUnauthorized: false` accepts any certificate. */
export interface Broker {
  url: string;
  username?: string | undefined;
  password?: string | undefined;
  ca?: string | undefined;
  rejectUnauthorized?: boolean | undefined;
  /** What to do when it refuses user and password; without a secret, for the log. */
  advice?: string | undefined;
}

export interface BrokerLinkOptions {
  broker: Broker;
  clientId: string;
  /** Retained message that the broker publishes when this client vanishes. */
  will: { topic: string; payload: string };
  /** The one topic that is listened to. */
  listen: string;
  clock: Clock;
  log: Logger;
  /** Subscribed; what is published from here on can be answered. */
  onUp(): void;
  onDown(): void;
  onMessage(payload: Buffer): void;
  /** The broker has confirmed a publish: there is room for another. */
  onConfirmed(): void;
}

/** Waits between attempts: doubled from the first to the last, each ± 30 %, so that a thousand agents do not come at once. */
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 3_000;
const CONNECT_MS = 10_000;
/** A publish that the broker has not confirmed for so long means a dead connection, however open the socket looks. */
const CONFIRM_MS = 10_000;
/** Publishes that may be unconfirmed. */
const MAX_UNCONFIRMED = 256;
/**
 * With so many, or with so many bytes of them, nothing is sent that can wait: what is live goes down the same line and waits
 * behind it. The bytes fill 20 Mbit/s over a round trip of 100 ms, and keep a live batch waiting for as long at most.
 */
const UNHURRIED_UNCONFIRMED = 128;
const UNHURRIED_BYTES = 256 * 1024;

/**
 * A connection to the broker that comes back by itself. It never queues: what is published while it is down is refused, since
 * sending again is the business of the streams. Each attempt is a fresh client with a clean session, so that nothing of a former
 * connection is sent by surprise.
 */
export class BrokerLink implements Disposable {
  readonly #options: BrokerLinkOptions;
  readonly #watchdog: Timer;
  #client: MqttClient | undefined;
  #up = false;
  #closed = false;
  #waitMs = FIRST_WAIT_MS;
  #retry: Timer | undefined;
  #trouble: string | undefined;
  /** When each unconfirmed publish went out and how long it is, oldest first. */
  readonly #unconfirmed = new Map<number, { atMs: number; bytes: number }>();
  #unconfirmedBytes = 0;
  #published = 0;

  constructor(options: BrokerLinkOptions) {
    packLengths();
    this.#options = options;
    this.#watchdog = options.clock.every(1_000, () => this.#watch());
    this.#attempt();
  }

  /** Whether something can be published at this moment. */
  get ready(): boolean {
    return this.#up && this.#unconfirmed.size < MAX_UNCONFIRMED;
  }

  /** Whether something that can wait may be published without making what cannot wait behind it. */
  get unhurried(): boolean {
    return (
      this.#up &&
      this.#unconfirmed.size < UNHURRIED_UNCONFIRMED &&
      (this.#unconfirmedBytes < UNHURRIED_BYTES || this.#unconfirmed.size === 0)
    );
  }

  get up(): boolean {
    return this.#up;
  }

  /** Hands a QoS 1 message to the connection; false when it cannot take it. */
  publish(topic: string, payload: Buffer | string, retain = false): boolean {
    const client = this.#client;
    if (!client || !this.ready) return false;
    const id = this.#published++;
    const bytes = payload.length;
    this.#unconfirmed.set(id, { atMs: this.#options.clock.monoMs(), bytes });
    this.#unconfirmedBytes += bytes;
    client.publish(topic, payload, { qos: 1, retain }, () => {
      if (client !== this.#client || !this.#unconfirmed.delete(id)) return;
      this.#unconfirmedBytes -= bytes;
      this.#options.onConfirmed();
    });
    return true;
  }

  /** Publishes a last message, waits for its confirmation or `signal`, and ends. */
  async close(topic: string, payload: string, signal: AbortSignal): Promise<void> {
    this.#closed = true;
    this.#retry?.[Symbol.dispose]();
    this.#watchdog[Symbol.dispose]();
    const client = this.#client;
    if (client && this.#up)
      await new Promise<void>((done) => {
        signal.addEventListener("abort", () => done(), { once: true });
        client.publish(topic, payload, { qos: 1, retain: true }, () => client.end(false, {}, () => done()));
      });
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#up = false;
    this.#retry?.[Symbol.dispose]();
    this.#watchdog[Symbol.dispose]();
    this.#drop();
  }

  #attempt(): void {
    const { broker, listen, log } = this.#options;
    let client: MqttClient;
    try {
      client = connect(broker.url, this.#clientOptions());
    } catch (error) {
      this.#complain(error);
      this.#later();
      return;
    }
    this.#client = client;
    client.on("connect", () => {
      // Or the PUBACK of each ack makes the kernel hold the next batch back until that is confirmed, up to 40 ms.
      (client.stream as Partial<Socket>).setNoDelay?.(true);
      client.subscribe(listen, { qos: 1 }, (error, granted) => {
        if (client !== this.#client) return;
        if (error || granted?.some(({ qos }) => (qos as number) >= 128)) {
          this.#complain(error ?? new Error(`the broker does not let this agent listen to ${listen}`));
          this.#lost(client);
          return;
        }
        this.#up = true;
        this.#waitMs = FIRST_WAIT_MS;
        this.#trouble = undefined;
        log.info({ broker: printable(broker.url) }, "broker connected");
        this.#options.onUp();
      });
    });
    client.on("message", (_topic, payload) => {
      if (client === this.#client) this.#options.onMessage(payload);
    });
    client.on("error", (error) => {
      if (client === this.#client) this.#complain(error);
    });
    client.on("close", () => this.#lost(client));
  }

  #clientOptions(): IClientOptions {
    const { broker, clientId, will } = this.#options;
    return {
      protocolVersion: 4,
      clean: true,
      clientId,
      username: broker.username,
      password: broker.password,
      ca: broker.ca,
      rejectUnauthorized: broker.rejectUnauthorized ?? true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      connectTimeout: CONNECT_MS,
      keepalive: 15,
      will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true },
    };
  }

  #watch(): void {
    const [oldest] = this.#unconfirmed.values();
    if (!oldest || this.#options.clock.monoMs() - oldest.atMs < CONFIRM_MS || !this.#client) return;
    this.#complain(new Error(`the broker has confirmed nothing for ${CONFIRM_MS / 1000} s`));
    this.#lost(this.#client);
  }

  #lost(client: MqttClient): void {
    if (client !== this.#client) return;
    const was = this.#up;
    this.#up = false;
    this.#drop();
    if (was) {
      this.#options.log.warn({ broker: printable(this.#options.broker.url) }, "broker lost");
      this.#options.onDown();
    }
    this.#later();
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#unconfirmed.clear();
    this.#unconfirmedBytes = 0;
    if (!client) return;
    client.removeAllListeners();
    // A client that is thrown away may still fail; nobody is left to care.
    client.on("error", () => {});
    client.end(true);
  }

  #later(): void {
    if (this.#closed) return;
    const waitMs = this.#waitMs * (0.7 + 0.6 * Math.random());
    this.#waitMs = Math.min(LAST_WAIT_MS, this.#waitMs * 2);
    this.#retry = this.#options.clock.after(waitMs, () => this.#attempt());
  }

  #describe(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    const { username, advice } = this.#options.broker;
    if (!REFUSED.has((error as { code?: unknown }).code)) return error.message || error.name;
    const who = username === undefined ? "an agent without a user" : `user ${JSON.stringify(username)}`;
    return `the broker refuses ${who}: ${advice ?? "correct user and password"}, then start the agent again`;
  }

  /** Logs a reason once, until it is another or the connection was up in between. */
  #complain(error: unknown): void {
    const trouble = this.#describe(error);
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.log.warn({ broker: printable(this.#options.broker.url), trouble }, "broker not reachable");
  }
}

/** CONNACK codes of MQTT 3.1.1 for a wrong user or password, and for one that may not connect. */
const REFUSED = new Set<unknown>([4, 5]);

/** A URL without its user info. */
const printable = (url: string): string => url.replace(/\/\/[^@/]*@/, "//");
