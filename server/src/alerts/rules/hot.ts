import type { Limit, RigView } from "../../fleet/rigView.js";
import { degrees, MINUTE_MS, numberRule } from "./numberRule.js";
import { OVERHEATING_HYSTERESIS_C } from "./overheating.js";

/** Below the limit of danger, where no warning is stated or sourced. */
const BEFORE_DANGER_C = 3;

const warnAt = ({ warnC, limitC }: Limit): number => warnC ?? limitC - BEFORE_DANGER_C;

/** The sensor that is furthest above (or least below) its warning. */
function warmest({
  reading,
  limits,
}: RigView): { sensor: string; overC: number; tempC: number; limit: Limit } | undefined {
  let worst: ReturnType<typeof warmest>;
  for (const [sensor, tempC, limit] of [
    ["Chip", reading?.chipTempC, limits.chip],
    ["Board", reading?.boardTempC, limits.board],
  ] as const) {
    if (tempC === undefined || !limit) continue;
    const overC = tempC - warnAt(limit);
    if (!worst || overC > worst.overC) worst = { sensor, overC, tempC, limit };
  }
  return worst;
}

/**
 * A sensor of the rig above its warning for five minutes: the warning of its firmware's or a sourced row, else 3 °C below the limit
 * of danger. A rig that is judged by its own baseline has no warning.
 */
export const hot = numberRule<RigView>({
  id: "hot",
  severity: "warning",
  limit: 0,
  clear: -OVERHEATING_HYSTERESIS_C,
  unit: "°C over its warning",
  holdMs: 5 * MINUTE_MS,
  resolveHoldMs: 5 * MINUTE_MS,
  inhibitedBy: ["offline", "overheating"],
  measure(view) {
    const { reading, limits, limitBasis } = view;
    if (limitBasis?.learning) return "clear";
    const chipC = reading?.chipTempC;
    const boardC = reading?.boardTempC;
    const chip = chipC === undefined || !limits.chip ? undefined : chipC - warnAt(limits.chip);
    const board = boardC === undefined || !limits.board ? undefined : boardC - warnAt(limits.board);
    return chip === undefined ? board : board === undefined ? chip : Math.max(chip, board);
  },
  reason(view) {
    const worst = warmest(view);
    if (!worst) return "Temperature is not reported any more";
    const { sensor, tempC, limit } = worst;
    return `${sensor} ${degrees(tempC)}, warning at ${degrees(warnAt(limit))}, ${limit.warnC === undefined ? `${BEFORE_DANGER_C} °C below the limit ` : ""}${limit.name}`;
  },
  step: 1,
});
