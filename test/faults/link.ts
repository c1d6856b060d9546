import { createServer, connect as openTcp, type Server, type Socket } from "node:net";
import { MqttFrames, PUBACK, PUBLISH, typeOf } from "./mqttFrames.js";
import type { Seeded } from "./seeded.js";

/** What a link does to what passes; each part on its own is harmless when absent. */
export interface Weather {
  /** One way, ms. */
  delayMs?: number;
  /** Bandwidth of each direction, all connections together. */
  bytesPerS?: number;
  /** Share of PUBLISH and PUBACK packets that vanish. */
  loss?: number;
  /** Share of PUBLISH packets that come twice. */
  doubling?: number;
}

/** What runs over a link: of MQTT it can lose and double packets, of anything else only slow and cut the bytes. */
export type Speech = "mqtt" | "bytes";

/** A TCP way between a client and a server that can be cut and slowed, and made to lose and double MQTT packets. */
export interface Link {
  readonly port: number;
  /** How many packets vanished and came twice so far. */
  readonly lost: number;
  readonly doubled: number;
  /** Bytes that clients have sent and got through it, protocol and all. */
  readonly bytes: { up: number; down: number };
  weather(weather: Weather): void;
  /** Cuts every connection; until `mend` new ones are refused. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

interface LinkState {
  weather: Weather;
  lost: number;
  doubled: number;
  readonly bytes: { up: number; down: number };
  readonly random: Seeded;
  readonly speech: Speech;
}

/** Packets under way in one direction before no more are read. */
const MOST_WAITING = 64;

/** One direction of one connection: packets in order, each after its delay and as fast as the bandwidth allows. */
class Lane {
  readonly #frames = new MqttFrames();
  readonly #waiting: { dueMs: number; packet: Buffer }[] = [];
  #freeMs = 0;
  #dueMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly link: LinkState,
  ) {}

  take(chunk: Buffer): void {
    const { link } = this;
    if (link.speech === "bytes") {
      this.#send(chunk);
      return;
    }
    for (const packet of this.#frames.push(chunk)) {
      const type = typeOf(packet);
      const { loss = 0, doubling = 0 } = link.weather;
      if ((type === PUBLISH || type === PUBACK) && link.random.next() < loss) {
        link.lost++;
        continue;
      }
      this.#send(packet);
      if (type === PUBLISH && link.random.next() < doubling) {
        link.doubled++;
        const again = Buffer.from(packet);
        // A packet of QoS 1 that is sent again says so (§3.3.1.1).
        if ((again[0] as number) & 0b110) again[0] = (again[0] as number) | 0b1000;
        this.#send(again);
      }
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #send(packet: Buffer): void {
    const { delayMs = 0, bytesPerS } = this.link.weather;
    const nowMs = performance.now();
    const startMs = Math.max(nowMs, this.#freeMs);
    this.#freeMs = bytesPerS === undefined ? startMs : startMs + (packet.length / bytesPerS) * 1_000;
    this.#dueMs = Math.max(this.#dueMs, this.#freeMs + delayMs);
    if (!this.#waiting.length && this.#dueMs <= nowMs) {
      this.to.write(packet);
      return;
    }
    this.#waiting.push({ dueMs: this.#dueMs, packet });
    if (this.#waiting.length >= MOST_WAITING) this.from.pause();
    this.#timer ??= setTimeout(() => this.#deliver(), this.#dueMs - nowMs);
  }

  #deliver(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (let head = this.#waiting[0]; head && head.dueMs <= nowMs + 0.5; head = this.#waiting[0]) {
      this.#waiting.shift();
      if (!this.to.destroyed) this.to.write(head.packet);
    }
    const [head] = this.#waiting;
    if (this.#waiting.length < MOST_WAITING) this.from.resume();
    if (head) this.#timer = setTimeout(() => this.#deliver(), head.dueMs - nowMs);
  }
}

/** Opens a link to `target` on 127.0.0.1. */
export async function openLink(
  port: number,
  target: number,
  random: Seeded,
  speech: Speech = "mqtt",
): Promise<Link> {
  const state: LinkState = { weather: {}, lost: 0, doubled: 0, bytes: { up: 0, down: 0 }, random, speech };
  const sockets = new Set<Socket>();
  let isCut = false;
  const join = (client: Socket): void => {
    if (isCut) {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const broker = openTcp(target, "127.0.0.1");
    const both = [client, broker];
    const end = () => {
      for (const lane of [up, down]) lane.stop();
      for (const socket of both) {
        sockets.delete(socket);
        socket.destroy();
      }
    };
    const up = new Lane(client, broker, state);
    const down = new Lane(broker, client, state);
    for (const socket of both) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", end);
      socket.on("close", end);
    }
    client.on("data", (chunk) => {
      state.bytes.up += chunk.length;
      up.take(chunk);
    });
    broker.on("data", (chunk) => {
      state.bytes.down += chunk.length;
      down.take(chunk);
    });
  };
  const server: Server = createServer(join);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const cutAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  return {
    port,
    get lost() {
      return state.lost;
    },
    get doubled() {
      return state.doubled;
    },
    get bytes() {
      return state.bytes;
    },
    weather(weather) {
      state.weather = weather;
    },
    cut() {
      isCut = true;
      cutAll();
    },
    mend() {
      isCut = false;
    },
    async close() {
      cutAll();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
