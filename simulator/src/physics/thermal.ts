/** Heat goes from fins to a turbulent stream with this power of its speed. */
const FLOW_EXPONENT = 0.8;
/** Share of the airflow that is lost through the opening of a fan that stands still beside running ones. */
const SHORT_CIRCUIT = 0.75;
/** What still moves when nothing turns: warm air rises. */
const LEAST_FLOW = 0.05;
const FAN_LAG_S = 8;
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
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < ratios.length; i++) {
    const ratio = ratios[i] as number;
    best = Math.max(best, ratio);
    least = Math.min(least, ratio);
    sum += ratio;
  }
  if (best <= 0) return LEAST_FLOW;
  return Math.max(LEAST_FLOW, (sum / ratios.length) * (1 - SHORT_CIRCUIT * (1 - least / best)));
}

/** Heat that a board gives off at this flow, over that at full flow and the same difference in temperature. */
export function ratedCooling(flow: number): number {
  return Math.max(LEAST_FLOW, flow) ** FLOW_EXPONENT;
}

/** The fan curve: 65 % at the target, 3.5 % more for each degree of the hottest chip above it. */
export function fanCurve(chipTempC: number, chipTargetC: number): number {
  return Math.min(1, Math.max(FAN_IDLE_RATIO, 0.65 + 0.035 * (chipTempC - chipTargetC)));
}

/** The fan speed at which a healthy rig at rated power comes to rest at this inlet. */
export function fanAtRest(inletTempC: number, boardC: number, chipC: number, chipTargetC: number): number {
  let ratio = 0.7;
  // Half steps, because full ones swing around the solution.
  for (let i = 0; i < 24; i++)
    ratio = (ratio + fanCurve(inletTempC + boardC / ratedCooling(ratio) + chipC, chipTargetC)) / 2;
  return ratio;
}

/** One step of the fans towards the speed that the firmware asks for. */
export function spin(fanRatio: number, targetRatio: number, elapsedS: number): number {
  return approach(fanRatio, targetRatio, elapsedS, FAN_LAG_S);
}

/** Thermal resistances (K/W) and capacities (J/K) from chip to board to coolant. */
export interface Path {
  chipPerW: number;
  boardPerW: number;
  chipJPerK: number;
  boardJPerK: number;
}

/**
 * Moves a board and its hottest chip on by `elapsedS` at constant power and inlet: the exact solution of the two linear
 * equations
 *   Cc·dTc/dt = P − (Tc − Tb)/Rc,  Cb·dTb/dt = (Tc − Tb)/Rc − (Tb − Tin)/Rb,
 * so that two halves of a step are the whole.
 */
export function settle(
  board: { boardTempC: number; chipTempC: number },
  powerW: number,
  inletTempC: number,
  path: Path,
  elapsedS: number,
): void {
  const a = 1 / (path.chipJPerK * path.chipPerW);
  const b = 1 / (path.boardJPerK * path.chipPerW);
  const g = 1 / (path.boardJPerK * path.boardPerW);
  const restBoardC = inletTempC + powerW * path.boardPerW;
  const restChipC = restBoardC + powerW * path.chipPerW;
  const chipOff = board.chipTempC - restChipC;
  const boardOff = board.boardTempC - restBoardC;
  const sum = a + b + g;
  const root = Math.sqrt(sum * sum - 4 * a * g);
  const slow = (root - sum) / 2;
  const fast = (-root - sum) / 2;
  const slowFades = Math.exp(slow * elapsedS) / root;
  const fastFades = Math.exp(fast * elapsedS) / root;
  const chipDrift = a * (boardOff - chipOff);
  const boardDrift = b * (chipOff - boardOff) - g * boardOff;
  board.chipTempC =
    restChipC + slowFades * (chipDrift - fast * chipOff) - fastFades * (chipDrift - slow * chipOff);
  board.boardTempC =
    restBoardC + slowFades * (boardDrift - fast * boardOff) - fastFades * (boardDrift - slow * boardOff);
}
