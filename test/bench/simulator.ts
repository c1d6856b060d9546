import { freePort } from "../support/ports.js";
import { startFarm } from "./farm.js";
import { againstFloor, type Bench, bounded, type Figure } from "./figure.js";
import type { PacedRun } from "./floors/pacedPoller.js";
import type { RigServerOptions } from "./floors/rigServer.js";
import { processUsage } from "./processUsage.js";
import { median, pairedRatio } from "./statistics.js";
import { startWorker } from "./worker.js";

const RIGS = 10_000;
const INTERVAL_MS = 5_000;
const STATS = '{"command":"stats"}';
const WHATSMINER = '{"cmd":"summary+devs"}';

interface Polled {
  polls: number;
  failed: number;
}

/** What answering 10,000 rigs every 5 s costs the simulator, against a listener that sends fixed bytes; rounds take turns. */
export const bench: Bench = async ({ seconds, say }) => {
  const floor = startWorker("floors/rigServer.ts");
  const poller = startWorker("floors/pacedPoller.ts");
  const farm = await startFarm(RIGS);
  try {
    const port = await freePort();
    await floor.call("listen", { port, kind: "antminer", mode: "fixed" } satisfies RigServerOptions);
    const simulated = farm.rigs.map(({ host, port: own, request }) => ({
      host,
      port: own,
      request: request.includes("devs") ? WHATSMINER : STATS,
    }));
    const fixed = simulated.map(({ host }) => ({ host, port, request: STATS }));
    const round = async (rigs: PacedRun["rigs"], pid: number, warm: boolean) => {
      const before = processUsage(pid).cpuUs;
      const run: PacedRun = { rigs, intervalMs: INTERVAL_MS, ms: INTERVAL_MS };
      const { polls, failed } = await poller.call<Polled>("run", run);
      // A few rigs of the fleet are offline, not more; before both are warm, connections may come too fast.
      if (warm && failed > polls / 100) throw new Error(`${failed} of ${polls + failed} polls failed`);
      return (processUsage(pid).cpuUs - before) / polls;
    };
    const ours: number[] = [];
    const floors: number[] = [];
    let rssMb = 0;
    const pairs = Math.max(2, Math.round((seconds * 1000) / (2 * INTERVAL_MS)));
    say(`${RIGS} rigs every ${INTERVAL_MS / 1000} s, ${pairs} rounds after one of warming up`);
    for (let pair = -1; pair < pairs; pair++) {
      const bare = await round(fixed, floor.pid, pair >= 0);
      const own = await round(simulated, farm.program.pid, pair >= 0);
      rssMb = Math.max(rssMb, processUsage(farm.program.pid).rssMb);
      if (pair < 0) continue;
      floors.push(bare);
      ours.push(own);
    }
    const figures: Figure[] = [
      againstFloor(
        "CPU per answer",
        median(ours),
        median(floors),
        "µs",
        { atMost: 2.5 },
        { ratio: pairedRatio(ours, floors), note: "the floor sends the same bytes every time" },
      ),
      bounded("memory of 10,000 rigs", rssMb, "MB", { atMost: 200 }),
    ];
    return figures;
  } finally {
    await farm.program.stop();
    await Promise.all([floor.stop(), poller.stop()]);
  }
};
