import { join } from "node:path";
import { toHandle } from "@hashwatt/agent/toSample";
import type { Health, Totals } from "@hashwatt/protocol/http";
import { openLink } from "../faults/link.js";
import { Seeded } from "../faults/seeded.js";
import { startMosquitto } from "../support/mosquitto.js";
import { freePort } from "../support/ports.js";
import type { Program } from "../support/program.js";
import { keepSpool } from "../support/spooled.js";
import { startTestStore, type TestStoreKind } from "../support/testStore.js";
import { until } from "../support/wait.js";
import { loopbackAddresses } from "./addresses.js";
import type { Fill, Filled } from "./backlogSpool.js";
import { type Backlog, type BacklogCheck, checkBacklog, endOf } from "./backlogTruth.js";
import { type Seen, watchLive } from "./liveAges.js";
import { processUsage } from "./processUsage.js";
import { openStack, type Stack } from "./stack.js";
import { startWorker } from "./worker.js";

const HOUR_MS = 3_600_000;
/** 20 Mbit/s each way, 80 ms there and back. */
export const LINK = { delayMs: 40, bytesPerS: 2_500_000 };

export interface BacklogOptions {
  rigs: number;
  hours: number;
  intervalMs: number;
  store: TestStoreKind;
  broker: "mosquitto" | "embedded";
  /** Whether to wait until the hours are summed up, at least a quarter of a minute, and compare them too. */
  sums: boolean;
  /** How long the backlog may take to come in before the run is given up. */
  patienceMs: number;
  say(line: string): void;
}

/** CPU and memory of a process while the backlog came in. */
interface Used {
  cpuUs: number;
  rssMb: number;
}

/** What a run has measured. Times are since the agent was connected, ms. */
export interface BacklogRun {
  filled: Filled;
  /** Until the last of the backlog was acknowledged. */
  inMs: number;
  /** Until the hours of the backlog were summed up; undefined where that was not asked for. */
  summedMs: number | undefined;
  /** Until the first live reading was on the screen. */
  firstLiveMs: number;
  /** Live readings that came while the backlog came in, and in the calm afterwards. */
  during: Seen[];
  after: Seen[];
  /** Through the link, agent to broker and back, while the backlog came in. */
  bytesUp: number;
  bytesDown: number;
  agent: Used;
  server: Used;
  broker: Used | undefined;
  check: BacklogCheck;
  /** Readings polled during the run: spooled, of those missing in the store, and there twice. */
  live: { spooled: number; lost: number; double: number };
  /** What the server says it refused, dropped or had lost. */
  complaints: string;
}

/** When a line of a program's log was written, epoch ms. */
const timeOf = (line: string): number => (JSON.parse(line) as { time: number }).time;

/**
 * A day without a broker, made beforehand by the agent's own publisher and spool, comes in over a throttled link while the
 * rigs go on being read; then every reading and hour is held against what was spooled. All processes are real ones.
 */
export async function runBacklog(options: BacklogOptions): Promise<BacklogRun> {
  const { rigs, hours, intervalMs, say } = options;
  const brokerPort = await freePort();
  const stack = await openStack("backlog", brokerPort);
  const rigServer = startWorker("floors/rigServer.ts");
  const filler = startWorker("backlogSpool.ts");
  const store = await startTestStore(options.store);
  const link = await openLink(await freePort(), brokerPort, new Seeded(1));
  link.weather(LINK);
  const closing: (() => unknown)[] = [];
  try {
    const port = await freePort();
    await rigServer.call("listen", { port, kind: "antminer", mode: "moving" });
    const hosts = loopbackAddresses(rigs);
    // One round more, so that the first hour too is known from its beginning.
    const rounds = Math.round((hours * HOUR_MS) / intervalMs) + 1;
    const toMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const backlog: Backlog = {
      handles: hosts.map((host) => toHandle(host, port)),
      fromMs: toMs - rounds * intervalMs,
      intervalMs,
      rounds,
    };
    say(`spooling ${rounds * rigs} readings of ${rigs} rigs over ${hours} h`);
    const agentDir = join(stack.folder, "a1");
    const fill: Fill = { ...backlog, dataDir: agentDir, site: stack.site, agent: "a1", hosts, port };
    const filled = await filler.call<Filled>("fill", fill);
    await filler.stop();
    if (filled.samples !== rounds * rigs) throw new Error(`${filled.samples} readings were spooled`);
    const spool = keepSpool(agentDir, join(stack.folder, "kept"), filled.segments);
    closing.push(() => spool.close());

    const dataDir = join(stack.folder, "server");
    let broker: Program | undefined;
    if (options.broker === "mosquitto") {
      broker = await startMosquitto({ port: brokerPort, folder: stack.folder });
      closing.push(() => broker?.stop());
    }
    const server = await stack.startServer({
      store: store.config(dataDir),
      ...(broker && { broker: { url: `mqtt://127.0.0.1:${brokerPort}` } }),
    });
    const screen = await watchLive(stack.httpUrl);
    closing.push(() => screen.close());
    say(`${filled.records} records, ${(filled.bytes / 1e6).toFixed(0)} MB; the agent starts`);
    const agent = await stack.startAgent(
      "a1",
      hosts.map((host) => `${host}:${port}`),
      { intervalMs, broker: { url: `mqtt://127.0.0.1:${link.port}` } },
    );
    const connectedMs = timeOf(await agent.waitFor('"msg":"broker connected"', 60_000));
    const before = usage(agent, server, broker);
    const most = watchMemory({ agent, server, broker });
    const progress = setInterval(() => void report(stack, connectedMs, say), 15_000);
    closing.push(() => clearInterval(progress));
    const drained = await agent.waitFor(
      new RegExp(`"stream":"${filled.stream}".*"msg":"stream drained"`),
      options.patienceMs,
    );
    clearInterval(progress);
    const inMs = timeOf(drained) - connectedMs;
    const [bytesUp, bytesDown] = [link.bytes.up, link.bytes.down];
    const after = usage(agent, server, broker);
    const during = screen.seen.slice();
    say(`in after ${(inMs / 1000).toFixed(1)} s`);
    if (options.sums) await untilSummedUp(stack, toMs);
    const summedMs = options.sums ? Date.now() - connectedMs : undefined;
    most.stop();
    const calm = screen.seen.slice(during.length);
    const { counters, refusals } = await stack.get<Health>("/api/health");

    await agent.stop();
    const end = agent.lines.findLast((line) => line.includes('"msg":"agent stopped"'));
    const held = (JSON.parse(end ?? "{}") as { spool?: { batches: number } }).spool?.batches;
    if (held !== 0) throw new Error(`the agent ended with ${held} batches that were not acknowledged`);
    await server.stop();
    say("comparing");
    const check = await checkBacklog(backlog, store, dataDir, options.sums);
    const used = (name: "agent" | "server" | "broker"): Used => ({
      cpuUs: after[name] - before[name],
      rssMb: most.rssMb[name],
    });
    return {
      filled,
      inMs,
      summedMs,
      firstLiveMs: (during[0] ?? calm[0])!.seenMs - connectedMs,
      during,
      after: calm,
      bytesUp,
      bytesDown,
      agent: used("agent"),
      server: used("server"),
      broker: broker && used("broker"),
      check,
      live: await compareLive(store, dataDir, spool.readings(), endOf(backlog)),
      complaints: JSON.stringify({ refusals, ...pick(counters) }),
    };
  } finally {
    for (const step of closing.reverse()) await step();
    await stack.close();
    await link.close();
    await store.close();
    await Promise.all([rigServer.stop(), filler.stop()]);
  }
}

/** CPU used so far, µs. */
function usage(agent: Program, server: Program, broker: Program | undefined) {
  const of = (program: Program | undefined) => (program ? processUsage(program.pid).cpuUs : 0);
  return { agent: of(agent), server: of(server), broker: of(broker) };
}

/** The most memory that each process took, looked at twice a second. */
function watchMemory(programs: Record<"agent" | "server" | "broker", Program | undefined>) {
  const rssMb = { agent: 0, server: 0, broker: 0 };
  const timer = setInterval(() => {
    for (const name of ["agent", "server", "broker"] as const) {
      const program = programs[name];
      if (program) rssMb[name] = Math.max(rssMb[name], processUsage(program.pid).rssMb);
    }
  }, 500);
  return { rssMb, stop: () => clearInterval(timer) };
}

async function report(stack: Stack, sinceMs: number, say: (line: string) => void): Promise<void> {
  try {
    const { agents, fleet } = await stack.get<Totals>("/api/totals");
    const behind = agents[0]?.behindMs ?? 0;
    say(
      `after ${Math.round((Date.now() - sinceMs) / 1000)} s: ${(behind / HOUR_MS).toFixed(1)} h behind, ${fleet.reporting} rigs report`,
    );
  } catch {
    // A line for a person, no more: what counts is measured elsewhere.
  }
}

async function untilSummedUp(stack: Stack, toMs: number): Promise<void> {
  await until(
    "every hour of the backlog is summed up",
    async () => ((await stack.get<Health>("/api/health")).counters.hoursSummedUpToMs ?? 0) >= toMs,
    900_000,
    1_000,
  );
}

/** Readings of the run itself, which its own records name. */
async function compareLive(
  store: Awaited<ReturnType<typeof startTestStore>>,
  dataDir: string,
  spooled: ReadonlySet<string>,
  fromMs: number,
): Promise<BacklogRun["live"]> {
  const stored = await store.readings(dataDir, fromMs);
  return {
    spooled: spooled.size,
    lost: [...spooled].filter((reading) => !stored.has(reading as `${string} ${number}`)).length,
    double: [...stored.values()].filter((times) => times > 1).length,
  };
}

/** Counters of things that should not happen. */
const pick = (counters: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counters).filter(
      ([name, n]) => n > 0 && /dropped|rejected|duplicates|lost|restamped|elsewhere/i.test(name),
    ),
  );
