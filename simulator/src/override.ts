import { hottestChipC, type RigState } from "./rigState.js";

/** Readings that a test dictates; what is undefined stays with the physics. */
export interface Override {
  hashrateThs?: number | undefined;
  powerW?: number | undefined;
  /** Of the hottest chip; the others keep their distance to it. */
  chipTempC?: number | undefined;
  /** Of every board. */
  boardTempC?: number | undefined;
  inletTempC?: number | undefined;
  /** Of every fan. */
  fanRpm?: number | undefined;
}

/** Gives the boards that are there this total, in the proportion in which they share it now. */
function withHashrate(state: RigState, hashrateThs: number): RigState {
  const shareOf = (slot: number) => state.unit.boardShares[slot] as number;
  const known = state.boards.reduce((sum, board) => (board.present ? sum + shareOf(board.slot) : sum), 0);
  const boards = state.boards.map((board) =>
    board.present ? { ...board, hashrateThs: (hashrateThs * shareOf(board.slot)) / known } : board,
  );
  return { ...state, hashrateThs, boards };
}

/** What the rig shows while the override holds; the physics behind it go on untouched. */
export function overridden(state: RigState, override: Override): RigState {
  let shown = state;
  if (override.hashrateThs !== undefined) shown = withHashrate(shown, override.hashrateThs);
  if (override.boardTempC !== undefined) {
    const boardTempC = override.boardTempC;
    shown = { ...shown, boards: shown.boards.map((board) => ({ ...board, boardTempC })) };
  }
  if (override.chipTempC !== undefined) {
    const shiftC = override.chipTempC - hottestChipC(shown);
    shown = {
      ...shown,
      boards: shown.boards.map((board) => ({ ...board, chipTempC: board.chipTempC + shiftC })),
    };
  }
  if (override.powerW !== undefined) shown = { ...shown, powerW: override.powerW };
  if (override.inletTempC !== undefined) shown = { ...shown, inletTempC: override.inletTempC };
  if (override.fanRpm !== undefined) {
    const fanRpm = override.fanRpm;
    shown = { ...shown, fansRpm: shown.fansRpm.map(() => fanRpm) };
  }
  return shown;
}
