import { expect, test } from "vitest";
import { type EarnedStep, explainedPerBtc } from "./explainedPerBtc.js";

const step = (more: Partial<EarnedStep["step"]> = {}): EarnedStep["step"] => ({
  kwh: 100,
  overheadKwh: 5,
  energyCost: 6,
  overheadCost: 0.3,
  co2LocationKg: 60,
  revenueBtc: 0.001,
  ...more,
});

test("what one bitcoin took is of the rigs that earn it: another algorithm beside them changes nothing", () => {
  const alone = explainedPerBtc([{ step: step(), sha256: { energyRatio: 1, btc: 0.001 } }]);
  expect(alone.kwhPerBtc).toBeCloseTo(105_000, 6);
  expect(alone.costPerBtc).toBeCloseTo(6_300, 6);
  expect(alone.kgCo2PerBtc).toBeCloseTo(60_000, 6);
  // Three times as much energy, of which the others draw two thirds.
  const beside = step({ kwh: 300, overheadKwh: 15, energyCost: 18, overheadCost: 0.9, co2LocationKg: 180 });
  const mixed = explainedPerBtc([{ step: beside, sha256: { energyRatio: 1 / 3, btc: 0.001 } }]);
  for (const name of ["kwhPerBtc", "costPerBtc", "kgCo2PerBtc"] as const)
    expect(mixed[name]! / alone[name]!).toBeCloseTo(1, 12);
});

test("a step of which one side is not known bends no ratio", () => {
  const whole: EarnedStep = { step: step(), sha256: { energyRatio: 1, btc: 0.001 } };
  const alone = explainedPerBtc([whole]);
  expect(
    explainedPerBtc([
      whole,
      { step: step(), sha256: undefined },
      {
        step: step({ kwh: null, overheadKwh: null, energyCost: null, co2LocationKg: null }),
        sha256: whole.sha256,
      },
    ]),
  ).toMatchObject({
    ...{ kwhPerBtc: alone.kwhPerBtc, costPerBtc: alone.costPerBtc, kgCo2PerBtc: alone.kgCo2PerBtc },
    // A third of what was earned.
    perBtcOf: { cost: { ofEarned: 1 / 3, withOverhead: 1 } },
  });
});

test("overhead is in them where it is known, and they say of how much of what was earned", () => {
  const sha256 = { energyRatio: 1, btc: 0.001 };
  const bare = step({ overheadKwh: null, overheadCost: null });
  const { costPerBtc, perBtcOf } = explainedPerBtc([
    { step: step(), sha256 },
    { step: bare, sha256 },
    { step: bare, sha256 },
    { step: step({ energyCost: null, overheadCost: null }), sha256 },
  ]);
  expect(costPerBtc).toBeCloseTo((3 * 6 + 0.3) / 0.003, 6);
  expect(perBtcOf.cost.ofEarned).toBeCloseTo(0.75, 12);
  expect(perBtcOf.cost.withOverhead).toBeCloseTo(1 / 3, 12);
  expect(perBtcOf.kwh.ofEarned).toBeCloseTo(1, 12);
  expect(perBtcOf.kgCo2.withOverhead).toBeCloseTo(0.5, 12);
});

test("where no bitcoin was earned nothing is known of one", () => {
  expect(explainedPerBtc([{ step: step(), sha256: undefined }])).toEqual({
    kwhPerBtc: null,
    costPerBtc: null,
    kgCo2PerBtc: null,
    perBtcOf: Object.fromEntries(
      ["kwh", "cost", "kgCo2"].map((name) => [name, { ofEarned: 0, withOverhead: null }]),
    ),
  });
});
