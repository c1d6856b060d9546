import type { Random } from "../random.js";
import type { BoardState, Conditions, Phase, RigState } from "../rigState.js";
import { liveChips } from "./conditions.js";
import { type Draft, draftOf, hottest } from "./draft.js";
import { boardPowerRatio, fansPowerW, supplyLossW } from "./electrics.js";
import { allowedClock, changePhase, choosePool, feelHeat, ratedBoardW, towards } from "./firmware.js";
import { age, findShares, sharesPerS } from "./shares.js";
import { airflow, fanCurve, type Path, ratedCooling, settle, spin } from "./thermal.js";

/** Decisions stand on a grid of the rig's own time: this far apart while all is calm, a second while something moves. */
export const CALM_MS = 10_000;
const BUSY_MS = 1000;
const CALM_WITHIN_K = 1.5;
const CALM_WITHIN_RATIO = 0.03;

const WANDER_SD = 0.004;
const WANDER_LAG_S = 120;
/** An old chip errs more and yields less; an assumption (docs/physics.md). */
const ERRORS_PER_YEAR = 0.35;
const LOSS_PER_YEAR = 0.004;
/** Errors grow e-fold with so many kelvin. */
const ERRORS_E_FOLD_K = 20;
/** Below this share of the full flow what leaves is as warm as at this one. */
const LEAST_STREAM = 0.05;
/** Tachometers count in steps. */
const RPM_STEP = 30;

/** What is left of a deviation at the next draw, and how much new comes to it. */
const WANDER_KEPT = Math.exp(-CALM_MS / 1000 / WANDER_LAG_S);
const WANDER_FRESH = Math.sqrt(1 - WANDER_KEPT * WANDER_KEPT);

/** Noise that forgets itself, from one draw to the next. */
function wandered(value: number, sd: number, random: Random): number {
  return value * WANDER_KEPT + sd * WANDER_FRESH * random.normal();
}

function fanTarget(phase: Phase, draft: Draft): number {
  switch (phase) {
    case "stopped":
      return 1;
    case "sleeping":
    case "off":
      return 0;
    case "starting":
    case "waiting":
    case "mining":
      return fanCurve(hottest(draft), draft.unit.model.chipTargetC);
  }
}

/** What comes by chance: drawn on the coarse grid only, so that the same draws come however a span is divided. */
function draw(draft: Draft, random: Random): void {
  if (draft.given.noise === 0) {
    draft.wander = 0;
    return;
  }
  const { boards, given, load, traits, unit } = draft;
  draft.wander = wandered(draft.wander, WANDER_SD * given.noise, random);
  const perS = unit.hwErrorsPerS * load * Math.exp(ERRORS_PER_YEAR * given.ageYears);
  for (let i = 0; i < boards.length; i++) {
    const board = boards[i] as Draft["boards"][number];
    if (!board.present) continue;
    const warm = Math.exp((board.chipTempC - traits.referenceChipC) / ERRORS_E_FOLD_K);
    board.hwErrors += random.poisson(perS * warm * (CALM_MS / 1000));
  }
}

/** Speeds of the fans of the rig that is decided for. One list for all: a fleet decides some thousand times a second. */
const ratios: number[] = [];

/** Board by board what is there, what it hashes and what it draws. */
function power(draft: Draft): void {
  const { unit, given, traits, boards, load } = draft;
  const { chipsPerBoard } = unit.model;
  const yields = 1 - LOSS_PER_YEAR * given.ageYears;
  const wandered = 1 + draft.wander;
  const mines = draft.phase === "mining";
  let boardsW = 0;
  let hashrateThs = 0;
  for (let i = 0; i < boards.length; i++) {
    const board = boards[i] as Draft["boards"][number];
    const { slot } = board;
    board.present = given.lostBoards.length === 0 || !given.lostBoards.includes(slot);
    board.chips = liveChips(unit.model, given, slot);
    if (board.present) {
      const ratio = mines ? boardPowerRatio(load, board.chipTempC, traits.referenceChipC) : 0;
      board.powerW = ratedBoardW(draft, slot) * ratio * wandered;
      board.hashrateThs =
        (unit.hashrateThs * (unit.boardShares[slot] as number) * load * yields * wandered * board.chips) /
        chipsPerBoard;
    } else {
      board.powerW = 0;
      board.hashrateThs = 0;
    }
    boardsW += board.powerW;
    hashrateThs += board.hashrateThs;
  }
  draft.hashrateThs = hashrateThs;
  const target = fanTarget(draft.phase, draft);
  const { fanHealth } = given;
  if (ratios.length !== fanHealth.length) ratios.length = fanHealth.length;
  for (let fan = 0; fan < fanHealth.length; fan++) ratios[fan] = draft.fanRatio * (fanHealth[fan] as number);
  const flow = traits.cooling === "air" ? airflow(ratios) * given.flow : given.flow;
  const on = draft.phase === "off" ? 0 : 1;
  const auxiliaryW = on * traits.controlW + fansPowerW(traits, ratios);
  const lossW = on * supplyLossW(boardsW + auxiliaryW, traits.ratedDcW, given.supply);
  const { held } = draft;
  held.fanTarget = target;
  held.flow = flow;
  held.cooling = ratedCooling(flow);
  held.auxiliaryW = auxiliaryW;
  held.supplyLossW = lossW;
  draft.powerW = on * (boardsW + auxiliaryW + lossW);
}

function isCalm(draft: Draft, clock: number): boolean {
  if (draft.hotMs > 0 || draft.inletHotMs > 0) return false;
  const moving = draft.phase === "starting" || (draft.phase === "mining" && draft.load !== clock);
  if (moving || Math.abs(draft.held.fanTarget - draft.fanRatio) > CALM_WITHIN_RATIO) return false;
  for (const board of draft.boards) {
    if (!board.present) continue;
    const restC = draft.inletTempC + board.powerW * boardPerW(draft, board);
    // As it is written so that what is no number is not calm.
    if (!(Math.abs(restC - board.boardTempC) < CALM_WITHIN_K)) return false;
  }
  return true;
}

/** Thermal resistance from board to coolant, K/W: the airflow's, the dirt's and the slot's. */
function boardPerW({ traits, held, given, unit }: RigState | Draft, board: BoardState): number {
  const rated = traits.boardPerW * traits.boardW;
  const place = 1 + (unit.boardBiasC[board.slot] as number) / rated;
  return (traits.boardPerW * given.fouling * place) / held.cooling;
}

/** The firmware looks around and decides; what follows until the next decision is exact. */
function decide(draft: Draft, random: Random): void {
  const sinceMs = draft.decidedAgoMs;
  const offGrid = draft.clockMs % CALM_MS;
  if (offGrid === 0) draw(draft, random);
  if (draft.seen !== draft.given) {
    follow(draft);
    draft.seen = draft.given;
  }
  feelHeat(draft, sinceMs);
  choosePool(draft, sinceMs);
  changePhase(draft);
  const clock = allowedClock(draft);
  draft.load = towards(clock, draft.load, sinceMs);
  power(draft);
  draft.dueMs = isCalm(draft, clock) ? CALM_MS - offGrid : Math.min(BUSY_MS, CALM_MS - offGrid);
  draft.decidedAgoMs = 0;
}

/** The pools as they are configured and answer now; the shares that they were given stay. */
function follow({ given, pools }: Draft): void {
  for (const [i, link] of given.pools.entries()) Object.assign(pools[i] as Draft["pools"][number], link);
}

/** What is left of the four averages after so long; steps are nearly always as long as the last one. */
const fades = { elapsedS: 0, kept: [1, 1, 1, 1] as [number, number, number, number] };

function widen(windows: Draft["windows"], hashrateThs: number, elapsedS: number): void {
  if (elapsedS !== fades.elapsedS) {
    fades.elapsedS = elapsedS;
    fades.kept = [60, 300, 900, 1800].map((lagS) => Math.exp(-elapsedS / lagS)) as typeof fades.kept;
  }
  const { kept } = fades;
  windows.oneMinuteThs = hashrateThs + (windows.oneMinuteThs - hashrateThs) * kept[0];
  windows.fiveMinutesThs = hashrateThs + (windows.fiveMinutesThs - hashrateThs) * kept[1];
  windows.fifteenMinutesThs = hashrateThs + (windows.fifteenMinutesThs - hashrateThs) * kept[2];
  windows.thirtyMinutesThs = hashrateThs + (windows.thirtyMinutesThs - hashrateThs) * kept[3];
}

/** The way of the heat of the board that is moved on. One for all, as with the fans. */
const path: Path = { chipPerW: 0, boardPerW: 0, chipJPerK: 0, boardJPerK: 0 };

/** Moves on to the next decision or part of the way: nothing is decided here, so that two parts are the whole. */
function advance(draft: Draft, elapsedMs: number, random: Random): void {
  const { traits, given, boards } = draft;
  const elapsedS = elapsedMs / 1000;
  path.chipPerW = traits.chipPerW * given.fouling;
  path.chipJPerK = traits.chipJPerK;
  path.boardJPerK = traits.boardJPerK;
  for (let i = 0; i < boards.length; i++) {
    const board = boards[i] as Draft["boards"][number];
    path.boardPerW = boardPerW(draft, board);
    settle(board, board.powerW, draft.inletTempC, path, elapsedS);
    board.hashedTh += board.hashrateThs * elapsedS;
  }
  draft.fanRatio = spin(draft.fanRatio, draft.held.fanTarget, elapsedS);
  widen(draft.windows, draft.hashrateThs, elapsedS);
  findShares(draft, sharesPerS(draft.hashrateThs, draft.unit.poolDifficulty), elapsedMs, random);
  draft.phaseMs += elapsedMs;
  if (draft.phase !== "off") {
    draft.uptimeMs += elapsedMs;
    draft.elapsedMs += elapsedMs;
  }
  // Rounded, so that fractions of a ms which add up to the grid's next point are there and not beside it.
  draft.clockMs = Math.round((draft.clockMs + elapsedMs) * 1e6) / 1e6;
  draft.decidedAgoMs += elapsedMs;
  draft.dueMs -= elapsedMs;
}

/** Heat that leaves the rig with its coolant at this moment, W. */
export function heatOutW(state: RigState | Draft): number {
  let heatW = state.held.auxiliaryW + state.held.supplyLossW;
  for (const board of state.boards) heatW += (board.boardTempC - state.inletTempC) / boardPerW(state, board);
  return heatW;
}

/** How much warmer than the inlet that is which leaves the rig, K. */
export function exhaustRiseK(state: RigState | Draft): number {
  return heatOutW(state) / (state.traits.coolantWPerK * Math.max(LEAST_STREAM, state.held.flow));
}

/** Adds what only a reader asks for, and hands the draft out as a state: it must not be changed any more. */
export function finish(draft: Draft): RigState {
  const { unit, given } = draft;
  draft.fansRpm = given.fanHealth.map((health, fan) => {
    const rpm = draft.fanRatio * health * unit.model.fanMaxRpm * (unit.fanSpeeds[fan] as number);
    return Math.round(rpm / RPM_STEP) * RPM_STEP;
  });
  draft.outletTempC = draft.inletTempC + exhaustRiseK(draft);
  age(draft);
  return draft;
}

/** What surrounds a rig while it is stepped. */
export interface Surroundings {
  inletTempC: number;
  given: Conditions;
}

/** Moves a draft on in place, which is what `step` does to a copy. */
export function run(
  draft: Draft,
  elapsedMs: number,
  random: Random,
  { inletTempC, given }: Surroundings,
): void {
  draft.inletTempC = inletTempC;
  if (given !== draft.given) {
    draft.given = given;
    // A change is met at once and not at the next decision, even where no time passes.
    decide(draft, random);
  }
  let left = elapsedMs;
  while (left > 0) {
    if (draft.dueMs <= 0) decide(draft, random);
    const ms = Math.min(left, draft.dueMs);
    advance(draft, ms, random);
    left -= ms;
  }
}

/**
 * The rig `elapsedMs` later, in these surroundings (the former ones unless given). Leaves `state` as it is; all chance comes
 * from `random`. However a span is divided the outcome is the same, to rounding (1e-9 of a value; counters exactly).
 */
export function step(
  state: RigState,
  elapsedMs: number,
  random: Random,
  surroundings: Surroundings = state,
): RigState {
  const draft = draftOf(state);
  run(draft, elapsedMs, random, surroundings);
  return finish(draft);
}
