import { MAX_BOARDS } from "@hashwatt/protocol/sample";
import { boundedTempC } from "../model/bounds.js";
import type { BoardReading } from "../reading.js";

/** The highest of the boards' values; undefined when none has one. */
export function highest(
  boards: readonly BoardReading[] | undefined,
  key: "boardTempC" | "chipTempC",
): number | undefined {
  let most: number | undefined;
  for (const board of boards ?? []) {
    const tempC = board[key];
    if (tempC !== undefined && (most === undefined || tempC > most)) most = tempC;
  }
  return most;
}

/**
 * Boards in order of their slots, at most as many as travel; undefined without one. `slot` is the number the vendor prints
 * on it (6 to 8 on an S9), since that is what an operator looks for; whoever compares rigs compares by order. A slot holds one
 * board: of one that is told twice the first counts.
 */
export function inSlots(boards: BoardReading[]): BoardReading[] | undefined {
  if (boards.length === 0) return undefined;
  boards.sort((a, b) => a.slot - b.slot);
  const once = boards.filter((board, i) => board.slot !== boards[i - 1]?.slot);
  return once.slice(0, MAX_BOARDS);
}

/** A slot number as a firmware writes it, number or text; undefined for what is none. */
export function readSlot(value: unknown): number | undefined {
  const slot = typeof value === "string" && /^\d{1,3}$/.test(value.trim()) ? Number(value) : value;
  return typeof slot === "number" && Number.isInteger(slot) && slot >= 0 && slot <= 255 ? slot : undefined;
}

/** The highest plausible temperature of a list of sensors, °C; undefined when none reads. */
export function hottestTempC(values: readonly unknown[]): number | undefined {
  let most: number | undefined;
  for (const value of values) {
    const tempC = boundedTempC(value);
    if (tempC !== undefined && (most === undefined || tempC > most)) most = tempC;
  }
  return most;
}

/** A chip that claims to be cooler than its own board is a sensor fault and no reading. */
export const plausibleChipC = (
  chipTempC: number | undefined,
  boardTempC: number | undefined,
): number | undefined =>
  chipTempC !== undefined && boardTempC !== undefined && chipTempC < boardTempC ? undefined : chipTempC;
