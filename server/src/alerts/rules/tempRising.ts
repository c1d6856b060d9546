import type { RigView } from "../../fleet/rigView.js";
import { isSettled } from "../memoryFields.js";
import { degrees, isMining, MINUTE_MS, numberRule } from "./numberRule.js";

/**
 * The hottest sensor of a rig that has been mining for long rises by 12 °C within one to two minutes: a fan or a pump has failed,
 * or air does not pass. A rig that has just begun warms up and is left alone.
 */
export const tempRising = numberRule<RigView>({
  id: "tempRising",
  severity: "warning",
  limit: 12,
  clear: 4,
  unit: "°C in 2 min",
  holdMs: 0,
  resolveHoldMs: 5 * MINUTE_MS,
  inhibitedBy: ["offline", "overheating"],
  measure(view, { memory }) {
    const mining = isMining(view);
    if (mining === undefined || !memory) return undefined;
    const { uptimeS, chipTempC, boardTempC } = view.reading!;
    if (!mining || !isSettled(uptimeS)) return "clear";
    const tempC = chipTempC ?? boardTempC;
    return tempC === undefined ? undefined : memory.riseC(view.rig, tempC);
  },
  reason: (view, { value, limit }) =>
    `Hottest sensor ${degrees(view.reading?.chipTempC ?? view.reading?.boardTempC ?? 0)}, ${degrees(value)} more than two minutes ago, limit ${degrees(limit)}`,
  step: 2,
});
