import { isReporting, type RigView } from "../../fleet/rigView.js";
import { MINUTE_MS, numberRule, percent, short } from "./numberRule.js";

/** 5 % more power than the limit that the rig's firmware was given, for five minutes. */
export const powerOverLimit = numberRule<RigView>({
  id: "powerOverLimit",
  severity: "warning",
  limit: 1.05,
  clear: 1.02,
  unit: "of its limit",
  holdMs: 5 * MINUTE_MS,
  resolveHoldMs: 5 * MINUTE_MS,
  measure(view) {
    if (!isReporting(view)) return undefined;
    const { powerW, powerLimitW } = view.reading!;
    if (powerLimitW === undefined || powerLimitW <= 0) return "clear";
    return powerW === undefined ? undefined : powerW / powerLimitW;
  },
  reason: (view, { value, limit }) =>
    `Draws ${short(view.reading?.powerW ?? 0)} W, ${percent(value)} of the ${short(view.reading?.powerLimitW ?? 0)} W that it may, limit ${percent(limit)}`,
  step: 0.05,
});
