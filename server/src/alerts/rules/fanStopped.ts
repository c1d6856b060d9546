import type { RigView } from "../../fleet/rigView.js";
import { isReporting, slowestFanRpm } from "../../fleet/rigView.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** A fan that turns more slowly than this stands, whatever its sensor counts of the draught. */
const STANDING_RPM = 300;
/** Fans that turn so fast have been told to. */
const TURNING_RPM = 1_000;

/**
 * A fan stands while others of the rig turn, whether it mines still or its firmware has stopped it. A rig without any turning fan
 * has none: it is cooled by water or oil, or tells dummy figures. Two readings in a row: a tachometer drops a beat now and then.
 */
export const fanStopped = numberRule<RigView>({
  id: "fanStopped",
  severity: "danger",
  limit: STANDING_RPM,
  clear: 2 * STANDING_RPM,
  below: true,
  unit: "rpm",
  holdMs: 0,
  resolveHoldMs: 2 * MINUTE_MS,
  quietInStop: true,
  measure(view) {
    if (!isReporting(view)) return undefined;
    const { status, fansRpm: fans } = view.reading!;
    if (status === "sleeping" || status === "idle") return "clear";
    if (!fans?.length) return undefined;
    return fans.some((rpm) => rpm >= TURNING_RPM) ? slowestFanRpm(fans) : "clear";
  },
  reason(view, { value }) {
    const fans = view.reading?.fansRpm ?? [];
    const standing = fans.flatMap((rpm, i) => (rpm < STANDING_RPM ? [i + 1] : []));
    return `Fan ${standing.join(", ") || "?"} of ${fans.length} stands (${Math.round(value)} rpm) while the others turn`;
  },
  step: 500,
});
