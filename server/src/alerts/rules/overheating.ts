import type { Limit, RigLimits, RigView } from "../../fleet/rigView.js";
import { boardSubject, hottestBoard, toldSubject } from "../boardSubject.js";
import { rigSubject } from "../judged.js";
import { overheatFault } from "../overheatFault.js";
import type { Rule, RuleSettings } from "./rule.js";

/** A firing alert clears this far below its limit, so that a rig at its limit does not flap. */
export const OVERHEATING_HYSTERESIS_C = 3;
/** A rig that throttles or stops by heat cools within minutes and heats again: only a rest this long is an end. */
export const OVERHEATING_RESOLVE_HOLD_MS = 300_000;

interface Hottest {
  sensor: "Chip" | "Board";
  tempC: number;
  limit: Limit;
}

/** The sensor that is furthest above (or least below) its limit; undefined where no sensor has both a value and a limit. */
function hottest({ reading, limits: known }: RigView, settings: RuleSettings): Hottest | undefined {
  if (!reading) return undefined;
  const limits = limitsOf(known, settings);
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

/** The limits of the rig, of which the chip's is the operator's own where he has set one. */
const limitsOf = (limits: RigLimits, { limit, setBy }: RuleSettings): RigLimits =>
  limit === undefined || setBy === undefined
    ? limits
    : { ...limits, chip: { limitC: limit, source: setBy, name: `set by ${setBy}` } };

const degrees = (value: number): string => `${Math.round(value * 10) / 10} °C`;

/**
 * Two readings in a row above the limit of a sensor, or in which the firmware itself says that it is too hot, which outranks
 * every number; ends after five minutes 3 °C below it.
 */
export const overheating: Rule = {
  id: "overheating",
  subject: "rig",
  severity: "danger",
  holdMs: 0,
  samples: 2,
  clearSamples: 2,
  resolveHoldMs: OVERHEATING_RESOLVE_HOLD_MS,
  timed: false,
  inhibitedBy: ["offline"],
  check(view, firing, _context, settings) {
    if (overheatFault(view)) return "breach";
    const { reading } = view;
    const limits = settings.setBy === undefined ? view.limits : limitsOf(view.limits, settings);
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
  step: () => 1,
  describe(view, { nowMs }, _sinceMs, before, settings) {
    const worst = hottest(view, settings);
    const fault = overheatFault(view);
    const board =
      worst && hottestBoard(view, worst.sensor === "Chip" ? "chipTempC" : "boardTempC", worst.tempC);
    const subject = toldSubject(before, nowMs) ?? (board ? boardSubject(view, board.slot) : rigSubject(view));
    // What the heat costs is not known before the rig throttles or stops.
    const common = { unit: "°C", lossPerH: null, subject };
    const measured =
      worst &&
      `${worst.sensor} ${degrees(worst.tempC)}, limit ${degrees(worst.limit.limitC)}, ${worst.limit.name}${
        board ? `; board ${board.slot} is ${degrees(board.overC)} hotter than the others` : ""
      }`;
    if (fault) {
      const said = `Fault ${fault.code} of the rig's firmware${fault.text === undefined ? "" : `, ${fault.text}`}`;
      return {
        ...common,
        value: worst?.tempC ?? view.reading?.chipTempC ?? view.reading?.boardTempC ?? null,
        limit: null,
        limitSource: `rig (fault ${fault.code})`,
        reason: measured === undefined ? said : `${said}; ${measured}`,
      };
    }
    if (!worst || measured === undefined)
      return { ...common, value: null, limit: null, reason: "Temperature is not reported any more" };
    return {
      ...common,
      value: worst.tempC,
      limit: worst.limit.limitC,
      limitSource: worst.limit.source,
      reason: measured,
    };
  },
};
