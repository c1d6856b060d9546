import type { Random } from "../random.js";
import type { Draft } from "./draft.js";
import { findShares, sharesPerS } from "./shares.js";

/**
 * Moves a rig on by `elapsedMs` as if nothing but its counters moved: for a time that nobody watched and that is too long to be
 * stepped through. Changes `draft`.
 */
export function coast(draft: Draft, elapsedMs: number, random: Random): void {
  const elapsedS = elapsedMs / 1000;
  findShares(draft, sharesPerS(draft.hashrateThs, draft.unit.poolDifficulty), elapsedMs, random);
  draft.phaseMs += elapsedMs;
  draft.uptimeMs += elapsedMs;
  draft.elapsedMs += elapsedMs;
  draft.clockMs += elapsedMs;
  for (const board of draft.boards) {
    board.hashedTh += board.hashrateThs * elapsedS;
    board.hwErrors += random.poisson(board.present ? draft.unit.hwErrorsPerS * draft.load * elapsedS : 0);
  }
}
