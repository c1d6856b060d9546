import { describe, expect, test } from "vitest";
import { stockOf } from "./families.js";
import { updatedModel } from "./updatedModel.js";

const VERSION = "2026.11.1";
const MODELS = stockOf(["all"]);
const modelOf = (family: string, model?: string) =>
  MODELS.find(({ build, model: name }) => build.family === family && (model ?? name) === name)!;

describe.each(MODELS.map((model) => [`${model.build.family}/${model.model}`, model] as const))(
  "%s",
  (_name, model) => {
    test("has the new version where it had the old one, and nothing else is changed", () => {
      const updated = updatedModel(model, VERSION);
      expect(updated.firmware).toContain(VERSION);
      const told = JSON.stringify(updated.build);
      expect(told).toContain(JSON.stringify(updated.firmware));
      if (model.firmware !== "") expect(told).not.toContain(JSON.stringify(model.firmware));
      expect(Object.keys(updated.build)).toEqual(Object.keys(model.build));
      expect({ ...updated, firmware: "", build: {} }).toEqual({ ...model, firmware: "", build: {} });
    });

    test("is made once for all rigs that are given the same version", () => {
      const updated = updatedModel(model, VERSION);
      expect(updatedModel(model, VERSION)).toBe(updated);
      expect(updatedModel(model, "2026.12").firmware).toContain("2026.12");
    });
  },
);

test.each([
  ["dragonmint", undefined, "cgminer 2026.11.1"],
  ["cgminer", undefined, "cgminer 2026.11.1"],
  ["braiins-bmminer", undefined, "bOS_am1-s9-2026.11.1"],
  ["braiins-rest", undefined, "2025-11-21-0-2026.11.1-25.11-plus"],
  ["bosminer", undefined, "2026.11.1"],
  ["avalon", "Avalon 741", "7411706-2026.11.1"],
  ["avalon", "Avalon 1246", "2026.11.1"],
  ["antminer", "Antminer S21", "2026.11.1"],
])("what readers know %s (%s) by stays in its version", (family, model, says) => {
  expect(updatedModel(modelOf(family, model), VERSION).firmware).toBe(says);
});

test("a version that has the firmware's own form stays as it was given", () => {
  for (const [family, version] of [
    ["dragonmint", "cgminer 4.11.0"],
    ["braiins-bmminer", "bOS_am1-s9-20190221-0_572dd48c"],
    ["braiins-rest", "2026-04-07-0-0123abcd-26.04-plus"],
  ] as const)
    expect(updatedModel(modelOf(family), version).firmware).toBe(version);
});

test("the hardware's own number is no version of a stock Antminer's firmware", () => {
  const before = modelOf("antminer", "Antminer S21");
  expect(updatedModel(before, VERSION).build).toEqual({ ...before.build, compileTime: VERSION });
});
