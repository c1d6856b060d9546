import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Recorded } from "@hashwatt/agent/tape/recorder";
import { freePort } from "../support/ports.js";
import { loopbackAddresses } from "./addresses.js";
import { againstFloor, type Bench, bounded, type Figure, reported } from "./figure.js";
import type { PollRun } from "./floors/pollLoop.js";
import { WHATSMINER_EIGHT } from "./floors/replies.js";
import type { RigServerOptions } from "./floors/rigServer.js";
import type { ReadRun } from "./readRigs.js";
import { median, pairedRatio } from "./statistics.js";
import { startWorker } from "./worker.js";

const STEP_MS = 5_000;
const ROUND_MS = 1_000;
/** Short, and many of them: what is looked for is a quarter of what a machine's speed wanders by within seconds. */
const TAPED_MS = 150;

interface Rounds {
  rounds: number;
  cpuUs: number;
  wallMs: number;
}

/** CPU per reading of the agent's own reading path, against bare polls of the same replies; rounds alternate. */
export const bench: Bench = async ({ seconds, say }) => {
  const rigs = startWorker("floors/rigServer.ts");
  const floor = startWorker("floors/pollLoop.ts");
  const ours = startWorker("readRigs.ts");
  const taping = startWorker("readRigs.ts");
  const folder = mkdtempSync(join(process.env.HASHWATT_BENCH_DIR ?? tmpdir(), "tape-"));
  /** `bare` is what the floor asks for one reading; `hosts` few enough that each is read over its rarely asked questions too. */
  const compare = async (
    kind: RigServerOptions["kind"],
    hostCount: number,
    bare: string[],
    warmMs: number,
  ) => {
    const port = await freePort();
    await rigs.call("listen", { port, kind, mode: "fixed" } satisfies RigServerOptions);
    const hosts = loopbackAddresses(hostCount);
    const runFloor = (ms: number) =>
      floor.call<Rounds>("run", { port, hosts, requests: bare, ms } satisfies PollRun);
    const runOurs = (ms: number) =>
      ours.call<Rounds>("run", { port, hosts, stepMs: STEP_MS, ms } satisfies ReadRun);
    await runFloor(warmMs);
    await runOurs(warmMs);
    const our: number[] = [];
    const bareUs: number[] = [];
    const perS: number[] = [];
    const pairs = Math.max(4, Math.round((seconds * 1000) / 2 / (2 * ROUND_MS)));
    for (let pair = 0; pair < pairs; pair++) {
      // Who goes first changes, so that a drift of the machine favours neither.
      const [first, second] = pair % 2 ? [runOurs, runFloor] : [runFloor, runOurs];
      const a = await first(ROUND_MS);
      const b = await second(ROUND_MS);
      const [mine, its] = pair % 2 ? [a, b] : [b, a];
      our.push(mine.cpuUs / mine.rounds);
      bareUs.push(its.cpuUs / its.rounds);
      perS.push((mine.rounds / mine.cpuUs) * 1e6);
    }
    return { our: median(our), bare: median(bareUs), ratio: pairedRatio(our, bareUs), perS: median(perS) };
  };
  /**
   * The same readings with a tape and without one, by turns in one process: two processes that do the same differ by as much as what is
   * looked for. Of rigs whose values move, for a tape packs what stays the same.
   */
  const compareTaping = async (): Promise<Figure[]> => {
    const port = await freePort();
    await rigs.call("listen", { port, kind: "antminer", mode: "moving" } satisfies RigServerOptions);
    const run = { port, hosts: loopbackAddresses(64), stepMs: STEP_MS };
    const alone = (ms: number) => taping.call<Rounds>("run", { ...run, ms } satisfies ReadRun);
    const beside = (ms: number) => taping.call<Rounds>("run", { ...run, ms, tape: folder } satisfies ReadRun);
    await alone(1_500);
    await beside(1_500);
    const without: number[] = [];
    const withIt: number[] = [];
    const pairs = Math.max(200, Math.round((seconds * 1000) / (2 * TAPED_MS)));
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] = pair % 2 ? [beside, alone] : [alone, beside];
      const a = await first(TAPED_MS);
      const b = await second(TAPED_MS);
      const [its, other] = pair % 2 ? [a, b] : [b, a];
      withIt.push(its.cpuUs / its.rounds);
      without.push(other.cpuUs / other.rounds);
    }
    const { exchanges, rawBytes, bytes, lost } = await taping.call<Recorded>("recorded");
    return [
      againstFloor(
        "CPU per poll while recording",
        median(withIt),
        median(without),
        "µs",
        { atMost: 1.05 },
        { ratio: pairedRatio(withIt, without), note: "the floor polls the same rigs without a tape" },
      ),
      reported("tape per answer", bytes / exchanges, "bytes", {
        floor: rawBytes / exchanges,
        note: "the floor is unpacked",
      }),
      bounded("answers missing on the tape", lost, "", { atMost: 0 }),
    ];
  };
  try {
    const figures: Figure[] = [];
    say("stock Antminer, summary and stats joined");
    const antminer = await compare("antminer", 64, ['{"command":"summary+stats"}'], 1_500);
    figures.push(
      againstFloor(
        "CPU per poll",
        antminer.our,
        antminer.bare,
        "µs",
        { atMost: 1.6 },
        { ratio: antminer.ratio, note: "stock Antminer, its pools once a minute included" },
      ),
      reported("polls per core", antminer.perS, "/s"),
    );
    say("Whatsminer v2");
    const whatsminer = await compare(
      "whatsminer",
      16,
      WHATSMINER_EIGHT.map((cmd) => JSON.stringify({ cmd })),
      2_000,
    );
    figures.push(
      againstFloor(
        "CPU per Whatsminer v2 reading",
        whatsminer.our,
        whatsminer.bare,
        "µs",
        { atMost: 0.45 },
        { ratio: whatsminer.ratio, note: "the floor asks eight questions for a reading" },
      ),
      reported("Whatsminer readings per core", whatsminer.perS, "/s"),
    );
    say("stock Antminer, recorded");
    figures.push(...(await compareTaping()));
    return figures;
  } finally {
    await Promise.all([rigs.stop(), floor.stop(), ours.stop(), taping.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
};
