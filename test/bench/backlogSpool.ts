import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { configSchema } from "@hashwatt/agent/config";
import { openRigLinks } from "@hashwatt/agent/links/rigLinks";
import { startPublisher } from "@hashwatt/agent/publisher/publisher";
import { readRig } from "@hashwatt/agent/readRig";
import { newRigSession } from "@hashwatt/agent/rigSession";
import { parseRecords } from "@hashwatt/agent/spool/record";
import { toEvidence } from "@hashwatt/agent/toSample";
import type { Evidence } from "@hashwatt/protocol/sample";
import { fakeClock, systemClock } from "@hashwatt/protocol/time";
import { agentTopic, type Batch } from "@hashwatt/protocol/topics";
import { Aedes } from "aedes";
import { pino } from "pino";
import { freePort } from "../support/ports.js";
import { type Backlog, readingOf } from "./backlogTruth.js";
import { serve } from "./worker.js";

/** How far the clock of the fill moves between two turns, ms: no batch of an outage is shorter. */
const STEP_MS = 250;
/** Steps after which sockets get a turn: the agent goes on trying to reach its broker. */
const BREATH_STEPS = 1_000;

/** What a fill is asked for. */
export interface Fill extends Backlog {
  dataDir: string;
  site: string;
  agent: string;
  /** Where the rigs answer, in the order of their handles: what identifies them is asked there. */
  hosts: readonly string[];
  port: number;
}

/** What a fill left behind. */
export interface Filled {
  stream: string;
  records: number;
  samples: number;
  bytes: number;
  segments: string[];
}

/** Evidence of the rigs as their agent would send it. */
async function evidenceOf(hosts: readonly string[], port: number): Promise<Evidence[]> {
  const links = openRigLinks(systemClock, {}, new AbortController().signal);
  const all: Evidence[] = [];
  for (const host of hosts) {
    const { reading } = await readRig(newRigSession(host, port), links, systemClock, true);
    all.push(toEvidence(host, port, reading));
  }
  return all;
}

/** A broker at which somebody acknowledges whatever comes. */
async function openBroker(site: string, agent: string, nowMs: () => number) {
  const port = await freePort();
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const net = createServer((socket) => {
    sockets.add(socket);
    aedes.handle(socket);
  });
  aedes.on("publish", ({ topic, payload }) => {
    if (topic !== agentTopic(site, agent, "batch")) return;
    const { stream, seq } = JSON.parse(gunzipSync(payload as Buffer).toString()) as Batch;
    const ack = JSON.stringify({ stream, seq, serverMs: Math.round(nowMs()) });
    const packet = { cmd: "publish", qos: 1, dup: false, retain: false } as const;
    aedes.publish({ ...packet, topic: agentTopic(site, agent, "ack"), payload: ack }, () => undefined);
  });
  await new Promise<void>((resolve) => net.listen(port, "127.0.0.1", resolve));
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => net.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}

const turn = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

serve({
  /**
   * The agent's own publisher and spool through the time of the backlog, on a clock that is wound: it hears its server once, so
   * that it knows the offset of its clock, and then its broker is gone until the end.
   */
  async fill(fill: Fill): Promise<Filled> {
    const { dataDir, site, agent, hosts, port, handles, fromMs, intervalMs, rounds } = fill;
    const evidence = await evidenceOf(hosts, port);
    const clock = fakeClock(fromMs - 1_000);
    const broker = await openBroker(site, agent, () => clock.nowMs());
    const { batchMs, batchSamples, gzip, spool } = configSchema.parse({ site, agent });
    const publisher = await startPublisher({
      config: {
        site,
        agent,
        broker: { url: `mqtt://127.0.0.1:${broker.port}` },
        dataDir,
        batchMs,
        batchSamples,
        gzip,
        spool,
      },
      clock,
      log: pino({ enabled: false }),
      version: "0.0.0",
      rigCounts: () => ({ mining: handles.length }),
      signal: new AbortController().signal,
    });
    for (const untilMs = performance.now() + 30_000; publisher.stats().acks === 0; await turn(2)) {
      if (performance.now() > untilMs) throw new Error("the greeting was not acknowledged");
      await clock.advance(1);
    }
    await broker.close();
    await clock.advance(fromMs - clock.nowMs());

    let [n, k, steps] = [0, 0, 0];
    let due = readingOf(fill, n, k);
    while (k < rounds) {
      await clock.advance(STEP_MS);
      for (; k < rounds && due.atMs < clock.nowMs(); due = readingOf(fill, n, k)) {
        publisher.push(due, evidence[n]!);
        if (++n === handles.length) [n, k] = [0, k + 1];
      }
      if (++steps % BREATH_STEPS === 0) await turn(0);
    }
    await clock.advance(intervalMs);
    await publisher.close();
    return found(join(dataDir, "spool"));
  },
});

/** What lies in a spool's folder. */
function found(folder: string): Filled {
  const segments = readdirSync(folder).filter((name) => name.endsWith(".seg"));
  const filled: Filled = { stream: "", records: 0, samples: 0, bytes: 0, segments };
  for (const name of segments)
    for (const { record, length } of parseRecords(readFileSync(join(folder, name)), true).found) {
      if (!record.samples) continue;
      if (filled.stream && filled.stream !== record.stream) throw new Error("the spool holds two streams");
      filled.stream = record.stream;
      filled.records++;
      filled.samples += record.samples;
      filled.bytes += length;
    }
  return filled;
}
