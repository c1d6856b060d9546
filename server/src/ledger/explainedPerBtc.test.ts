import { expect, test } from "vitest";
import { type EarnedStep, explainedPerBtc } from "./explainedPerBtc.js";

const step = (more: Partial<EarnedStep["step"]> = {}): EarnedStep["step"] => ({
  kwh: 100,
  overheadKwh: 5,
  energyCost: 6,
  overheadCost: 0.3,
  co2LocationKg: 60,
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
  for (const [name, value] of Object.entries(alone))
    expect(mixed[name as keyof typeof mixed]! / value!).toBeCloseTo(1, 12);
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
  ).toEqual(alone);
});

test("where no bitcoin was earned nothing is known of one", () => {
  expect(explainedPerBtc([{ step: step(), sha256: undefined }])).toEqual({
    kwhPerBtc: null,
    costPerBtc: null,
    kgCo2PerBtc: null,
  });
});
