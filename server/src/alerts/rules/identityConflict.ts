import type { RigView } from "../../fleet/rigView.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** Two rigs answer as one, or two agents read one rig, within the last hour: histories may be mixed or doubled. */
export const identityConflict = numberRule<RigView>({
  id: "identityConflict",
  severity: "notice",
  limit: 0,
  clear: 0,
  unit: "",
  holdMs: 0,
  samples: 1,
  clearSamples: 1,
  resolveHoldMs: MINUTE_MS,
  inhibitedBy: [],
  measure: (view, context) => (context.conflict?.(view.rig) === undefined ? 0 : 1),
  reason: (view, _now, context) => context.conflict?.(view.rig) ?? "Two rigs answered as one",
  step: 1,
});
