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
      expect(after.restartsSince(rig, START)).toEqual(before.restartsSince(rig, START));
      expect(after.riseC(rig, 70)).toEqual(before.riseC(rig, 70));
    }
    expect(after.work(3, nowMs)?.accepted).toBe(890);
    expect(after.restartsSince(3, START)).toBe(1);
    expect(after.text()).toBe(before.text());
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
});
