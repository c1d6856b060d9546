import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import { ROOT } from "@hashwatt/protocol/topics";
import { type ClientSubscribeCallback, connect, type IClientOptions, type MqttClient } from "mqtt";
import type { Logger } from "pino";
import { ServerError } from "../error.js";
import { packLengths } from "./packLengths.js";

/** How to reach a broker. A URL of `mqtts:` is TLS; `ca` is a file of certificates to trust besides the system's. */
export interface BrokerAddress {
  url: string;
  username?: string;
  password?: string;
  ca?: string;
  /** False accepts any certificate. */
  rejectUnauthorized?: boolean;
  /** The sites to listen to; absent = all. */
  sites?: readonly string[];
  /** Topics of meters to listen to besides. */
  meters?: readonly string[] | undefined;
}

const topicsOf = (sites: readonly string[] = ["+"]): string[] =>
  sites.flatMap((site) => [`${ROOT}/${site}/agent/+/batch`, `${ROOT}/${site}/agent/+/status`]);
/** A subscription of all would be larger than some brokers take. */
const METERS_AT_ONCE = 200;
/** What a broker answers for a topic that it refuses (MQTT 3.1.1, 3.9.3). */
const REFUSED = 128;
const RECONNECT_MS = 1_000;
/** A broker that refuses a subscription is asked again after this, and after twice as long each time, up to a minute. */
const FIRST_AGAIN_MS = 2_000;
const MAX_AGAIN_MS = 60_000;
const CONNECT_MS = 10_000;
const KEEPALIVE_S = 20;
/** Messages to publish that may wait for the broker; what goes beyond is dropped, and acks are asked for again. */
const MAX_OUTGOING = 5_000;

/** What the link tells. */
export interface LinkEvents {
  /** Takes one message. While the returned promise is pending no further message is taken. */
  message(topic: string, payload: Buffer, retained: boolean): Promise<void>;
  /** Subscribed: agents are heard from now on. */
  up(): void;
  down(): void;
}

/** The server's session with its broker: clean, so that nothing of an earlier life is delivered; comes back by itself. */
export class BrokerLink {
  readonly #client: MqttClient;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #topics: readonly string[];
  readonly #meters: readonly string[];
  /** Topics of meters to which this session is not subscribed yet. */
  readonly #unheard = new Set<string>();
  #refusals = 0;
  #again: Timer | undefined;
  #up = false;
  #closing = false;
  #outgoing = 0;
  /** Why there is no session; undefined while there is. */
  problem: string | undefined = "connecting";
  dropped = 0;

  constructor(address: BrokerAddress, events: LinkEvents, clock: Clock, log: Logger) {
    packLengths();
    this.#clock = clock;
    this.#log = log;
    this.#topics = topicsOf(address.sites);
    this.#meters = address.meters ?? [];
    this.#client = connect(address.url, optionsOf(address));
    // Called before the PUBACK and not again until `done`: the broker holds back what cannot be taken yet.
    this.#client.handleMessage = (packet, done) => {
      const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
      events.message(packet.topic, payload, packet.retain === true).then(
        () => done(),
        (error: unknown) => {
          log.error({ err: error }, "message handler failed");
          done();
        },
      );
    };
    this.#client.on("connect", () => {
      // Small packets at once: held back for the peer's delayed ACK each would be 40 ms late.
      const { stream } = this.#client;
      if (stream instanceof Socket) stream.setNoDelay(true);
      for (const topic of this.#meters) this.#unheard.add(topic);
      this.#refusals = 0;
      this.#subscribe(events);
    });
    this.#client.on("close", () => this.#down(events, "the broker cannot be reached"));
    this.#client.on("error", (error) => this.#down(events, describe(error)));
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** Publishes at QoS 1 (an empty text as it is, which takes a retained message back); dropped while there is no session, since a new one begins with every ack anyway. */
  publish(topic: string, body: unknown, retain: boolean): void {
    if (!this.#up || this.#outgoing >= MAX_OUTGOING) {
      this.dropped++;
      return;
    }
    this.#outgoing++;
    this.#client.publish(topic, body === "" ? "" : JSON.stringify(body), { qos: 1, retain }, () => {
      this.#outgoing--;
    });
  }

  /** Publishes one message at QoS 1, not retained; resolves with whether the broker has taken it. */
  send(topic: string, body: unknown): Promise<boolean> {
    if (!this.#up || this.#outgoing >= MAX_OUTGOING) return Promise.resolve(false);
    this.#outgoing++;
    return new Promise((resolve) => {
      this.#client.publish(topic, JSON.stringify(body), { qos: 1 }, (error) => {
        this.#outgoing--;
        resolve(!error);
      });
    });
  }

  /** Takes no more messages: what comes is let go, and the agents, which get no ack for it, send it again. */
  stopListening(): void {
    this.#client.handleMessage = (_packet, done) => done();
  }

  /** Waits until what was published has left, at most `ms`, and ends the session. */
  async close(ms: number): Promise<void> {
    this.#closing = true;
    this.#again?.[Symbol.dispose]();
    await new Promise<void>((resolve) => {
      let timer: Timer | undefined;
      const done = () => {
        timer?.[Symbol.dispose]();
        resolve();
      };
      timer = this.#clock.after(ms, done);
      if (this.#up) this.#client.end(false, {}, done);
      else done();
    });
    this.#client.end(true);
  }

  /** Subscribes to what this session does not hear yet. */
  #subscribe(events: LinkEvents): void {
    this.#again?.[Symbol.dispose]();
    this.#again = undefined;
    const isFirst = this.#refusals === 0;
    if (!this.#up)
      this.#client.subscribe([...this.#topics], { qos: 1 }, (error, _granted, packet) => {
        const [refused] = refusedOf(this.#topics, packet);
        if (error || refused !== undefined) {
          const which = refused ?? this.#topics.join(", ");
          this.#down(events, `the broker refuses the subscription to ${which}`);
          return this.#subscribeLater(events);
        }
        if (this.#up) return;
        this.#up = true;
        this.problem = undefined;
        this.#log.info("broker connected");
        events.up();
      });
    // Apart from the agents' topics, which must not be lost for a meter's.
    const meters = [...this.#unheard];
    for (let at = 0; at < meters.length; at += METERS_AT_ONCE)
      this.#subscribeMeters(meters.slice(at, at + METERS_AT_ONCE), events, isFirst);
  }

  #subscribeMeters(topics: string[], events: LinkEvents, isFirst: boolean): void {
    this.#client.subscribe(topics, { qos: 0 }, (error, _granted, packet) => {
      const refused = new Set(error && !packet ? topics : refusedOf(topics, packet));
      for (const topic of topics) if (!refused.has(topic)) this.#unheard.delete(topic);
      if (this.#closing || !refused.size) return;
      if (isFirst)
        this.#log.warn(
          { topics: [...refused].slice(0, 10) },
          "the broker refuses topics of meters: let the server's user read them",
        );
      this.#subscribeLater(events);
    });
  }

  /** What a broker refuses it may allow later: it is asked again for as long as the session lasts; the next one asks for all. */
  #subscribeLater(events: LinkEvents): void {
    if (this.#closing || this.#again || !this.#client.connected) return;
    const ms = Math.min(MAX_AGAIN_MS, FIRST_AGAIN_MS * 2 ** this.#refusals++);
    this.#again = this.#clock.after(ms, () => {
      this.#again = undefined;
      if (this.#client.connected) this.#subscribe(events);
    });
  }

  #down(events: LinkEvents, why: string): void {
    if (this.#closing) return;
    const wasUp = this.#up;
    this.#up = false;
    // "close" follows every error and knows less than it.
    if (this.problem === undefined || why !== "the broker cannot be reached") {
      if (this.problem !== why) this.#log.warn({ why }, "broker not reachable");
      this.problem = why;
    }
    if (wasUp) events.down();
  }
}

/** Those of some topics that the broker's answer to their subscription refuses. */
const refusedOf = (topics: readonly string[], answer: Parameters<ClientSubscribeCallback>[2]): string[] =>
  topics.filter((_, at) => answer?.granted[at] === REFUSED);

function optionsOf(address: BrokerAddress): IClientOptions {
  return {
    protocolVersion: 4,
    clean: true,
    // Servers in containers all have the same process number, and of two sessions of one name a broker ends the older.
    clientId: `hashwatt-server-${randomUUID().slice(0, 8)}`,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_MS,
    keepalive: KEEPALIVE_S,
    resubscribe: false,
    queueQoSZero: false,
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.ca !== undefined && { ca: readCa(address.ca) }),
    ...(address.rejectUnauthorized !== undefined && { rejectUnauthorized: address.rejectUnauthorized }),
  };
}

function readCa(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ServerError("config", `broker.caFile: the file ${path} cannot be read`, { cause });
  }
}

/** One line about a failed connection. */
function describe(error: Error & { code?: unknown }): string {
  if (error.code === 4 || error.code === 5)
    return "the broker refuses user or password: check broker.username and broker.password";
  return `the broker cannot be reached (${typeof error.code === "string" ? error.code : error.message})`;
}

/** Tries one session with a broker. Resolves with what is wrong, undefined when all is well. */
export async function probeBroker(
  address: BrokerAddress,
  clock: Clock,
  ms: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const client = connect(address.url, {
      ...optionsOf(address),
      reconnectPeriod: 0,
      clientId: `hashwatt-doctor-${randomUUID().slice(0, 8)}`,
    });
    const end = (why: string | undefined) => {
      timer[Symbol.dispose]();
      client.end(true);
      resolve(why);
    };
    const timer = clock.after(ms, () => end(`no answer within ${ms / 1_000} s`));
    client.once("connect", () => end(undefined));
    client.on("error", (error) => end(describe(error)));
  });
}
