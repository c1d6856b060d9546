import type { RigView } from "../../fleet/rigView.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

const WITHIN_MS = 60 * MINUTE_MS;

/** It has begun anew three times within an hour, by its own uptime. */
export const rebootLoop = numberRule<RigView>({
  id: "rebootLoop",
  severity: "warning",
  limit: 2.5,
  clear: 0.5,
  unit: "restarts in 1 h",
  holdMs: 0,
  samples: 1,
  clearSamples: 1,
  resolveHoldMs: 0,
  inhibitedBy: [],
  measure(view, { memory, nowMs }) {
    if (!memory) return undefined;
    return memory.restartsSince(view.rig, nowMs - WITHIN_MS, nowMs);
  },
  reason: (_view, { value }) => `Has begun anew ${value} times within an hour`,
  step: 1,
});
