import type { Limit, RigView } from "../../fleet/rigView.js";
import type { Rule } from "./rule.js";

/** A firing alert clears this far below its limit, so that a rig at its limit does not flap. */
export const OVERHEATING_HYSTERESIS_C = 3;

interface Hottest {
  sensor: "Chip" | "Board";
  tempC: number;
  limit: Limit;
}

/** The sensor that is furthest above (or least below) its limit; undefined where no sensor has both a value and a limit. */
function hottest({ reading, limits }: RigView): Hottest | undefined {
  if (!reading) return undefined;
  const chip: Hottest | undefined =
    reading.chipTempC !== undefined && limits.chip
      ? { sensor: "Chip", tempC: reading.chipTempC, limit: limits.chip }
      : undefined;
  const board: Hottest | undefined =
    reading.boardTempC !== undefined && limits.board
      ? { sensor: "Board", tempC: reading.boardTempC, limit: limits.board }
      : undefined;
  if (!chip || !board) return chip ?? board;
  return board.tempC - board.limit.limitC > chip.tempC - chip.limit.limitC ? board : chip;
}

const degrees = (value: number): string => `${Math.round(value * 10) / 10} °C`;

/** Two readings in a row above the limit of a sensor; clears 3 °C below it. */
export const overheating: Rule = {
  id: "overheating",
  severity: "danger",
  holdMs: 0,
  samples: 2,
  clearSamples: 2,
  timed: false,
  inhibitedBy: ["offline"],
  check({ reading, limits }, firing) {
    const chipC = reading?.chipTempC;
    const boardC = reading?.boardTempC;
    const chip = chipC === undefined || !limits.chip ? undefined : chipC - limits.chip.limitC;
    const board = boardC === undefined || !limits.board ? undefined : boardC - limits.board.limitC;
    if (chip === undefined && board === undefined) return "unknown";
    const above = firing ? -OVERHEATING_HYSTERESIS_C : 0;
    return (chip !== undefined && chip > above) || (board !== undefined && board > above)
      ? "breach"
      : "clear";
  },
  describe(view) {
    const worst = hottest(view);
    if (!worst)
      return {
        value: null,
        limit: null,
        unit: "°C",
        reason: "Temperature is not reported any more",
        lossPerH: null,
      };
    return {
      value: worst.tempC,
      limit: worst.limit.limitC,
      unit: "°C",
      limitSource: worst.limit.source,
      reason: `${worst.sensor} ${degrees(worst.tempC)}, limit ${degrees(worst.limit.limitC)} (${worst.limit.source})`,
      // What the heat costs is not known before the rig throttles or stops.
      lossPerH: null,
    };
  },
};
