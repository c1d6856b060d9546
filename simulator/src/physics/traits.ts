import { type Cooling, coolingOf, type RigModel } from "../models.js";
import type { Unit } from "../rigState.js";
import { dcOf } from "./electrics.js";
import { fanAtRest, ratedCooling } from "./thermal.js";

/** What physics need to know of one built rig; follows from its nameplate, its make and its cooling. */
export interface Traits {
  cooling: Cooling;
  /** Direct current of one board at full clock and the reference temperature. */
  boardW: number;
  /** All fans at full speed. */
  fansW: number;
  controlW: number;
  /** Rated output of the power supply. */
  ratedDcW: number;
  /** Chip temperature of a healthy rig at its reference inlet: there power is what the nameplate says. */
  referenceChipC: number;
  referenceInletC: number;
  /** Chip over board, and board over coolant at full flow, K/W. */
  chipPerW: number;
  boardPerW: number;
  chipJPerK: number;
  boardJPerK: number;
  /** Heat that the coolant takes on at full flow, W/K. */
  coolantWPerK: number;
  /** The firmware runs slower above `derateC` of inlet, stops above `stopC` and starts again below `restartC`. */
  inlet: { derateC: number; stopC: number; restartC: number; coldStopC: number | undefined };
  /** Until every board is as warm as this, the firmware runs at half its clock. */
  preheatC: number | undefined;
}

const CONTROL_BOARD_W = 12;
/** A small rig has small fans and a small controller: never more than this share of its power. */
const CONTROL_SHARE = 0.05;
const FANS_SHARE = 0.025;
/** Rated output of the power supply over what the rig draws from the wall. */
const RATED_OUTPUT = 0.97;
/** S19 Pro: four fans of 12 V and 1.65 A. */
const FANS_W = 80;
/** The same rig measured: 370 cfm take 3.3 kW away with 15.7 K (docs/physics.md). */
const AIR_W_PER_K = 370 * 4.719e-4 * 1.16 * 1006;
const AIR_FOR_W = 3000;
/** 10 L/min of water. */
const WATER_W_PER_K = (10 / 60) * 4180;
/** Oil of a tank leaves a rig about so much warmer. */
const OIL_RISE_K = 6;

/** Rises of a healthy rig at rated power, and how fast they come about. */
const RISES: Readonly<
  Record<Cooling, { boardC: number; chipC: number; boardLagS: number; chipLagS: number }>
> = {
  air: { boardC: 29.4, chipC: 14, boardLagS: 60, chipLagS: 5 },
  hydro: { boardC: 12, chipC: 20, boardLagS: 25, chipLagS: 5 },
  immersion: { boardC: 18, chipC: 14, boardLagS: 120, chipLagS: 5 },
};

/** Inlet at which the nameplate is meant: 25 °C of air by the makers' sheets; water and oil in the middle of their window. */
export const REFERENCE_INLET_C: Readonly<Record<Cooling, number>> = { air: 25, hydro: 35, immersion: 40 };

/** What the firmware of a model does about what its rig breathes. */
export function inletRules({
  make,
  model,
  cooling = "air",
}: Pick<RigModel, "make" | "model" | "cooling">): Traits["inlet"] {
  if (cooling === "hydro")
    return make === "Bitmain"
      ? { derateC: 50, stopC: 57, restartC: 55, coldStopC: 19 }
      : { derateC: 40, stopC: 50, restartC: 48, coldStopC: 20 };
  if (cooling === "immersion") return { derateC: 45, stopC: 55, restartC: 50, coldStopC: undefined };
  if (make === "MicroBT") return { derateC: 35, stopC: 42, restartC: 38, coldStopC: undefined };
  if (/S17|T17/.test(model)) return { derateC: 45, stopC: 50, restartC: 45, coldStopC: undefined };
  return { derateC: 40, stopC: 47, restartC: 43, coldStopC: undefined };
}

/** What follows from a unit's nameplate. */
export function traitsOf(unit: Unit): Traits {
  const { model } = unit;
  const cooling = coolingOf(model);
  const rises = RISES[cooling];
  const referenceInletC = REFERENCE_INLET_C[cooling];
  const air = cooling === "air";
  const fansW = air ? Math.min(FANS_W, FANS_SHARE * unit.powerW) : 0;
  const controlW = Math.min(CONTROL_BOARD_W, CONTROL_SHARE * unit.powerW);
  const fanRatio = air ? fanAtRest(referenceInletC, rises.boardC, rises.chipC, model.chipTargetC) : 0;
  const ratedDcW = RATED_OUTPUT * unit.powerW;
  const boardW = (dcOf(unit.powerW, ratedDcW) - controlW - fansW * fanRatio ** 3) / model.boardCount;
  // At the flow that a healthy rig has at rest.
  const restBoardC = rises.boardC / (air ? ratedCooling(fanRatio) : 1);
  return {
    cooling,
    boardW,
    fansW,
    controlW,
    ratedDcW,
    referenceInletC,
    referenceChipC: referenceInletC + restBoardC + rises.chipC,
    chipPerW: rises.chipC / boardW,
    boardPerW: rises.boardC / boardW,
    chipJPerK: (rises.chipLagS * boardW) / rises.chipC,
    boardJPerK: (rises.boardLagS * boardW) / restBoardC,
    coolantWPerK: air
      ? AIR_W_PER_K * Math.min(1, unit.powerW / AIR_FOR_W)
      : cooling === "hydro"
        ? WATER_W_PER_K
        : unit.powerW / OIL_RISE_K,
    inlet: inletRules(model),
    preheatC: model.make === "MicroBT" ? 25 : undefined,
  };
}
