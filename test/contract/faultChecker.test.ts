import { describe, expect, test } from "vitest";
import { compare, type Evidence, type Stored } from "../faults/compare.js";
import { part } from "../faults/part.js";
import { batchesOf, disagreementsOf, holds, type Report } from "../faults/report.js";
import { Seeded } from "../faults/seeded.js";
import type { Spooled } from "../faults/truth.js";
import { startProgram } from "../support/program.js";

const NOW = Date.UTC(2026, 10, 26, 8);
const spooledAs = (number: number, more: Partial<Spooled> = {}): Spooled => ({
  stream: "s",
  seq: 1 + Math.floor(number / 10),
  agent: "a1",
  rig: `rig${number % 10}`,
  atMs: NOW + number,
  ...more,
});
const storedAs = (number: number, more: Partial<Stored> = {}): Stored => ({
  number,
  rig: `r${number % 10}`,
  atMs: NOW + number,
  receivedMs: NOW + number + 100,
  ...more,
});
const NUMBERS = Array.from({ length: 200 }, (_, number) => number);

/** Two hundred readings, all spooled and stored. */
const whole = (): Evidence & {
  spooled: Map<number, Spooled>;
  damaged: Map<number, Spooled>;
  stored: Stored[];
} => ({
  spooled: new Map(NUMBERS.map((number) => [number, spooledAs(number)])),
  damaged: new Map(),
  stored: NUMBERS.map((number) => storedAs(number)),
  keptApart: new Set(),
  heldBeforeDamage: new Set(),
  diskTroubles: [],
  onePerMs: false,
  answeredMs: (number) => NOW + number,
});
const without = (stored: readonly Stored[], ...numbers: number[]) =>
  stored.filter(({ number }) => !numbers.includes(number));

describe("the checker of a run of faults", () => {
  test("finds nothing where all that was spooled is stored once", () => {
    expect(compare(whole())).toEqual({
      spooled: 200,
      stored: 200,
      lost: [],
      double: [],
      foreign: [],
      lostByStore: 0,
      damaged: 0,
      damagedUnsent: 0,
      batchesDamaged: 0,
      keptApart: 0,
      overwritten: 0,
      rigsOfTwo: 0,
      unspooled: 0,
      unspooledStrange: [],
      late: 0,
      mistimed: 0,
    });
  });

  test("knows the rigs of which two agents' readings are stored, and not those of which the second's never came", () => {
    const run = whole();
    const seconds = [200, 201, 202];
    for (const number of seconds) run.spooled.set(number, spooledAs(number, { agent: "a2", stream: "s2" }));
    run.stored.push(...[200, 201].map((number) => storedAs(number)));
    expect(compare(run)).toMatchObject({ rigsOfTwo: 2, lost: [202], double: [], foreign: [] });
  });

  test("tells readings that no spool holds, and takes a disk that took nothing for the reason only while it did", () => {
    const run = whole();
    run.spooled.delete(50);
    run.spooled.delete(150);
    run.spooled.delete(160);
    run.damaged.set(160, spooledAs(160));
    const diskTroubles = [{ startMs: NOW + 3_140, endMs: NOW + 3_160 }];
    const answeredMs = (number: number) => NOW + 20 * number;
    expect(compare({ ...run, diskTroubles, answeredMs })).toMatchObject({
      unspooled: 2,
      unspooledStrange: [50],
      lost: [],
    });
  });

  test("finds each reading that is planted as lost, wherever it is taken from", () => {
    const random = new Seeded(3);
    for (let round = 0; round < 50; round++) {
      const taken = [...new Set([random.of(NUMBERS), random.of(NUMBERS), random.of(NUMBERS)])];
      const evidence = whole();
      const found = compare({ ...evidence, stored: without(evidence.stored, ...taken) });
      expect(found.lost.sort()).toEqual(taken.sort());
      expect(found.double).toEqual([]);
    }
  });

  test("finds a reading stored twice: under one time, under two, and in two series", () => {
    for (const again of [
      storedAs(17),
      storedAs(17, { atMs: NOW - 3_600_000 }),
      storedAs(17, { rig: "r77" }),
    ]) {
      const evidence = whole();
      expect(compare({ ...evidence, stored: [...evidence.stored, again] }).double).toEqual([17]);
    }
  });

  test("finds readings that came under the key of another rig", () => {
    const evidence = whole();
    const stored = [
      ...without(evidence.stored, 33, 43),
      storedAs(33, { rig: "r5" }),
      storedAs(43, { rig: "r5" }),
    ];
    expect(compare({ ...evidence, stored }).foreign).toEqual([33, 43]);
  });

  test("takes a missing reading as explained only by what explains it", () => {
    const evidence = whole();
    const stored = without(evidence.stored, 40, 41, 42);
    const found = compare({
      ...evidence,
      stored,
      heldBeforeDamage: new Set([40, 50]),
      keptApart: new Set([41]),
    });
    expect(found).toMatchObject({ lost: [42], lostByStore: 1, keptApart: 1 });
  });

  test("takes a reading as written over only by another agent's, of the same rig and millisecond, where a store holds one", () => {
    const evidence = whole();
    const at = { rig: "rig0", atMs: NOW + 10 };
    evidence.spooled.set(500, spooledAs(500, { ...at, agent: "a2" }));
    expect(compare({ ...evidence, onePerMs: true })).toMatchObject({ lost: [], overwritten: 1 });
    expect(compare(evidence).lost).toEqual([500]);
    evidence.spooled.set(501, spooledAs(501, { ...at, agent: "a1" }));
    evidence.spooled.set(502, spooledAs(502, { ...at, agent: "a2", atMs: NOW + 9_999 }));
    expect(compare({ ...evidence, onePerMs: true }).lost).toEqual([501, 502]);
  });

  test("counts what was damaged before it could be sent, by reading and by batch", () => {
    const evidence = whole();
    for (const number of [100, 101, 110, 120]) {
      evidence.damaged.set(number, spooledAs(number));
      evidence.spooled.delete(number);
    }
    // Of the second batch one reading was stored: it had been sent.
    const stored = without(evidence.stored, 100, 101, 120);
    expect(compare({ ...evidence, stored })).toMatchObject({
      lost: [],
      damaged: 4,
      damagedUnsent: 3,
      batchesDamaged: 2,
    });
  });

  test("tells late and mistimed ones by the true time of the rig's answer", () => {
    const evidence = whole();
    const stored = [
      ...without(evidence.stored, 1, 2),
      storedAs(1, { receivedMs: NOW + 1 + 10_001 }),
      storedAs(2, { atMs: NOW + 2 - 2_001 }),
    ];
    expect(compare({ ...evidence, stored })).toMatchObject({ late: 1, mistimed: 1 });
  });

  test("wants each damaged batch counted by the server, and none that nothing explains", () => {
    const accounts = {
      comparison: { lostByStore: 0, batchesDamaged: 3 },
      batchesGone: 2,
      unmissable: 0,
      lostByServer: 3,
      toTell: 1,
      told: 1,
    };
    expect(disagreementsOf(accounts)).toEqual([]);
    expect(disagreementsOf({ ...accounts, lostByServer: 5 })).toEqual([]);
    expect(disagreementsOf({ ...accounts, lostByServer: 2 })).toHaveLength(1);
    expect(disagreementsOf({ ...accounts, lostByServer: 2, unmissable: 1 })).toEqual([]);
    expect(disagreementsOf({ ...accounts, lostByServer: 6 })).toHaveLength(1);
    expect(disagreementsOf({ ...accounts, told: 0 })).toHaveLength(1);
  });

  test("does not let a run pass with anything lost, double, foreign or unaccounted for", () => {
    const report = { lost: [], double: [], foreign: [], disagreements: [] } as unknown as Report;
    expect(holds(report)).toBe(true);
    for (const flaw of [{ lost: [1] }, { double: [1] }, { foreign: [1] }, { disagreements: ["2 and 3"] }])
      expect(holds({ ...report, ...flaw })).toBe(false);
  });

  test("counts batches, not readings", () => {
    expect(batchesOf([spooledAs(1), spooledAs(2), spooledAs(11), spooledAs(1, { stream: "t" })])).toBe(3);
  });
});

test("a part that is started again and again counts its kills and remembers what each life told", async () => {
  const life = () =>
    startProgram(process.execPath, ["-e", "console.log('record damaged'); setInterval(() => 0, 1e9)"]);
  const one = part("one", life, (program) => program.waitFor("damaged"));
  for (let n = 0; n < 3; n++) {
    await one.start();
    await one.kill();
  }
  expect(one.kills).toBe(3);
  expect(one.told()).toHaveLength(3);
});
