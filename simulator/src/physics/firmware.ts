import type { Phase } from "../rigState.js";
import { liveChips } from "./conditions.js";
import { type Draft, hottest } from "./draft.js";
import { clockWithin, dcOf } from "./electrics.js";
import { NO_SHARES } from "./shares.js";

/** A daemon starts in this time; an operating system takes so much longer. */
const DAEMON_STARTS_MS = 45_000;
const SYSTEM_STARTS_MS = 75_000;
/** Clock and voltage go up in small steps, for so long until the rated ones. */
const RAMP_S = 60;
/** The firmware throttles at once, and gives up after this long above the limit. */
const THROTTLED_CLOCK = 0.8;
const STOP_AFTER_HOT_MS = 40_000;
const CALM_BELOW_LIMIT_K = 2;
const COOL_DOWN_MS = 60_000;
const RESTART_BELOW_CHIP_C = 60;
/** S21: 490 MHz become 440 above 40 °C of inlet (docs/physics.md). */
const DERATED_CLOCK = 440 / 490;
const DERATE_HYSTERESIS_K = 2;
const STOP_AFTER_INLET_MS = 30_000;
const PREHEAT_CLOCK = 0.5;
/** A supply gives up below, comes back above, and gives less than its rating in between and up to `FULL`. */
const SUPPLY_FAILS = 0.78;
const SUPPLY_RETURNS = 0.87;
const SUPPLY_FULL = 0.9;
/** A pool that is silent is left after a minute, and gone back to when it has been there for one. */
const FAILOVER_MS = 60_000;
/** Without any pool the boards go idle. */
const IDLE_AFTER_MS = 120_000;

/** Moves to another phase; one that begins with `starting` has a new daemon, and after a reboot a new system. */
function enter(draft: Draft, phase: Phase, reboots = false): void {
  draft.phase = phase;
  draft.phaseMs = 0;
  if (phase !== "starting" && phase !== "off") return;
  if (reboots) draft.uptimeMs = 0;
  draft.elapsedMs = 0;
  draft.hotMs = 0;
  draft.inletHotMs = 0;
  draft.shares = { ...NO_SHARES };
  for (const pool of draft.pools) pool.shares = { ...NO_SHARES };
  draft.shareAtMs = draft.pools.map(() => undefined);
  draft.windows = { oneMinuteThs: 0, fiveMinutesThs: 0, fifteenMinutesThs: 0, thirtyMinutesThs: 0 };
  for (const board of draft.boards) {
    board.hashedTh = 0;
    board.hwErrors = 0;
  }
}

/** Follows the outside world first, then what the firmware itself has seen. */
export function changePhase(draft: Draft): void {
  const { given } = draft;
  if (draft.phase === "off") {
    if (given.supply >= SUPPLY_RETURNS) enter(draft, "starting", true);
    draft.reboots = given.reboots;
    return;
  }
  if (given.supply < SUPPLY_FAILS) {
    enter(draft, "off", true);
  } else if (given.reboots !== draft.reboots) {
    draft.reboots = given.reboots;
    enter(draft, "starting", true);
  } else if (given.asleep !== (draft.phase === "sleeping")) {
    enter(draft, given.asleep ? "sleeping" : "starting");
  } else changeOwnPhase(draft);
}

/** What the firmware does of its own accord. */
function changeOwnPhase(draft: Draft): void {
  const { traits } = draft;
  const hears = bestPool(draft) >= 0;
  switch (draft.phase) {
    case "mining": {
      const tooCold = traits.inlet.coldStopC !== undefined && draft.inletTempC < traits.inlet.coldStopC;
      if (draft.hotMs >= STOP_AFTER_HOT_MS || draft.inletHotMs >= STOP_AFTER_INLET_MS || tooCold)
        enter(draft, "stopped");
      else if (!hears && draft.poolSilentMs >= IDLE_AFTER_MS) enter(draft, "waiting");
      break;
    }
    case "waiting":
      if (hears) enter(draft, "mining");
      break;
    case "stopped": {
      const cool = hottest(draft) < RESTART_BELOW_CHIP_C && draft.inletTempC < traits.inlet.restartC;
      const warm = draft.inletTempC >= (traits.inlet.coldStopC ?? Number.NEGATIVE_INFINITY);
      if (draft.phaseMs >= COOL_DOWN_MS && cool && warm) enter(draft, "starting");
      break;
    }
    case "starting":
      if (draft.phaseMs >= DAEMON_STARTS_MS && draft.uptimeMs >= SYSTEM_STARTS_MS) enter(draft, "mining");
      break;
    case "sleeping":
      break;
  }
}

/** Keeps count of how long it has been too hot; forgets as slowly as it learnt. */
export function feelHeat(draft: Draft, sinceMs: number): void {
  const { derateC, stopC } = draft.traits.inlet;
  const { inletTempC } = draft;
  if (inletTempC > derateC) draft.derated = true;
  else if (inletTempC < derateC - DERATE_HYSTERESIS_K) draft.derated = false;
  if (draft.phase !== "mining") {
    draft.hotMs = 0;
    draft.inletHotMs = 0;
    return;
  }
  draft.inletHotMs = inletTempC > stopC ? draft.inletHotMs + sinceMs : 0;
  const aboveK = hottest(draft) - draft.unit.model.chipLimitC;
  if (aboveK > 0) draft.hotMs += sinceMs;
  else if (aboveK < -CALM_BELOW_LIMIT_K) draft.hotMs = Math.max(0, draft.hotMs - sinceMs);
}

/** The first pool that answers; -1 where none does. */
function bestPool({ pools }: Draft): number {
  for (let i = 0; i < pools.length; i++) if ((pools[i] as Draft["pools"][number]).alive) return i;
  return -1;
}

/** Leaves a silent pool for the next that answers, and comes back to a better one. */
export function choosePool(draft: Draft, sinceMs: number): void {
  const { pools } = draft;
  const alive = pools[draft.activePool]?.alive === true;
  draft.poolSilentMs = alive ? 0 : draft.poolSilentMs + sinceMs;
  const best = bestPool(draft);
  draft.poolBackMs = best >= 0 && best < draft.activePool ? draft.poolBackMs + sinceMs : 0;
  if (best < 0) return;
  if ((!alive && draft.poolSilentMs >= FAILOVER_MS) || draft.poolBackMs >= FAILOVER_MS) {
    draft.activePool = best;
    draft.poolSilentMs = 0;
    draft.poolBackMs = 0;
    for (const [i, pool] of pools.entries()) pool.active = i === best;
  }
}

/** The clock that firmware, operator and supply allow, over the rated one. */
export function allowedClock(draft: Draft): number {
  const { given, traits, boards } = draft;
  if (draft.phase !== "mining") return 0;
  let clock = 1;
  if (draft.hotMs > 0) clock = THROTTLED_CLOCK;
  if (draft.derated) clock = Math.min(clock, DERATED_CLOCK);
  if (traits.preheatC !== undefined) {
    const cold = boards.some((board) => board.present && board.boardTempC < (traits.preheatC as number));
    if (cold) clock = Math.min(clock, PREHEAT_CLOCK);
  }
  const capW = given.supply < SUPPLY_FULL ? (traits.ratedDcW * given.supply) / SUPPLY_FULL : undefined;
  const limitW = given.powerLimitW === undefined ? undefined : dcOf(given.powerLimitW, traits.ratedDcW);
  if (capW === undefined && limitW === undefined) return clock;
  const ratedW = boards.reduce((sum, board) => sum + (board.present ? ratedBoardW(draft, board.slot) : 0), 0);
  const budgetW = Math.min(capW ?? Number.POSITIVE_INFINITY, limitW ?? Number.POSITIVE_INFINITY);
  const within = clockWithin(budgetW - draft.held.auxiliaryW, ratedW, hottest(draft), traits.referenceChipC);
  return Math.min(clock, within);
}

/** Voltage and clock go up in small steps, but are cut at once. */
export function towards(clock: number, load: number, sinceMs: number): number {
  return Math.min(clock, load + sinceMs / 1000 / RAMP_S);
}

/** What a board draws at full clock and the reference temperature; dead chips are bypassed and draw nothing. */
export function ratedBoardW({ traits, given, unit }: Draft, slot: number): number {
  return (traits.boardW * liveChips(unit.model, given, slot)) / unit.model.chipsPerBoard;
}
