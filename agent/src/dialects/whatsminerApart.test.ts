import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { fakeClock } from "@hashwatt/protocol/time";
import pino from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { fixture, onlyTcp, scriptedLink } from "../fixtures/scriptedLink.js";
import { askLater, readRig } from "../readRig.js";
import { newRigSession } from "../rigSession.js";
import { watchFleet } from "../watchFleet.js";

const M50 = fixture("whatsminer-m50s.json");
const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
type Row = Record<string, unknown>;

const LASTING = ["Effective Chips", "PCB SN"];
const MOMENTARY = ["Chip Temp Min", "Chip Temp Max", "Chip Temp Avg"];
const without = (row: Row, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key)));

/** A build whose `devs` leaves out `apart` of each board, which `edevs` tells; its summary knows no temperature of chips either. */
function build(apart: readonly string[]) {
  const devs = JSON.parse(M50.devs!) as { DEVS: Row[] };
  const summary = JSON.parse(M50.summary!) as { SUMMARY: Row[] };
  return {
    ...M50,
    edevs: M50.devs!,
    devs: JSON.stringify({ ...devs, DEVS: devs.DEVS.map((row) => without(row, apart)) }),
    summary: JSON.stringify({ ...summary, SUMMARY: summary.SUMMARY.map((row) => without(row, apart)) }),
  };
}

let abort = new AbortController();
afterEach(() => {
  abort.abort();
  abort = new AbortController();
});

/** Watches such a rig, which takes `tookMs` over each answer, and returns what was pushed and asked of its readings after `fromMs`. */
async function watched(apart: readonly string[], tookMs: number, fromMs: number, toMs: number) {
  const clock = fakeClock(START);
  const link = scriptedLink(build(apart));
  link.wire = async (reply) => {
    if (tookMs) await clock.sleep(tookMs, abort.signal);
    return reply;
  };
  const pushed: { sample: Sample; evidence: Evidence }[] = [];
  const fleet = watchFleet(
    {
      links: onlyTcp(link),
      clock,
      log: pino({ enabled: false }),
      neighbours: { macOf: () => undefined, refresh: () => Promise.resolve() },
      push: (sample, evidence) => pushed.push({ sample, evidence }),
      random: () => 0.5,
    },
    { intervalMs: 5_000, concurrency: 8 },
    abort.signal,
  );
  fleet.add({ address: "192.0.2.1", port: 4028 });
  await clock.advance(fromMs);
  const [seen, asked] = [pushed.length, link.asked.length];
  await clock.advance(toMs - fromMs);
  return { pushed: pushed.slice(seen), asked: link.asked.slice(asked) };
}

const temps = ({ sample }: { sample: Sample }) => sample.boards?.map(({ chipTempC }) => chipTempC);
const chips = ({ sample }: { sample: Sample }) => sample.boards?.map((board) => board.chips);

describe.each([
  ["answers at once", 0],
  ["takes two seconds over each answer", 2_000],
])("a Whatsminer that %s", (_what, tookMs) => {
  it("tells chips and serial numbers that stand in edevs alone in every reading, once they are known", async () => {
    const { pushed } = await watched(LASTING, tookMs, 2 * MINUTE_MS, 13 * MINUTE_MS);
    for (const each of pushed) expect(chips(each)).toEqual([135, 135, 135]);
    expect(pushed.at(-1)?.evidence.boardSerials).toEqual(
      [1, 2, 3].map((n) => ({ slot: n - 1, serial: `EXAMPLE0000000${n}` })),
    );
    expect(new Set(pushed.map(({ evidence }) => evidence.boardSerials)).size).toBe(1);
  });

  it("is asked for edevs with every reading where the temperature of its chips stands there alone", async () => {
    const { pushed, asked } = await watched(
      [...LASTING, ...MOMENTARY],
      tookMs,
      2 * MINUTE_MS,
      13 * MINUTE_MS,
    );
    for (const each of pushed) {
      expect(temps(each)).toEqual([79, 80, 81]);
      expect(each.sample.chipTempC).toBe(81);
    }
    const edevs = asked.filter((command) => command === "edevs").length;
    expect(Math.abs(edevs - pushed.length)).toBeLessThanOrEqual(1);
  });

  it("is asked for edevs once in five minutes where devs has all of it", async () => {
    const { pushed, asked } = await watched([], tookMs, 2 * MINUTE_MS, 12 * MINUTE_MS);
    for (const each of pushed) expect(temps(each)).toEqual([79, 80, 81]);
    expect(asked.filter((command) => command === "edevs")).toHaveLength(2);
  });

  it("tells how hot its power supply is in the one reading in five minutes that it was asked for", async () => {
    const { pushed, asked } = await watched([], tookMs, 2 * MINUTE_MS, 12 * MINUTE_MS);
    expect(asked.filter((command) => command === "get_psu")).toHaveLength(2);
    expect(pushed.flatMap(({ sample }) => sample.psuTempC ?? [])).toEqual([38.5, 38.5]);
  });
});

it("what a slow Whatsminer said of its power supply before it was away for minutes is not told afterwards", async () => {
  const clock = fakeClock(START);
  const link = scriptedLink(M50);
  const session = newRigSession("192.0.2.1", 4028);
  const links = onlyTcp(link);
  const read = async () => (await readRig(session, links, clock)).reading.psuTempC;
  link.wire = async (reply) => {
    await clock.advance(2_000);
    return reply;
  };
  const askedFor = async () => {
    const asked = link.asked.length;
    while (!link.asked.includes("get_psu", asked)) {
      await clock.advance(10_000);
      await read();
      await askLater(session, links, clock);
    }
  };
  await askedFor();
  await clock.advance(10_000);
  expect(await read()).toBe(38.5);
  expect(await read()).toBeUndefined();
  // A reading that fails takes nothing with it.
  await askedFor();
  await clock.advance(10_000);
  const wire = link.wire;
  link.wire = async () => {
    throw new AgentError("timeout", "no answer");
  };
  await expect(read()).rejects.toMatchObject({ code: "timeout" });
  link.wire = wire;
  expect(await read()).toBe(38.5);
  expect(await read()).toBeUndefined();
  await askedFor();
  await clock.advance(3 * MINUTE_MS);
  expect(await read()).toBeUndefined();
});
