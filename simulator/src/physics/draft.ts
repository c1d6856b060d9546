import type { RigState } from "../rigState.js";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A rig that is being moved on, in place: every part that changes is its own. */
export type Draft = Omit<
  Mutable<RigState>,
  "boards" | "windows" | "held" | "shares" | "pools" | "shareAtMs"
> & {
  boards: Mutable<RigState["boards"][number]>[];
  windows: Mutable<RigState["windows"]>;
  held: Mutable<RigState["held"]>;
  shares: Mutable<RigState["shares"]>;
  pools: (Omit<Mutable<RigState["pools"][number]>, "shares"> & { shares: Mutable<RigState["shares"]> })[];
  shareAtMs: (number | undefined)[];
};

type Part<Key extends keyof Draft> = Draft[Key] extends (infer Item)[] ? Item : Draft[Key];

const copyOfBoard = (board: RigState["boards"][number]): Part<"boards"> => ({
  slot: board.slot,
  present: board.present,
  chips: board.chips,
  hashrateThs: board.hashrateThs,
  hashedTh: board.hashedTh,
  boardTempC: board.boardTempC,
  chipTempC: board.chipTempC,
  hwErrors: board.hwErrors,
  powerW: board.powerW,
});

const copyOfShares = (shares: RigState["shares"]): Draft["shares"] => ({
  accepted: shares.accepted,
  rejected: shares.rejected,
  stale: shares.stale,
  lastShareAgoMs: shares.lastShareAgoMs,
});

const copyOfPool = (pool: RigState["pools"][number]): Part<"pools"> => ({
  url: pool.url,
  user: pool.user,
  alive: pool.alive,
  latencyMs: pool.latencyMs,
  rejectRatio: pool.rejectRatio,
  active: pool.active,
  shares: copyOfShares(pool.shares),
});

/**
 * A copy that may be changed without anybody noticing. Spelt out and not spread: the engine keeps the numbers of a spread object each
 * in a box of its own, and makes a new one whenever such a number changes, which a step does some hundred times.
 */
export function draftOf(state: RigState): Draft {
  const { held, windows } = state;
  return {
    unit: state.unit,
    traits: state.traits,
    given: state.given,
    seen: state.seen,
    inletTempC: state.inletTempC,
    outletTempC: state.outletTempC,
    phase: state.phase,
    phaseMs: state.phaseMs,
    uptimeMs: state.uptimeMs,
    elapsedMs: state.elapsedMs,
    clockMs: state.clockMs,
    dueMs: state.dueMs,
    decidedAgoMs: state.decidedAgoMs,
    held: {
      fanTarget: held.fanTarget,
      flow: held.flow,
      cooling: held.cooling,
      auxiliaryW: held.auxiliaryW,
      supplyLossW: held.supplyLossW,
    },
    load: state.load,
    wander: state.wander,
    hashrateThs: state.hashrateThs,
    windows: {
      oneMinuteThs: windows.oneMinuteThs,
      fiveMinutesThs: windows.fiveMinutesThs,
      fifteenMinutesThs: windows.fifteenMinutesThs,
      thirtyMinutesThs: windows.thirtyMinutesThs,
    },
    powerW: state.powerW,
    boards: state.boards.map(copyOfBoard),
    fanRatio: state.fanRatio,
    fansRpm: state.fansRpm,
    shares: copyOfShares(state.shares),
    pools: state.pools.map(copyOfPool),
    activePool: state.activePool,
    shareAtMs: state.shareAtMs.slice(),
    poolSilentMs: state.poolSilentMs,
    poolBackMs: state.poolBackMs,
    untilShare: state.untilShare,
    hotMs: state.hotMs,
    inletHotMs: state.inletHotMs,
    derated: state.derated,
    reboots: state.reboots,
  };
}

/** The highest chip temperature of the boards that are there; the inlet's when there is none. */
export function hottest(draft: Pick<Draft, "boards" | "inletTempC">): number {
  let max = draft.inletTempC;
  for (const board of draft.boards) if (board.present && board.chipTempC > max) max = board.chipTempC;
  return max;
}
