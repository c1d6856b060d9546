import type { Traits } from "./traits.js";

/** Leakage grows e-fold with so many kelvin of the chip. */
const LEAKAGE_E_FOLD_K = 30;
/** Share of the boards' power that leaks at the reference temperature and voltage. */
export const LEAKAGE_SHARE = 0.14;

/** How voltage follows the clock, around the rated point; below, it goes no further. */
const VOLTS_PER_CLOCK = 0.45;
const LOWEST_VOLTS = 0.75;

/** Losses of a power supply over its rated output: standby, proportional to the load, and to its square. */
const STANDBY_LOSS = 0.003;
const LINEAR_LOSS = 0.035;
const SQUARE_LOSS = 0.03;

/** The voltage that a clock asks for, both over the rated ones. */
export function voltsAt(clock: number): number {
  return Math.max(LOWEST_VOLTS, 1 + VOLTS_PER_CLOCK * (clock - 1));
}

/**
 * What a board draws at this clock and chip temperature, over its rated power at the reference temperature: switching goes with
 * clock × voltage², leakage with voltage and e^(temperature).
 */
export function boardPowerRatio(clock: number, chipTempC: number, referenceChipC: number): number {
  const volts = voltsAt(clock);
  const leakage = LEAKAGE_SHARE * volts * Math.exp((chipTempC - referenceChipC) / LEAKAGE_E_FOLD_K);
  return (1 - LEAKAGE_SHARE) * clock * volts * volts + leakage;
}

/** Lost in a supply of this rated output that gives `dcW`, at a line voltage over the rated one. */
export function supplyLossW(dcW: number, ratedDcW: number, supply: number): number {
  const load = dcW / ratedDcW;
  // At a lower voltage the same power takes more current on the primary side.
  return (ratedDcW * (STANDBY_LOSS + LINEAR_LOSS * load + SQUARE_LOSS * load * load)) / Math.max(0.5, supply);
}

/** The direct current behind `wallW` at the rated voltage. */
export function dcOf(wallW: number, ratedDcW: number): number {
  let dcW = wallW;
  // The loss is small against the whole, so that this converges by two digits a round.
  for (let i = 0; i < 8; i++) dcW = wallW - supplyLossW(dcW, ratedDcW, 1);
  return dcW;
}

/** Power of all fans at this speed: it goes with the cube. */
export function fansPowerW(traits: Traits, ratios: readonly number[]): number {
  if (ratios.length === 0) return 0;
  let cubes = 0;
  // Not `**`, which costs as much as all else here.
  for (const ratio of ratios) cubes += ratio * ratio * ratio;
  return (traits.fansW * cubes) / ratios.length;
}

/** The highest clock at which boards of this total rated power stay within `budgetW` of direct current. */
export function clockWithin(
  budgetW: number,
  ratedBoardsW: number,
  chipTempC: number,
  referenceChipC: number,
): number {
  if (ratedBoardsW <= 0) return 1;
  let [low, high] = [0.2, 1.2];
  for (let i = 0; i < 12; i++) {
    const middle = (low + high) / 2;
    if (ratedBoardsW * boardPowerRatio(middle, chipTempC, referenceChipC) > budgetW) high = middle;
    else low = middle;
  }
  return low;
}
