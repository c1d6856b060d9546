/** Board above inlet at rated power and full airflow. With 70 % fans: 39 °C, as S19 Pro and M50S captures show. */
const BOARD_RISE_C = 29.4;
/** Hottest chip above its board at rated power: 5–15 °C in captures. */
export const CHIP_RISE_C = 14;
/** How fast a heat sink with its board follows: a rig is warm within about three minutes. */
const BOARD_LAG_S = 60;
const CHIP_LAG_S = 5;
const FAN_LAG_S = 8;
/** Share of the airflow that is lost through the opening of a fan that stands still beside running ones. */
const SHORT_CIRCUIT = 0.75;
const FAN_IDLE_RATIO = 0.25;

/** Moves `from` towards `to` with a first-order lag; exact for any step, so that a long one cannot overshoot. */
export function approach(from: number, to: number, elapsedS: number, lagS: number): number {
  return to + (from - to) * Math.exp(-elapsedS / lagS);
}

/**
 * Airflow through the rig as a ratio of all fans at full speed; `ratios` are the fans' speeds.
 * A dead fan costs more than its share: air that the others move flows back through its opening.
 */
export function airflow(ratios: readonly number[]): number {
  const best = Math.max(...ratios);
  if (best <= 0) return 0.05;
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return Math.max(0.05, mean * (1 - SHORT_CIRCUIT * (1 - Math.min(...ratios) / best)));
}

/** How far a board settles above the inlet, at `powerRatio` of its rated power. */
export function boardRiseC(powerRatio: number, airflowRatio: number): number {
  return (BOARD_RISE_C * powerRatio) / airflowRatio ** 0.8;
}

/** The fan curve: 65 % at the target, 3.5 % more for each degree of the hottest chip above it. */
export function fanCurve(chipTempC: number, chipTargetC: number): number {
  return Math.min(1, Math.max(FAN_IDLE_RATIO, 0.65 + 0.035 * (chipTempC - chipTargetC)));
}

/** Where a healthy rig at rated power comes to rest at this inlet temperature. */
export function equilibrium(
  inletTempC: number,
  chipTargetC: number,
): { fanRatio: number; boardTempC: number } {
  let fanRatio = 0.7;
  // Half steps, because full ones swing around the solution.
  for (let i = 0; i < 16; i++) {
    const chipTempC = inletTempC + boardRiseC(1, fanRatio) + CHIP_RISE_C;
    fanRatio = (fanRatio + fanCurve(chipTempC, chipTargetC)) / 2;
  }
  return { fanRatio, boardTempC: inletTempC + boardRiseC(1, fanRatio) };
}

/** One step of a board and its hottest chip towards where power and air drive them. */
export function settle(
  board: { boardTempC: number; chipTempC: number },
  restC: number,
  powerRatio: number,
  elapsedS: number,
): { boardTempC: number; chipTempC: number } {
  const boardTempC = approach(board.boardTempC, restC, elapsedS, BOARD_LAG_S);
  const chipTempC = approach(board.chipTempC, boardTempC + CHIP_RISE_C * powerRatio, elapsedS, CHIP_LAG_S);
  return { boardTempC, chipTempC };
}

/** One step of the fans towards the speed that the firmware asks for. */
export function spin(fanRatio: number, targetRatio: number, elapsedS: number): number {
  return approach(fanRatio, targetRatio, elapsedS, FAN_LAG_S);
}
