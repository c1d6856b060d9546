import { boundedTempC } from "../model/bounds.js";
import { hottestTempC } from "./boards.js";

/** Temperatures of a board of a water-cooled Antminer, °C. */
export interface HydroTemps {
  boardTempC: number | undefined;
  chipTempC: number | undefined;
  /** Coolant on its way in and out. */
  inletTempC: number | undefined;
  outletTempC: number | undefined;
}

/** The coolant of a rig, gathered over its boards: the warmest of each end. */
export interface Coolant {
  inletTempC: number | undefined;
  outletTempC: number | undefined;
}

/** A rig that stands is as warm as its water, and whole degrees may be one apart. */
const ROUNDED_C = 1;

/** Whether water cools an Antminer, by its name: `Antminer S21 XP Hyd.`, `Antminer S19 Pro Hydro`. It has no fans. */
export const isHydro = (model: string | undefined): boolean => model !== undefined && /hyd/i.test(model);

/** The fans of a rig; none where water took their place and their connectors stand still for ever. */
export const fansBeside = (model: string | undefined, fans: number[] | undefined): number[] | undefined =>
  fans?.every((rpm) => rpm === 0) && isHydro(model) ? undefined : fans;

/**
 * Sorts the three lists of a water-cooled board, which some builds fill otherwise than all the rest (pyasic issue 295): S21 Hyd has
 * the coolant's two ends in place of chips and nothing behind them; S21+ Hyd has them at the first and third place of the board's
 * list, no chip list, and a chip at the first place of the third list. Undefined where the lists are what their names say. A list is
 * text (`"30-41-0-0"`) or a list.
 */
export function hydroTemps(pcb: unknown, chip: unknown, pic: unknown): HydroTemps | undefined {
  const [boards, chips, others] = [tempsOf(pcb), tempsOf(chip), tempsOf(pic)];
  const warmest = hottestTempC(boards);
  const [first, second, ...rest] = chips;
  if (
    chips.length === 4 &&
    first !== undefined &&
    second !== undefined &&
    rest.every((tempC) => tempC === undefined) &&
    // Water is not warmer than what it cools.
    Math.max(first, second) <= (warmest ?? Number.POSITIVE_INFINITY) + ROUNDED_C
  )
    return { boardTempC: warmest, chipTempC: undefined, inletTempC: first, outletTempC: second };
  const [inletTempC, one, outletTempC, other] = boards;
  const [chipTempC] = others;
  if (
    boards.length === 4 &&
    chips.every((tempC) => tempC === undefined) &&
    inletTempC !== undefined &&
    outletTempC !== undefined &&
    chipTempC !== undefined &&
    chipTempC >= (warmest ?? chipTempC) - ROUNDED_C
  )
    return { boardTempC: hottestTempC([one, other, ...others.slice(1)]), chipTempC, inletTempC, outletTempC };
  return undefined;
}

/** Adds what one board says of the coolant. */
export function addCoolant(coolant: Coolant, { inletTempC, outletTempC }: HydroTemps): void {
  coolant.inletTempC = hottestTempC([coolant.inletTempC, inletTempC]);
  coolant.outletTempC = hottestTempC([coolant.outletTempC, outletTempC]);
}

/** A sensor's place in a list counts, so that one that does not read keeps it. */
function tempsOf(list: unknown): (number | undefined)[] {
  const values = typeof list === "string" ? list.split("-") : Array.isArray(list) ? list : [];
  return values.map(boundedTempC);
}
