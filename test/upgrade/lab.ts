import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { connectAsync, type MqttClient } from "mqtt";

/** A message as it went over the broker. */
export interface Message {
  topic: string;
  retain: boolean;
  /** base64 */
  payload: string;
}

const SITE = "south";
const AGENT = "lab";
/** Of one kind, agent and stream so many messages are kept. */
const KEPT = 3;

const evidence: Evidence = {
  address: "10.9.0.1",
  port: 4028,
  hostname: "bench-1",
  make: "Goldshell",
  model: "LT6",
  firmware: "2.2.3",
  apiVersion: "1.0",
  dialect: "lab",
  algo: "Scrypt",
  nominalThs: 0.00335,
  boardSerials: [{ slot: 0, serial: "B-1" }],
  pools: [{ url: "stratum+tcp://pool.example:3333", user: "bench.1", status: "Alive", active: true }],
};

/** A sample with every key of the contract. */
const sample = (atMs: number): Sample => ({
  ...{ rig: "10-9-0-1", atMs, intervalMs: 10_000, pollMs: 41.5, status: "mining", algo: "Scrypt" },
  ...{ hashrateThs: 0.0033, hashrateWindowS: 5, hashrateAvgThs: 0.0032, targetThs: 0.0034 },
  ...{ powerW: 3_180, powerSource: "meter", powerLimitW: 3_400, powerMode: "eco" },
  ...{ inletTempC: 21.5, outletTempC: 48.25, coolantTempC: 33, psuTempC: 52, boardTempC: 61, chipTempC: 72 },
  ...{ boardLimitC: 90, chipLimitC: 100, fansRpm: [4_200, 4_260, 4_180, 4_300, 2_900], fanDutyRatio: 0.6 },
  boards: [0, 1].map((slot) => ({
    ...{ slot, hashrateThs: 0.00165, boardTempC: 60 + slot, chipTempC: 71 + slot, chips: 48 },
    ...{ chipsExpected: 48, hwErrors: 3 + slot, frequencyMHz: 700, voltageV: 12.25 },
  })),
  shares: { accepted: 100, rejected: 1, stale: 2, acceptedDiff: 5_000, rejectedDiff: 50 },
  pool: "stratum+tcp://pool.example:3333",
  uptimeS: 86_400,
  faults: [{ code: "E7", text: "fan 4 is slow" }],
  clock: "unsure",
});

/**
 * An agent by hand, which says what the simulated rigs do not: every key of the contract, lost batches, a rig that becomes
 * another, a stamp that cannot be true. It also listens to everybody and keeps some messages of each kind.
 */
export class Lab {
  readonly messages: Message[] = [];
  /** Newest seq that the server has acknowledged, by stream. */
  readonly acked = new Map<string, number>();
  readonly #kept = new Map<string, number>();

  private constructor(private readonly client: MqttClient) {
    client.on("message", (topic, payload, { retain }) => this.#heard(topic, payload, retain));
    client.on("error", () => {});
  }

  static async join(url: string): Promise<Lab> {
    const client = await connectAsync(url, {
      ...{ protocolVersion: 4, clientId: `hashwatt-${SITE}-${AGENT}`, reconnectPeriod: 200 },
    });
    const lab = new Lab(client);
    await client.subscribeAsync("hashwatt/v1/#", { qos: 1 });
    return lab;
  }

  /** Publishes a batch of its own. */
  async say(batch: {
    stream: string;
    seq: number;
    first: number;
    nowMs: number;
    live?: boolean;
    atMs?: number;
    evidence?: Partial<Evidence>;
  }): Promise<void> {
    const { stream, seq, first, nowMs, live = true, atMs = nowMs } = batch;
    const told = batch.evidence && { rigs: { "10-9-0-1": { ...evidence, ...batch.evidence } } };
    const head = { v: 1, stream, live, seq, first, boot: "labboot", monoMs: 1_000 * seq, sentMs: nowMs };
    const json = JSON.stringify({ ...head, ...told, samples: [sample(atMs)] });
    await this.client.publishAsync(`hashwatt/v1/${SITE}/agent/${AGENT}/batch`, json, { qos: 1 });
  }

  async leave(): Promise<void> {
    await this.client.endAsync(true);
  }

  #heard(topic: string, payload: Buffer, retain: boolean): void {
    const kind = topic.split("/").at(-1) ?? "";
    let key = topic;
    if (kind === "ack") {
      const ack = JSON.parse(payload.toString()) as { stream: string; seq: number };
      this.acked.set(ack.stream, ack.seq);
      key += Object.keys(ack).join();
    } else if (kind === "status") key += (JSON.parse(payload.toString()) as { state: string }).state;
    const kept = this.#kept.get(key) ?? 0;
    if (kept >= (kind === "batch" ? 3 * KEPT : KEPT) || kind === "state") return;
    this.#kept.set(key, kept + 1);
    this.messages.push({ topic, retain, payload: payload.toString("base64") });
  }
}
