import fc from "fast-check";
import { expect, test } from "vitest";
import { type Fault, live } from "./streams/world.js";

/** A minute in which anything may go wrong, several times and at once. */
const STORM_MS = 60_000;
const HOUR_MS = 3_600_000;

const span = (maxMs: number) => ({
  atMs: fc.integer({ min: 0, max: STORM_MS }),
  forMs: fc.integer({ min: 0, max: maxMs }),
});
const moment = { atMs: fc.integer({ min: 0, max: STORM_MS }), forMs: fc.constant(0) };
const ratio = (max: number) => fc.integer({ min: 0, max: 100 }).map((n) => (n / 100) * max);
const kind = <K extends Fault["kind"]>(name: K) => ({ kind: fc.constant(name) });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    ...kind("rain"),
    ...span(20_000),
    lossRatio: ratio(0.5),
    doubleRatio: ratio(0.5),
    delayMs: fc.integer({ min: 10, max: 3_000 }),
  }),
  fc.record({ ...kind("cut"), ...span(25_000), noticed: fc.boolean() }),
  fc.record({ ...kind("agentDown"), ...span(10_000) }),
  fc.record({ ...kind("serverDown"), ...span(25_000) }),
  fc.record({ ...kind("commitsFail"), ...span(15_000) }),
  fc.record({ ...kind("newDatabase"), ...moment }),
  fc.record({ ...kind("damage"), ...moment, records: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ ...kind("drop"), ...moment }),
  fc.record({
    ...kind("clockStep"),
    ...moment,
    stepMs: fc.oneof(
      fc.integer({ min: -5_000, max: 5_000 }),
      fc.integer({ min: -24 * HOUR_MS, max: 24 * HOUR_MS }),
    ),
  }),
);
const world = fc.record({
  seed: fc.integer(),
  faults: fc.array(fault, { maxLength: 8 }),
  wallErrorMs: fc.oneof(fc.constant(0), fc.integer({ min: -72 * HOUR_MS, max: 10_000 })),
});

test("whatever fails, no spooled sample is missing, double or moved in time, and live values are back within 10 s", () => {
  fc.assert(
    fc.property(world, ({ seed, faults, wallErrorMs }) => {
      expect(live(seed, faults, wallErrorMs, 20_000).broken).toEqual([]);
    }),
    { numRuns: 3_000, seed: 20_260_101 },
  );
});

/** Of a machine that sleeps: its agent goes on, where a kill would leave stamps whose time nobody can tell any more. */
const sleepy = fc.record({
  seed: fc.integer(),
  faults: fc.array(
    fc.oneof(
      fc.record({ ...kind("sleep"), ...span(25_000) }),
      fc.record({ ...kind("cut"), ...span(25_000), noticed: fc.boolean() }),
      fc.record({ ...kind("serverDown"), ...span(25_000) }),
      fc.record({ ...kind("commitsFail"), ...span(15_000) }),
    ),
    { minLength: 1, maxLength: 5 },
  ),
});

test("nor is it where the machine sleeps meanwhile", () => {
  fc.assert(
    fc.property(sleepy, ({ seed, faults }) => {
      expect(live(seed, faults, 0, 20_000).broken).toEqual([]);
    }),
    { numRuns: 1_000, seed: 20_260_102 },
  );
});

/** The drain is quick, so that the second outage falls into it: the backlog of ten minutes is 2,400 batches. */
const MINUTE_MS = 60_000;

test.each<{ what: string; faults: Fault[] }>([
  {
    what: "a broker that is away for ten minutes",
    faults: [{ kind: "cut", noticed: true, atMs: 5_000, forMs: 10 * MINUTE_MS }],
  },
  {
    what: "a network that swallows everything for ten minutes",
    faults: [{ kind: "cut", noticed: false, atMs: 5_000, forMs: 10 * MINUTE_MS }],
  },
  {
    what: "a server that is down for ten minutes and dies again while the backlog drains",
    faults: [
      { kind: "serverDown", atMs: 5_000, forMs: 10 * MINUTE_MS },
      { kind: "serverDown", atMs: 5_000 + 10 * MINUTE_MS + 5_500, forMs: 20_000 },
    ],
  },
  {
    what: "an agent that is killed in the middle of a long outage and again in the catching up",
    faults: [
      { kind: "cut", noticed: true, atMs: 5_000, forMs: 10 * MINUTE_MS },
      { kind: "agentDown", atMs: 4 * MINUTE_MS, forMs: 2_000 },
      { kind: "agentDown", atMs: 5_000 + 10 * MINUTE_MS + 1_000, forMs: 1_000 },
    ],
  },
  {
    what: "a store that refuses every commit for ten minutes",
    faults: [{ kind: "commitsFail", atMs: 5_000, forMs: 10 * MINUTE_MS }],
  },
  {
    what: "a machine that sleeps for ten minutes",
    faults: [{ kind: "sleep", atMs: 5_000, forMs: 10 * MINUTE_MS }],
  },
  {
    what: "a clock that is set by a day while nobody is there to tell the time",
    faults: [
      { kind: "serverDown", atMs: 0, forMs: 3 * MINUTE_MS },
      { kind: "clockStep", stepMs: 24 * HOUR_MS, atMs: MINUTE_MS, forMs: 0 },
    ],
  },
])("$what: nothing is missing, and live values do not wait behind the backlog", ({ faults }) => {
  const { broken, liveAfterMs } = live(7, faults, 0, MINUTE_MS);
  expect(broken).toEqual([]);
  expect(liveAfterMs).toBeLessThanOrEqual(6_500);
});
