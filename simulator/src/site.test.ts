import { expect, test } from "vitest";
import { stockOf } from "./families.js";
import { ONE_OF_EACH } from "./incidents.js";
import { STOCK } from "./models.js";
import { buildSite, inletTempC, usualIncidents } from "./site.js";

test("the same seed gives the same fleet, and another seed another one", () => {
  expect(buildSite("a", 40, ONE_OF_EACH)).toEqual(buildSite("a", 40, ONE_OF_EACH));
  expect(buildSite("b", 40, ONE_OF_EACH)).not.toEqual(buildSite("a", 40, ONE_OF_EACH));
});

test("a larger fleet of the same seed begins with the smaller one", () => {
  expect(buildSite("a", 40, undefined).rigs.slice(0, 30)).toEqual(buildSite("a", 30, undefined).rigs);
});

test("every dozen has every model", () => {
  const models = new Set(buildSite("a", 12, undefined).rigs.map((rig) => rig.model.model));
  expect(models).toEqual(new Set(STOCK.map((model) => model.model)));
});

test("ten thousand rigs have ten thousand locally administered MACs, serials and hostnames", () => {
  const { rigs } = buildSite("a", 10_000, undefined);
  for (const key of ["mac", "serial", "hostname", "worker"] as const) {
    expect(new Set(rigs.map((rig) => rig[key])).size).toBe(10_000);
  }
  expect(rigs.every((rig) => /^02(:[0-9A-F]{2}){5}$/.test(rig.mac))).toBe(true);
});

test.each(["1", "2", "demo", "42"])("a fleet of a dozen has each incident once (seed %s)", (seed) => {
  const incidents = buildSite(seed, 12, usualIncidents(12)).rigs.flatMap((rig) => rig.incident ?? []);
  expect(incidents.sort()).toEqual(["failing-fan", "missing-board", "offline", "sleeping", "slow"]);
});

test("no rig without fans is one with a failing fan", () => {
  const stock = stockOf(["whatsminer-immersion", "antminer"]);
  const named = (seed: string, models = stock) =>
    buildSite(seed, 12, ONE_OF_EACH, models).rigs.filter(({ incident }) => incident === "failing-fan");
  for (const seed of ["1", "2", "demo", "42", "a", "b"]) {
    const [rig, ...more] = named(seed);
    expect(more).toEqual([]);
    expect(rig?.model.fanCount).toBeGreaterThan(0);
  }
  expect(named("1", stockOf(["whatsminer-immersion"]))).toEqual([]);
});

test("a fleet of fewer than twelve is sound unless counts are given", () => {
  expect(buildSite("a", 11, usualIncidents(11)).rigs.every((rig) => rig.incident === undefined)).toBe(true);
});

test("the afternoon is warmer than the night, and neither is out of range", () => {
  const at = (hour: number) => inletTempC({ placeC: 0, index: 3 }, Date.UTC(2026, 5, 1, hour));
  expect(at(15) - at(3)).toBeGreaterThan(8);
  for (let hour = 0; hour < 24; hour++) {
    expect(at(hour)).toBeGreaterThan(17);
    expect(at(hour)).toBeLessThan(31);
  }
});
