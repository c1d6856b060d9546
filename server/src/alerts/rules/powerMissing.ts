import type { RigView } from "../../fleet/rigView.js";
import { isMining, MINUTE_MS, numberRule } from "./numberRule.js";

/** So many readings with a power make a rig one that tells it. */
const TOLD = 20;

/** A rig that told its power mines and tells none, for fifteen minutes: what it costs is not known any more. */
export const powerMissing = numberRule<RigView>({
  id: "powerMissing",
  severity: "notice",
  limit: 0,
  clear: 0,
  unit: "",
  holdMs: 15 * MINUTE_MS,
  samples: 3,
  resolveHoldMs: 5 * MINUTE_MS,
  quietInStop: true,
  measure(view, { memory }) {
    const mining = isMining(view);
    if (mining === undefined || !memory) return undefined;
    if (!mining || memory.powerReadings(view.rig) < TOLD) return "clear";
    return view.reading!.powerW === undefined ? 1 : 0;
  },
  reason: () => "Tells no power any more, although it did before: its cost is not known",
  step: 1,
});
