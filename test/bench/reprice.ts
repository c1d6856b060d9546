import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { systemClock } from "@hashwatt/protocol/time";
import { HOUR_MS } from "@hashwatt/server/rollup/row";
import { freePort } from "../support/ports.js";
import { loopbackAddresses } from "./addresses.js";
import { againstFloor, type Bench, bounded, reported } from "./figure.js";
import { fillRollups, openPricer, openState, STATE_FILE } from "./ledgerFill.js";
import { liveBeside } from "./liveBeside.js";
import { openStack } from "./stack.js";
import { quantile } from "./statistics.js";
import { startWorker } from "./worker.js";

const RIGS = 1_000;
const MONTH_DAYS = 30;
const DAY_MS = 24 * HOUR_MS;
/**
 * The floor adds up three products; the ledger rounds eleven amounts so that parts add up to the whole, which takes a running sum of each
 * within the hour: some 55 times as much, three quarters of it in these sums. A third more is a regression.
 */
const RATIO = 45;
/** A whole month takes some minutes to fill and to price four times; less time prices so much less of it. */
const WHOLE_S = 30;

/**
 * A month of 1,000 rigs priced for the first time and again, beside a state that goes on being written to; then on request by a
 * server that has the same rigs to read every 5 s and a screen to tell.
 */
export const bench: Bench = async ({ seconds, say }) => {
  const days =
    seconds >= WHOLE_S ? MONTH_DAYS : Math.max(1, Math.floor((MONTH_DAYS * seconds) / WHOLE_S / 4));
  const stack = await openStack("reprice");
  const rigs = startWorker("floors/rigServer.ts");
  const floor = startWorker("floors/barePricing.ts");
  try {
    const [ours, copy] = ["server", "copy"].map((name) => join(stack.folder, name));
    for (const path of [ours!, copy!]) mkdirSync(path);
    const toMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const port = await freePort();
    await rigs.call("listen", { port, kind: "antminer", mode: "clock" });
    const addresses = loopbackAddresses(RIGS).map((host) => ({ host, port }));
    const fill = {
      ...{ folder: ours!, site: stack.site, rigs: RIGS, addresses },
      ...{ fromMs: toMs - days * DAY_MS, toMs },
    };
    say(`${RIGS * days * 288} rows of ${RIGS} rigs over ${days} days`);
    await fillRollups(fill);
    copyFileSync(join(ours!, STATE_FILE), join(copy!, STATE_FILE));
    await floor.call("open", { folder: copy });
    const { ms: bareMs } = await floor.call<{ ms: number }>("price");

    const state = await openState(ours!);
    const { pricer, series, heard } = await openPricer(state, fill);
    say("priced for the first time");
    const first = await beside(state, async () => {
      pricer.rolledUp(toMs);
      await pricer.step();
    });
    say("priced anew, for a hashprice that is another");
    await series.put("hashprice/bench", [
      { startMs: fill.fromMs, endMs: toMs, value: 41.5, source: "made for this bench", asOfMs: toMs },
    ]);
    const again = await beside(state, async () => {
      await heard();
      while (pricer.pending > 0) await pricer.step();
    });
    const priced = pricer.hoursPriced / 24;
    await pricer.close();
    await state.close();
    const live = await liveBeside(stack, fill, say);
    const month = MONTH_DAYS / days / 1_000;
    const note = `${days} days of ${RIGS} rigs${days < MONTH_DAYS ? ", as of a month of them" : ""}`;
    return [
      bounded("a month of 1,000 rigs, priced anew", again.ms * month, "s", { atMost: 60 }, { note }),
      againstFloor("the same", again.ms * month, bareMs * month, "s", { atMost: RATIO }),
      reported("its CPU time", again.cpuMs * month, "s"),
      reported("a month of 1,000 rigs, priced first", first.ms * month, "s"),
      bounded("event loop held up meanwhile: p99", again.lagMs, "ms", { atMost: 50 }),
      bounded("another write to the state meanwhile: p95", again.writeMs, "ms", { atMost: 250 }),
      bounded("days priced twice", priced / days, "×", { atLeast: 2 }),
      ...live.figures(month, note),
    ];
  } finally {
    await stack.close();
    await floor.stop();
    await rigs.stop();
  }
};

/** Runs `work` beside small writes to the state, ten a second. */
async function beside(
  state: { putSetting(key: string, value: string): Promise<void> },
  work: () => Promise<void>,
): Promise<{ ms: number; cpuMs: number; lagMs: number; writeMs: number }> {
  const lag = monitorEventLoopDelay({ resolution: 5 });
  lag.enable();
  const writes: number[] = [];
  let done = false;
  const writing = (async () => {
    while (!done) {
      const startedMs = performance.now();
      await state.putSetting("bench", String(startedMs));
      writes.push(performance.now() - startedMs);
      await systemClock.sleep(100, new AbortController().signal);
    }
  })();
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  await work();
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(startedCpu);
  done = true;
  await writing;
  lag.disable();
  return {
    ms,
    cpuMs: (user + system) / 1_000,
    lagMs: lag.percentile(99) / 1e6,
    writeMs: quantile(writes, 0.95),
  };
}
