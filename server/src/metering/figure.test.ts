import { expect, test } from "vitest";
import { METER_PRESETS, meterSchema, settingsOf } from "../config/meters.js";
import { canonical, figureIn } from "./figure.js";

type Preset = keyof typeof METER_PRESETS;

/** Messages as the makers' documents show them, and what they say in W, kWh, °C or 0–1. */
const MESSAGES: [Preset, unknown, number][] = [
  ["shelly-gen1", "1523.47", 1523.47],
  ["shelly-gen1-relay-energy", "600000", 10],
  ["shelly-gen1-meter-energy", "123456.7", 123.4567],
  ["shelly-gen1-temperature", "27.38", 27.38],
  ["shelly-gen1-humidity", "64.5", 0.645],
  [
    "shelly",
    {
      id: 0,
      source: "init",
      output: true,
      apower: 3271.4,
      voltage: 234.1,
      current: 14.02,
      aenergy: { total: 11679, by_minute: [54521, 54519, 54524], minute_ts: 1764158400 },
      temperature: { tC: 53.3, tF: 127.9 },
    },
    3271.4,
  ],
  ["shelly-energy", { id: 0, apower: 8.9, aenergy: { total: 6532, by_minute: [45.199] } }, 6.532],
  [
    "shelly-em",
    { id: 0, a_act_power: 1100, b_act_power: 1200, c_act_power: 900, total_act_power: 3200 },
    3200,
  ],
  ["shelly-em-energy", { id: 0, a_total_act_energy: 1, total_act: 4567.8, total_act_ret: 0 }, 4.5678],
  [
    "shelly-em1",
    { id: 0, current: 4.029, voltage: 236.1, act_power: 951.2, aprt_power: 951.9, pf: 1 },
    951.2,
  ],
  ["shelly-em1-energy", { id: 0, total_act_energy: 4567.8, total_act_ret_energy: 0 }, 4.5678],
  ["shelly-temperature", { id: 0, tC: 31.4, tF: 88.5 }, 31.4],
  ["shelly-humidity", { id: 0, rh: 44.1 }, 0.441],
  [
    "tasmota",
    {
      Time: "2026-11-26T12:00:00",
      ENERGY: {
        TotalStartTime: "2026-01-01T00:00:00",
        Total: 3185.297,
        Today: 51.2,
        Power: 3244,
        ApparentPower: 3251,
      },
    },
    3244,
  ],
  ["tasmota", { Time: "2026-11-26T12:00:00", ENERGY: { Total: 3.1, Power: [1600, 1650, 0] } }, 3250],
  ["tasmota-energy", { Time: "2026-11-26T12:00:00", ENERGY: { Total: 3185.297, Power: 3244 } }, 3185.297],
  [
    "tasmota-temperature",
    {
      Time: "2026-11-26T12:00:00",
      SI7021: { Temperature: 24.9, Humidity: 40.1, DewPoint: 10.5 },
      TempUnit: "C",
    },
    24.9,
  ],
  [
    "tasmota-humidity",
    { Time: "2026-11-26T12:00:00", SI7021: { Temperature: 24.9, Humidity: 40, DewPoint: 10.5 } },
    0.4,
  ],
];

test.each(MESSAGES)("the preset %s reads the device's message", (preset, message, expected) => {
  const { path, unit, multiplier } = settingsOf({ preset });
  const figure = figureIn(Buffer.from(typeof message === "string" ? message : JSON.stringify(message)), path);
  expect(figure).toBeDefined();
  expect(canonical(figure!, unit, multiplier)).toBeCloseTo(expected, 9);
});

test("every preset has a message that it was read from", () =>
  expect(new Set(MESSAGES.map(([preset]) => preset))).toEqual(new Set(Object.keys(METER_PRESETS))));

test.each([
  ["a text", "on", undefined],
  ["nothing", "", undefined],
  ["no number", "NaN", undefined],
  ["a number beyond all", "1e999", undefined],
  ["broken JSON", '{"apower":12', "apower"],
  ["another shape", '{"power":12}', "apower"],
  ["null", '{"apower":null}', "apower"],
  ["a list with a hole", '{"apower":[1,null]}', "apower"],
  ["an empty list", '{"apower":[]}', "apower"],
  ["a list in a list", '{"apower":[[1]]}', "apower"],
  ["thousands of them", `{"apower":${"[".repeat(8_000)}1${"]".repeat(8_000)}}`, "apower"],
  ["a name of every object's", '{"a":1}', "constructor.length"],
  ["a message without end", `{"apower":${" ".repeat(20_000)}1}`, "apower"],
])("%s is no figure", (_, text, path) => expect(figureIn(Buffer.from(text), path)).toBeUndefined());

test.each([
  ["tenths of a kilowatt", { unit: "kW", multiplier: 0.1 }, 32.5, 3_250],
  ["a clamp behind a transformer", { preset: "shelly-em1", multiplier: 40 }, 80, 3_200],
  ["degrees Fahrenheit", { unit: "F" }, 77, 25],
] as const)("%s are made canonical", (_, settings, figure, expected) => {
  const { unit, multiplier } = settingsOf(settings);
  expect(canonical(figure, unit, multiplier)).toBeCloseTo(expected, 9);
});

const METER = { meter: "m", site: "home", topic: "a/b", at: "rig", rigs: ["10.0.0.1"] };
test("the config takes a meter of who stands at a place of the register, with names of rigs or without", () => {
  for (const at of ["outlet", "rack", "pdu", "feeder"])
    expect(
      meterSchema.safeParse({ ...METER, at, rigs: undefined, register: { pdu: "P3", outlet: "7" } }).success,
    ).toBe(true);
  expect(meterSchema.safeParse({ ...METER, at: "rack", register: { rack: "A-01" } }).success).toBe(true);
});

test.each([
  ["a topic of ours", { topic: "hashwatt/v1/home/agent/a/batch" }, /under hashwatt/],
  ["a wildcard", { topic: "a/+/b" }, /whole topic/],
  ["a site's meter with rigs", { at: "site" }, /names no rigs/],
  ["a rack's meter without", { at: "rack", rigs: undefined }, /must name the rigs/],
  [
    "a site's meter with a place of the register",
    { at: "site", rigs: undefined, register: { rack: "A" } },
    /names no rigs/,
  ],
  ["no place of the register", { register: {} }, /must name one of row, rack, position, feeder, pdu, outlet/],
  ["a place that the register has not", { register: { shelf: "A" } }, /shelf/],
  ["watts of the air", { at: "inlet" }, /nothing that is measured/],
  ["degrees of a rig's power", { unit: "C" }, /nothing that is measured/],
  ["a roll-over of watts", { rollsOverAt: 1_000 }, /only a register/],
])("the config refuses %s", (_, changes, message) =>
  expect(meterSchema.safeParse({ ...METER, ...changes }).error?.issues[0]?.message).toMatch(message),
);
