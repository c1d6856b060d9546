import type { RigView } from "../../fleet/rigView.js";
import { degrees, MINUTE_MS, numberRule } from "./numberRule.js";

/**
 * A rig that does not mine in air below −10 °C, the coldest at which an S21 was tested to start: it should be warmed before it is
 * switched on. By its own inlet sensor while it answers, else by the air of its site, since a rig that is off reports none.
 */
export const coldStart = numberRule<RigView>({
  id: "coldStart",
  severity: "warning",
  limit: -10,
  clear: -8,
  below: true,
  unit: "°C",
  holdMs: 5 * MINUTE_MS,
  resolveHoldMs: 10 * MINUTE_MS,
  timed: true,
  inhibitedBy: [],
  measure(view, context) {
    const { reading, stale, record } = view;
    if (!reading) return undefined;
    const answers = !stale && reading.status !== "unreachable";
    if (answers && (reading.status === "mining" || reading.status === "starting")) return "clear";
    const inletC = answers ? reading.inletTempC : undefined;
    return inletC ?? context.ambientC?.(record.site)?.tempC;
  },
  reason(view, { value, limit }, context) {
    const { reading, stale, record } = view;
    const own = !stale && reading?.inletTempC !== undefined;
    const by = own
      ? "its own inlet sensor"
      : (context.ambientC?.(record.site)?.source ?? "the air of its site");
    return `Does not mine in air of ${degrees(value)} (${by}); a start below ${degrees(limit)} was never tested by its maker`;
  },
  step: 1,
});
