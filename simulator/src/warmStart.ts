import type { Random } from "./random.js";
import { step } from "./rig.js";
import type { BoardState, RigState, Unit } from "./rigState.js";
import { sharesSince } from "./shares.js";
import { CHIP_RISE_C, equilibrium } from "./thermal.js";

/** A rig that has been in `phase` for a while: warm when it mines, cold when it sleeps. */
export function initialState(
  unit: Unit,
  given: {
    phase: "mining" | "sleeping";
    inletTempC: number;
    fanHealth: readonly number[];
    elapsedMs: number;
    uptimeMs: number;
    missingSlot?: number | undefined;
  },
  random: Random,
): RigState {
  const mining = given.phase === "mining";
  const rest = equilibrium(given.inletTempC, unit.model.chipTargetC);
  const elapsedS = given.elapsedMs / 1000;
  const boards = unit.boardShares.map((share, slot): BoardState => {
    const present = slot !== given.missingSlot;
    const working = mining && present;
    const boardTempC = working ? rest.boardTempC + (unit.boardBiasC[slot] as number) : given.inletTempC;
    const hashrateThs = working ? unit.hashrateThs * share : 0;
    return {
      slot,
      present,
      drift: 0,
      hashrateThs,
      hashedTh: hashrateThs * elapsedS,
      boardTempC,
      chipTempC: working ? boardTempC + CHIP_RISE_C : given.inletTempC,
      hwErrors: working ? random.poisson(unit.hwErrorsPerS * elapsedS) : 0,
    };
  });
  const hashrateThs = boards.reduce((sum, board) => sum + board.hashrateThs, 0);
  const settled: RigState = {
    unit,
    phase: given.phase,
    phaseMs: given.elapsedMs,
    uptimeMs: given.uptimeMs,
    elapsedMs: given.elapsedMs,
    load: mining ? 1 : 0,
    wander: 0,
    hashrateThs,
    windows: {
      oneMinuteThs: hashrateThs,
      fiveMinutesThs: hashrateThs,
      fifteenMinutesThs: hashrateThs,
      thirtyMinutesThs: hashrateThs,
    },
    powerW: 0,
    boards,
    fanRatio: mining ? rest.fanRatio : 0,
    fansRpm: given.fanHealth.map(() => 0),
    shares: sharesSince(given.elapsedMs, hashrateThs, unit.poolDifficulty, random),
    hotMs: 0,
    inletTempC: given.inletTempC,
    fanHealth: given.fanHealth,
  };
  // One step fills in what follows from the rest: power, fan speeds.
  return step(settled, 1000, random);
}
