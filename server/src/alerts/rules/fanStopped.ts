import type { RigView } from "../../fleet/rigView.js";
import { slowestFanRpm } from "../../fleet/rigView.js";
import { isMining, MINUTE_MS, numberRule } from "./numberRule.js";

/** A fan that turns more slowly than this stands, whatever its sensor counts of the draught. */
const STANDING_RPM = 300;

/**
 * A fan stands while the rig mines. A rig without any turning fan has none: it is cooled by water or oil, or tells dummy figures.
 * Three readings in a row, since a tachometer drops a beat now and then.
 */
export const fanStopped = numberRule<RigView>({
  id: "fanStopped",
  severity: "danger",
  limit: STANDING_RPM,
  clear: 2 * STANDING_RPM,
  below: true,
  unit: "rpm",
  holdMs: 0,
  samples: 3,
  resolveHoldMs: 2 * MINUTE_MS,
  quietInStop: true,
  measure(view) {
    const mining = isMining(view);
    if (mining === undefined) return undefined;
    const fans = view.reading!.fansRpm;
    if (!mining) return "clear";
    if (!fans?.length) return undefined;
    return fans.some((rpm) => rpm >= STANDING_RPM) ? slowestFanRpm(fans) : "clear";
  },
  reason(view, { value }) {
    const fans = view.reading?.fansRpm ?? [];
    const standing = fans.flatMap((rpm, i) => (rpm < STANDING_RPM ? [i + 1] : []));
    return `Fan ${standing.join(", ") || "?"} of ${fans.length} stands (${Math.round(value)} rpm) while the others turn`;
  },
  step: 500,
});
