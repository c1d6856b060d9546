import { describe, expect, test } from "vitest";
import { judgedRig, START } from "../../fixtures/judgedRig.js";

describe("overheating", () => {
  test.each([
    ["one hot reading is not enough", [86, 84], []],
    ["two in a row fire", [86, 86], ["overheating firing"]],
    ["two that are not in a row do not", [86, 84, 86, 84], []],
    ["at the limit is not above it", [85, 85, 85], []],
    ["firing ends only 3 °C below the limit", [86, 86, 84, 83, 84, 83], ["overheating firing"]],
    ["and only after two readings there", [86, 86, 82, 84, 82], ["overheating firing"]],
    ["then it resolves, once", [86, 86, 82, 82, 82], ["overheating firing", "overheating resolved"]],
  ] as const)("%s", (_what, temps, expected) => {
    const it = judgedRig();
    temps.forEach((chipTempC, i) => {
      it.reads(i * 5, { chipTempC });
    });
    expect(it.transitions()).toEqual(expected);
  });

  test("a rig without temperature or without a limit is unknown, which raises nothing", () => {
    const it = judgedRig();
    it.reads(0, {}).reads(5, {});
    it.view.limits = {};
    it.reads(10, { chipTempC: 120 }).reads(15, { chipTempC: 120 });
    expect(it.transitions()).toEqual([]);
  });

  test("names the sensor, its limit and where the limit comes from", () => {
    const it = judgedRig().reads(0, { chipTempC: 91.26 }).reads(5, { chipTempC: 91.26 });
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({
      severity: "danger",
      value: 91.26,
      limit: 85,
      unit: "°C",
      limitSource: "stated by the rig's firmware",
      lossPerH: null,
      firedMs: START + 5_000,
      pendingMs: START,
      rigName: "10.0.0.7",
    });
    expect(alert?.reason).toBe("Chip 91.3 °C, limit 85 °C (stated by the rig's firmware)");
  });

  test("when its temperature is not reported any more it stays for ten minutes, then resolves as unknown", () => {
    const it = judgedRig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 90 });
    it.transitions();
    for (let s = 10; s <= 600; s += 10) it.reads(s, {});
    expect(it.transitions()).toEqual([]);
    it.reads(612, {});
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({
      state: "resolved",
      reason: "Ended: what it rests on is not known any more",
    });
  });
});
