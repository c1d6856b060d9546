import { join } from "node:path";
import type { Health } from "@hashwatt/protocol/http";
import { agentTopic } from "@hashwatt/protocol/topics";
import { startMosquitto } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import type { Program } from "../support/program.js";
import { loopbackAddresses } from "./addresses.js";
import type { Browsing, Seen } from "./browsers.js";
import { startFarm } from "./farm.js";
import { type Bench, bounded, type Figure, reported } from "./figure.js";
import type { PacedRun } from "./floors/pacedPoller.js";
import { diskBytes, processUsage } from "./processUsage.js";
import { openStack } from "./stack.js";
import { startWorker } from "./worker.js";

/** So many of the rigs are bare ones whose hashrate says when they answered; the others are the simulator's. */
const CLOCK_RIGS = 200;
/** What is asked once has been asked, and a minute of the event loop's lateness that has none of the start in it. */
const SETTLE_MS = 75_000;
const LOOK_MS = 1_000;
const LAG = /^hashwatt_(agent_)?event_loop_lag_(p99|max)_seconds(?:\{[^}]*\})? (\S+)$/gm;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Highest values of what was looked at now and then, by name. */
class Highest {
  readonly #of = new Map<string, number>();
  see(name: string, value: number): void {
    this.#of.set(name, Math.max(value, this.#of.get(name) ?? Number.NEGATIVE_INFINITY));
  }
  of = (name: string): number => this.#of.get(name) ?? Number.NaN;
}

/**
 * A farm as a whole: simulator, agent, broker, server and screens as processes of their own, at the pace of the fleet. The floor of
 * the agent is a bare paced poller of the same rigs before and after, that of the server a bare subscriber of the same
 * batches at the same time; neither serves a screen.
 */
export const bench: Bench = async ({ size, say }) => {
  const { rigs = 10_000, minutes = 10, interval = 5, browsers = 20, broker = "mosquitto" } = size;
  const intervalMs = interval * 1_000;
  const mqttPort = await freePort();
  const stack = await openStack("load", mqttPort);
  const clockRigs = startWorker("floors/rigServer.ts");
  const poller = startWorker("floors/pacedPoller.ts");
  const subscriber = startWorker("floors/subscriber.ts");
  const screens = startWorker("browsers.ts");
  const programs: Record<string, Program> = {};
  let mosquitto: Program | undefined;
  let simulator: Program | undefined;
  try {
    const clocks = Math.min(CLOCK_RIGS, Math.floor(rigs / 5));
    const port = await freePort();
    await clockRigs.call("listen", { port, kind: "antminer", mode: "clock" });
    const clockHosts = loopbackAddresses(clocks);
    const farm = await startFarm(rigs - clocks);
    simulator = programs.simulator = farm.program;
    const all = [
      ...farm.rigs,
      ...clockHosts.map((host) => ({ host, port, request: '{"command":"summary+stats"}' })),
    ];
    const floorRound = async (ms: number) => {
      const run: PacedRun = { rigs: all, intervalMs, ms };
      const { polls, cpuUs } = await poller.call<{ polls: number; cpuUs: number }>("run", run);
      return cpuUs / polls;
    };
    const roundMs = Math.max(intervalMs, Math.min(30_000, minutes * 6_000));
    say("the bare poller, first round");
    await floorRound(intervalMs);
    const before = await floorRound(roundMs);

    say("broker, server, bare subscriber and agent");
    if (broker === "mosquitto")
      mosquitto = programs.broker = await startMosquitto({ port: mqttPort, folder: stack.folder });
    programs.server = await stack.startServer(
      broker === "mosquitto" ? { broker: { url: stack.mqttUrl } } : {},
    );
    await subscriber.call("start", {
      url: stack.mqttUrl,
      topic: agentTopic(stack.site, "+", "batch"),
      folder: stack.folder,
    });
    programs.agent = await stack.startAgent(
      "a1",
      all.map(({ host, port }) => `${host}:${port}`),
      { intervalMs },
    );
    // A few rigs of the simulator are asleep or away.
    await stack.reporting(Math.floor(rigs * 0.99), 300_000);
    say(`${browsers} screens`);
    await screens.call("open", {
      ...{ url: stack.httpUrl, site: stack.site, clients: browsers, clockRigs: "127.100." },
    } satisfies Browsing);
    await sleep(SETTLE_MS);

    say(`measuring for ${minutes} minutes`);
    const dataDir = join(stack.folder, "server");
    const highest = new Highest();
    const read = async () => ({
      atMs: performance.now(),
      cpuUs: Object.fromEntries(
        Object.entries({ ...programs, screens, floor: subscriber }).map(([name, { pid }]) => [
          name,
          processUsage(pid).cpuUs,
        ]),
      ),
      samples: (await stack.get<Health>("/api/health")).counters.samples!,
      seen: await subscriber.call<{ samples: number }>("seen"),
      disk: diskBytes(dataDir),
    });
    await screens.call("clear");
    const from = await read();
    for (let looks = 0; performance.now() - from.atMs < minutes * 60_000; looks++) {
      await sleep(LOOK_MS);
      for (const [name, { pid }] of Object.entries({ ...programs, screens }))
        highest.see(`${name} RSS`, processUsage(pid).rssMb);
      highest.see("spool", diskBytes(join(stack.folder, "a1")));
      if (looks % 10) continue;
      const text = await (await fetch(`${stack.httpUrl}/metrics`)).text();
      for (const [, agent, kind, seconds] of text.matchAll(LAG))
        highest.see(`${agent ? "agent" : "server"} ${kind}`, Number(seconds) * 1_000);
    }
    const to = await read();
    const seen = await screens.call<Seen>("seen");
    const wallMs = to.atMs - from.atMs;
    // What a checkpoint writes is part of it: the files as the server leaves them.
    await programs.agent.stop();
    await programs.server.stop();
    say("the bare poller again");
    const after = await floorRound(roundMs);

    const samples = to.samples - from.samples;
    const cpuPercent = (name: string) => ((to.cpuUs[name]! - from.cpuUs[name]!) / wallMs / 1_000) * 100;
    const perReading = (name: string, count: number) =>
      ((((to.cpuUs[name]! - from.cpuUs[name]!) / count) * rigs) / intervalMs / 1_000) * 100;
    const floorPercent = (((before + after) / 2) * rigs) / intervalMs / 10;
    const subscribed = to.seen.samples - from.seen.samples;
    const figures: Figure[] = [
      bounded("samples of those due", samples / ((rigs * wallMs) / intervalMs), "", { atLeast: 0.98 }),
      reported("agent CPU", perReading("agent", samples), "% of a core", {
        floor: floorPercent,
        ratio: perReading("agent", samples) / floorPercent,
      }),
      reported("server CPU", perReading("server", samples), "% of a core", {
        floor: perReading("floor", subscribed),
        ratio: perReading("server", samples) / perReading("floor", subscribed),
      }),
    ];
    for (const name of ["broker", "simulator", "screens"])
      if (from.cpuUs[name] !== undefined)
        figures.push(reported(`${name} CPU`, cpuPercent(name), "% of a core"));
    for (const name of ["agent", "server", "broker", "simulator"])
      if (programs[name])
        figures.push(reported(`${name} RSS at its highest`, highest.of(`${name} RSS`), "MB"));
    for (const name of ["agent", "server"])
      figures.push(
        reported(`${name} event loop late, p99 of the worst minute`, highest.of(`${name} p99`), "ms"),
        reported(`${name} event loop late, max`, highest.of(`${name} max`), "ms"),
      );
    if (seen.answer && seen.reading && seen.timer)
      figures.push(
        bounded(
          "rig → screen: p99",
          seen.answer.p99,
          "ms",
          { atMost: 1_000 },
          { note: `${seen.answer.count} ages` },
        ),
        reported("rig → screen: p50", seen.answer.p50, "ms"),
        reported("rig → screen: max", seen.answer.max, "ms"),
        reported("agent → screen, all rigs: p99", seen.reading.p99, "ms"),
        reported("a bare timer of the screens is late at p99", seen.timer.p99, "ms"),
      );
    if (seen.http) figures.push(reported("histories of the screens: p99", seen.http.p99, "ms"));
    const lostNote = [...seen.failed];
    figures.push(
      reported("sent to the screens", seen.bytes / wallMs / 1_000, "MB/s"),
      bounded(
        "frames that a screen missed, connections that broke, requests that failed",
        seen.missed + seen.gaps + seen.lost + seen.failed.length,
        "",
        { atMost: 0 },
        lostNote.length ? { note: lostNote.join("; ") } : {},
      ),
      reported("disk growth", (to.disk - from.disk) / samples, "B/sample"),
      reported("disk growth per hour", ((to.disk - from.disk) / wallMs) * 3.6, "MB/h"),
      reported("spool at its highest", highest.of("spool") / 1e6, "MB"),
    );
    return figures;
  } finally {
    await screens.stop();
    await stack.close();
    await mosquitto?.stop();
    await simulator?.stop();
    await Promise.all([clockRigs.stop(), poller.stop(), subscriber.stop()]);
  }
};
