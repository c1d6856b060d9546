import { expect, test } from "vitest";
import { layOut } from "../addresses.js";
import { stockOf } from "../families.js";
import { type StagedFleet, type Staging, stage } from "../fleet.js";
import { coolingOf } from "../models.js";
import { buildSite } from "../site.js";
import { fakeClock } from "../time.js";

const HOUR_MS = 3_600_000;
const FAMILIES = ["antminer-hydro", "whatsminer-hydro", "whatsminer-immersion"];

function staged(scenario: Staging["scenario"], set: Staging["set"] = {}): StagedFleet {
  const site = buildSite("loop", 4, undefined, stockOf(FAMILIES));
  return stage(site, layOut("per-address", 4, "127.10.0.1", 4028), fakeClock(), { scenario, set });
}

/** What each rig is cooled by, what it takes in and whether it mines, so long after the start. */
function after(fleet: StagedFleet, ms: number) {
  return fleet.seats.map(({ live }) => {
    const { inletTempC, outletTempC, phase, load } = live.trueStateAt(fleet.time.startMs + ms);
    return { cooling: coolingOf(live.identity.model), inletTempC, outletTempC, phase, load };
  });
}

test.each(["steady", "jilin-winter"])("a loop gives its rigs what they are meant to have: %s", (scenario) => {
  for (const ms of [0, HOUR_MS])
    for (const { cooling, inletTempC, phase, load } of after(staged(scenario), ms)) {
      expect(Math.abs(inletTempC - (cooling === "hydro" ? 35 : 40))).toBeLessThan(0.31);
      expect({ phase, load }).toEqual({ phase: "mining", load: 1 });
    }
});

test("in a heat wave the coolant is 7 K above the air, and rigs run slower or stop", () => {
  const fleet = staged("heze-summer,heat-wave,constant", {
    "heat-wave.by": 14,
    "heze-summer.from": "2026-07-20T14:00",
  });
  const atMs = 2 * HOUR_MS;
  const outsideC = fleet.air.ambientC(fleet.time.startMs + atMs) + 14;
  expect(outsideC).toBeGreaterThan(42);
  const rigs = after(fleet, atMs);
  for (const { inletTempC } of rigs) expect(inletTempC).toBeCloseTo(outsideC + 7, 1);
  expect(rigs.some(({ phase, load }) => phase !== "mining" || load < 1)).toBe(true);
});

test("what leaves a rig is warmer by what it gives off", () => {
  for (const { cooling, inletTempC, outletTempC } of after(staged("constant"), HOUR_MS)) {
    expect(inletTempC).toBe(cooling === "hydro" ? 35 : 40);
    // 10 L/min of water take up 5 to 8 kW with 7 to 11 K, oil is meant to take 6 K.
    expect(outletTempC - inletTempC).toBeGreaterThan(cooling === "hydro" ? 6.5 : 5);
    expect(outletTempC - inletTempC).toBeLessThan(cooling === "hydro" ? 11 : 7);
  }
});
