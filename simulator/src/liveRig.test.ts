import { describe, expect, test } from "vitest";
import { type Incident, ONE_OF_EACH } from "./incidents.js";
import { LiveRig } from "./liveRig.js";
import { hottestChipC } from "./rigState.js";
import { hallWorld } from "./site/hallWorld.js";
import { buildSite, type RigIdentity } from "./site.js";

const START_MS = Date.UTC(2026, 0, 15, 9);
const NONE = { "failing-fan": 0, offline: 0, sleeping: 0, "missing-board": 0, slow: 0 };

function rigWith(incident: Incident, seed = "a"): LiveRig {
  const site = buildSite(seed, 12, { ...NONE, [incident]: 1 });
  const identity = site.rigs.find((rig) => rig.incident === incident);
  if (identity === undefined) throw new Error(`no rig with ${incident}`);
  return new LiveRig(identity, seed, START_MS);
}

const identityOfFirst = buildSite("a", 12, undefined).rigs[0] as RigIdentity;
const sound = buildSite("a", 12, undefined).rigs.map((identity) => ({
  name: identity.model.model,
  identity,
}));

describe.each(sound)("a healthy $name", ({ identity }) => {
  const live = new LiveRig(identity, "a", START_MS);
  const minutes = Array.from({ length: 60 }, (_, i) => live.stateAt(START_MS + i * 60_000));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  test("keeps within 3 % of its nameplate's hashrate and power", () => {
    const { hashrateThs, powerW } = identity.model;
    expect(Math.abs(mean(minutes.map((state) => state.hashrateThs)) / hashrateThs - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean(minutes.map((state) => state.powerW)) / powerW - 1)).toBeLessThan(0.03);
  });

  test("has temperatures and fans in the range of real captures", () => {
    for (const state of minutes) {
      expect(state.phase).toBe("mining");
      for (const board of state.boards) {
        expect(board.boardTempC).toBeGreaterThan(58);
        expect(board.boardTempC).toBeLessThan(74);
        expect(board.chipTempC).toBeGreaterThan(69);
        expect(board.chipTempC).toBeLessThan(92);
      }
      for (const rpm of state.fansRpm) {
        expect(rpm).toBeGreaterThan(2700);
        expect(rpm).toBeLessThan(6600);
      }
    }
  });

  test("moves: no minute shows the hashrate of the one before", () => {
    const rates = minutes.map((state) => state.hashrateThs);
    expect(new Set(rates).size).toBe(rates.length);
  });

  test("has boards that add up to the whole", () => {
    for (const state of minutes) {
      const sum = state.boards.reduce((total, board) => total + board.hashrateThs, 0);
      expect(sum).toBeCloseTo(state.hashrateThs, 9);
    }
  });

  test("finds shares at the rate that its hashrate and the pool's difficulty ask for", () => {
    const first = minutes[0]?.shares.accepted ?? 0;
    const found = (minutes.at(-1)?.shares.accepted ?? 0) - first;
    const expected =
      ((identity.model.hashrateThs * 1e12) / (identity.unit.poolDifficulty * 2 ** 32)) * 59 * 60;
    expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(expected) + 0.03 * expected);
  });
});

test("what a rig does never depends on how often it is looked at", () => {
  const identity = sound[0]!.identity;
  const watched = new LiveRig(identity, "a", START_MS);
  const left = new LiveRig(identity, "a", START_MS);
  for (let ms = 0; ms < 90_000; ms += 700) watched.stateAt(START_MS + ms);
  expect(watched.stateAt(START_MS + 90_000)).toEqual(left.stateAt(START_MS + 90_000));
});

test("a rig that nobody has asked for a week answers in an instant with sane values", () => {
  const live = new LiveRig(sound[0]!.identity, "a", START_MS);
  live.stateAt(START_MS);
  const later = live.stateAt(START_MS + 7 * 24 * 3_600_000);
  expect(later.hashrateThs / later.unit.model.hashrateThs).toBeCloseTo(1, 1);
  expect(hottestChipC(later)).toBeLessThan(92);
  const weekS = 7 * 24 * 3600;
  const hashedTh = later.boards.reduce((sum, board) => sum + board.hashedTh, 0);
  expect(hashedTh / (later.elapsedMs / 1000) / later.unit.model.hashrateThs).toBeCloseTo(1, 1);
  expect(later.elapsedMs / 1000).toBeGreaterThan(weekS);
});

test.each(["a", "b", "c", "d", "e", "f"])(
  "a failing fan overheats its rig within two minutes, and it recovers (seed %s)",
  (seed) => {
    const live = rigWith("failing-fan", seed);
    const seen = Array.from({ length: 900 }, (_, s) => live.stateAt(START_MS + s * 1000));
    const limitC = live.identity.model.chipLimitC;
    const firstHot = seen.findIndex((state) => hottestChipC(state) > limitC);
    expect(firstHot).toBeGreaterThan(15);
    expect(firstHot).toBeLessThan(120);
    // Longer than three polls of 5 s, so that an alert with a hold sees it, and never absurd.
    expect(seen.slice(0, 300).filter((state) => hottestChipC(state) > limitC).length).toBeGreaterThan(20);
    expect(Math.max(...seen.map(hottestChipC))).toBeLessThan(125);
    const stopped = seen.findIndex((state) => state.phase === "stopped");
    expect(stopped).toBeGreaterThan(firstHot);
    expect(seen[stopped]?.hashrateThs).toBe(0);
    const again = seen.findIndex((state, i) => i > stopped && state.phase === "mining" && state.load > 0.7);
    expect(again).toBeGreaterThan(stopped);
    expect(seen.slice(again).some((state) => hottestChipC(state) > limitC)).toBe(true);
  },
);

test("a firmware that starts over counts from zero and ramps up", () => {
  const live = rigWith("failing-fan");
  const seen = Array.from({ length: 900 }, (_, s) => live.stateAt(START_MS + s * 1000));
  const boot = seen.findIndex((state) => state.phase === "starting");
  const before = seen[boot - 1]!;
  const after = seen[boot]!;
  expect(before.shares.accepted).toBeGreaterThan(after.shares.accepted);
  expect(after.shares.accepted).toBe(0);
  expect(after.elapsedMs).toBeLessThanOrEqual(1000);
  expect(after.uptimeMs).toBeGreaterThan(before.uptimeMs);
  const ramp = seen.slice(boot).filter((state) => state.load > 0 && state.load < 0.75);
  expect(ramp.length).toBeGreaterThan(30);
});

test("a rig whose power comes back is not up before it has booted, at no moment that somebody looks", () => {
  const [from, until] = [START_MS + 62_000, START_MS + 123_000];
  const dark = (atMs: number) => atMs >= from && atMs < until;
  const world = hallWorld(START_MS);
  const lit = world.circumstances(identityOfFirst, START_MS);
  const live = new LiveRig(identityOfFirst, "a", START_MS, {
    ...world,
    inletTempC: () => 24,
    circumstances: (_, atMs) => ({
      now: dark(atMs) ? { ...lit.now, given: { ...lit.now.given, supply: 0 } } : lit.now,
      untilMs: atMs < from ? from : atMs < until ? until : Number.POSITIVE_INFINITY,
    }),
  });
  const up = Array.from({ length: 200 }, (_, s) => live.isUp(START_MS + s * 1000));
  expect(up.map((is, s) => (is ? s : -1)).filter((s) => s >= 0)).toEqual([
    ...Array.from({ length: 62 }, (_, s) => s),
    // The network comes up 25 s after the power.
    ...Array.from({ length: 52 }, (_, i) => 148 + i),
  ]);
});

test("a missing board takes a third of the hashrate and most of a third of the power", () => {
  const { unit, boards, hashrateThs, powerW } = rigWith("missing-board").stateAt(START_MS + 60_000);
  expect(boards.filter((board) => board.present)).toHaveLength(2);
  expect(hashrateThs / unit.model.hashrateThs).toBeCloseTo(2 / 3, 1);
  expect(powerW / unit.model.powerW).toBeCloseTo(2 / 3, 1);
});

test("a sleeping rig hashes nothing, draws next to nothing and is as cold as the hall", () => {
  const state = rigWith("sleeping").stateAt(START_MS + 600_000);
  expect(state.hashrateThs).toBe(0);
  expect(state.powerW).toBeLessThan(30);
  expect(Math.abs(hottestChipC(state) - state.inletTempC)).toBeLessThan(1);
});

test("an override shows exactly what it says, on top of physics that go on", () => {
  const live = new LiveRig(sound[0]!.identity, "a", START_MS);
  live.override({ chipTempC: 92 });
  live.override({ hashrateThs: 77.5, powerW: 1234, fanRpm: 600, inletTempC: 41, boardTempC: 70 });
  const shown = live.stateAt(START_MS + 5000);
  expect(hottestChipC(shown)).toBe(92);
  expect(shown.boards.reduce((sum, board) => sum + board.hashrateThs, 0)).toBeCloseTo(77.5, 9);
  expect(shown).toMatchObject({ hashrateThs: 77.5, powerW: 1234, inletTempC: 41 });
  expect(new Set(shown.fansRpm)).toEqual(new Set([600]));
  live.override(undefined);
  const untouched = new LiveRig(sound[0]!.identity, "a", START_MS);
  expect(live.stateAt(START_MS + 9000)).toEqual(untouched.stateAt(START_MS + 9000));
});

test("every incident can be had more than once", () => {
  const site = buildSite("a", 12, { ...ONE_OF_EACH, sleeping: 3 });
  expect(site.rigs.filter((rig) => rig.incident === "sleeping")).toHaveLength(3);
});

test("a rig that is glanced at twice in a moment shows the same, and what a test dictates in between", () => {
  const { identity } = sound[0]!;
  const live = new LiveRig(identity, "a", START_MS);
  const other = new LiveRig(sound[1]!.identity, "a", START_MS);
  const seen = structuredClone(live.glanceAt(START_MS + 61_000));
  expect(live.glanceAt(START_MS + 61_000)).toEqual(seen);
  other.glanceAt(START_MS + 61_000);
  expect(live.glanceAt(START_MS + 61_000)).toEqual(seen);
  expect(live.stateAt(START_MS + 61_000)).toEqual(seen);
  live.override({ powerW: 1 });
  expect(live.glanceAt(START_MS + 61_000).powerW).toBe(1);
  live.override(undefined);
  expect(live.glanceAt(START_MS + 61_000)).toEqual(seen);
  expect(live.glanceAt(START_MS + 62_000).hashrateThs).not.toBe(seen.hashrateThs);
});
