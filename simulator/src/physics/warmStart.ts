import type { Random } from "../random.js";
import type { BoardState, Conditions, RigState, Unit } from "../rigState.js";
import { liveChips } from "./conditions.js";
import { NO_SHARES, nextShare, type ShareCounters, sharesPerS } from "./shares.js";
import { CALM_MS, step } from "./step.js";
import { fanAtRest, ratedCooling } from "./thermal.js";
import { traitsOf } from "./traits.js";

/** The counters of a daemon that has been running at this rate for `elapsedMs`. */
function sharesSince(
  elapsedMs: number,
  hashrateThs: number,
  poolDifficulty: number,
  given: Conditions,
  random: Random,
): ShareCounters {
  const perS = sharesPerS(hashrateThs, poolDifficulty);
  const expected = (perS * elapsedMs) / 1000;
  if (expected <= 0) return NO_SHARES;
  const rejectRatio = given.noise === 0 ? 0 : (given.pools[0]?.rejectRatio ?? 0);
  const count = (mean: number) => (given.noise === 0 ? Math.round(mean) : random.poisson(mean));
  return {
    accepted: count(expected * (1 - rejectRatio)),
    rejected: count(expected * rejectRatio),
    stale: count(given.noise === 0 ? 0 : expected * 0.0003),
    lastShareAgoMs: given.noise === 0 ? 0 : Math.min(elapsedMs, (random.uniform() * 1000) / perS),
  };
}

/** A rig that has been in `phase` for a while: warm when it mines, cold when it sleeps. */
export function initialState(
  unit: Unit,
  start: {
    phase: "mining" | "sleeping" | "off";
    inletTempC: number;
    given: Conditions;
    elapsedMs: number;
    uptimeMs: number;
  },
  random: Random,
): RigState {
  const { given, inletTempC } = start;
  const { model } = unit;
  const traits = traitsOf(unit);
  const mining = start.phase === "mining";
  const boardC = traits.boardPerW * traits.boardW * given.fouling;
  const chipC = traits.chipPerW * traits.boardW * given.fouling;
  const fanRatio = traits.cooling === "air" ? fanAtRest(inletTempC, boardC, chipC, model.chipTargetC) : 0;
  const flow = traits.cooling === "air" ? fanRatio * given.flow : given.flow;
  const cooling = ratedCooling(flow);
  const elapsedS = start.elapsedMs / 1000;
  const boards = unit.boardShares.map((share, slot): BoardState => {
    const present = !given.lostBoards.includes(slot);
    const working = mining && present;
    const boardTempC = working
      ? inletTempC + (boardC + (unit.boardBiasC[slot] as number)) / cooling
      : inletTempC;
    const hashrateThs = working ? unit.hashrateThs * share : 0;
    return {
      slot,
      present,
      chips: liveChips(model, given, slot),
      hashrateThs,
      hashedTh: hashrateThs * elapsedS,
      boardTempC,
      chipTempC: working ? boardTempC + chipC : inletTempC,
      hwErrors: working && given.noise > 0 ? random.poisson(unit.hwErrorsPerS * elapsedS) : 0,
      powerW: 0,
    };
  });
  const hashrateThs = boards.reduce((sum, board) => sum + board.hashrateThs, 0);
  const shares = sharesSince(start.elapsedMs, hashrateThs, unit.poolDifficulty, given, random);
  const settled: RigState = {
    unit,
    traits,
    given,
    seen: given,
    inletTempC,
    outletTempC: inletTempC,
    phase: start.phase,
    phaseMs: start.elapsedMs,
    uptimeMs: start.uptimeMs,
    elapsedMs: start.elapsedMs,
    clockMs: 0,
    dueMs: 0,
    decidedAgoMs: 0,
    held: { fanTarget: fanRatio, flow, cooling, auxiliaryW: 0, supplyLossW: 0 },
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
    fanRatio: mining ? fanRatio : 0,
    fansRpm: given.fanHealth.map(() => 0),
    shares,
    pools: given.pools.map((link, i) => ({ ...link, active: i === 0, shares: i === 0 ? shares : NO_SHARES })),
    activePool: 0,
    shareAtMs: given.pools.map((_, i) =>
      i === 0 && shares.lastShareAgoMs !== undefined ? -shares.lastShareAgoMs : undefined,
    ),
    poolSilentMs: 0,
    poolBackMs: 0,
    untilShare: nextShare(given.noise, random),
    hotMs: 0,
    inletHotMs: 0,
    derated: inletTempC > traits.inlet.derateC,
    reboots: given.reboots,
  };
  // One step fills in what follows from the rest: power, fan speeds, outlet.
  const { shareAtMs, ...stepped } = step(settled, CALM_MS, random);
  return { ...stepped, clockMs: 0, shareAtMs: shareAtMs.map((ms) => (ms === undefined ? ms : ms - CALM_MS)) };
}
