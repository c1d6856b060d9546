import { beforeEach, describe, expect, test } from "vitest";
import type { MeterConfig } from "../config/meters.js";
import { config, record, startMetering } from "../fixtures/metered.js";
import { Metering } from "./metering.js";

const refused: string[] = [];
const refusals = { note: (_kind: string, text: string) => void refused.push(text) };
beforeEach(() => {
  refused.length = 0;
});

const start = (meters: MeterConfig[], rigs = 4) => startMetering(meters, refusals, rigs);

describe("a rig's own meter", () => {
  test("outranks what the rig says, and gives way when it is too old", () => {
    const { say, poll } = start([config("plug", "rig", { staleMs: 10_000 })]);
    expect(poll(1, 0, 3_100)).toMatchObject({ powerW: 3_100, powerSource: "psu" });
    say("plug", 3_333, 1_000);
    expect(poll(1, 11_000, 3_100)).toMatchObject({ powerW: 3_333, powerSource: "meter" });
    expect(poll(1, 11_001, 3_100)).toMatchObject({ powerW: 3_100, powerSource: "psu" });
    expect(poll(2, 1_000, 3_000).powerSource).toBe("psu");
  });

  test("gives power to a rig that reports none, and none to one that does not answer", () => {
    const { say, poll } = start([config("plug", "rig")]);
    say("plug", 3_333, 0);
    expect(poll(1, 1)).toMatchObject({ powerW: 3_333, powerSource: "meter" });
    expect(poll(1, 2, undefined, { status: "unreachable" }).powerW).toBeUndefined();
  });

  test.each([
    ["that is retained, so that nobody knows its age", 3_333, true, undefined],
    ["of less than nothing", -20, false, /turn its current clamp round/],
    ["of more than a rig can draw", 33_000, false, /check unit and multiplier/],
    ["that is no number", "on", false, /no number/],
  ])("is not believed in a message %s", (_, text, retained, problem) => {
    const { metering, say, poll } = start([config("plug", "rig")]);
    expect(say("plug", text, 0, retained)).toBe(true);
    expect(poll(1, 1, 3_100).powerSource).toBe("psu");
    if (problem) expect(refused.join()).toMatch(problem);
    expect(metering.views(1)[0]).toMatchObject({ value: null, problem: expect.any(String) });
  });

  test.each([
    ["id", "r3"],
    ["name", "Rig 3"],
    ["MAC", "AA:BB:CC:00:00:03"],
    ["serial", "sn3"],
    ["network", "10.0.0.2/31"],
    ["range", "10.0.0.3-10.0.0.9"],
  ])("is found by the rig's %s", (_, ref) => {
    const metering = new Metering([config("plug", "rig", { rigs: [ref] })], refusals);
    metering.describe(record(3, { mac: "aa:bb:cc:00:00:03", serial: "SN3" }));
    metering.describe({ ...record(3), rig: 9, site: "elsewhere" });
    expect(metering.views(0)[0]?.rigs).toEqual([3]);
  });

  test("follows the rig's name to another rig, and says when nobody has it", () => {
    const { metering } = start([config("plug", "rig")]);
    metering.describe(record(1, { address: "10.0.0.77" }));
    expect(metering.views(0)[0]).toMatchObject({ rigs: [] });
    metering.message("m/plug", Buffer.from("5"), false, 0);
    expect(metering.views(0)[0]?.problem).toMatch(/no rig of its site/);
    metering.describe(record(8, { address: "10.0.0.1" }));
    expect(metering.views(0)[0]?.rigs).toEqual([8]);
    metering.forget(8);
    expect(metering.views(0)[0]?.rigs).toEqual([]);
  });
});

describe("a rack's meter", () => {
  const rack = config("rack", "rack", { rigs: ["10.0.0.0/24"] });

  test("is shared over the rigs without a meter of their own, and adds up to what it says", () => {
    const { metering, say, poll } = start([rack, config("plug", "rig")], 3);
    for (const rig of [1, 2, 3]) poll(rig, 0, 1_000 * rig);
    say("rack", 8_500, 0);
    say("plug", 3_500, 0);
    metering.sweep(0);
    const samples = [1, 2, 3].map((rig) => poll(rig, 100, 1_000 * rig));
    expect(samples.map(({ powerW }) => powerW)).toEqual([3_500, 2_000, 3_000]);
    expect(samples.map(({ powerSource }) => powerSource)).toEqual(["meter", "meter", "meter"]);
    expect(metering.rig(2, 100)).toMatchObject({
      meter: "rack",
      meterW: 8_500,
      rigs: 3,
      ownW: 2_000,
      ownSource: "psu",
    });
  });

  test("that falls silent leaves the rigs their own figures", () => {
    const { metering, say, poll } = start([rack], 2);
    poll(1, 0, 1_000);
    say("rack", 1_100, 0);
    metering.sweep(0);
    expect(poll(1, 120_000, 1_000).powerW).toBe(1_100);
    expect(poll(1, 120_001, 1_000)).toMatchObject({ powerW: 1_000, powerSource: "psu" });
    metering.sweep(120_001);
    expect(metering.rig(1, 120_001)).toBeUndefined();
  });

  test("keeps the part of a rig that does not answer for 5 minutes, and gives it to the others then", () => {
    const { metering, say, poll } = start([rack], 2);
    const round = (nowMs: number) => {
      say("rack", 6_000, nowMs);
      metering.sweep(nowMs);
      return poll(1, nowMs, 3_000).powerW;
    };
    poll(1, 0, 3_000);
    poll(2, 0, 3_000);
    expect(round(1)).toBe(3_000);
    poll(2, 5_000, undefined, { status: "unreachable" });
    expect(round(300_000)).toBe(3_000);
    expect(metering.site("home", 3_000, 300_000)).toBeUndefined();
    expect(round(300_001)).toBe(6_000);
  });
});

describe("a site's meters", () => {
  const feeders = [config("north", "site"), config("south", "site", { unit: "kW" })];

  test.each([
    [
      "add up, and what no rig draws is overhead",
      ["5000", "3"],
      7_000,
      { powerW: 8_000, overheadW: 1_000, overheadRatio: 8 / 7 },
    ],
    [
      "are unknown while one of them is silent",
      ["5000"],
      7_000,
      { powerW: null, overheadW: null, overheadRatio: null },
    ],
    [
      "know no overhead while no rig's power is known",
      ["5000", "3"],
      null,
      { powerW: 8_000, overheadW: null, overheadRatio: null },
    ],
    [
      "have no ratio where nothing hashes",
      ["50", "0"],
      0,
      { powerW: 50, overheadW: 50, overheadRatio: null },
    ],
    [
      "show it when the rigs say more than comes in",
      ["5000", "1"],
      7_000,
      { powerW: 6_000, overheadW: -1_000, overheadRatio: 6 / 7 },
    ],
  ] as const)("%s", (_, [north, south], rigsW, expected) => {
    const { metering, say } = start(feeders);
    say("north", north!, 0);
    if (south !== undefined) say("south", south, 0);
    expect(metering.site("home", rigsW, 1)).toMatchObject(expected);
  });

  test("count what meters tell of silent rigs as no overhead, once", () => {
    const { metering, say, poll } = start(
      [config("feeder", "site"), config("plug", "rig"), config("rack", "rack", { rigs: ["10.0.0.0/24"] })],
      2,
    );
    say("feeder", 8_000, 0);
    say("plug", 3_300, 0);
    say("rack", 6_600, 0);
    poll(1, 0, undefined, { status: "unreachable" });
    poll(2, 0, 3_000);
    metering.sweep(0);
    expect(poll(2, 1, 3_000).powerW).toBe(3_300);
    expect(metering.site("home", 3_300, 1)).toMatchObject({ silentW: 3_300, overheadW: 1_400 });
  });

  test("are those of that site alone", () => {
    const { metering } = start(feeders);
    expect(metering.site("elsewhere", 1, 0)).toBeUndefined();
  });
});

describe("a sensor at the inlet", () => {
  test("tells the temperature of rigs that have none of their own", () => {
    const { say, poll } = start([
      config("air", "inlet", { preset: "shelly-temperature", rigs: ["10.0.0.1", "10.0.0.2"] }),
    ]);
    say("air", JSON.stringify({ id: 0, tC: 31.5 }), 0);
    expect(poll(1, 1, 3_000)).toMatchObject({ inletTempC: 31.5, powerSource: "psu" });
    expect(poll(2, 1, 3_000, { inletTempC: 29 }).inletTempC).toBe(29);
    expect(poll(1, 200_000, 3_000).inletTempC).toBeUndefined();
  });
});

test("a register's meter is unknown until it was followed for a minute", () => {
  const { metering, say, poll } = start([config("plug", "rig", { preset: "shelly-energy" })]);
  const at = (s: number) => say("plug", JSON.stringify({ aenergy: { total: 10_000 + s } }), s * 1_000);
  for (let s = 0; s < 60; s++) at(s);
  expect(metering.views(59_000)[0]).toMatchObject({
    value: null,
    problem: expect.stringMatching(/followed/),
  });
  for (let s = 60; s < 65; s++) at(s);
  expect(poll(1, 65_000, 3_000)).toMatchObject({ powerW: 3_600, powerSource: "meter" });
  expect(metering.views(65_000)[0]).toMatchObject({ unit: "W", register: { value: 10_064, resets: 0 } });
});

test("what several rigs draw together stands beside none of them alone; a meter of one rig does", () => {
  const { metering, say, poll } = start([
    config("pdu", "pdu", { rigs: ["10.0.0.1", "10.0.0.2", "10.0.0.3"] }),
    config("outlet", "outlet", { rigs: ["10.0.0.4"] }),
  ]);
  say("pdu", 9_000, 1_000);
  say("outlet", 3_600, 1_000);
  for (const rig of [1, 2, 3, 4]) poll(rig, 1_000, 3_000);
  metering.sweep(1_000);
  expect(metering.rig(1, 1_000)).toMatchObject({ meterW: 9_000, ownW: 3_000 });
  expect(metering.alone(1, 1_000)).toBeUndefined();
  expect(metering.alone(4, 1_000)).toMatchObject({ meterW: 3_600, ownW: 3_000 });
});
