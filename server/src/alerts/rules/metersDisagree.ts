import { isReporting, type RigView } from "../../fleet/rigView.js";
import { MINUTE_MS, numberRule, percent, short } from "./numberRule.js";
import type { RuleContext } from "./rule.js";

/** Below this a difference is the meter's own error. */
const LEAST_W = 100;

/** What the rig's own meter says, and what the rig itself does; null for a rig without one, undefined while one of them says nothing. */
function both(view: RigView, context: RuleContext): { meterW: number; ownW: number } | undefined | null {
  const metered = context.metered?.(view.rig);
  if (!metered) return null;
  const { meterW, ownW } = metered;
  return meterW === null || ownW === null ? undefined : { meterW, ownW };
}

/** The meter of a rig and its firmware differ by more than 15 % in what it draws, for half an hour: one of them is wrong, or hangs elsewhere. */
export const metersDisagree = numberRule<RigView>({
  id: "metersDisagree",
  severity: "notice",
  limit: 0.15,
  clear: 0.12,
  unit: "of the meter",
  holdMs: 30 * MINUTE_MS,
  resolveHoldMs: 30 * MINUTE_MS,
  measure(view, context) {
    if (!isReporting(view)) return undefined;
    const told = both(view, context);
    if (!told) return told === null ? "clear" : undefined;
    const { meterW, ownW } = told;
    return Math.abs(meterW - ownW) < LEAST_W ? 0 : Math.abs(meterW - ownW) / Math.max(meterW, 1);
  },
  reason(view, { value, limit }, context) {
    const told = both(view, context);
    return `Its meter says ${short(told?.meterW ?? 0)} W and its firmware ${short(told?.ownW ?? 0)} W, ${percent(value)} apart, limit ${percent(limit)}`;
  },
  step: 0.05,
});
