import { expect, test } from "vitest";
import { Limits } from "./alerts/limits.js";
import { ThermalTable } from "./alerts/thermalTable.js";
import { readThermalLimits } from "./bundledData.js";
import { ratedRig, START } from "./fixtures/judgedSite.js";
import { learnBaselines } from "./learnBaselines.js";
import { BUCKET_MS } from "./rollup/row.js";
import { MemoryStateStore } from "./store/state/memory.js";

test.each([
  // A limit is known of its board alone.
  ["Antminer S19j Pro", { chip: 92, board: 90 }],
  ["Antminer S19 Pro", { chip: 90, board: 75 }],
  ["unheard of", { chip: 92, board: 75 }],
])("after a start a rig (%s) is judged at once by what was usual of its sensors", async (model, limitC) => {
  const state = new MemoryStateStore();
  const view = ratedRig(1);
  const make = model.startsWith("Antminer") ? "Bitmain" : "Somebody";
  view.record.evidence = { address: "10.0.0.1", make, model, dialect: "antminer" };
  await state.putRollups(
    Array.from({ length: 12 }, (_, i) => ({
      ...{ rig: 1, startMs: START - (i + 1) * BUCKET_MS, stepMs: BUCKET_MS, samples: 60 },
      ...{ coveredMs: BUCKET_MS, miningMs: BUCKET_MS, hashCoveredMs: BUCKET_MS, thsHours: 8 },
      ...{ powerCoveredMs: BUCKET_MS, kwh: 0.25, kwhBySource: [] },
      chipTempC: { min: 80, mean: 82, max: 84 },
      boardTempC: { min: 64, mean: 65, max: 66 },
    })),
    [],
  );
  const limits = new Limits(new ThermalTable(readThermalLimits()));
  await learnBaselines(limits, [view.record], state, START);
  // The first reading of all finds it hot, and is no part of what is usual for long.
  view.reading = { atMs: START, intervalMs: 5_000, status: "mining", chipTempC: 110, boardTempC: 70 };
  const { chip, board } = limits.of(view, START);
  expect({ chip: chip?.limitC, board: board?.limitC }).toEqual(limitC);
});
