import { type FleetDelta, LIVE_COLUMNS, type ServerFrame } from "@hashwatt/protocol/live";
import { WebSocket } from "ws";
import { freePort } from "../support/ports.js";
import { loopbackAddresses } from "./addresses.js";
import { ageMs, preciseNowMs } from "./clockRigs.js";
import { type Bench, bounded, type Figure, reported } from "./figure.js";
import { openStack } from "./stack.js";
import { quantile } from "./statistics.js";
import { startWorker } from "./worker.js";

const RIGS = 1_000;
const INTERVAL_MS = 5_000;
const HASHRATE = 1 + LIVE_COLUMNS.indexOf("hashrateThs");

/** What was measured: `ages` of readings, and how late a bare timer of this process was at the same time, ms. */
interface Measured {
  ages: number[];
  lateness: number[];
}

const TIMER_MS = 5;

/** Ages of the readings that a client of `/live` is told during `ms`; a row that repeats a reading is not counted. */
async function agesOf(url: string, ms: number): Promise<Measured> {
  const ages: number[] = [];
  const lateness: number[] = [];
  let due = performance.now() + TIMER_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lateness.push(Math.max(0, now - due));
    due = now + TIMER_MS;
  }, TIMER_MS);
  const last = new Map<unknown, unknown>();
  let counting = false;
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/live`, { origin: url });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString()) as ServerFrame;
      if (frame.t === "hello") socket.send(JSON.stringify({ op: "subscribe", channel: "fleet" }));
      else if (frame.t === "snap" && !counting) {
        counting = true;
        setTimeout(resolve, ms);
      } else if (frame.t === "delta" && frame.ch === "fleet")
        for (const row of (frame.data as FleetDelta).rows ?? []) {
          const hashrate = row[HASHRATE];
          if (typeof hashrate === "number" && last.get(row[0]) !== hashrate)
            ages.push(ageMs(hashrate, preciseNowMs()));
          last.set(row[0], hashrate);
        }
    });
  });
  socket.terminate();
  clearInterval(timer);
  return { ages, lateness };
}

async function measured(
  say: (line: string) => void,
  ms: number,
  config: { agent?: Record<string, unknown>; server?: Record<string, unknown> },
): Promise<Measured> {
  const stack = await openStack("latency");
  const rigs = startWorker("floors/rigServer.ts");
  try {
    const port = await freePort();
    await rigs.call("listen", { port, kind: "antminer", mode: "clock" });
    await stack.startServer(config.server);
    await stack.startAgent(
      "a1",
      loopbackAddresses(RIGS).map((host) => `${host}:${port}`),
      { intervalMs: INTERVAL_MS, ...config.agent },
    );
    await stack.reporting(RIGS);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    say("measuring");
    const measured = await agesOf(stack.httpUrl, ms);
    const due = (RIGS * ms) / INTERVAL_MS;
    if (measured.ages.length < 0.9 * due)
      throw new Error(`${measured.ages.length} readings came of ${due} that were due`);
    return measured;
  } finally {
    await stack.close();
    await rigs.stop();
  }
}

/** From a rig's answer (whose hashrate says when it went out) to a WebSocket client of the server. */
export const bench: Bench = async ({ seconds, say }) => {
  const ms = Math.max(5, seconds / 2) * 1000;
  const figures = (name: string, { ages, lateness }: Measured, atMost: number): Figure[] => [
    bounded(`${name}: p99`, quantile(ages, 0.99), "ms", { atMost }, { note: `${ages.length} readings` }),
    reported(`${name}: p50`, quantile(ages, 0.5), "ms"),
    reported(`${name}: max`, quantile(ages, 1), "ms"),
    reported(`${name}: a bare timer is late at p99`, quantile(lateness, 0.99), "ms"),
  ];
  say("by default");
  const byDefault = await measured(say, ms, {});
  say("without batching");
  const unbatched = await measured(say, ms, {
    agent: { batchMs: 0 },
    server: { flushMs: 0, liveFlushMs: 0 },
  });
  return [...figures("by default", byDefault, 400), ...figures("unbatched", unbatched, 25)];
};
