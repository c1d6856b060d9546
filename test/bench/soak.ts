import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Health, Totals } from "@hashwatt/protocol/http";
import { agentTopic } from "@hashwatt/protocol/topics";
import { startMosquitto } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import { type Program, root } from "../support/program.js";
import { Timeline } from "../support/timeline.js";
import { until } from "../support/wait.js";
import type { Browsing, Seen } from "./browsers.js";
import { startFarm } from "./farm.js";
import { type Bench, bounded, type Figure, reported } from "./figure.js";
import { descriptors, diskBytes, processUsage } from "./processUsage.js";
import type { SoakFound, SoakSpan } from "./soakFound.js";
import { openStack } from "./stack.js";
import { quantile, slope } from "./statistics.js";
import { startWorker } from "./worker.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LOOK_MS = 1_000;
/** So much of real time before a full hour it begins: the programs have started and all rigs have answered by then. */
const LEAD_REAL_MS = 45_000;
/** Between the last rig's first reading and the hour from which on all is counted. */
const SETTLED_MS = 5 * MINUTE_MS;
/** A bucket is closed some minutes after its end. */
const CLOSING_MS = 15 * MINUTE_MS;
/** A leak of this would cost less than 100 MB in a week; the line through half a day wanders by about as much. */
const SLOPE_MB_PER_H = 0.5;
/**
 * Of so long the middle look counts: DuckDB takes tens of MB for less than a second and gives them back, which is no growth of what is
 * held. The line through all looks is told beside it.
 */
const HELD_FOR_H = 1;
/** Sockets of polls, compactions and requests come and go; what is never given back raises the least that is held. */
const HELD = 0.1;
const GROWTH = 2;

/** What a program was like at one moment of the simulated time. */
interface Look {
  hours: number;
  rssMb: number;
  fds: number;
}
interface Held {
  heapMb: number;
  timers: number;
  handles: number;
}

/** What is held least in the second quarter of a run, and in the last: what the run itself needs is there by then. */
const growth = (values: readonly number[]): number =>
  quantile(values.slice(-Math.ceil(values.length / 4)), HELD) -
  quantile(values.slice(Math.floor(values.length / 4), Math.floor(values.length / 2)), HELD);

/** What was held in each hour: the middle of its looks, or what so many of them are at most. */
function heldByHour(looks: readonly Look[], q = 0.5): (readonly [hours: number, rssMb: number])[] {
  const byHour = new Map<number, number[]>();
  for (const { hours, rssMb } of looks) {
    const hour = Math.floor(hours / HELD_FOR_H) * HELD_FOR_H;
    byHour.set(hour, [...(byHour.get(hour) ?? []), rssMb]);
  }
  return [...byHour].map(([hour, rss]) => [hour, quantile(rss, q)] as const);
}

/** The lines that `resources.mjs` has written. */
const heldOf = (file: string): Held[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const { heapUsed, resources } = JSON.parse(line) as {
        heapUsed: number;
        resources: Record<string, number>;
      };
      const { Timeout = 0, Immediate: _, ...handles } = resources;
      return {
        heapMb: heapUsed / 1e6,
        timers: Timeout,
        handles: Object.values(handles).reduce((sum, n) => sum + n, 0),
      };
    });

/**
 * A day and more of a whole farm (simulator, agent, broker, server and some screens as real processes), with the programs as they
 * are built and only their clock running fast. Nothing may grow, and every reading that was due must be stored.
 */
export const bench: Bench = async ({ size, say }) => {
  const { rigs = 1_000, hours = 24, speed = 24, interval = 30, browsers = 4, broker = "embedded" } = size;
  const intervalMs = interval * 1_000;
  const mqttPort = await freePort();
  const stack = await openStack("soak", mqttPort);
  // It ends about now, so that all rates of the time are known.
  const time = new Timeline(Math.floor(Date.now() / HOUR_MS - hours) * HOUR_MS - LEAD_REAL_MS * speed, speed);
  const watched = (name: string): string[] => {
    const url = pathToFileURL(join(root, "test/support/resources.mjs"));
    url.searchParams.set("file", join(stack.folder, `${name}.resources`));
    return ["--import", url.href, ...time.nodeArgs];
  };
  const screens = startWorker("browsers.ts", time.nodeArgs);
  const checker = startWorker("soakCheck.ts");
  let mosquitto: Program | undefined;
  let simulator: Program | undefined;
  try {
    const farm = await startFarm(rigs, watched("simulator"));
    simulator = farm.program;
    if (broker === "mosquitto") mosquitto = await startMosquitto({ port: mqttPort, folder: stack.folder });
    // As many commits and batches as an hour of simulated time needs, not as its real minute could hold.
    const batching = { flushMs: 1_000, liveFlushMs: 1_000 };
    const server = await stack.startServer(
      { ...batching, ...(broker === "mosquitto" && { broker: { url: stack.mqttUrl } }) },
      watched("server"),
    );
    await checker.call("listen", { url: stack.mqttUrl, topic: agentTopic(stack.site, "+", "batch") });
    const agent = await stack.startAgent(
      "a1",
      farm.rigs.map(({ host, port }) => `${host}:${port}`),
      // A connection takes as long as it does on the real clock.
      { intervalMs, batchMs: 1_000, timeouts: { connectMs: 30_000, answerMs: 60_000 } },
      watched("agent"),
    );
    const programs: Record<string, Program> = { agent, server, simulator, ...(mosquitto && { mosquitto }) };
    await stack.reporting(Math.floor(rigs * 0.98), 300_000);
    await screens.call("open", {
      ...{ url: stack.httpUrl, site: stack.site, clients: browsers, reopenMs: 30 * MINUTE_MS },
    } satisfies Browsing);

    const firstHourMs = Math.ceil((time.nowMs() + SETTLED_MS) / HOUR_MS) * HOUR_MS;
    await time.until(firstHourMs - time.startMs);
    await screens.call("clear");
    const looks = Object.fromEntries(Object.keys(programs).map((name) => [name, [] as Look[]]));
    const startDisk = diskBytes(join(stack.folder, "server"));
    const startCpu = Object.fromEntries(
      Object.entries(programs).map(([name, { pid }]) => [name, processUsage(pid).cpuUs]),
    );
    const startRealMs = performance.now();
    const endMs = firstHourMs + hours * HOUR_MS;
    let spool = 0;
    let behindMs = 0;
    for (let told = 0; time.nowMs() < endMs; ) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const passed = (time.nowMs() - firstHourMs) / HOUR_MS;
      for (const [name, { pid }] of Object.entries(programs))
        looks[name]!.push({ hours: passed, rssMb: processUsage(pid).rssMb, fds: descriptors(pid) });
      spool = Math.max(spool, diskBytes(join(stack.folder, "a1/spool")));
      const { agents } = await stack.get<Totals>("/api/totals");
      behindMs = Math.max(behindMs, ...agents.map(({ behindMs }) => behindMs ?? 0));
      if (passed < told + 1) continue;
      told = Math.floor(passed);
      const now = (name: string) => `${name} ${Math.round(looks[name]!.at(-1)!.rssMb)} MB`;
      say(`${told} h: ${Object.keys(programs).map(now).join(", ")}`);
    }
    const wallMs = performance.now() - startRealMs;
    const seen = await screens.call<Seen>("seen");
    const cpu = Object.fromEntries(
      Object.entries(programs).map(([name, { pid }]) => [
        name,
        ((processUsage(pid).cpuUs - startCpu[name]!) / wallMs / 1_000) * 100,
      ]),
    );
    await time.pass(CLOSING_MS);
    await until(
      "what the agent holds is stored",
      async () =>
        (await stack.get<Totals>("/api/totals")).agents.every(
          ({ state, behindMs }) => state === "online" && behindMs === null,
        ),
      120_000,
      500,
    );
    const { counters } = await stack.get<Health>("/api/health");
    await agent.stop();
    await server.stop();
    const dataDir = join(stack.folder, "server");
    const disk = diskBytes(dataDir);
    say("comparing what is stored with what was due");
    const { made, found } = await checker.call<{ made: number; found: SoakFound }>("check", {
      ...{ dataDir, fromMs: firstHourMs, toMs: endMs, rigs },
    } satisfies SoakSpan);

    const none = { atMost: 0 };
    const figures: Figure[] = [];
    for (const [name, of] of Object.entries(looks)) {
      const later = of.filter((look) => look.hours >= hours / 2);
      figures.push(
        bounded(`${name} RSS held, slope of the second half`, slope(heldByHour(later)), "MB/h", {
          atMost: SLOPE_MB_PER_H,
        }),
        reported(`${name} RSS held least, slope of the second half`, slope(heldByHour(later, HELD)), "MB/h", {
          note: `a tenth of each hour's looks at most, and its middle: ${heldByHour(of, HELD)
            .map(([, least], i) => `${Math.round(least)}/${Math.round(heldByHour(of)[i]![1])}`)
            .join(" ")} MB`,
        }),
        reported(
          `${name} RSS of all looks, slope of the second half`,
          slope(later.map((look) => [look.hours, look.rssMb] as const)),
          "MB/h",
        ),
        reported(
          `${name} RSS, median of the second half`,
          quantile(
            later.map((look) => look.rssMb),
            0.5,
          ),
          "MB",
        ),
        reported(`${name} RSS at its highest`, Math.max(...of.map((look) => look.rssMb)), "MB"),
        bounded(`${name} descriptors, growth`, growth(of.map((look) => look.fds)), "", { atMost: GROWTH }),
      );
      if (name === "mosquitto") continue;
      const held = heldOf(join(stack.folder, `${name}.resources`));
      figures.push(
        bounded(`${name} timers, growth`, growth(held.map(({ timers }) => timers)), "", { atMost: GROWTH }),
        bounded(`${name} handles and requests, growth`, growth(held.map(({ handles }) => handles)), "", {
          atMost: GROWTH,
        }),
        reported(
          `${name} JavaScript heap, growth of its least`,
          growth(held.map(({ heapMb }) => heapMb)),
          "MB",
        ),
      );
    }
    const { rollups } = found;
    const dayMb = (disk - startDisk) / 1e6 / (hours / 24);
    figures.push(
      bounded("rigs with readings", found.rigs, "", { atLeast: rigs }),
      reported("readings made", made, ""),
      bounded("readings made and not stored", made - found.samples, "", none),
      bounded("readings due and not stored", found.missing, "", none),
      bounded("readings double", found.double, "", none),
      reported("longest distance of two readings", found.longest, "intervals"),
      reported("readings that a rig gave too late", found.unanswered, "", {
        note: `the first at ${found.unansweredMs.map((ms) => new Date(ms).toISOString()).join(", ") || "no time"}`,
      }),
      bounded("5-minute rows missing", rollups["5m"].missing, `of ${rollups["5m"].rows}`, none),
      bounded("hourly rows missing", rollups["1h"].missing, `of ${rollups["1h"].rows}`, none),
      bounded("rows of the site missing", found.siteMissing, "", none),
      bounded("rows double", rollups["5m"].double + rollups["1h"].double, "", none),
      bounded("5-minute rows that cover less than 99 %", rollups["5m"].partial, "", none),
      bounded("hours that are not the sum of their rows", found.unequalHours, "", none),
      reported("nightly exports", exportsIn(dataDir), ""),
      reported("disk per day", dayMb, "MB"),
      reported("disk per reading, rollups included", (disk - startDisk) / found.samples, "B"),
      reported("spool at its highest", spool / 1e6, "MB"),
      reported("agent behind at most", behindMs / 1_000, "s"),
      reported("batches sent twice", counters.duplicateBatches ?? Number.NaN, ""),
      bounded(
        "connections of screens that broke, requests that failed",
        seen.lost + seen.failed.length,
        "",
        none,
        {
          ...(seen.failed.length && { note: seen.failed.join("; ") }),
        },
      ),
      ...Object.entries(cpu).map(([name, percent]) =>
        reported(`${name} CPU at this speed`, percent, "% of a core"),
      ),
    );
    return figures;
  } finally {
    await checker.stop();
    await screens.stop();
    await stack.close();
    await mosquitto?.stop();
    await simulator?.stop();
  }
};

const exportsIn = (dataDir: string): number => {
  try {
    return readdirSync(join(dataDir, "exports")).length;
  } catch {
    return 0;
  }
};
