import { describe, expect, it } from "vitest";
import { nameplateOf } from "./nameplates.js";
import { modelPowerW } from "./power.js";

describe("nameplateOf", () => {
  it.each([
    ["Antminer S19", undefined, 95],
    ["Antminer S19 Pro", 110, 110],
    ["Antminer S21 Hyd.", 335, 335],
    ["antminer s21 plus", 216, 216],
    ["Antminer S21+", 235, 235],
    ["Antminer S19j Pro", 100, 100],
    ["Antminer S19j Pro", 104, 104],
    ["Whatsminer M50S", 126, 126],
  ])("finds %s rated %j", (model, rated, ths) => expect(nameplateOf(model, rated)?.ratedThs).toBe(ths));

  it.each([
    ["a model that nobody sold", "Antminer S99", 100],
    ["a bin far from any", "Antminer S19", 60],
    ["one of several bins when the rig does not say which", "Antminer S21+", undefined],
    ["a longer name that only begins alike", "Antminer S19 Pro Ultra", undefined],
  ])("knows no %s", (_, model, rated) => expect(nameplateOf(model, rated)).toBeUndefined());

  it("says where its figures come from", () =>
    expect(nameplateOf("Antminer S19 Pro", 110)?.source).toMatch(/^[^;]+; /));
});

describe("modelPowerW", () => {
  const s19 = {
    model: "Antminer S19 Pro",
    nominalThs: 110,
    fansRpm: [6000, 6000, 3000, 0],
    status: "mining" as const,
  };

  it("is nameplate efficiency times what the rig hashes now", () =>
    expect(modelPowerW({ ...s19, hashrateThs: 55 })).toBe(1625));

  it("never exceeds what the rig is rated for", () => {
    expect(modelPowerW({ ...s19, hashrateThs: 140 })).toBe(3250);
    expect(modelPowerW({ ...s19, nominalThs: 104, hashrateThs: 140 })).toBe(Math.round((3250 / 110) * 104));
  });

  it("is controller and fans for a rig that stands", () => {
    expect(modelPowerW({ ...s19, status: "sleeping", hashrateThs: undefined })).toBe(
      20 + 28 + 28 + 3.5 + 0.5,
    );
    expect(modelPowerW({ ...s19, status: "sleeping", hashrateThs: undefined, fansRpm: undefined })).toBe(20);
  });

  it("is unknown while a rig starts, for an unknown model and without a hashrate", () => {
    expect(modelPowerW({ ...s19, status: "starting", hashrateThs: 0 })).toBeUndefined();
    expect(modelPowerW({ ...s19, model: undefined, hashrateThs: 50 })).toBeUndefined();
    expect(modelPowerW({ ...s19, hashrateThs: undefined })).toBeUndefined();
  });
});
