import type { Conditions, Phase } from "../rigState.js";
import type { Draft } from "./draft.js";

/*
 * A rig's state as a row of numbers. Ten thousand rigs that are stepped in turn are a walk through all of their memory; in one row
 * each they take a sixth of it and lie side by side. What the physics work on is one draft for all rigs with as many boards, which
 * is filled from the row and written back.
 */

const PHASES: readonly Phase[] = ["starting", "mining", "stopped", "sleeping", "waiting", "off"];
/** Numbers of a rig before those of its boards; of a board; of a pool. */
const OWN = 28;
const BOARD = 8;
const POOL = 4;
/** Rows are cut out of pieces of this many numbers. */
const PIECE = 1 << 16;

/** Where each of these stands in a row. */
const PHASE_AT = 0;
const UPTIME_AT = 1;

/** The place of one rig's row, and what of its state is no number. */
export interface Cells {
  numbers: Float64Array;
  at: number;
  readonly poolCount: number;
  given: Conditions;
  seen: Conditions;
}

let piece = new Float64Array(0);
let used = 0;

/** A row for a rig in this state. */
export function cellsOf(draft: Draft): Cells {
  const length = OWN + BOARD * draft.boards.length + POOL * draft.pools.length;
  if (used + length > piece.length) {
    piece = new Float64Array(Math.max(PIECE, length));
    used = 0;
  }
  const { given, seen, pools } = draft;
  const cells: Cells = { numbers: piece, at: used, poolCount: pools.length, given, seen };
  used += length;
  keep(draft, cells);
  return cells;
}

export const phaseOf = ({ numbers, at }: Cells): Phase => PHASES[numbers[at + PHASE_AT] as number] as Phase;
export const uptimeMsOf = ({ numbers, at }: Cells): number => numbers[at + UPTIME_AT] as number;

/** Writes a draft down. What only a reader asks for, outlet, fan speeds and ages of shares, is not kept: it follows from the rest. */
export function keep(draft: Draft, cells: Cells): void {
  const { numbers, at } = cells;
  const { held, windows, boards, pools, shareAtMs } = draft;
  cells.given = draft.given;
  cells.seen = draft.seen;
  numbers[at + PHASE_AT] = PHASES.indexOf(draft.phase);
  numbers[at + UPTIME_AT] = draft.uptimeMs;
  numbers[at + 2] = draft.phaseMs;
  numbers[at + 3] = draft.elapsedMs;
  numbers[at + 4] = draft.clockMs;
  numbers[at + 5] = draft.dueMs;
  numbers[at + 6] = draft.decidedAgoMs;
  numbers[at + 7] = draft.inletTempC;
  numbers[at + 8] = draft.load;
  numbers[at + 9] = draft.wander;
  numbers[at + 10] = draft.hashrateThs;
  numbers[at + 11] = draft.powerW;
  numbers[at + 12] = draft.fanRatio;
  numbers[at + 13] = held.fanTarget;
  numbers[at + 14] = held.flow;
  numbers[at + 15] = held.cooling;
  numbers[at + 16] = held.auxiliaryW;
  numbers[at + 17] = held.supplyLossW;
  numbers[at + 18] = windows.oneMinuteThs;
  numbers[at + 19] = windows.fiveMinutesThs;
  numbers[at + 20] = windows.fifteenMinutesThs;
  numbers[at + 21] = windows.thirtyMinutesThs;
  numbers[at + 22] = draft.untilShare;
  numbers[at + 23] = draft.poolSilentMs;
  numbers[at + 24] = draft.poolBackMs;
  numbers[at + 25] = draft.hotMs;
  numbers[at + 26] = draft.inletHotMs;
  // Small whole numbers share a place.
  numbers[at + 27] = draft.activePool * 2 + (draft.derated ? 1 : 0) + draft.reboots * 64;
  let cell = at + OWN;
  for (let i = 0; i < boards.length; i++, cell += BOARD) {
    const board = boards[i] as Draft["boards"][number];
    numbers[cell] = board.present ? 1 : 0;
    numbers[cell + 1] = board.chips;
    numbers[cell + 2] = board.hashrateThs;
    numbers[cell + 3] = board.hashedTh;
    numbers[cell + 4] = board.boardTempC;
    numbers[cell + 5] = board.chipTempC;
    numbers[cell + 6] = board.hwErrors;
    numbers[cell + 7] = board.powerW;
  }
  for (let i = 0; i < pools.length; i++, cell += POOL) {
    const own = (pools[i] as Draft["pools"][number]).shares;
    numbers[cell] = own.accepted;
    numbers[cell + 1] = own.rejected;
    numbers[cell + 2] = own.stale;
    numbers[cell + 3] = shareAtMs[i] ?? Number.NaN;
  }
}

/** Fills a draft of a rig with as many boards and pools; the rig's `unit` and `traits` are already there. Returns it. */
export function load({ numbers, at, given, seen }: Cells, draft: Draft): Draft {
  const { held, windows, shares, boards, pools, shareAtMs } = draft;
  const small = numbers[at + 27] as number;
  draft.given = given;
  draft.seen = seen;
  draft.phase = PHASES[numbers[at + PHASE_AT] as number] as Phase;
  draft.uptimeMs = numbers[at + UPTIME_AT] as number;
  draft.phaseMs = numbers[at + 2] as number;
  draft.elapsedMs = numbers[at + 3] as number;
  draft.clockMs = numbers[at + 4] as number;
  draft.dueMs = numbers[at + 5] as number;
  draft.decidedAgoMs = numbers[at + 6] as number;
  draft.inletTempC = numbers[at + 7] as number;
  draft.load = numbers[at + 8] as number;
  draft.wander = numbers[at + 9] as number;
  draft.hashrateThs = numbers[at + 10] as number;
  draft.powerW = numbers[at + 11] as number;
  draft.fanRatio = numbers[at + 12] as number;
  held.fanTarget = numbers[at + 13] as number;
  held.flow = numbers[at + 14] as number;
  held.cooling = numbers[at + 15] as number;
  held.auxiliaryW = numbers[at + 16] as number;
  held.supplyLossW = numbers[at + 17] as number;
  windows.oneMinuteThs = numbers[at + 18] as number;
  windows.fiveMinutesThs = numbers[at + 19] as number;
  windows.fifteenMinutesThs = numbers[at + 20] as number;
  windows.thirtyMinutesThs = numbers[at + 21] as number;
  draft.untilShare = numbers[at + 22] as number;
  draft.poolSilentMs = numbers[at + 23] as number;
  draft.poolBackMs = numbers[at + 24] as number;
  draft.hotMs = numbers[at + 25] as number;
  draft.inletHotMs = numbers[at + 26] as number;
  draft.derated = small % 2 === 1;
  draft.activePool = Math.floor(small / 2) % 32;
  draft.reboots = Math.floor(small / 64);
  let cell = at + OWN;
  for (let i = 0; i < boards.length; i++, cell += BOARD) {
    const board = boards[i] as Draft["boards"][number];
    board.present = numbers[cell] === 1;
    board.chips = numbers[cell + 1] as number;
    board.hashrateThs = numbers[cell + 2] as number;
    board.hashedTh = numbers[cell + 3] as number;
    board.boardTempC = numbers[cell + 4] as number;
    board.chipTempC = numbers[cell + 5] as number;
    board.hwErrors = numbers[cell + 6] as number;
    board.powerW = numbers[cell + 7] as number;
  }
  shares.accepted = 0;
  shares.rejected = 0;
  shares.stale = 0;
  for (let i = 0; i < pools.length; i++, cell += POOL) {
    const pool = pools[i] as Draft["pools"][number];
    // The rig has of its pools what its last decision saw.
    const link = seen.pools[i] as Conditions["pools"][number];
    pool.url = link.url;
    pool.user = link.user;
    pool.alive = link.alive;
    pool.latencyMs = link.latencyMs;
    pool.rejectRatio = link.rejectRatio;
    pool.active = i === draft.activePool;
    pool.shares.accepted = numbers[cell] as number;
    pool.shares.rejected = numbers[cell + 1] as number;
    pool.shares.stale = numbers[cell + 2] as number;
    shares.accepted += pool.shares.accepted;
    shares.rejected += pool.shares.rejected;
    shares.stale += pool.shares.stale;
    const sharedMs = numbers[cell + 3] as number;
    shareAtMs[i] = Number.isNaN(sharedMs) ? undefined : sharedMs;
  }
  return draft;
}
