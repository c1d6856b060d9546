import { describe, expect, test } from "vitest";
import type { MeterConfig } from "../config/meters.js";
import { config, record, startMetering } from "../fixtures/metered.js";
import type { Expected } from "../register/register.js";
import type { MeteredRegister } from "./metering.js";

const start = (meters: MeterConfig[]) => startMetering(meters, { note: () => undefined });

describe("a meter of a place in the register", () => {
  const entry = (n: number, place: object): Expected => ({ n, site: "home", state: "active", ...place });
  /** The register has rig n in its n-th entry. */
  const registerOf = (...places: object[]): MeteredRegister => {
    const entries = places.map((place, i) => entry(i + 1, place));
    return { of: ({ rig }) => entries[rig - 1], entries: () => entries };
  };
  const records = [1, 2, 3, 4].map((rig) => record(rig));
  const pdu = config("pdu", "pdu", { rigs: undefined, register: { pdu: "P3" } });

  test("is divided over who stands there without a meter of their own, by what they draw, and nothing twice", () => {
    const { metering, say, poll } = start([
      pdu,
      config("plug", "rig", { rigs: ["10.0.0.1"] }),
      config("outlet", "outlet", { rigs: undefined, register: { pdu: "P3", outlet: "2" } }),
      config("feeder", "feeder", { rigs: undefined, register: { feeder: "F" } }),
    ]);
    const on = (outlet: string) => ({ pdu: "P3", outlet, feeder: "F" });
    metering.registered(registerOf(on("1"), on("2"), on("3"), { feeder: "F" }), records);
    for (const rig of [1, 2, 3, 4]) poll(rig, 0, 3_000);
    for (const [meter, watts] of [
      ["plug", 3_100],
      ["outlet", 3_200],
      ["pdu", 9_800],
      ["feeder", 13_000],
    ] as const)
      say(meter, watts, 0);
    metering.sweep(0);
    const watts = [1, 2, 3, 4].map((rig) => poll(rig, 1, 3_000).powerW);
    expect(watts).toEqual([3_100, 3_200, 3_500, 3_200]);
    expect(watts.reduce((sum, each) => sum! + each!)).toBe(13_000);
    expect(metering.views(1).find(({ meter }) => meter === "pdu")).toMatchObject({
      at: "pdu",
      rigs: [1, 2, 3],
    });
  });

  test("follows the register: who is moved away is behind it no more, and another is", () => {
    const { metering, say, poll } = start([pdu]);
    metering.registered(registerOf({ pdu: "P3" }, { pdu: "P4" }), records);
    const shares = () => {
      for (const rig of [1, 2]) poll(rig, 0, 3_000);
      say("pdu", 3_300, 0);
      metering.sweep(0);
      return [1, 2].map((rig) => poll(rig, 1, 3_000).powerW);
    };
    expect(shares()).toEqual([3_300, 3_000]);
    metering.registered(registerOf({ pdu: "P4" }, { pdu: "p3" }), records);
    expect(shares()).toEqual([3_000, 3_300]);
  });

  test("says so when nothing has the name, once, and counts as a meter that gives no figure", () => {
    const { metering, say } = start([pdu, config("plug", "rig")]);
    const why = "no entry of the register of site home has pdu P3: there is P33";
    const wrong = registerOf({ pdu: "P33" });
    expect(metering.registered(wrong, records)).toEqual([{ meter: "pdu", why }]);
    expect(metering.registered(wrong, records)).toEqual([]);
    say("pdu", 3_300, 0);
    metering.sweep(1);
    expect(metering.views(1)[0]).toMatchObject({ rigs: [], problem: why });
    expect(metering.summary("home")).toEqual({ meters: 2, silent: 2, problem: `pdu: ${why}` });
    metering.registered(registerOf({ pdu: "P3" }), []);
    say("plug", 3_000, 1);
    metering.sweep(2);
    expect(metering.summary("home")).toEqual({
      meters: 2,
      silent: 1,
      problem: "pdu: no rig that the register has there was found yet",
    });
  });
});

test("sensors of rows and of the site are its air, those of rigs' inlets are not", () => {
  const { metering, say } = start([
    config("hall", "ambient", { preset: "shelly-humidity" }),
    config("row", "row", { unit: "C", rigs: undefined, register: { row: "A" } }),
    config("inlet", "inlet", { unit: "C" }),
  ]);
  say("hall", JSON.stringify({ rh: 41 }), 5);
  expect(metering.air("home", 6)).toEqual([
    { meter: "hall", at: "ambient", unit: "ratio", value: 0.41, atMs: 5 },
    { meter: "row", at: "row", unit: "°C", value: null, atMs: null },
  ]);
  expect(metering.air("elsewhere", 6)).toBeUndefined();
  expect(metering.airMeters.map(({ name }) => name)).toEqual(["hall", "row", "inlet"]);
});
