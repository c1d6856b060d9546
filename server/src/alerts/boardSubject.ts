import type { AlertSubject, AlertView } from "@hashwatt/protocol/http";
import type { RigView } from "../fleet/rigView.js";

/** So much hotter than the others of its rig is a board of its own accord; less is how air passes. [A] */
const CLEARLY_HOTTER_C = 10;
/** A rig that rounds tells its hottest board by up to so much another way than the board itself. */
const SAME_C = 1;

/** A board of a rig as alerts name it. */
export const boardSubject = ({ rig, record }: RigView, slot: number): AlertSubject => ({
  kind: "board",
  id: `r${rig}/${slot}`,
  name: `${record.name} board ${slot}`,
});

/** Who an alert is about once somebody was told of it: that does not change while it fires, whatever joins. Undefined before. */
export const toldSubject = (before: AlertView | undefined, nowMs: number): AlertSubject | undefined =>
  before?.state === "firing" && before.firedMs !== nowMs ? before.subject : undefined;

/**
 * The one board whose sensor makes the rig's `tempC` and that is clearly hotter than each of the others; undefined where none is,
 * or where fewer than two boards tell theirs: then it is the rig that is hot. `overC`: above the next one.
 */
export function hottestBoard(
  { reading }: RigView,
  field: "chipTempC" | "boardTempC",
  tempC: number,
): { slot: number; overC: number } | undefined {
  let slot: number | undefined;
  let hottestC = Number.NEGATIVE_INFINITY;
  let nextC = Number.NEGATIVE_INFINITY;
  for (const board of reading?.boards ?? []) {
    const its = board[field];
    if (its === undefined) continue;
    if (its > hottestC) {
      nextC = hottestC;
      hottestC = its;
      slot = board.slot;
    } else if (its > nextC) nextC = its;
  }
  if (slot === undefined || nextC === Number.NEGATIVE_INFINITY) return undefined;
  const overC = hottestC - nextC;
  return Math.abs(hottestC - tempC) <= SAME_C && overC >= CLEARLY_HOTTER_C ? { slot, overC } : undefined;
}
