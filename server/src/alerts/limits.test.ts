import type { Evidence } from "@hashwatt/protocol/sample";
import { describe, expect, test } from "vitest";
import { readThermalLimits } from "../bundledData.js";
import { newRigView, type Reading } from "../fleet/rigView.js";
import { BASELINE_AFTER } from "./baseline.js";
import { Limits } from "./limits.js";
import { sourceName } from "./sourceName.js";
import { coolingOf, plainModel, ThermalTable } from "./thermalTable.js";

const table = new ThermalTable(readThermalLimits());
const antminer = (model: string, over: Partial<Evidence> = {}): Evidence => ({
  address: "10.0.0.1",
  make: "Bitmain",
  model,
  dialect: "antminer",
  ...over,
});
const whatsminer = (model: string): Evidence => ({
  address: "10.0.0.1",
  make: "MicroBT",
  model,
  dialect: "btminer-v2",
  firmware: "20230803.11.REL",
});

const view = (evidence: Evidence, reading?: Partial<Reading>) => {
  const rig = newRigView({
    rig: 1,
    site: "s",
    agent: "a",
    handle: "h",
    name: "n",
    evidence,
    aliases: [],
    firstSeenMs: 0,
    lastSeenMs: 0,
  });
  rig.reading = { atMs: 0, intervalMs: 5_000, status: "mining", ...reading };
  return rig;
};

describe("sourced limits", () => {
  test.each([
    ["Antminer S19 Pro", [75, undefined], [90, undefined]],
    ["Antminer S9", [85, 75], [120, 90]],
    ["Antminer S17 Pro", [70, undefined], []],
    ["Antminer S21", [75, undefined], []],
    ["Antminer S21 Pro", [75, undefined], []],
  ])("of a stock %s are, danger then warning, %j °C of a board and %j °C of a chip", (model, board, chip) => {
    const limits = table.limits(antminer(model));
    expect([limits.board?.limitC, limits.board?.warnC]).toEqual(board);
    expect(limits.chip ? [limits.chip.limitC, limits.chip.warnC] : []).toEqual(chip);
  });

  test.each([
    ["M50SVH50", 75, 70],
    ["M60S", 75, 70],
    ["M53_VH50", 45, undefined],
    ["M53S", 45, undefined],
    ["M66S", 67, undefined],
  ])("of a %s are %s °C of a board, warning at %s, whatever its hardware suffix", (model, limitC, warnC) => {
    const { board } = table.limits(whatsminer(model));
    expect([board?.limitC, board?.warnC]).toEqual([limitC, warnC]);
  });

  test("say in short where they come from, and in their note the margin and the whole citation", () => {
    const { source, name, note } = table.limits(antminer("Antminer S19 Pro")).chip!;
    expect(name).toBe("firmware constant of Bitmain stock bmminer");
    expect(source).toBe("sourced, firmware-source (firmware constant of Bitmain stock bmminer)");
    expect(note).toMatch(/^95 °C less 5; HashSource\/bmminer_NBP1901_analysis /);
  });

  test.each([
    ["Antminer S21", {}, "default of MiningOS"],
    ["Antminer S19k Pro", {}, "default of Proto Fleet"],
    ["Antminer S19j Pro", { dialect: "luxos", firmware: "2025.4.8" }, "vendor document of LuxOS"],
    ["Antminer S17 Pro", {}, "report by D-Central"],
  ])("of a %s are named shortly", (model, over, name) => {
    expect(table.limits(antminer(model, over)).board?.name).toBe(name);
  });

  test("have names that fit into a sentence, whatever their row", () => {
    for (const row of readThermalLimits()) expect(sourceName(row)).toMatch(/^[^();:]{1,60}$/);
  });

  test.each([
    ["another firmware", antminer("Antminer S19 Pro", { firmware: "Vnish 1.2.7" })],
    ["another cooling", antminer("Antminer S21 XP Hyd", { dialect: "luxos" })],
    ["a rig of unknown make", { address: "x", model: "Antminer S19 Pro" }],
    ["a rig of unknown model", { address: "x", make: "Bitmain", dialect: "antminer" }],
    ["another maker", { address: "x", make: "Canaan", model: "A1566", dialect: "avalon" }],
  ])("are not lent to %s", (_what, evidence) => {
    expect(table.limits(evidence)).toEqual({});
  });

  test("of another tool's defaults count only where a model has none of its own", () => {
    expect(table.limits(antminer("Antminer S19k Pro")).board).toMatchObject({ limitC: 90, warnC: 85 });
    expect(table.limits(antminer("Antminer S19k Pro")).board?.source).toContain("other-tool-default");
  });

  test("of a firmware's own series hold for every model of it", () => {
    const limits = table.limits(antminer("Antminer S19j Pro", { dialect: "luxos", firmware: "2025.4.8" }));
    expect(limits.board).toMatchObject({ limitC: 65 });
  });

  test("a model's name tells its cooling", () => {
    expect(["Antminer S21", "S21+ Hyd.", "S21 Imm", "M53S", "M66S", "M60S"].map(coolingOf)).toEqual([
      "air",
      "hydro",
      "immersion",
      "hydro",
      "immersion",
      "air",
    ]);
    expect(["M50SVH50", "M30S++_VE40", "M30S+VF30", "Antminer S19j Pro+"].map(plainModel)).toEqual([
      "M50S",
      "M30S++",
      "M30S+",
      "S19J PRO+",
    ]);
  });
});

describe("limits of a rig", () => {
  test("prefer what the firmware states, sensor by sensor", () => {
    const limits = new Limits(table);
    const found = limits.of(view(antminer("Antminer S19 Pro"), { chipLimitC: 100 }), 0);
    expect(found.chip).toEqual({
      limitC: 100,
      source: "rig (stated by its firmware)",
      name: "stated by the rig's firmware",
    });
    expect(found.board?.limitC).toBe(75);
  });

  test("follow when the firmware states another one", () => {
    const limits = new Limits(table);
    const rig = view(antminer("Antminer S19 Pro"), { chipLimitC: 100 });
    limits.of(rig, 0);
    rig.reading = { ...rig.reading!, chipLimitC: 90 };
    expect(limits.of(rig, 1).chip?.limitC).toBe(90);
  });

  test("learn a baseline where nothing else is known, and judge nobody in the first half hour", () => {
    const limits = new Limits(table);
    const rig = view({ address: "x" }, { chipTempC: 70 });
    for (let minute = 0; minute < 5 * (BASELINE_AFTER - 1); minute++)
      expect(limits.of(rig, minute * 60_000)).toEqual({});
    const found = limits.of(rig, 30 * 60_000);
    expect(found.chip?.limitC).toBe(80);
    expect(found.chip).toMatchObject({
      source: "baseline (its own median of 70 °C in 0.5 h, plus 10)",
      name: "own baseline",
    });
  });

  test("a hot hour does not move the baseline away from the median", () => {
    const limits = new Limits(table);
    const rig = view({ address: "x" }, { boardTempC: 60 });
    for (let i = 0; i < 20; i++) limits.of(rig, i * 300_000);
    rig.reading = { ...rig.reading!, boardTempC: 90 };
    for (let i = 20; i < 30; i++) limits.of(rig, i * 300_000);
    expect(limits.of(rig, 31 * 300_000).board?.limitC).toBe(70);
  });

  /** Limits of a rig that has mined for a while with such readings, and then gives another. */
  const after = (evidence: Evidence, usual: Partial<Reading>, then: Partial<Reading> = usual) => {
    const limits = new Limits(table);
    const rig = view(evidence, usual);
    for (let i = 0; i < BASELINE_AFTER; i++) limits.of(rig, i * 300_000);
    rig.reading = { ...rig.reading!, chipTempC: undefined, ...then } as Reading;
    return limits.of(rig, BASELINE_AFTER * 300_000);
  };
  const S19J = antminer("Antminer S19j Pro");

  test.each([
    ["a board alone", S19J, { chipTempC: 82, boardTempC: 65 }, 92, "own baseline", 90],
    [
      "a board, below which no chip is too hot",
      S19J,
      { chipTempC: 60, boardTempC: 50 },
      90,
      "limit of its board",
      90,
    ],
    [
      "a board alone, of another make",
      whatsminer("M50S"),
      { chipTempC: 81, boardTempC: 65 },
      91,
      "own baseline",
      75,
    ],
    [
      "a board alone by its firmware",
      { address: "x" },
      { chipTempC: 82, boardTempC: 60, boardLimitC: 70 },
      92,
      "own baseline",
      70,
    ],
  ])("of a chip are learned where there is one of %s", (_what, evidence, usual, chipC, name, boardC) => {
    const { chip, board } = after(evidence, usual);
    expect(chip).toMatchObject({ limitC: chipC, name, source: expect.stringContaining("baseline (its own") });
    expect(board?.limitC).toBe(boardC);
    expect(board?.learned).toBeUndefined();
  });

  const stated = { chipTempC: 75, boardTempC: 60, chipLimitC: 90 };
  test("of a board are learned where there is one of the chip alone, and count once the chip tells nothing any more", () => {
    expect(after({ address: "x" }, stated)).toEqual({ chip: expect.objectContaining({ limitC: 90 }) });
    expect(after({ address: "x" }, stated, { boardTempC: 60 })).toMatchObject({
      chip: { limitC: 90 },
      board: { limitC: 70, name: "own baseline" },
    });
  });

  test("are the same object for as long as nothing new is learned", () => {
    const limits = new Limits(table);
    const rig = view(S19J, { chipTempC: 82, boardTempC: 65 });
    for (let i = 0; i < BASELINE_AFTER; i++) limits.of(rig, i * 300_000);
    const at = (BASELINE_AFTER - 1) * 300_000;
    expect(limits.of(rig, at + 5_000)).toBe(limits.of(rig, at + 10_000));
  });

  test("are learned anew by a rig that is told to work in another mode", () => {
    const eco = { chipTempC: 62, boardTempC: 50, powerMode: "Low" };
    const full = { chipTempC: 96, boardTempC: 65, powerMode: "High" };
    expect(after(S19J, { ...eco, chipTempC: 82 }, full).chip).toBeUndefined();
    const same = { ...full, powerMode: "Low" };
    expect(after(S19J, { ...eco, chipTempC: 82 }, same).chip?.limitC).toBe(92);
    // What a damaged answer leaves out is no other mode.
    expect(after(S19J, { ...eco, chipTempC: 82 }, { ...same, powerMode: undefined }).chip?.limitC).toBe(92);
  });

  test("a rig that begins to mine again and again teaches nothing, cold as it is each time", () => {
    const limits = new Limits(table);
    const rig = view(S19J, { chipTempC: 45, uptimeS: 300 });
    for (let i = 0; i < 20; i++) limits.of(rig, i * 300_000);
    expect(limits.of(rig, 20 * 300_000).chip).toBeUndefined();
  });

  test("a rig that does not mine teaches nothing", () => {
    const limits = new Limits(table);
    const rig = view({ address: "x" }, { chipTempC: 25, status: "sleeping" });
    for (let i = 0; i < 20; i++) limits.of(rig, i * 300_000);
    expect(limits.of(rig, 20 * 300_000)).toEqual({});
  });

  /** Limits of the fourth of four rigs that have mined at these temperatures for so many readings of five minutes. */
  const among = (
    temps: readonly number[],
    own: number,
    readings: number,
    racks: readonly string[],
    uptimeS?: number,
  ) => {
    const limits = new Limits(table);
    limits.rackOf = ({ rig }) => racks[rig];
    const rigs = [...temps, own].map((chipTempC, rig) => {
      const began = rig === temps.length && uptimeS !== undefined && { uptimeS };
      const its = view({ address: "x", model: "S9" }, { chipTempC, ...began });
      return Object.assign(its, { rig, record: { ...its.record, rig } });
    });
    for (let i = 0; i < BASELINE_AFTER; i++)
      for (const each of rigs.slice(0, 3)) limits.of(each, i * 300_000);
    let found = {};
    for (let i = 0; i < readings; i++) found = limits.of(rigs[3]!, (BASELINE_AFTER + i) * 300_000);
    return found;
  };
  const rack = ["1", "1", "1", "1"];
  test("a rig that has just begun to mine stands beside its neighbours, however long that lasts", () => {
    expect(among([60, 62, 64], 30, 9, rack, 300)).toMatchObject({ chip: { limitC: 77 } });
  });
  test.each([
    [
      "a rig that is new stands beside its neighbours",
      [60, 62, 64],
      70,
      1,
      rack,
      77,
      "neighbours in its rack",
    ],
    ["one that was always too hot too", [60, 62, 64], 85, 9, rack, 77, "neighbours in its rack"],
    ["one that is like them is judged by itself", [60, 62, 64], 63, 9, rack, 73, "own baseline"],
    ["two neighbours are too few", [60, 62, 64], 85, 9, ["1", "1", "2", "1"], 95, "own baseline"],
    ["another rack is none", [60, 62, 64], 85, 9, ["1", "1", "1", "2"], 95, "own baseline"],
    ["without a register there are none", [60, 62, 64], 85, 9, [], 95, "own baseline"],
  ])("%s", (_what, temps, own, readings, racks, limitC, name) => {
    expect(among(temps, own, readings, racks)).toMatchObject({ chip: { limitC, name } });
  });
});
