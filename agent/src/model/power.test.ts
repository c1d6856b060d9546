import { describe, expect, it } from "vitest";
import { nameplateOf } from "./nameplates.js";
import { ownPlate } from "./ownPlates.js";
import { estimatePower, modelPowerW } from "./power.js";

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
    ["Avalon 1566", undefined, 185],
    ["AvalonMiner 1246", undefined, 90],
    ["A1166 Pro", undefined, 81],
    ["Avalon Nano 3s", undefined, 6],
    ["Bitaxe Gamma", undefined, 1.2],
    ["Antminer L7", undefined, 0.0095],
  ])("finds %s rated %j", (model, rated, ths) => expect(nameplateOf(model, rated)?.ratedThs).toBe(ths));

  it.each([
    ["a model that nobody sold", "Antminer S99", 100],
    ["a bin far from any", "Antminer S19", 60],
    ["one of several bins when the rig does not say which", "Antminer S21+", undefined],
    ["another maker's rig of a like name", "Antminer A3", undefined],
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

  const board = { hashrateThs: 36, chips: 114, chipsExpected: 114 };
  it.each([
    ["all boards of a rig in normal mode", { powerMode: "normal", boards: [board, board, board] }, 3250],
    ["a board less in normal mode", { powerMode: "normal", boards: [board, board] }, 2167],
    [
      "a board that hashes nothing in normal mode",
      { powerMode: "normal", boards: [board, board, { ...board, hashrateThs: 0 }] },
      2167,
    ],
    ["low mode, by what it hashes", { powerMode: "low", hashrateThs: 80 }, 2364],
    ["a mode with an aim, by the aim", { powerMode: "eco", targetThs: 88, hashrateThs: 60 }, 2600],
    [
      "an unknown mode with dead chips, which still draw",
      { hashrateThs: 90, boards: [board, board, { hashrateThs: 18, chips: 57, chipsExpected: 114 }] },
      Math.round((3250 / 110) * 90 * (108 / 90)),
    ],
    [
      "dead chips at most what the board is rated for",
      { hashrateThs: 90, boards: [board, board, { hashrateThs: 18, chips: 1, chipsExpected: 114 }] },
      Math.round((3250 / 110) * 90 * ((72 + 110 / 3) / 90)),
    ],
    ["a trickle, which is no less than standing", { hashrateThs: 0.1 }, 80],
  ] as const)("counts %s", (_, changes, watts) =>
    expect(modelPowerW({ ...s19, hashrateThs: 110, ...changes })).toBe(watts),
  );
});

describe("the last rungs of the ladder", () => {
  const rig = { status: "mining" as const, hashrateThs: 200 };
  it("are the model where the bin is known", () =>
    expect(estimatePower({ ...rig, model: "Antminer S21", nominalThs: 200 })).toEqual({
      powerW: 3500,
      source: "model",
    }));

  it.each([
    ["the smallest bin that could hash so much", { model: "Antminer S21+", hashrateThs: 218 }, 3564],
    ["the largest where none could", { model: "Antminer S21+", hashrateThs: 300 }, 3877],
    ["the bin of a rig that tells no hashrate", { model: "Antminer S21", hashrateThs: undefined }, 3500],
    [
      "the share of the boards that run",
      { model: "Antminer S21+", hashrateThs: 140, boards: [{ hashrateThs: 70 }, { hashrateThs: 70 }] },
      2376,
    ],
  ])("are the nameplate, of %s", (_, changes, powerW) =>
    expect(estimatePower({ ...rig, ...changes })).toEqual({ powerW, source: "nameplate" }),
  );

  it("stay below the limit that the firmware keeps", () =>
    expect(estimatePower({ ...rig, model: "Antminer S21 Pro", powerLimitW: 2800 })?.powerW).toBe(2800));

  it.each([
    ["a model that nobody knows", { model: "Antminer S99" }],
    ["a rig that does not say what it is", {}],
    ["a rig that starts", { model: "Antminer S21", status: "starting" as const }],
    ["a rig that does not answer", { model: "Antminer S21", status: "unreachable" as const }],
  ])("are nothing for %s", (_, changes) => expect(estimatePower({ ...rig, ...changes })).toBeUndefined());

  it("go by what the operator says, first match first", () => {
    const rules = [
      { model: "S19 Pro", ratedThs: 110, ratedW: 3300 },
      { model: "antminer s21", ratedThs: 200, ratedW: 3600 },
    ];
    const own = ownPlate(rules, "Antminer S21", "10.0.0.9");
    expect(own).toMatchObject({ ratedW: 3600 });
    expect(estimatePower({ ...rig, model: "Antminer S21", nominalThs: 188 }, own)?.powerW).toBe(3600);
    expect(ownPlate(rules, "Antminer S19", "10.0.0.9")).toBeUndefined();
    expect(estimatePower({ ...rig, model: undefined, hashrateThs: 100 }, own)).toEqual({
      powerW: 1800,
      source: "model",
    });
  });
});
