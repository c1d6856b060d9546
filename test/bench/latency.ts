import { freePort } from "../support/ports.js";
import { loopbackAddresses } from "./addresses.js";
import { type Bench, bounded, type Figure, reported } from "./figure.js";
import { openStack } from "./stack.js";
import { quantile } from "./statistics.js";
import { agesOf, type Measured } from "./toldAges.js";
import { startWorker } from "./worker.js";

const RIGS = 1_000;
const INTERVAL_MS = 5_000;
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
    const measured = await agesOf(stack.httpUrl, () => new Promise((resolve) => setTimeout(resolve, ms)));
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
