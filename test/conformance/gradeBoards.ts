import { byDegree, byRatio, exactly, type Graded, mark, near, type Same } from "./marks.js";
import type { PrintedBoard } from "./printed.js";

type Wanted = Record<string, unknown>;

const FIELDS: Record<string, [keyof PrintedBoard, Same<never>]> = {
  hashrate_ths: ["hashrateThs", byRatio as Same<never>],
  expected_hashrate_ths: ["nominalThs", byRatio as Same<never>],
  board_temp_c: ["boardTempC", byDegree as Same<never>],
  chip_temp_c: ["chipTempC", byDegree as Same<never>],
  chips: ["chips", exactly as Same<never>],
  expected_chips: ["chipsExpected", exactly as Same<never>],
  frequency_mhz: ["frequencyMHz", byRatio as Same<never>],
  voltage_v: ["voltageV", near(0.005, 0.01) as Same<never>],
  serial: ["serial", exactly as Same<never>],
};

const isBlank = (value: unknown) => value === null || value === undefined || value === 0;

/**
 * Boards in order, not by slot. A board for which nothing but blanks is vouched may be absent; a value of 0 that was not
 * read is a value that the rig does not have.
 */
export function gradeBoards(want: readonly Wanted[], got: readonly PrintedBoard[] | undefined): Graded[] {
  const bySlot = (a: { slot?: unknown }, b: { slot?: unknown }) => Number(a.slot ?? 0) - Number(b.slot ?? 0);
  const wanted = [...want].sort(bySlot);
  const read = [...(got ?? [])].sort(bySlot);
  const living = wanted.filter((board) => Object.keys(FIELDS).some((field) => !isBlank(board[field])));
  const rows = read.length === living.length && read.length < wanted.length ? living : wanted;
  return rows.flatMap((board, i) =>
    Object.entries(FIELDS).flatMap(([field, [key, same]]) => {
      const value = board[field];
      if (value === null || value === undefined) return [];
      const graded = mark<unknown>(`boards[${i}].${field}`, value, read[i]?.[key], same as Same<unknown>);
      return value === 0 && graded.mark === "missing" ? [] : [graded];
    }),
  );
}
