import type { Random } from "./random.js";
import {
  type BoardState,
  type HashrateWindows,
  hottestChipC,
  type Phase,
  type RigState,
  type Surroundings,
  type Unit,
} from "./rigState.js";
import { countShares, NO_SHARES } from "./shares.js";
import { airflow, approach, boardRiseC, fanCurve, settle, spin } from "./thermal.js";

const CONTROL_BOARD_W = 15;
/** All fans at full speed; power goes with the cube of the speed (S19 Pro: 4 × 12 V × 1.65 A). */
const FANS_W = 80;
const NOMINAL_FANS_W = FANS_W * 0.7 ** 3;
/** Leakage: the same clock draws more on a warmer board. */
const LEAKAGE_PER_C = 0.0008;
const LEAKAGE_REFERENCE_C = 65;

const BOOT_MS = 45_000;
const RAMP_S = 60;
const THROTTLED_LOAD = 0.8;
/** The firmware throttles at once, and gives up after this long above the limit. */
const STOP_AFTER_HOT_MS = 40_000;
const COOL_DOWN_MS = 60_000;
const RESTART_BELOW_CHIP_C = 60;

const WANDER_SD = 0.004;
const WANDER_LAG_S = 120;
const DRIFT_SD = 0.006;
const DRIFT_LAG_S = 8;

/** What the boards draw at full load, with the rest of the rig taken off. */
function boardsFullW(unit: Unit): number {
  return unit.powerW - CONTROL_BOARD_W - NOMINAL_FANS_W;
}

/** The phase after this step, and whether the daemon started over on the way. */
function nextPhase(
  state: RigState,
  elapsedMs: number,
): { phase: Phase; phaseMs: number; restarted: boolean } {
  const phaseMs = state.phaseMs + elapsedMs;
  const enter = (phase: Phase, restarted = false) => ({ phase, phaseMs: 0, restarted });
  switch (state.phase) {
    case "mining":
      if (state.hotMs >= STOP_AFTER_HOT_MS) return enter("stopped");
      break;
    case "stopped":
      if (phaseMs >= COOL_DOWN_MS && hottestChipC(state) < RESTART_BELOW_CHIP_C)
        return enter("starting", true);
      break;
    case "starting":
      if (phaseMs >= BOOT_MS) return enter("mining");
      break;
    case "sleeping":
      break;
  }
  return { phase: state.phase, phaseMs, restarted: false };
}

function fanTarget(phase: Phase, state: RigState): number {
  switch (phase) {
    case "stopped":
      return 1;
    case "sleeping":
      return 0;
    case "starting":
    case "mining":
      return fanCurve(hottestChipC(state), state.unit.model.chipTargetC);
  }
}

/** Noise that forgets itself over `lagS`; exact for any step. */
function wandered(value: number, sd: number, lagS: number, elapsedS: number, random: Random): number {
  const keep = Math.exp(-elapsedS / lagS);
  return value * keep + sd * Math.sqrt(1 - keep * keep) * random.normal();
}

function widenWindows(windows: HashrateWindows, hashrateThs: number, elapsedS: number): HashrateWindows {
  return {
    oneMinuteThs: approach(windows.oneMinuteThs, hashrateThs, elapsedS, 60),
    fiveMinutesThs: approach(windows.fiveMinutesThs, hashrateThs, elapsedS, 300),
    fifteenMinutesThs: approach(windows.fifteenMinutesThs, hashrateThs, elapsedS, 900),
    thirtyMinutesThs: approach(windows.thirtyMinutesThs, hashrateThs, elapsedS, 1800),
  };
}

/** The same rig with a daemon that has just been started. */
function withFreshDaemon(state: RigState): RigState {
  return {
    ...state,
    elapsedMs: 0,
    hotMs: 0,
    shares: NO_SHARES,
    windows: { oneMinuteThs: 0, fiveMinutesThs: 0, fifteenMinutesThs: 0, thirtyMinutesThs: 0 },
    boards: state.boards.map((board) => ({ ...board, hashedTh: 0, hwErrors: 0 })),
  };
}

/**
 * The rig `elapsedMs` later if nothing but its counters had moved: for a time that nobody watched and that is too
 * long to be stepped through.
 */
export function coast(state: RigState, elapsedMs: number, random: Random): RigState {
  const elapsedS = elapsedMs / 1000;
  return {
    ...state,
    phaseMs: state.phaseMs + elapsedMs,
    uptimeMs: state.uptimeMs + elapsedMs,
    elapsedMs: state.elapsedMs + elapsedMs,
    shares: countShares(state.shares, state.hashrateThs, state.unit.poolDifficulty, elapsedMs, random),
    boards: state.boards.map((board) => ({
      ...board,
      hashedTh: board.hashedTh + board.hashrateThs * elapsedS,
      hwErrors:
        board.hwErrors + random.poisson(board.present ? state.unit.hwErrorsPerS * state.load * elapsedS : 0),
    })),
  };
}

/**
 * The rig `elapsedMs` later, in these surroundings (the former ones unless given). Leaves `state` as it is; all
 * chance comes from `random`.
 * Meant for steps of about a second: the fan loop and the firmware's reactions are one step late.
 */
export function step(
  state: RigState,
  elapsedMs: number,
  random: Random,
  surroundings: Surroundings = state,
): RigState {
  const { phase, phaseMs, restarted } = nextPhase(state, elapsedMs);
  const before = restarted ? withFreshDaemon(state) : state;
  const { unit } = before;
  const elapsedS = elapsedMs / 1000;

  const wantedLoad = phase !== "mining" ? 0 : before.hotMs > 0 ? THROTTLED_LOAD : 1;
  // Voltage and clock go up in small steps, but are cut at once.
  const load = Math.min(wantedLoad, before.load + elapsedS / RAMP_S);
  const wander = wandered(before.wander, WANDER_SD, WANDER_LAG_S, elapsedS, random);

  const fanRatio = spin(before.fanRatio, fanTarget(phase, before), elapsedS);
  const fanRatios = surroundings.fanHealth.map((health) => fanRatio * health);
  const air = airflow(fanRatios);

  const boardFullW = boardsFullW(unit) / unit.model.boardCount;
  let boardsW = 0;
  const boards = before.boards.map((board): BoardState => {
    if (!board.present) return board;
    const slot = board.slot;
    const drift = wandered(board.drift, DRIFT_SD, DRIFT_LAG_S, elapsedS, random);
    const hashrateThs = unit.hashrateThs * (unit.boardShares[slot] as number) * load * (1 + wander + drift);
    const leakage = 1 + LEAKAGE_PER_C * (board.boardTempC - LEAKAGE_REFERENCE_C);
    const powerRatio = load * (1 + wander) * leakage;
    boardsW += boardFullW * powerRatio;
    const restC =
      surroundings.inletTempC + boardRiseC(powerRatio, air) + (unit.boardBiasC[slot] as number) * load;
    const rest = settle(board, restC, powerRatio, elapsedS);
    return {
      slot,
      present: true,
      drift,
      hashrateThs,
      hashedTh: board.hashedTh + hashrateThs * elapsedS,
      boardTempC: rest.boardTempC,
      chipTempC: rest.chipTempC,
      hwErrors: board.hwErrors + random.poisson(unit.hwErrorsPerS * load * elapsedS),
    };
  });

  const hashrateThs = boards.reduce((sum, board) => sum + board.hashrateThs, 0);
  const fansW = FANS_W * (fanRatios.reduce((sum, ratio) => sum + ratio ** 3, 0) / fanRatios.length);
  const hot =
    phase === "mining" &&
    hottestChipC({ boards, inletTempC: surroundings.inletTempC }) > unit.model.chipLimitC;
  // Written out rather than spread: this runs ten thousand times a second in a large fleet.
  return {
    unit,
    inletTempC: surroundings.inletTempC,
    fanHealth: surroundings.fanHealth,
    phase,
    phaseMs,
    uptimeMs: before.uptimeMs + elapsedMs,
    elapsedMs: before.elapsedMs + elapsedMs,
    load,
    wander,
    hashrateThs,
    windows: widenWindows(before.windows, hashrateThs, elapsedS),
    powerW: CONTROL_BOARD_W + fansW + boardsW,
    boards,
    fanRatio,
    // Tachometers count in steps of 30.
    fansRpm: fanRatios.map(
      (ratio, fan) => Math.round((ratio * unit.model.fanMaxRpm * (unit.fanSpeeds[fan] as number)) / 30) * 30,
    ),
    shares: countShares(before.shares, hashrateThs, unit.poolDifficulty, elapsedMs, random),
    hotMs: phase !== "mining" ? 0 : hot ? before.hotMs + elapsedMs : Math.max(0, before.hotMs - elapsedMs),
  };
}
