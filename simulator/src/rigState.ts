import type { RigModel } from "./models.js";
import type { ShareCounters } from "./physics/shares.js";
import type { Traits } from "./physics/traits.js";

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

/**
 * `stopped`: the firmware has cut the boards because they or the air were too hot. `sleeping`: an operator did.
 * `waiting`: no pool gives work. `off`: no power; nobody answers then.
 */
export type Phase = "starting" | "mining" | "stopped" | "sleeping" | "waiting" | "off";

/** One slot. An absent board keeps its slot, with `present` false. */
export interface BoardState {
  slot: number;
  present: boolean;
  /** Chips that answer, of the model's number. */
  chips: number;
  hashrateThs: number;
  /** Work since the daemon's start, in TH. */
  hashedTh: number;
  boardTempC: number;
  chipTempC: number;
  hwErrors: number;
  /** What the board draws from its supply, direct current. */
  powerW: number;
}

/** Moving averages of the hashrate, exponential over the window in their name. */
export interface HashrateWindows {
  oneMinuteThs: number;
  fiveMinutesThs: number;
  fifteenMinutesThs: number;
  thirtyMinutesThs: number;
}

/** A pool as the rig's config has it, and how it is to be reached at the moment. */
export interface PoolLink {
  /** Like `stratum+tcp://pool.example.com:3333`. */
  url: string;
  user: string;
  alive: boolean;
  latencyMs: number;
  /** Share of the shares that it turns down, 0 to 1. */
  rejectRatio: number;
}

/** One configured pool with the shares that it was given since the daemon's start. */
export interface PoolState extends PoolLink {
  active: boolean;
  shares: ShareCounters;
}

/** What is done to a rig from outside, by wear, people, cables and pools. Compared by reference: a change is a new object. */
export interface Conditions {
  /** 1 for a sound fan, less for one that no longer reaches its speed. */
  fanHealth: readonly number[];
  /** Share of the rated coolant flow of a rig with water or oil; of the free airflow of one with a dusty filter. */
  flow: number;
  /** Line voltage over the rated one; 0 is no power. */
  supply: number;
  asleep: boolean;
  /** What an operator allows at the wall. */
  powerLimitW: number | undefined;
  /** Slots whose board is gone. */
  lostBoards: readonly number[];
  /** Dead chips of each slot; beyond the model's number they change nothing. */
  lostChips: readonly number[];
  /** Thermal resistance from chip to coolant over that of a new rig: dried paste, dust in the fins. */
  fouling: number;
  ageYears: number;
  pools: readonly PoolLink[];
  /** Share of the work that somebody else is paid for, 0 to 1. */
  divertedRatio: number;
  /** How often somebody has rebooted it since the simulation began. */
  reboots: number;
  /** 0: nothing wanders and shares come like clockwork; 1: as in life. */
  noise: number;
}

/** What the firmware held to since its last decision; the physics between two decisions follow from it exactly. */
export interface Held {
  /** Speed that the firmware asks of all fans. */
  fanTarget: number;
  /** Flow of air, water or oil over the full one. */
  flow: number;
  /** Heat flow from board to coolant at this airflow or flow, over that at full flow. */
  cooling: number;
  /** All the rig's direct current but the boards': fans, control board. */
  auxiliaryW: number;
  /** Lost in the power supply. */
  supplyLossW: number;
}

/** All that a rig is at one moment, in canonical units; speakers put it into their firmware's words. */
export interface RigState {
  unit: Unit;
  traits: Traits;
  given: Conditions;
  /** The conditions that the last decision saw. */
  seen: Conditions;
  /** What the rig breathes; of a rig with water or oil, what flows in. */
  inletTempC: number;
  /** What leaves it. */
  outletTempC: number;
  phase: Phase;
  phaseMs: number;
  /** Since the operating system's start. */
  uptimeMs: number;
  /** Since the mining daemon's start; counters and averages start over with it. */
  elapsedMs: number;
  /** Since the simulation began. */
  clockMs: number;
  /** Until the firmware's next decision, and since its last. */
  dueMs: number;
  decidedAgoMs: number;
  held: Held;
  /** 0 to 1: the clock that the firmware runs, over the rated one. */
  load: number;
  /** Slow noise around the unit's own rate, as a ratio. */
  wander: number;
  hashrateThs: number;
  windows: HashrateWindows;
  /** At the wall. */
  powerW: number;
  boards: readonly BoardState[];
  /** Speed of the fans, over their highest. */
  fanRatio: number;
  fansRpm: readonly number[];
  /** Of all pools together. */
  shares: ShareCounters;
  pools: readonly PoolState[];
  activePool: number;
  /** The moment on `clockMs` of the last accepted share of each pool; ages are read off it when a reader asks. */
  shareAtMs: readonly (number | undefined)[];
  /** How long the active pool has been silent, and how long a better one has been back. */
  poolSilentMs: number;
  poolBackMs: number;
  /** Expected number of shares until the next one is found. */
  untilShare: number;
  /** How long the hottest chip has been above its limit, and the inlet above the one at which the rig stops. */
  hotMs: number;
  inletHotMs: number;
  /** The firmware runs slower because the inlet is warm. */
  derated: boolean;
  reboots: number;
}

/** The highest chip temperature of the boards that are there; the inlet's when there is none. */
export function hottestChipC(state: Pick<RigState, "boards" | "inletTempC">): number {
  return state.boards.reduce(
    (max, board) => (board.present ? Math.max(max, board.chipTempC) : max),
    state.inletTempC,
  );
}
