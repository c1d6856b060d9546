import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentError } from "./agentError.js";
import { applyRigs } from "./applyConfig.js";
import { fixture, gone, onlyTcp, type ScriptedLink, scriptedLink } from "./fixtures/scriptedLink.js";
import type { TcpLink } from "./links/tcp.js";
import { defaultIntervalMs, watchFleet } from "./watchFleet.js";
import { backOffMs } from "./watchRig.js";

const S19 = fixture("antminer-s19pro.json");
const START = Date.UTC(2026, 0, 1);

let clock: FakeClock;
let abort: AbortController;
let pushed: { sample: Sample; evidence: Evidence }[];
let logged: Record<string, unknown>[];

beforeEach(() => {
  clock = fakeClock(START);
  abort = new AbortController();
  pushed = [];
  logged = [];
});
afterEach(() => abort.abort());

/** Watches with one scripted link per address. */
function watch(links: Record<string, TcpLink>, options: { intervalMs?: number; concurrency?: number } = {}) {
  const link: TcpLink = {
    inFlight: 0,
    ask: (address, port, request) => links[address]!.ask(address, port, request),
    close() {},
  };
  const log = pino({ level: "info" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const fleet = watchFleet(
    {
      links: onlyTcp(link),
      clock,
      log,
      neighbours: {
        macOf: (address) => (address === "10.0.0.9" ? "02:00:00:00:00:09" : undefined),
        refresh: async () => {},
      },
      push: (sample, evidence) => pushed.push({ sample, evidence }),
      random: () => 0.5,
    },
    { intervalMs: 5_000, concurrency: 512, ...options },
    abort.signal,
  );
  for (const address of Object.keys(links)) fleet.add({ address, port: 4028 });
  return fleet;
}

const messages = () => logged.map((line) => line.msg);
const of = (rig: string) => pushed.filter(({ sample }) => sample.rig === rig);
/** A link whose answers take `ms()` of the fake clock. */
function slow(ms: () => number): ScriptedLink {
  const link = scriptedLink(S19);
  link.wire = async (reply) => {
    await clock.sleep(ms(), new AbortController().signal);
    return reply;
  };
  return link;
}

describe("a watched fleet", () => {
  it("polls each rig once per interval, with its evidence, at phases of its own", async () => {
    const links = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`10.0.0.${i + 1}`, scriptedLink(S19)]),
    );
    const fleet = watch(links);
    await clock.advance(24_990);
    for (const address in links) {
      const rig = address.replaceAll(".", "-");
      const times = of(rig).map(({ sample }) => sample.atMs);
      expect(times).toHaveLength(5);
      // The wheel's grid rounds up by less than a tick.
      expect(Math.abs(times[4]! - times[0]! - 20_000)).toBeLessThanOrEqual(20);
    }
    const firsts = Object.keys(links).map(
      (address) => of(address.replaceAll(".", "-"))[0]!.sample.atMs - START,
    );
    // Twenty rigs over 5 s: none of four quarters of the interval stays without polls.
    for (const quarter of [0, 1, 2, 3])
      expect(firsts.filter((at) => Math.floor(at / 1_250) === quarter).length).toBeGreaterThan(2);
    expect(pushed[0]).toMatchObject({
      sample: { status: "mining", intervalMs: 5_000, pool: "stratum+tcp://pool0.example.com:3333" },
      evidence: { model: "Antminer S19 Pro", port: 4028 },
    });
    expect(fleet.counts()).toMatchObject({ mining: 20, unreachable: 0 });
  });

  it("passes the same evidence object for as long as nothing changed", async () => {
    const link = scriptedLink(S19);
    watch({ "10.0.0.9": link });
    await clock.advance(200_000);
    const before = new Set(of("10-0-0-9").map(({ evidence }) => evidence));
    expect(before.size).toBe(1);
    expect([...before][0]!.mac).toBe("02:00:00:00:00:09");
    link.script.pools = S19.pools!.replace("example.rig1", "example.rig2");
    await clock.advance(70_000);
    expect(of("10-0-0-9").at(-1)!.evidence.pools?.[0]?.user).toBe("example.rig2");
  });

  it("yields an unreachable sample with each try at a dead rig, backing off to a minute", async () => {
    const link = scriptedLink(S19);
    link.wire = () => Promise.reject(gone());
    const fleet = watch({ "10.0.0.1": link });
    await clock.advance(600_000);
    const samples = of("10-0-0-1").map(({ sample }) => sample);
    expect(samples.slice(0, 7).map(({ intervalMs }) => intervalMs)).toEqual([
      5_000, 5_000, 10_000, 20_000, 40_000, 60_000, 60_000,
    ]);
    for (const [i, sample] of samples.entries()) {
      expect(sample).toMatchObject({ status: "unreachable" });
      expect(sample).not.toHaveProperty("hashrateThs");
      // Each says truly when the next one comes, bar the grid of the wheel.
      if (i > 0)
        expect(Math.abs(sample.atMs - samples[i - 1]!.atMs - samples[i - 1]!.intervalMs)).toBeLessThanOrEqual(
          20,
        );
    }
    expect(fleet.counts()).toMatchObject({ unreachable: 1 });
    expect(messages()).toEqual(["rig unreachable"]);
  });

  it("says once that a rig went and once that it is back, with how long it was away", async () => {
    const link = scriptedLink(S19);
    watch({ "10.0.0.1": link });
    await clock.advance(10_000);
    link.wire = () => Promise.reject(gone("unreachable"));
    await clock.advance(60_000);
    link.wire = (reply) => reply;
    await clock.advance(60_000);
    expect(messages()).toEqual(["rig unreachable", "rig back"]);
    expect(logged[1]!.awayMs).toBeGreaterThan(30_000);
    expect(of("10-0-0-1").at(-1)!.sample).toMatchObject({ status: "mining", intervalMs: 5_000 });
  });

  it("stretches the interval of a slow rig visibly, says so once, and takes it back", async () => {
    let takesMs = 4_000;
    watch({ "10.0.0.1": slow(() => takesMs), "10.0.0.2": scriptedLink(S19) });
    await clock.advance(120_000);
    expect(of("10-0-0-1").at(-1)!.sample).toMatchObject({ intervalMs: 8_000, pollMs: 4_000 });
    // Its neighbour does not notice.
    expect(of("10-0-0-2").length).toBeGreaterThanOrEqual(24);
    expect(messages()).toEqual(["rig answers slowly, interval stretched"]);
    takesMs = 50;
    await clock.advance(120_000);
    expect(of("10-0-0-1").at(-1)!.sample.intervalMs).toBe(5_000);
    expect(messages()).toEqual(["rig answers slowly, interval stretched", "rig answers in time again"]);
  });

  it("lets dead rigs take half of the polls under way at most, so that living ones do not wait", async () => {
    const links: Record<string, TcpLink> = { "10.0.1.1": scriptedLink(S19) };
    for (let i = 1; i <= 12; i++) {
      const hole = scriptedLink(S19);
      hole.wire = async () => {
        await clock.sleep(10_000, new AbortController().signal);
        throw gone("timeout");
      };
      links[`10.0.0.${i}`] = hole;
    }
    watch(links, { concurrency: 8 });
    await clock.advance(60_000);
    pushed.length = 0;
    await clock.advance(60_000);
    expect(of("10-0-1-1")).toHaveLength(12);
  });

  it("lets no rig that fell silent or drips hold the place of another, however many do at once", async () => {
    const links: Record<string, TcpLink> = {};
    const good = [1, 2, 3, 4].map((i) => `10.0.1.${i}`);
    for (const address of good) links[address] = scriptedLink(S19);
    let silent = false;
    let hanging = 0;
    let most = 0;
    for (let i = 1; i <= 14; i++) {
      const rig = scriptedLink(S19);
      rig.wire = async (reply) => {
        if (!silent) return reply;
        most = Math.max(most, ++hanging);
        await clock.sleep(10_000, new AbortController().signal);
        hanging--;
        throw gone("timeout");
      };
      links[`10.0.0.${i}`] = rig;
    }
    watch(links, { concurrency: 8 });
    await clock.advance(60_000);
    silent = true;
    pushed.length = 0;
    await clock.advance(60_000);
    for (const address of good) expect(of(address.replaceAll(".", "-")), address).toHaveLength(12);
    // All of them did hang at once, and no more than twice as many as have a place.
    expect(most).toBeGreaterThan(4);
    expect(most).toBeLessThanOrEqual(16);
  });

  it("asks a rig that sends without an end once a try, and soon hardly ever", async () => {
    const endless = scriptedLink(S19);
    const links = { "10.0.0.1": endless, "10.0.1.1": scriptedLink(S19) };
    watch(links);
    await clock.advance(30_000);
    pushed.length = 0;
    endless.asked.length = 0;
    endless.wire = () => Promise.reject(gone("tooLarge"));
    await clock.advance(600_000);
    expect(of("10-0-1-1")).toHaveLength(120);
    const tries = of("10-0-0-1").length;
    expect(tries).toBeGreaterThanOrEqual(9);
    expect(tries).toBeLessThanOrEqual(12);
    // A whole identification asks six questions; each would cost as many bytes as the first.
    expect(endless.asked).toHaveLength(tries);
  });

  it("names a rig that it cannot read by what it is", async () => {
    const link = scriptedLink({ version: S19.version!.replace("S19 Pro", "S19 (kaonsu 1.2.7)") });
    watch({ "10.0.0.1": link });
    await clock.advance(10_000);
    expect(pushed.at(-1)).toMatchObject({
      sample: { status: "unreachable" },
      evidence: {
        firmware: "unsupported firmware: Marathon MaraFW, Antminer S19 (kaonsu 1.2.7), cgminer 1.0.0",
      },
    });
  });

  it("tells why a rig that answers is not read, once it stays so, and takes it back with the next reading", async () => {
    const link = scriptedLink(S19);
    watch({ "10.0.0.1": link });
    await clock.advance(10_000);
    const known = pushed.at(-1)!.evidence;
    link.wire = () => Promise.reject(new AgentError("rejected", "its API says no"));
    await clock.advance(10_000);
    expect(pushed.at(-1)).toMatchObject({ sample: { status: "unreachable" } });
    expect(pushed.at(-1)!.evidence.notes).toBeUndefined();
    await clock.advance(60_000);
    expect(pushed.at(-1)!.evidence).toEqual({
      ...known,
      notes: [{ code: "rejected", text: "its API says no" }],
    });
    link.wire = (reply) => reply;
    await clock.advance(120_000);
    expect(pushed.at(-1)).toMatchObject({ sample: { status: "mining" } });
    expect(pushed.at(-1)!.evidence).toEqual(known);
  });

  it("stops for good, and waits for the polls under way", async () => {
    const fleet = watch({ "10.0.0.1": slow(() => 500) });
    await clock.advance(700);
    abort.abort();
    const stopped = fleet.stop();
    await clock.advance(5_000);
    await stopped;
    const count = pushed.length;
    await clock.advance(60_000);
    expect(pushed).toHaveLength(count);
    expect(clock.pending).toBe(0);
  });

  it("that is changed while it is watched costs its other rigs no poll, and polls no more what was taken out", async () => {
    const link = scriptedLink(S19);
    const fleet = watch({ "10.0.0.1": link, "10.0.0.2": link, "10.0.0.3": link });
    await clock.advance(20_000);
    const config = (addresses: string[]) => ({
      rigs: addresses.map((address) => ({ address })),
      ranges: [],
      exclude: [],
    });
    expect(applyRigs(config(["10.0.0.1", "10.0.0.3"]), fleet)).toEqual({ added: 0, removed: 1 });
    expect([fleet.size, fleet.has("10.0.0.2", 4028)]).toEqual([2, false]);
    const gone = of("10-0-0-2").length;
    await clock.advance(60_000);
    expect(of("10-0-0-2")).toHaveLength(gone);
    applyRigs(config(["10.0.0.1", "10.0.0.3", "10.0.0.2"]), fleet);
    await clock.advance(20_000);
    expect(of("10-0-0-2").length).toBeGreaterThanOrEqual(gone + 3);
    for (const rig of ["10-0-0-1", "10-0-0-3"]) {
      const times = of(rig).map(({ sample }) => sample.atMs);
      expect(times.length).toBeGreaterThanOrEqual(20);
      for (let i = 1; i < times.length; i++)
        expect(Math.abs(times[i]! - times[i - 1]! - 5_000)).toBeLessThanOrEqual(20);
    }
  });

  it("watches a rig once, and tells two ports of an address apart", () => {
    const fleet = watch({});
    expect(fleet.add({ address: "10.0.0.1", port: 4028 })).toBe(true);
    expect(fleet.add({ address: "10.0.0.1", port: 4028 })).toBe(false);
    expect(fleet.add({ address: "10.0.0.1", port: 4029 })).toBe(true);
    expect(fleet.has("10.0.0.1", 4029)).toBe(true);
    expect(fleet.size).toBe(2);
  });
});

describe("intervals", () => {
  it.each([
    [1, 5_000],
    [200, 5_000],
    [201, 10_000],
    [2_000, 10_000],
    [2_001, 30_000],
  ])("of a fleet of %d are %d ms unless config says otherwise", (rigs, ms) =>
    expect(defaultIntervalMs(rigs)).toBe(ms),
  );

  it("of dead rigs stay within what a sample may say", () => {
    for (const base of [1_000, 5_000, 30_000, 90_000])
      for (let failures = 1; failures < 60; failures++)
        for (const random of [0, 0.999])
          expect(backOffMs(failures, base, random)).toBeLessThanOrEqual(100_000);
  });
});
