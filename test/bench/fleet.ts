import { agentTopic } from "@hashwatt/protocol/topics";
import { freePort } from "../support/ports.js";
import { Timeline } from "../support/timeline.js";
import { loopbackAddresses } from "./addresses.js";
import { againstFloor, type Bench, bounded, reported } from "./figure.js";
import type { PacedRun } from "./floors/pacedPoller.js";
import { processUsage } from "./processUsage.js";
import { openStack } from "./stack.js";
import { startWorker } from "./worker.js";

const RIGS = 10_000;
const INTERVAL_MS = 5_000;
/** Two whole intervals behind the last newcomer: caches are warm and what is asked once has been asked. */
const SETTLE_MS = 10_000;

/**
 * The server writes a row of every rig and prices it at each 5-minute boundary. One stretch is measured from so long before a
 * boundary to so long after it, and one without; a mean weighs them as five minutes are made of them. The clocks of server and
 * agent are put so that a boundary comes when all rigs report.
 */
const BUCKET_MS = 300_000;
const BEFORE_MS = 5_000;
const AFTER_MS = 45_000;
const AROUND_MS = BEFORE_MS + AFTER_MS;
/** From the server's start to the boundary; on a machine that takes longer to begin it is the next one. */
const LEAD_MS = 60_000;
const NOON_MS = Date.UTC(2026, 10, 26, 12);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * 10,000 rigs through the real agent and server. The floor of the agent is a bare paced poller of the same rigs, before and
 * after; that of the server a bare subscriber of the same batches, at the same time.
 */
export const bench: Bench = async ({ seconds, say }) => {
  const stack = await openStack("fleet");
  const port = await freePort();
  const hosts = loopbackAddresses(RIGS);
  const rigs = startWorker("floors/rigServer.ts");
  const poller = startWorker("floors/pacedPoller.ts");
  const subscriber = startWorker("floors/subscriber.ts");
  try {
    await rigs.call("listen", { port, kind: "antminer", mode: "moving" });
    const floorRound = async () => {
      const run: PacedRun = {
        rigs: hosts.map((host) => ({ host, port, request: '{"command":"summary+stats"}' })),
        intervalMs: INTERVAL_MS,
        ms: Math.max(INTERVAL_MS, (seconds * 1000) / 4),
      };
      const round = await poller.call<{ polls: number; failed: number; cpuUs: number; wallMs: number }>(
        "run",
        run,
      );
      if (round.failed) throw new Error(`${round.failed} bare polls failed`);
      return round.cpuUs / round.polls;
    };
    say("the bare poller, first round");
    await floorRound();
    const before = await floorRound();

    say("server, bare subscriber and agent");
    const time = new Timeline(NOON_MS + BUCKET_MS - LEAD_MS, 1);
    const server = await stack.startServer({}, time.nodeArgs);
    await subscriber.call("start", {
      url: stack.mqttUrl,
      topic: agentTopic(stack.site, "+", "batch"),
      folder: stack.folder,
    });
    const agent = await stack.startAgent(
      "a1",
      hosts.map((host) => `${host}:${port}`),
      { intervalMs: INTERVAL_MS },
      time.nodeArgs,
    );
    await stack.reporting(RIGS);
    await sleep(SETTLE_MS);
    const boundaryMs = Math.ceil((time.nowMs() + BEFORE_MS) / BUCKET_MS) * BUCKET_MS;
    say(`waiting for ${new Date(boundaryMs).toISOString()} of the fleet's time`);
    await time.until(boundaryMs - BEFORE_MS - time.startMs);
    const read = async () => ({
      atMs: performance.now(),
      agent: processUsage(agent.pid),
      server: processUsage(server.pid),
      floor: processUsage(subscriber.pid),
      answered: await rigs.call<number>("answered"),
      seen: await subscriber.call<{ samples: number; batches: number }>("seen"),
    });
    const rss = { agent: 0, server: 0 };
    const stretch = async (ms: number) => {
      const from = await read();
      while (performance.now() - from.atMs < ms) {
        await sleep(500);
        rss.agent = Math.max(rss.agent, processUsage(agent.pid).rssMb);
        rss.server = Math.max(rss.server, processUsage(server.pid).rssMb);
      }
      return { from, to: await read() };
    };
    say("measuring around it");
    const around = await stretch(AROUND_MS);
    const { agent: agentRss, server: serverRss } = rss;
    say("measuring without one");
    const quiet = await stretch(Math.min(Math.max(seconds * 1_000, AROUND_MS), BUCKET_MS - 2 * AROUND_MS));
    const { from } = around;
    const { to } = quiet;
    const wallMs = to.atMs - from.atMs;
    await agent.stop();
    await server.stop();
    say("the bare poller again");
    const after = await floorRound();
    const samples = to.seen.samples - from.seen.samples;
    const batches = to.seen.batches - from.seen.batches;
    const due = (RIGS * wallMs) / INTERVAL_MS;
    // Per reading, so that one side's being a little early or late does not count, and then as much of a core as the fleet takes.
    const percent = (usPerReading: number) => (usPerReading * RIGS) / INTERVAL_MS / 10;
    const used = (of: "agent" | "server" | "floor", { from, to }: typeof quiet) =>
      percent((to[of].cpuUs - from[of].cpuUs) / (to.seen.samples - from.seen.samples));
    const mean = (of: "agent" | "server" | "floor") =>
      (used(of, around) * AROUND_MS + used(of, quiet) * (BUCKET_MS - AROUND_MS)) / BUCKET_MS;
    const part = (name: string, span: typeof quiet) =>
      reported(`server CPU, ${name}`, used("server", span), "% of a core", {
        floor: used("floor", span),
        ratio: used("server", span) / used("floor", span),
      });
    return [
      againstFloor("agent CPU", mean("agent"), percent((before + after) / 2), "% of a core", { atMost: 1.7 }),
      againstFloor(
        "server CPU",
        mean("server"),
        mean("floor"),
        "% of a core",
        { atMost: 3 },
        {
          note: `the mean of 5 minutes, with the embedded broker; ${Math.round(samples / batches)} samples to a batch`,
        },
      ),
      part(`${AROUND_MS / 1_000} s around a 5-minute boundary`, around),
      part("without a boundary", quiet),
      bounded("agent RSS", agentRss, "MB", { atMost: 150 }),
      bounded("server RSS", serverRss, "MB", { atMost: 220 }, { note: "around a 5-minute boundary" }),
      bounded(
        "samples of those due",
        samples / due,
        "",
        { atLeast: 0.98 },
        {
          note: "a rate that is not kept would flatter the rest",
        },
      ),
      reported("questions to rigs", ((to.answered - from.answered) / wallMs) * 1000, "/s"),
      reported("agent RSS at its highest", to.agent.peakRssMb, "MB"),
      reported("server RSS at its highest", to.server.peakRssMb, "MB"),
    ];
  } finally {
    await stack.close();
    await Promise.all([rigs.stop(), poller.stop(), subscriber.stop()]);
  }
};
