import type { AntminerBuild } from "../models.js";
import type { RigState } from "../rigState.js";

/** The four sensors in each of a board's lists, whole degrees. */
export interface BoardSensors {
  pcb: number[];
  chip: number[];
  pic: number[];
}

const NONE = [0, 0, 0, 0];
/** A rig in water has the control board of its siblings: four connectors that stand still. */
export const STANDING_FANS: readonly number[] = NONE;

/** What stands in the lists of a board in water, given what would stand there in air; see `coolantIn`. */
export function inWater(
  { pcb, chip }: BoardSensors,
  { inletTempC, outletTempC }: RigState,
  coolantIn: NonNullable<AntminerBuild["coolantIn"]>,
): BoardSensors {
  const [comesInC, goesOutC] = [Math.round(inletTempC), Math.round(outletTempC)];
  if (coolantIn === "chip") return { pcb, chip: [comesInC, goesOutC, 0, 0], pic: NONE };
  const [first = 0, second = 0, third = 0, last = 0] = pcb;
  return {
    pcb: [comesInC, second, goesOutC, last],
    chip: NONE,
    pic: [Math.max(...chip), first, second, third],
  };
}
