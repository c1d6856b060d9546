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
const MOST_WARMING = 6;
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
  // As `npm run simulate` starts it.
  const farm = await startFarm(RIGS, ["--max-semi-space-size=8"]);
  try {
    const port = await freePort();
    await floor.call("listen", { port, kind: "antminer", mode: "fixed" } satisfies RigServerOptions);
    const simulated = farm.rigs.map(({ host, port: own, request }) => ({
      host,
      port: own,
      request: request.includes("devs") ? WHATSMINER : STATS,
    }));
    const fixed = simulated.map(({ host }) => ({ host, port, request: STATS }));
    const poll = (rigs: PacedRun["rigs"]) =>
      poller.call<Polled>("run", { rigs, intervalMs: INTERVAL_MS, ms: INTERVAL_MS } satisfies PacedRun);
    const round = async (rigs: PacedRun["rigs"], pid: number) => {
      const before = processUsage(pid).cpuUs;
      const { polls, failed } = await poll(rigs);
      // A few rigs of the fleet are offline, not more.
      if (polls < RIGS / 2 || failed > polls / 100)
        throw new Error(`${failed} polls failed and ${RIGS - polls - failed} were not answered in time`);
      return (processUsage(pid).cpuUs - before) / polls;
    };
    /** Until it keeps up: the first look at a rig costs more than all later ones. */
    const warm = async (rigs: PacedRun["rigs"]) => {
      for (let left = MOST_WARMING; left > 0; left--) if ((await poll(rigs)).polls > 0.98 * RIGS) return;
    };
    const ours: number[] = [];
    const floors: number[] = [];
    let rssMb = 0;
    const pairs = Math.max(2, Math.round((seconds * 1000) / (2 * INTERVAL_MS)));
    say(`${RIGS} rigs every ${INTERVAL_MS / 1000} s, ${pairs} rounds after those of warming up`);
    await warm(fixed);
    await warm(simulated);
    await warm(simulated);
    for (let pair = 0; pair < pairs; pair++) {
      const bare = await round(fixed, floor.pid);
      const own = await round(simulated, farm.program.pid);
      rssMb = Math.max(rssMb, processUsage(farm.program.pid).rssMb);
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
