import { describe, expect, test } from "vitest";
import { ratedRig, START } from "../fixtures/judgedSite.js";
import { KEPT, ROUGH } from "./memoryFields.js";
import { RigMemory } from "./rigMemory.js";

describe("what is remembered of rigs", () => {
  const learned = () => {
    const memory = new RigMemory();
    const views = [3, 9].map(ratedRig);
    for (let minute = 0; minute < 90; minute++)
      for (const view of views) {
        const atMs = START + minute * 60_000;
        view.reading = {
          ...{
            atMs,
            intervalMs: 60_000,
            status: "mining",
            hashrateThs: 90 + view.rig,
            chipTempC: 60 + minute / 10,
          },
          ...{ uptimeS: 5_000 + (minute % 50) * 60, shares: { accepted: 10 * minute, rejected: minute } },
        };
        memory.learn(view, atMs);
      }
    return memory;
  };

  test("is the same after its text was taken back", () => {
    const before = learned();
    const after = new RigMemory();
    expect(after.restore(before.text())).toBe(true);
    const nowMs = START + 90 * 60_000;
    for (const rig of [3, 9, 11]) {
      expect(after.usualThs(rig)).toEqual(before.usualThs(rig));
      expect(after.work(rig, nowMs)).toEqual(before.work(rig, nowMs));
      expect(after.restartsSince(rig, START, nowMs)).toEqual(before.restartsSince(rig, START, nowMs));
      expect(after.riseC(rig, 70)).toEqual(before.riseC(rig, 70));
    }
    expect(after.work(3, nowMs)?.accepted).toBe(890);
    expect(after.restartsSince(3, START, nowMs)).toBe(1);
    expect(after.text()).toBe(before.text());
  });

  test("is summed up anew for each rig, each stretch of time and each reading", () => {
    const memory = learned();
    const nowMs = START + 89 * 60_000;
    const accepted = (rig: number, parts?: number) => memory.work(rig, nowMs, parts)?.accepted;
    expect([accepted(3), accepted(9), accepted(3, 1), accepted(3)]).toEqual([890, 890, 300, 890]);
    const view = ratedRig(3);
    view.reading = { atMs: nowMs, intervalMs: 60_000, status: "mining", shares: { accepted: 895 } };
    memory.learn(view, nowMs);
    expect([accepted(3), accepted(9)]).toEqual([895, 890]);
    memory.drop(3);
    memory.learn({ ...view, rig: 4 }, nowMs);
    expect([accepted(3), accepted(4), accepted(9)]).toEqual([undefined, 0, 890]);
  });

  test("of a text of an earlier version is what is usual; a text that is none is refused", () => {
    const kept = new Float32Array(2 * KEPT);
    for (const [i, ths] of [95, 101].entries()) {
      kept[i * KEPT + ROUGH.usualThs] = ths;
      kept[i * KEPT + ROUGH.settledMin] = 600;
      kept[i * KEPT + ROUGH.boards] = 3;
    }
    const memory = new RigMemory();
    const base64 = Buffer.from(kept.buffer).toString("base64");
    expect(memory.restore(JSON.stringify({ v: 1, rigs: [3, 9], kept: base64 }))).toBe(true);
    expect([memory.usualThs(3), memory.usualThs(9), memory.mostBoards(9)]).toEqual([95, 101, 3]);
    expect(memory.work(3, START)).toMatchObject({ accepted: 0 });
    const text = learned().text();
    for (const damaged of [
      "",
      "[]",
      '{"v":3}',
      text.replace('"rigs":[3,', '"rigs":['),
      text.replace("3,9", "0,9"),
    ])
      expect(new RigMemory().restore(damaged)).toBe(false);
  });

  const reading = (atMs: number, fields: object) =>
    ({ atMs, intervalMs: 30_000, status: "mining", hashrateThs: 100, ...fields }) as never;

  test("leaves what was counted in an outage out of what it did since", () => {
    const view = ratedRig(3);
    const memory = new RigMemory();
    const counted = (accepted: number, hwErrors: number, atMs: number) => {
      view.reading = reading(atMs, {
        shares: { accepted, rejected: accepted / 10 },
        boards: [{ slot: 0, hwErrors }],
      });
      memory.learn(view, atMs);
    };
    counted(100, 10, START);
    counted(110, 11, START + 30_000);
    // Nobody looked for eight hours.
    const backMs = START + 8 * 3_600_000;
    counted(9_000, 900, backMs);
    counted(9_010, 901, backMs + 30_000);
    expect(memory.work(3, backMs + 30_000, 1)).toMatchObject({
      accepted: 10,
      rejected: 1,
      hwErrors: 1,
      hashedTh: 3_000,
    });
  });

  test("knows no rise and no restart by a clock that was set back", () => {
    const view = ratedRig(3);
    const memory = new RigMemory();
    const aheadMs = START + 86_400_000;
    const at = (atMs: number, boardTempC: number, uptimeS: number) => {
      view.reading = reading(atMs, { boardTempC, uptimeS });
      memory.learn(view, atMs);
    };
    at(aheadMs, 45, 5_000);
    at(aheadMs + 60_000, 46, 10);
    at(START, 70, 70);
    expect(memory.riseC(3, 70)).toBeUndefined();
    expect(memory.restartsSince(3, START - 3_600_000, START)).toBe(0);
    at(START + 60_000, 71, 130);
    expect(memory.riseC(3, 71)).toBe(1);
  });
});
