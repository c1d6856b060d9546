import type { Board, Sample } from "@hashwatt/protocol/sample";
import { BOARD_NUMBERS } from "../parts.js";
import type { StoredSample } from "../store.js";
import type { RowAppender } from "./rowAppender.js";
import type { Columns } from "./session.js";
import { known } from "./session.js";

/** Fans in one row. */
export const FANS_PER_ROW = 4;

const boardRow = new Float64Array(BOARD_NUMBERS.length);
const fanRow = new Float64Array(1 + FANS_PER_ROW);
const NO_FANS = new Float64Array(1 + FANS_PER_ROW).fill(Number.NaN, 1);

/** Appends a reading's boards in the order of BOARD_COLUMNS. */
export function addBoards(
  rig: number,
  { atMs, boards }: Pick<Sample, "atMs" | "boards">,
  into: RowAppender,
): void {
  if (boards === undefined) return;
  for (const board of boards) {
    boardRow[0] = board.slot;
    boardRow[1] = board.hashrateThs ?? Number.NaN;
    boardRow[2] = board.boardTempC ?? Number.NaN;
    boardRow[3] = board.chipTempC ?? Number.NaN;
    boardRow[4] = board.chips ?? Number.NaN;
    boardRow[5] = board.chipsExpected ?? Number.NaN;
    boardRow[6] = board.hwErrors ?? Number.NaN;
    boardRow[7] = board.frequencyMHz ?? Number.NaN;
    boardRow[8] = board.voltageV ?? Number.NaN;
    into.add(atMs, rig, boardRow);
  }
}

/**
 * Appends a reading's fans, four to a row. A single fan is its own slowest, which the sample's row holds already; where that
 * holds the slowest of fans that are known no more, a row without any says so.
 */
export function addFans({ rig, sample, slowestFanRpm }: StoredSample, into: RowAppender): void {
  const { atMs, fansRpm = [] } = sample;
  if (fansRpm.length === 0 && slowestFanRpm !== undefined) into.add(atMs, rig, NO_FANS);
  if (fansRpm.length < 2 && slowestFanRpm === undefined) return;
  for (let first = 0; first < fansRpm.length; first += FANS_PER_ROW) {
    fanRow[0] = first / FANS_PER_ROW;
    for (let i = 0; i < FANS_PER_ROW; i++) fanRow[1 + i] = fansRpm[first + i] ?? Number.NaN;
    into.add(atMs, rig, fanRow);
  }
}

/** The board behind row `i` of columns named as BOARD_COLUMNS. */
export function boardAt(columns: Columns, i: number): Board {
  const value = (name: string) => known(columns[name]?.[i]);
  const board: Board = { slot: value("slot") ?? 0 };
  const names = [
    "",
    "hashrate_ths",
    "board_c",
    "chip_c",
    "chips",
    "chips_expected",
    "hw_errors",
    "frequency_mhz",
    "voltage_v",
  ];
  for (let k = 1; k < BOARD_NUMBERS.length; k++) {
    const held = value(names[k]!);
    if (held !== null) board[BOARD_NUMBERS[k]!] = held;
  }
  return board;
}

/** Puts row `i` of columns named as FAN_COLUMNS into its places. */
export function placeFans(columns: Columns, i: number, into: (number | null)[]): void {
  const first = (known(columns.bank?.[i]) ?? 0) * FANS_PER_ROW;
  for (let k = 0; k < FANS_PER_ROW; k++) {
    const rpm = known(columns[`rpm${k}`]?.[i]);
    if (rpm === null) continue;
    while (into.length <= first + k) into.push(null);
    into[first + k] = rpm;
  }
}
