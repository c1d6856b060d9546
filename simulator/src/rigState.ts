import type { RigModel } from "./models.js";
import type { ShareCounters } from "./shares.js";

/** One built rig: its model, and in what it differs from the next one of the same model. */
export interface Unit {
  model: RigModel;
  /** What this unit reaches at full load (bin variance). */
  hashrateThs: number;
  /** What this unit draws at full load, at the wall. */
  powerW: number;
  /** Each board's share of the hashrate; adds up to 1. */
  boardShares: readonly number[];
  /** How much warmer (or cooler) each board sits than the mean, at full load. */
  boardBiasC: readonly number[];
  /** How each fan's speed at the same command differs from the mean, as a factor. */
  fanSpeeds: readonly number[];
  /** Hardware errors per board and second at full load. */
  hwErrorsPerS: number;
  poolDifficulty: number;
}

/** `stopped`: the firmware has cut the boards because they were too hot. `sleeping`: an operator did. */
export type Phase = "starting" | "mining" | "stopped" | "sleeping";

/** One slot. An absent board keeps its slot, with `present` false. */
export interface BoardState {
  slot: number;
  present: boolean;
  /** Fast noise around the unit's own rate, as a ratio. */
  drift: number;
  hashrateThs: number;
  /** Work since the daemon's start, in TH. */
  hashedTh: number;
  boardTempC: number;
  chipTempC: number;
  hwErrors: number;
}

/** Moving averages of the hashrate, exponential over the window in their name. */
export interface HashrateWindows {
  oneMinuteThs: number;
  fiveMinutesThs: number;
  fifteenMinutesThs: number;
  thirtyMinutesThs: number;
}

/** What the site does to a rig. */
export interface Surroundings {
  inletTempC: number;
  /** 1 for a sound fan, less for one that no longer reaches its speed. */
  fanHealth: readonly number[];
}

/** All that a rig is at one moment, in canonical units; speakers put it into their firmware's words. */
export interface RigState extends Surroundings {
  unit: Unit;
  phase: Phase;
  phaseMs: number;
  /** Since the operating system's start. */
  uptimeMs: number;
  /** Since the mining daemon's start; counters and averages start over with it. */
  elapsedMs: number;
  /** 0 to 1: how much of the unit's full rate the firmware runs. */
  load: number;
  /** Slow noise around the unit's own rate, as a ratio. */
  wander: number;
  hashrateThs: number;
  windows: HashrateWindows;
  powerW: number;
  boards: readonly BoardState[];
  /** Speed that the firmware asks of all fans. */
  fanRatio: number;
  fansRpm: readonly number[];
  shares: ShareCounters;
  /** How long the hottest chip has been above its limit. */
  hotMs: number;
}

/** The highest chip temperature of the boards that are there; the inlet's when there is none. */
export function hottestChipC(state: Pick<RigState, "boards" | "inletTempC">): number {
  return state.boards.reduce(
    (max, board) => (board.present ? Math.max(max, board.chipTempC) : max),
    state.inletTempC,
  );
}
