import type { Socket } from "node:net";
import type { Sample } from "@hashwatt/protocol/sample";
import { type Clock, fakeClock, systemClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HOST, realServers } from "./fixtures/realServers.js";
import { fixture, gone, onlyTcp, type ScriptedLink, scriptedLink, UNKNOWN } from "./fixtures/scriptedLink.js";
import { openRigLinks, type RigLinks } from "./links/rigLinks.js";
import type { TcpLink } from "./links/tcp.js";
import { toHandle } from "./toSample.js";
import { watchFleet } from "./watchFleet.js";

const S19 = fixture("antminer-s19pro.json");
const START = Date.UTC(2026, 0, 1);
const INTERVAL_MS = 5_000;
/** The grid of the wheel that polls come due on. */
const TICK_MS = 20;

let abort = new AbortController();
afterEach(() => {
  abort.abort();
  abort = new AbortController();
});

/** Watches rigs for as long as the test runs; their samples by handle, in order. */
function watch(
  links: RigLinks,
  clock: Clock,
  rigs: readonly { address: string; port: number }[],
  options: { intervalMs: number; concurrency: number },
) {
  const samples = new Map<string, Sample[]>();
  const order: string[] = [];
  const fleet = watchFleet(
    {
      links,
      clock,
      log: pino({ enabled: false }),
      neighbours: { macOf: () => undefined, refresh: () => Promise.resolve() },
      push(sample) {
        const own = samples.get(sample.rig) ?? [];
        samples.set(sample.rig, [...own, sample]);
        order.push(sample.rig);
      },
      random: () => 0.5,
    },
    options,
    abort.signal,
  );
  for (const rig of rigs) fleet.add(rig);
  return { fleet, order, of: (rig: string) => samples.get(rig) ?? [] };
}

describe("a rig that takes two seconds, and one that never answers", () => {
  it.each([
    ["one of each", 1, 512],
    ["as many as rigs that answer", 12, 512],
    ["more than polls may be under way", 40, 64],
  ])("delay no poll of a neighbour: %s", async (_, many, concurrency) => {
    const clock = fakeClock(START);
    const takes = (ms: number, answers: boolean): ScriptedLink => {
      const link = scriptedLink(S19);
      link.wire = async (reply) => {
        await clock.sleep(ms, new AbortController().signal);
        if (!answers) throw gone("timeout");
        return reply;
      };
      return link;
    };
    const links: Record<string, TcpLink> = {};
    const good = Array.from({ length: 12 }, (__, i) => `10.0.0.${i + 1}`);
    const twoSeconds = Array.from({ length: many }, (__, i) => `10.0.1.${i + 1}`);
    const never = Array.from({ length: many }, (__, i) => `10.0.2.${i + 1}`);
    for (const address of good) links[address] = scriptedLink(S19);
    for (const address of twoSeconds) links[address] = takes(2_000, true);
    // As the link ends it after its time limit.
    for (const address of never) links[address] = takes(10_000, false);
    const tcp: TcpLink = {
      inFlight: 0,
      ask: (address, port, request) => links[address]!.ask(address, port, request),
      close() {},
    };
    // Mixed, so that each of the good ones has slow ones before and behind it.
    const rigs = Object.keys(links)
      .sort((a, b) => a.split(".").at(-1)!.localeCompare(b.split(".").at(-1)!))
      .map((address) => ({ address, port: 4028 }));
    const { of } = watch(onlyTcp(tcp), clock, rigs, { intervalMs: INTERVAL_MS, concurrency });
    await clock.advance(60_000 - 10);
    for (const address of good) {
      const own = of(toHandle(address, 4028));
      expect(own, address).toHaveLength(12);
      for (const [i, { atMs, status, intervalMs }] of own.entries()) {
        expect([status, intervalMs]).toEqual(["mining", INTERVAL_MS]);
        // Each on the phase that the first had.
        expect(Math.abs(atMs - own[0]!.atMs - i * INTERVAL_MS), address).toBeLessThanOrEqual(TICK_MS);
      }
    }
    for (const address of twoSeconds)
      expect(of(toHandle(address, 4028)).at(-1), address).toMatchObject({ status: "mining", pollMs: 2_000 });
    for (const address of never)
      expect(of(toHandle(address, 4028)).at(-1), address).toMatchObject({ status: "unreachable" });
  });

  it("hold up nobody on real sockets: their neighbours are read time and again before they are heard out", async () => {
    const servers = realServers();
    const answer = (socket: Socket, request: Buffer) => {
      const { command } = JSON.parse(request.toString("latin1")) as { command: string };
      const one = (name: string) => S19[name] ?? UNKNOWN;
      const parts = command.split("+");
      const text =
        parts.length === 1
          ? one(command)
          : `{${parts.map((part) => `"${part}":[${one(part)}]`).join(",")},"id":1}`;
      socket.end(`${text}\0`);
    };
    try {
      const prompt = await Promise.all([1, 2, 3].map(() => servers.tcp(answer)));
      const slow = await servers.tcp((socket, request) => setTimeout(() => answer(socket, request), 2_000));
      const silent = await servers.tcp(() => {});
      const links = openRigLinks(systemClock, { answerMs: 3_000 }, abort.signal);
      const rigs = [slow, silent, ...prompt].map((port) => ({ address: HOST, port }));
      const { fleet, order, of } = watch(links, systemClock, rigs, { intervalMs: 1_000, concurrency: 8 });
      const [slowRig, silentRig] = [toHandle(HOST, slow), toHandle(HOST, silent)];
      await vi.waitFor(
        () => {
          expect(of(slowRig).at(-1)?.status).toBe("mining");
          expect(of(silentRig).at(-1)?.status).toBe("unreachable");
        },
        { timeout: 45_000, interval: 50 },
      );
      for (const port of prompt) {
        const rig = toHandle(HOST, port);
        expect(of(rig).every(({ status }) => status === "mining")).toBe(true);
        // Who that one is takes it more than one answer of two seconds: a neighbour has had several polls by then.
        for (const late of [slowRig, silentRig]) {
          const before = order.slice(0, order.indexOf(late)).filter((one) => one === rig);
          expect(before.length, `${rig} before ${late}`).toBeGreaterThanOrEqual(2);
        }
      }
      abort.abort();
      await fleet.stop();
      links.close();
    } finally {
      await servers.close();
    }
  });
});
