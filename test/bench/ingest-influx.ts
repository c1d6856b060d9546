import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Sample } from "@hashwatt/protocol/sample";
import { addLines } from "@hashwatt/server/store/influx/lines";
import { startInfluxd } from "../support/influxd.js";
import { freePort } from "../support/ports.js";
import { againstFloor, type Bench, bounded, reported } from "./figure.js";
import { processUsage } from "./processUsage.js";
import type { PrepareOptions } from "./publisher.js";
import { openStack } from "./stack.js";
import { median, pairedRatio } from "./statistics.js";
import { startWorker, type Worker } from "./worker.js";

const RIGS = 10_000;
const PER_BATCH = 500;
const ROUND = 5 * RIGS;
const WINDOW = 64;
/** Small enough that all rounds together stay within minutes of the present, as live readings do. */
const INTERVAL_MS = 1_000;
const AGENT = "flood";

/** Payloads as the publisher left them in a file. */
function* payloads(file: string): Generator<Buffer> {
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    yield bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}

/** The lines that the server makes of the samples in those payloads. */
function linesOf(file: string, site: string, rigs: Map<string, number>): string[] {
  const lines: string[] = [];
  for (const payload of payloads(file)) {
    const batch = JSON.parse(gunzipSync(payload).toString()) as { samples: Sample[] };
    for (const { rig: handle, ...sample } of batch.samples) {
      const rig = rigs.get(handle) ?? rigs.size + 1;
      rigs.set(handle, rig);
      addLines({ rig, site, receivedMs: sample.atMs + 60, sample }, lines);
    }
  }
  return lines;
}

/**
 * Pre-encoded batches as fast as the server acknowledges them, through its embedded broker into a real InfluxDB 1.6.7; in
 * turns with the official client writing the same lines, and with the barest server on the same batches.
 */
export const bench: Bench = async ({ seconds, say }) => {
  const influxd = await startInfluxd();
  const stack = await openStack("ingest-influx");
  const agent = startWorker("publisher.ts");
  const client = startWorker("floors/influxLines.ts");
  const bare = startWorker("floors/influxSubscriber.ts");
  const bareAgent = startWorker("publisher.ts");
  try {
    const { site } = stack;
    const server = await stack.startServer({
      store: { kind: "influxdb", dataDir: join(stack.folder, "server"), influx: { url: influxd.url } },
    });
    await agent.call("connect", { url: stack.mqttUrl, site, agent: AGENT });
    await client.call("open", { url: influxd.url, database: "bare_client" });
    const port = await freePort();
    await bare.call("open", { url: influxd.url, database: "bare_server", port, site, agent: AGENT });
    await bareAgent.call("connect", { url: `mqtt://127.0.0.1:${port}`, site, agent: AGENT });

    const files = { batches: join(stack.folder, "batches"), lines: join(stack.folder, "lines") };
    const startMs = Date.now() - 240_000;
    const rigs = new Map<string, number>();
    let round = 0;
    const prepare = async (samples: number, evidence = false) => {
      const options: PrepareOptions = {
        from: 0,
        rigs: RIGS,
        samples,
        perBatch: PER_BATCH,
        kind: "scalar",
        intervalMs: INTERVAL_MS,
        startMs: startMs + round * INTERVAL_MS,
        round,
        evidence,
      };
      round += samples / RIGS;
      await agent.call("prepare", { ...options, file: files.batches });
      await bareAgent.call("prepare", options);
      writeFileSync(files.lines, linesOf(files.batches, site, rigs).join("\n"));
    };
    /** One side's turn: its samples per second, and the CPU that `pid` spent on each, µs. */
    const turn = async (pid: number, work: () => Promise<{ ms: number; samples: number }>) => {
      const before = processUsage(pid).cpuUs;
      const { ms, samples } = await work();
      return { rate: (samples / ms) * 1000, cpuUs: (processUsage(pid).cpuUs - before) / samples };
    };
    const send = (publisher: Worker) =>
      publisher.call<{ ms: number; samples: number }>("send", { window: WINDOW });
    const write = async () => {
      const { ms, lines } = await client.call<{ ms: number; lines: number }>("run", { file: files.lines });
      return { ms, samples: lines };
    };
    const all = async () => ({
      ours: await turn(server.pid, () => send(agent)),
      client: await turn(client.pid, write),
      bare: await turn(bare.pid, () => send(bareAgent)),
    });

    say("identities, series and warm-up");
    await prepare(2 * RIGS, true);
    await all();
    await prepare(ROUND);
    await all();
    const rounds: Awaited<ReturnType<typeof all>>[] = [];
    let rssMb = 0;
    const endMs = performance.now() + seconds * 1_000;
    while (rounds.length < 3 || (performance.now() < endMs && rounds.length < 20)) {
      await prepare(ROUND);
      rounds.push(await all());
      rssMb = Math.max(rssMb, processUsage(server.pid).rssMb);
    }
    const rates = (side: "ours" | "client" | "bare") => rounds.map((one) => one[side].rate);
    const cpu = (side: "ours" | "client" | "bare") => rounds.map((one) => one[side].cpuUs);
    return [
      againstFloor(
        "samples of 12 scalars",
        median(rates("ours")),
        median(rates("client")),
        "samples/s",
        { atLeast: 0.5 },
        {
          ratio: pairedRatio(rates("ours"), rates("client")),
          note: `${rounds.length} rounds of ${ROUND} samples in batches of ${PER_BATCH}; its floor is the official client writing the same lines`,
        },
      ),
      againstFloor(
        "server CPU per sample",
        median(cpu("ours")),
        median(cpu("bare")),
        "µs",
        { atMost: 2.5 },
        {
          ratio: pairedRatio(cpu("ours"), cpu("bare")),
          note: "its floor takes the same batches over MQTT, parses them and writes them with the official client",
        },
      ),
      bounded("server RSS", rssMb, "MB", { atMost: 250 }),
      reported("server RSS at its highest", processUsage(server.pid).peakRssMb, "MB"),
      reported("samples through the barest server", median(rates("bare")), "samples/s"),
      reported("CPU of the official client per line", median(cpu("client")), "µs"),
    ];
  } finally {
    for (const worker of [agent, bareAgent, client, bare]) await worker.stop();
    await stack.close();
    await influxd[Symbol.asyncDispose]();
  }
};
