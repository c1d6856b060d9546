import type { Random } from "../random.js";
import type { RigState } from "../rigState.js";
import { age, findShares, sharesPerS } from "./shares.js";

/**
 * The rig `elapsedMs` later if nothing but its counters had moved: for a time that nobody watched and that is too long to be
 * stepped through.
 */
export function coast(state: RigState, elapsedMs: number, random: Random): RigState {
  const elapsedS = elapsedMs / 1000;
  const draft = {
    ...state,
    phaseMs: state.phaseMs + elapsedMs,
    uptimeMs: state.uptimeMs + elapsedMs,
    elapsedMs: state.elapsedMs + elapsedMs,
    clockMs: state.clockMs + elapsedMs,
    boards: state.boards.map((board) => ({
      ...board,
      hashedTh: board.hashedTh + board.hashrateThs * elapsedS,
      hwErrors:
        board.hwErrors + random.poisson(board.present ? state.unit.hwErrorsPerS * state.load * elapsedS : 0),
    })),
  };
  age(draft, elapsedMs);
  findShares(draft, sharesPerS(state.hashrateThs, state.unit.poolDifficulty), elapsedMs, 0, random);
  return draft;
}
