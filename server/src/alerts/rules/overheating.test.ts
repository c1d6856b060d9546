import { describe, expect, test } from "vitest";
import { readThermalLimits } from "../../bundledData.js";
import { judgedRig, START } from "../../fixtures/judgedRig.js";
import type { Reading } from "../../fleet/rigView.js";
import { Limits } from "../limits.js";
import { ThermalTable } from "../thermalTable.js";

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
    const it = judgedRig({ resolveHoldMs: 0 });
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

  /** A rig whose limits are those that are known of it, read each minute. */
  function known(evidence: object) {
    const limits = new Limits(new ThermalTable(readThermalLimits()));
    const it = judgedRig();
    it.view.record.evidence = { address: "10.0.0.7", ...evidence };
    let s = 0;
    const reads = (reading: Partial<Reading>, minutes: number) => {
      for (let i = 0; i < minutes; i++, s += 60) {
        const at = START + s * 1_000;
        it.view.reading = { atMs: at, intervalMs: 60_000, status: "mining", ...reading };
        it.view.limits = limits.of(it.view, at);
        it.reads(s, reading);
      }
      return it.book.takeChanges().transitions.map(({ state, reason }) => `${state}: ${reason}`);
    };
    return { reads };
  }

  test.each([
    ["S19j Pro", { make: "Bitmain", model: "Antminer S19j Pro", dialect: "antminer" }],
    ["M50S", { make: "MicroBT", model: "Whatsminer M50S", dialect: "btminer-v2" }],
  ])(
    "of a %s tells chips that leave what is usual of them, while the board is below its limit",
    (_model, evidence) => {
      const { reads } = known(evidence);
      expect(reads({ chipTempC: 80, boardTempC: 62 }, 60)).toEqual([]);
      expect(reads({ chipTempC: 89, boardTempC: 68 }, 60)).toEqual([]);
      expect(reads({ chipTempC: 115, boardTempC: 74 }, 2)).toEqual([
        expect.stringMatching(/^firing: Chip 115 °C, limit 9\d(\.\d)? °C, own baseline$/),
      ]);
    },
  );

  test("of a rig whose chips have a limit and tell nothing any more goes by what is usual of its boards", () => {
    const { reads } = known({});
    expect(reads({ chipTempC: 75, boardTempC: 60, chipLimitC: 90 }, 60)).toEqual([]);
    // Chips that are well are hotter than any board: it is well too.
    expect(reads({ chipTempC: 85, boardTempC: 72, chipLimitC: 90 }, 10)).toEqual([]);
    expect(reads({ boardTempC: 72, chipLimitC: 90 }, 2)).toEqual([
      "firing: Board 72 °C, limit 70 °C, own baseline",
    ]);
  });

  test("names the sensor, its limit and where the limit comes from", () => {
    const it = judgedRig().reads(0, { chipTempC: 91.26 }).reads(5, { chipTempC: 91.26 });
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({
      severity: "danger",
      value: 91.26,
      limit: 85,
      unit: "°C",
      limitSource: "rig (stated by its firmware)",
      lossPerH: null,
      firedMs: START + 5_000,
      pendingMs: START,
      rigName: "10.0.0.7",
    });
    expect(alert?.reason).toBe("Chip 91.3 °C, limit 85 °C, stated by the rig's firmware");
  });

  const boards = (field: "chipTempC" | "boardTempC", ...temps: number[]) =>
    temps.map((tempC, slot) => ({ slot, [field]: tempC }));
  test.each([
    ["the board that is clearly hotter than the others", boards("chipTempC", 79, 91, 80), "board", "r7/1"],
    ["the rig where all are about as hot", boards("chipTempC", 84, 91, 88), "rig", "r7"],
    ["the rig where two are hot", boards("chipTempC", 70, 91, 90), "rig", "r7"],
    ["the rig where another sensor makes its figure", boards("chipTempC", 60, 60, 75), "rig", "r7"],
    ["the rig where no board tells that sensor", boards("boardTempC", 60, 91, 60), "rig", "r7"],
    ["the rig where it has but one board", boards("chipTempC", 91), "rig", "r7"],
  ])("is about %s", (_what, shown, kind, id) => {
    const it = judgedRig();
    it.reads(0, { chipTempC: 91, boards: shown }).reads(5, { chipTempC: 91, boards: shown });
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({ rule: "overheating", rig: 7, rigName: "10.0.0.7", subject: { kind, id } });
    expect(alert!.reason).toContain(
      kind === "board" ? "; board 1 is 11 °C hotter than the others" : "firmware",
    );
  });

  test("goes on being about the board that was told, whatever heats up after it, and ends as that", () => {
    const it = judgedRig({ resolveHoldMs: 0 });
    const one = { chipTempC: 95, boards: boards("chipTempC", 70, 95, 70) };
    it.reads(0, one).reads(5, one);
    expect(it.book.takeChanges().transitions).toMatchObject([{ subject: { id: "r7/1" } }]);
    it.reads(70, { chipTempC: 99, boards: boards("chipTempC", 99, 95, 98) });
    expect(it.book.open(7)[0]).toMatchObject({
      subject: { kind: "board", id: "r7/1", name: "10.0.0.7 board 1" },
      value: 99,
    });
    for (const s of [75, 80]) it.reads(s, { chipTempC: 70, boards: boards("chipTempC", 70, 70, 70) });
    expect(it.book.takeChanges().transitions).toMatchObject([
      { state: "resolved", subject: { id: "r7/1" }, value: 99 },
    ]);
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

  test("ends after five minutes of rest, told as it stood while it was hot", () => {
    const it = judgedRig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 91 });
    it.transitions();
    for (let s = 10; s < 310; s += 5) it.reads(s, { chipTempC: 60 });
    expect(it.transitions()).toEqual([]);
    expect(it.book.open(7)[0]).toMatchObject({
      state: "firing",
      value: 60,
      reason: "Chip 60 °C, limit 85 °C, stated by the rig's firmware; clear for 4 of 5 min",
    });
    it.reads(310, { chipTempC: 60 });
    expect(it.book.takeChanges().transitions).toMatchObject([
      { state: "resolved", value: 91, reason: "Chip 91 °C, limit 85 °C, stated by the rig's firmware" },
    ]);
  });

  test("a rig that heats and cools every 100 s is one alert", () => {
    const it = judgedRig();
    for (let s = 0; s <= 1_400; s += 5) it.reads(s, { chipTempC: s % 200 < 100 ? 92 : 70 });
    expect(it.transitions()).toEqual(["overheating firing"]);
  });

  test("a value that is not known for a while is no rest, and does not begin the rest anew", () => {
    const it = judgedRig().reads(0, { chipTempC: 90 }).reads(5, { chipTempC: 90 });
    for (let s = 10; s <= 200; s += 5) it.reads(s, { chipTempC: 60 });
    for (let s = 205; s <= 300; s += 5) it.reads(s, {});
    it.transitions();
    // 195 s before and 105 s after make the five minutes; the 100 s between do not count.
    for (let s = 305; s < 410; s += 5) it.reads(s, { chipTempC: 60 });
    expect(it.transitions()).toEqual([]);
    it.reads(410, { chipTempC: 60 });
    expect(it.transitions()).toEqual(["overheating resolved"]);
  });

  describe("by the firmware's own word", () => {
    const fault = { faults: [{ code: "352", text: "slot 2: stopped, too hot" }] };
    const whatsminer = { dialect: "btminer-v2" };

    test("outranks every number", () => {
      const it = judgedRig(whatsminer);
      it.reads(0, { ...fault, chipTempC: 60 }).reads(5, { ...fault, chipTempC: 60 });
      expect(it.book.takeChanges().transitions).toMatchObject([
        {
          state: "firing",
          value: 60,
          limit: null,
          limitSource: "rig (fault 352)",
          reason:
            "Fault 352 of the rig's firmware, slot 2: stopped, too hot; Chip 60 °C, limit 85 °C, stated by the rig's firmware",
        },
      ]);
    });

    test("counts without any temperature or limit", () => {
      const it = judgedRig(whatsminer);
      it.view.limits = {};
      it.reads(0, fault).reads(5, fault);
      expect(it.transitions()).toEqual(["overheating firing"]);
    });

    test.each(["350", "359", "361", "203", "600", "610", "5051"])("is said by Whatsminer code %s", (code) => {
      const it = judgedRig(whatsminer).reads(0, { faults: [{ code }] });
      expect(it.open()).toEqual(["overheating pending"]);
    });

    test.each(["320", "329", "35", "3500", "501", "503", "507", "2000"])(
      "is not said by Whatsminer code %s",
      (code) => {
        const it = judgedRig(whatsminer).reads(0, { faults: [{ code }], chipTempC: 60 });
        expect(it.open()).toEqual([]);
      },
    );

    test.each([
      ["btminer-v3", "350", ["overheating pending"]],
      ["avalon", "ECHU2-64", ["overheating pending"]],
      ["avalon", "MM4-ECMM-64", ["overheating pending"]],
      ["avalon", "PS-4", ["overheating pending"]],
      ["avalon", "ECHU2-4", []],
      ["avalon", "PS-64", []],
      ["avalon", "350", []],
    ])("of a rig read as %s by code %s: %j", (dialect, code, open) => {
      const it = judgedRig({ dialect }).reads(0, { faults: [{ code }], chipTempC: 60 });
      expect(it.open()).toEqual(open);
    });

    test("is not read into the codes of another make", () => {
      const it = judgedRig({ dialect: "antminer" }).reads(0, { faults: [{ code: "350" }] });
      expect(it.open()).toEqual([]);
    });
  });
});
