import { createServer, type Server, type Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import type { Sample } from "@hashwatt/protocol/sample";
import {
  type Ack,
  type AgentStatus,
  agentStatusSchema,
  type ParsedBatch,
  parseBatch,
} from "@hashwatt/protocol/topics";
import { Aedes } from "aedes";

const PREFIX = "hashwatt/v1/hall/agent/a1";

/** A real broker on 127.0.0.1 that can go away and come back at the same port, and a server that stores what it is told. */
export class AckingBroker {
  port = 0;
  #aedes: Aedes | undefined;
  #net: Server | undefined;
  readonly #sockets = new Set<Socket>();
  /** Every batch that arrived, in order. */
  readonly batches: ParsedBatch[] = [];
  readonly statuses: AgentStatus[] = [];
  readonly payloads: Buffer[] = [];
  /** What the batches should not have held. */
  readonly refused: string[] = [];
  /** Whether a server is there to store and acknowledge. */
  serving = true;
  /** Milliseconds that the server's clock is ahead. */
  aheadMs = 0;
  password: string | undefined;
  /** What another version of the server makes of an ack. */
  dress: (ack: Ack) => object = (ack) => ack;
  readonly #stored = new Map<string, number>();
  /** Samples as stored: accepted by the rule, in order. */
  readonly stored: { sample: Sample; live: boolean }[] = [];

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    aedes.authenticate = (_client, _user, password, done) =>
      done(null, this.password === undefined || password?.toString() === this.password);
    aedes.on("publish", (packet) => {
      const payload = packet.payload as Buffer;
      if (packet.topic === `${PREFIX}/status`)
        this.statuses.push(agentStatusSchema.parse(JSON.parse(payload.toString())));
      if (packet.topic === `${PREFIX}/batch`) this.#batch(payload);
    });
    this.#aedes = aedes;
    this.#net = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    const net = this.#net;
    await new Promise<void>((done) => net.listen(this.port, "127.0.0.1", done));
    this.port = (net.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((done) => (this.#net ? this.#net.close(() => done()) : done()));
    await new Promise<void>((done) => (this.#aedes ? this.#aedes.close(() => done()) : done()));
    this.#net = undefined;
    this.#aedes = undefined;
  }

  ack(stream: string, seq: number, more: { rewind?: boolean; resumed?: boolean } = {}): void {
    const ack = JSON.stringify(this.dress({ stream, seq, serverMs: Date.now() + this.aheadMs, ...more }));
    this.#aedes?.publish(
      { cmd: "publish", topic: `${PREFIX}/ack`, payload: ack, qos: 1, dup: false, retain: false },
      () => {},
    );
  }

  retained(): AgentStatus | undefined {
    return this.statuses.at(-1);
  }

  #batch(payload: Buffer): void {
    this.payloads.push(payload);
    const json = payload[0] === 0x1f ? gunzipSync(payload) : payload;
    const batch = parseBatch(JSON.parse(json.toString()));
    this.refused.push(...batch.refused);
    this.batches.push(batch);
    if (!this.serving) return;
    const stored = this.#stored.get(batch.stream);
    const next = (stored ?? batch.first - 1) + 1;
    if (batch.seq > next && batch.seq !== batch.first) this.ack(batch.stream, stored ?? 0, { rewind: true });
    else if (batch.seq < next) this.ack(batch.stream, next - 1);
    else {
      this.#stored.set(batch.stream, batch.seq);
      for (const sample of batch.samples) this.stored.push({ sample, live: batch.live });
      this.ack(batch.stream, batch.seq);
    }
  }
}
