import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Sample } from "@hashwatt/protocol/sample";
import { agentTopic, type Batch } from "@hashwatt/protocol/topics";
import { connectAsync, type MqttClient } from "mqtt";
import { evidenceOf, fullSample, handleOf, scalarSample } from "./samples.js";
import { serve } from "./worker.js";

/**
 * Plays an agent with batches made beforehand, so that what it costs to make them stands in no measurement: one stream,
 * QoS 1, a window of batches that are sent and not yet acknowledged.
 */
export interface PrepareOptions {
  /** Rigs `from` … `from + rigs − 1` report in turn. */
  from: number;
  rigs: number;
  samples: number;
  perBatch: number;
  kind: "scalar" | "full";
  intervalMs: number;
  /** Instant of the first sample; it moves on by `intervalMs` with each round of the rigs. */
  startMs: number;
  /** Number of the first round, so that values go on where a former preparation ended. */
  round: number;
  /** Tells who the rigs are, as the first batches of a stream do. */
  evidence?: boolean;
  /** Every board and chip is so much hotter than it would be, °C. */
  hotterC?: number;
  /** Also written here, each payload behind its length (uint32 LE), for a floor to read. */
  file?: string;
}

let client: MqttClient;
let topic = "";
let stream = randomUUID();
let boot = randomUUID();
let nextSeq = 1;
let acked = 0;
let onAck: (() => void) | undefined;
let ready: { seq: number; samples: number; payload: Buffer }[] = [];

function prepare(options: PrepareOptions): { batches: number; samples: number; bytes: number } {
  const { from, rigs, samples, perBatch, intervalMs, startMs, round, hotterC = 0 } = options;
  const make = options.kind === "full" ? fullSample : scalarSample;
  ready = [];
  for (let at = 0; at < samples; at += perBatch) {
    const count = Math.min(perBatch, samples - at);
    const batch: Batch = {
      v: 1,
      stream,
      live: true,
      seq: nextSeq++,
      first: 1,
      boot,
      monoMs: performance.now(),
      sentMs: Date.now(),
      samples: Array.from({ length: count }, (_, i) => {
        const k = Math.floor((at + i) / rigs);
        const n = from + ((at + i) % rigs);
        return hotter(make(n, round + k, startMs + k * intervalMs + (n % 1_000), intervalMs), hotterC);
      }),
    };
    if (options.evidence)
      batch.rigs = Object.fromEntries(
        Array.from({ length: count }, (_, i) => from + ((at + i) % rigs)).map((n) => [
          handleOf(n),
          evidenceOf(n),
        ]),
      );
    ready.push({ seq: batch.seq, samples: count, payload: gzipSync(JSON.stringify(batch), { level: 1 }) });
  }
  if (options.file) {
    const parts = ready.flatMap(({ payload }) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(payload.length);
      return [length, payload];
    });
    writeFileSync(options.file, Buffer.concat(parts));
  }
  return {
    batches: ready.length,
    samples,
    bytes: ready.reduce((sum, { payload }) => sum + payload.length, 0),
  };
}

/** A reading whose every board and chip is so much hotter. */
function hotter(sample: Sample, byC: number): Sample {
  if (byC === 0) return sample;
  const more = (tempC: number | undefined) => (tempC === undefined ? undefined : tempC + byC);
  const { boardTempC, chipTempC, boards } = sample;
  return {
    ...sample,
    boardTempC: more(boardTempC),
    chipTempC: more(chipTempC),
    boards: boards?.map((board) => ({
      ...board,
      boardTempC: more(board.boardTempC),
      chipTempC: more(board.chipTempC),
    })),
  };
}

/** Resolves once the server has acknowledged `seq`; rejects after `timeoutMs` without any progress. */
async function ackOf(seq: number, timeoutMs = 20_000): Promise<void> {
  while (acked < seq) {
    const before = acked;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no acknowledgement within ${timeoutMs} ms; ${before} of ${seq} came`)),
        timeoutMs,
      );
      onAck = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

serve({
  async connect({ url, site, agent }: { url: string; site: string; agent: string }) {
    client = await connectAsync(url, { protocolVersion: 4, clientId: agent, reconnectPeriod: 0 });
    topic = agentTopic(site, agent, "batch");
    const ackTopic = agentTopic(site, agent, "ack");
    client.on("message", (_topic, payload) => {
      const ack = JSON.parse(payload.toString()) as { stream: string; seq: number; rewind?: boolean };
      if (ack.stream !== stream) return;
      if (ack.rewind) throw new Error(`the server asks to rewind to ${ack.seq}`);
      acked = Math.max(acked, ack.seq);
      onAck?.();
    });
    await client.subscribeAsync(ackTopic, { qos: 1 });
  },
  prepare,
  /** Starts a new stream. */
  restart() {
    stream = randomUUID();
    boot = randomUUID();
    nextSeq = 1;
    acked = 0;
  },
  /** Sends what was prepared as fast as the window allows; resolves when the last of it is acknowledged. */
  async send({ window }: { window: number }) {
    const startedMs = performance.now();
    for (const batch of ready) {
      await ackOf(batch.seq - window);
      client.publish(topic, batch.payload, { qos: 1 });
    }
    await ackOf(ready.at(-1)!.seq);
    return { ms: performance.now() - startedMs, samples: ready.reduce((sum, b) => sum + b.samples, 0) };
  },
  /**
   * Sends new readings of `rigs` rigs as a fleet does: each rig once per interval, in a batch every `batchMs`, until
   * told to stop.
   */
  pace(options: { rigs: number; intervalMs: number; batchMs: number; kind: "scalar" | "full" }) {
    const { rigs, intervalMs, batchMs, kind } = options;
    const make = kind === "full" ? fullSample : scalarSample;
    const startedMs = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedMs) / intervalMs) * rigs);
      if (due === sent || nextSeq - acked > 256) return;
      const samples = [];
      for (; sent < due && samples.length < 500; sent++)
        samples.push(make(sent % rigs, Math.floor(sent / rigs), Date.now(), intervalMs));
      const batch: Batch = {
        v: 1,
        stream,
        live: true,
        seq: nextSeq++,
        first: Math.min(acked + 1, nextSeq - 1),
        boot,
        monoMs: performance.now(),
        sentMs: Date.now(),
        samples,
      };
      client.publish(topic, gzipSync(JSON.stringify(batch), { level: 1 }), { qos: 1 });
    }, batchMs);
    stopPacing = () => clearInterval(timer);
  },
  stopPace: () => stopPacing(),
});

let stopPacing = () => {};
