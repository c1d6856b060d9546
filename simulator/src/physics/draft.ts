import type { BoardState, RigState } from "../rigState.js";

/** A rig that is being moved on: a copy that nobody else has seen yet. */
export type Draft = { -readonly [Key in keyof RigState]: RigState[Key] } & { boards: BoardState[] };

export function draftOf(state: RigState): Draft {
  return { ...state, boards: state.boards.map((board) => ({ ...board })) };
}

/** The highest chip temperature of the boards that are there; the inlet's when there is none. */
export function hottest(draft: Draft): number {
  let max = draft.inletTempC;
  for (const board of draft.boards) if (board.present && board.chipTempC > max) max = board.chipTempC;
  return max;
}
