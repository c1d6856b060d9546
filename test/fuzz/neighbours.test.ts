import { readdirSync } from "node:fs";
import { Writable } from "node:stream";
import { openRigLinks } from "@hashwatt/agent/links/rigLinks";
import type { TcpLink } from "@hashwatt/agent/links/tcp";
import { watchFleet } from "@hashwatt/agent/watchFleet";
import { fakeClock, systemClock } from "@hashwatt/protocol/time";
import { START, startIngest } from "@hashwatt/server/fixtures/startIngest";
import { type Fleet, startFleet } from "@hashwatt/simulator/listener";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../support/ports.js";
import { type Program, root, startProgram } from "../support/program.js";
import { until } from "../support/wait.js";
import type { Behaviour } from "./hostileRig.js";

const GOOD = 12;
const INTERVAL_MS = 1_000;
const WATCHED_MS = 8_000;
const CONCURRENCY = 32;
const BAD: readonly Behaviour[] = [
  "drips",
  "never ends",
  "sends 10 MB",
  "says nothing",
  "closes without a word",
  "resets at once",
  "answers twice",
  "says what it is asked",
  "puts a wrong length before it",
  "answers in HTTP",
];

/** What keeps a connection for as long as it is given. */
const SLOW: readonly Behaviour[] = ["drips", "says nothing"];

/** What costs the agent computing besides a connection. */
const FLOODS: ReadonlySet<Behaviour> = new Set(["never ends", "sends 10 MB"]);

const descriptors = (): number => readdirSync("/proc/self/fd").length;

interface BadRig {
  port: number;
  behaviour: Behaviour;
}

interface Watched {
  /** Readings of each good rig. */
  readings: Map<string, number>;
  /** Code and reason by the port of a rig that was not read. */
  named: Map<string, { code: string; reason: string }>;
  /** Tries without a reading, by the rig. */
  tries: Map<string, number>;
  /** Requests, by the port. */
  asked: Map<number, number>;
  mostInFlight: number;
  descriptorsLeft: number;
  mostRssGrowthMb: number;
}

/** Watches the good rigs, and `bad` ones beside them, for some seconds. */
async function watch(good: Fleet, bad: readonly BadRig[]): Promise<Watched> {
  const stop = new AbortController();
  const before = { descriptors: descriptors(), rss: process.memoryUsage.rss() };
  const links = openRigLinks(systemClock, { connectMs: 1_000, answerMs: 1_500 }, stop.signal);
  const watched: Watched = {
    readings: new Map(),
    named: new Map(),
    tries: new Map(),
    asked: new Map(),
    mostInFlight: 0,
    descriptorsLeft: 0,
    mostRssGrowthMb: 0,
  };
  const tcp: TcpLink = {
    ask(address, port, request, limits) {
      watched.asked.set(port, (watched.asked.get(port) ?? 0) + 1);
      return links.tcp.ask(address, port, request, limits);
    },
    get inFlight() {
      return links.tcp.inFlight;
    },
    close: () => links.tcp.close(),
  };
  const log = pino(
    { level: "info" },
    new Writable({
      write(line, _encoding, done) {
        const { rig, msg, code, reason } = JSON.parse(String(line)) as Record<string, string>;
        if (msg === "rig unreachable") watched.named.set(rig!, { code: code!, reason: reason! });
        done();
      },
    }),
  );
  const fleet = watchFleet(
    {
      links: { ...links, tcp },
      clock: systemClock,
      log,
      neighbours: { macOf: () => undefined, refresh: () => Promise.resolve() },
      push({ rig, status }) {
        const counts = status === "unreachable" ? watched.tries : watched.readings;
        counts.set(rig, (counts.get(rig) ?? 0) + 1);
      },
      random: () => 0.5,
    },
    { intervalMs: INTERVAL_MS, concurrency: CONCURRENCY },
    stop.signal,
  );
  for (const { address, port } of good.addresses) fleet.add({ address, port });
  for (const { port } of bad) fleet.add({ address: "127.0.0.1", port });
  const looking = setInterval(() => {
    watched.mostInFlight = Math.max(watched.mostInFlight, links.tcp.inFlight);
    watched.mostRssGrowthMb = Math.max(
      watched.mostRssGrowthMb,
      (process.memoryUsage.rss() - before.rss) / 2 ** 20,
    );
  }, 50);
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  // A machine that is busy with other things takes longer to get round.
  await until("every rig was read, or is named with what is wrong", () =>
    [
      ...good.addresses.map(({ address, port }) => handleOf(address, port)),
      ...bad.map(({ port }) => handleOf("127.0.0.1", port)),
    ].every((handle) => watched.readings.has(handle) || watched.named.has(handle)),
  );
  clearInterval(looking);
  stop.abort();
  await fleet.stop();
  await new Promise((resolve) => setTimeout(resolve, 500));
  watched.descriptorsLeft = descriptors() - before.descriptors;
  return watched;
}

describe("rigs that drip, never end, say nothing, reset or lie", () => {
  let good: Fleet;
  let program: Program;
  let bad: BadRig[];
  beforeAll(async () => {
    good = await startFleet({
      rigs: GOOD,
      seed: 3,
      port: await freePort(),
      base: "127.62.0.1",
      incidents: false,
    });
    const behaviours = [...BAD, ...SLOW, ...SLOW];
    program = startProgram(process.execPath, [
      "--import",
      `${root}scripts/ts-register.mjs`,
      `${root}test/fuzz/hostileRigs.ts`,
      ...behaviours,
    ]);
    const line = await program.waitFor("ports ", 60_000);
    bad = line
      .split(" ")
      .slice(1)
      .map((port, i) => ({ port: Number(port), behaviour: behaviours[i]! }));
  });
  afterAll(async () => {
    await good?.close();
    await program?.stop();
  });

  const mustBeHeld = (watched: Watched, rigs: readonly BadRig[]) => {
    for (const { address, port } of good.addresses)
      expect(watched.readings.get(handleOf(address, port)), address).toBeGreaterThan(0);
    expect(watched.mostInFlight).toBeLessThanOrEqual(CONCURRENCY);
    expect(watched.descriptorsLeft).toBeLessThanOrEqual(5);
    expect(watched.mostRssGrowthMb).toBeLessThan(150);
    for (const { behaviour, port } of rigs) {
      const named = watched.named.get(handleOf("127.0.0.1", port));
      expect(named, `${behaviour} is named`).toBeDefined();
      expect(named!.code).toMatch(/^[a-zA-Z]+$/);
      expect(named!.reason.length, behaviour).toBeGreaterThan(10);
    }
  };

  // How many polls the neighbours keep is counted in agent/src/watchFleet.test.ts, on a clock that no other process can slow down.
  test("let all others be read, hold no descriptor and no memory, and are named with what is wrong", async () => {
    const watched = await watch(good, bad);
    mustBeHeld(watched, bad);
    for (const { behaviour, port } of bad) {
      if (!FLOODS.has(behaviour)) continue;
      const handle = handleOf("127.0.0.1", port);
      const { asked, tries } = { asked: watched.asked.get(port)!, tries: watched.tries.get(handle)! };
      // Once a try, for each answer is cut at a bound: twice where the machine was too slow to get that far in time.
      expect(asked, behaviour).toBeLessThanOrEqual(2 * tries + 2);
      // The second try comes sixteen intervals after the first, a minute at most.
      expect(tries, behaviour).toBeLessThanOrEqual(2);
    }
  }, 120_000);
});

const handleOf = (address: string, port: number): string => `${address}-${port}`.replace(/[^a-z0-9]+/g, "-");

describe("a rig that claims to be another", () => {
  test("takes neither its place nor its history, however it lies about MAC, serial, address and time", async () => {
    const clock = fakeClock(START);
    const it = startIngest(clock);
    const honest = { address: "10.0.0.1", mac: "02:00:00:00:00:01", serial: "SERIAL1", model: "S19" };
    const send = (seq: number, liarAtMs: number) => {
      const sample = { intervalMs: 5_000, status: "mining" };
      const batch = {
        v: 1,
        stream: "s1",
        live: true,
        seq,
        first: 1,
        boot: "b",
        monoMs: seq,
        sentMs: clock.nowMs(),
        rigs: { good: honest, liar: { ...honest, address: seq % 2 ? "10.0.0.2" : "10.0.0.1" } },
        samples: [
          { ...sample, rig: "good", atMs: clock.nowMs(), hashrateThs: 100 },
          { ...sample, rig: "liar", atMs: liarAtMs, hashrateThs: 1 },
        ],
      };
      it.ingest.message("hashwatt/v1/farm/agent/a1/batch", Buffer.from(JSON.stringify(batch)));
    };
    for (let seq = 1; seq <= 30; seq++) {
      send(seq, [clock.nowMs() + 3_600_000, 0, clock.nowMs()][seq % 3]!);
      await clock.advance(5_000);
    }
    expect(it.refusals.count("internal")).toBe(0);
    expect(it.fleet.size).toBe(2);
    expect(it.fleet.view(1)?.reading?.hashrateThs).toBe(100);
    expect(it.fleet.view(2)?.reading?.hashrateThs).toBe(1);
    expect(it.ingest.samples).toBe(60);
    // A live reading of an impossible time has the server's.
    expect(it.ingest.restamped).toBe(20);
    const events = await it.state.events(0, 100);
    expect(events.map(({ kind }) => kind)).toContain("rig-twin");
  });
});
