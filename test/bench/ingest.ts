import { join } from "node:path";
import { againstFloor, type Bench, type Figure, reported } from "./figure.js";
import { processUsage } from "./processUsage.js";
import type { PrepareOptions } from "./publisher.js";
import { openStack } from "./stack.js";
import { median, pairedRatio } from "./statistics.js";
import { startWorker } from "./worker.js";

const RIGS = 10_000;
const PER_BATCH = 500;
const WINDOW = 64;
/** Small enough that all rounds together stay within minutes of the present, as live readings do. */
const INTERVAL_MS = 1_000;

/**
 * Pre-encoded batches as fast as the server acknowledges them, through its embedded broker, against a process that parses
 * and appends the very same payloads. Rounds alternate.
 */
export const bench: Bench = async ({ seconds, say }) => {
  const figures: Figure[] = [];
  for (const kind of ["scalar", "full"] as const) {
    const stack = await openStack("ingest");
    const publisher = startWorker("publisher.ts");
    const floor = startWorker("floors/parseAppend.ts");
    try {
      const server = await stack.startServer();
      await publisher.call("connect", { url: stack.mqttUrl, site: stack.site, agent: "flood" });
      await floor.call("open", { folder: stack.folder });
      const file = join(stack.folder, "batches");
      const startMs = Date.now() - 240_000;
      let round = 0;
      const prepare = async (samples: number, evidence = false) => {
        const options: PrepareOptions = {
          from: 0,
          rigs: RIGS,
          samples,
          perBatch: PER_BATCH,
          kind,
          intervalMs: INTERVAL_MS,
          startMs: startMs + round * INTERVAL_MS,
          round,
          evidence,
          file,
        };
        round += samples / RIGS;
        await publisher.call("prepare", options);
      };
      say(`${kind}: identities and warm-up`);
      const send = () => publisher.call<{ ms: number; samples: number }>("send", { window: WINDOW });
      const append = () => floor.call<{ ms: number; samples: number }>("run", { file });
      await prepare(2 * RIGS, true);
      await send();
      await append();
      const perRound = kind === "scalar" ? 10 * RIGS : 4 * RIGS;
      await prepare(perRound);
      await send();
      await append();
      const ours: number[] = [];
      const floors: number[] = [];
      const cpu: number[] = [];
      const endMs = performance.now() + seconds * (kind === "scalar" ? 600 : 400);
      while (ours.length < 3 || performance.now() < endMs) {
        await prepare(perRound);
        const before = processUsage(server.pid).cpuUs;
        const sent = await send();
        cpu.push((processUsage(server.pid).cpuUs - before) / sent.samples);
        ours.push((sent.samples / sent.ms) * 1000);
        const appended = await append();
        floors.push((appended.samples / appended.ms) * 1000);
        if (ours.length === 20) break;
      }
      const rate = [median(ours), median(floors)] as const;
      const ratio = pairedRatio(ours, floors);
      figures.push(
        kind === "scalar"
          ? againstFloor(
              "samples of 12 scalars",
              ...rate,
              "samples/s",
              { atLeast: 0.35 },
              { ratio, note: `${ours.length} rounds of ${perRound} samples in batches of ${PER_BATCH}` },
            )
          : reported("full samples with boards", rate[0], "samples/s", { floor: rate[1], ratio }),
        reported(`server CPU per ${kind} sample`, median(cpu), "µs"),
      );
    } finally {
      await stack.close();
      await publisher.stop();
      await floor.stop();
    }
  }
  return figures;
};
