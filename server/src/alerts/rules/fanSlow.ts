import type { RigView } from "../../fleet/rigView.js";
import { slowestFanRpm } from "../../fleet/rigView.js";
import { isMining, MINUTE_MS, numberRule, percent } from "./numberRule.js";

/** Below this command fans hardly turn, and differ by chance. */
const LEAST_DUTY = 0.3;

/** What the fan would turn at: half of the fans turn at least so fast. */
function medianRpm(fans: readonly number[]): number {
  // No list is sorted: there are a few fans, and every reading is judged.
  for (const rpm of fans) {
    let [slower, same] = [0, 0];
    for (const other of fans) {
      if (other < rpm) slower++;
      else if (other === rpm) same++;
    }
    const middle = fans.length >> 1;
    if (slower <= middle && middle < slower + same) return rpm;
  }
  return Number.NaN;
}

/**
 * A fan turns at less than 70 % of what its fellows do at the same command, for ten minutes: it wears out, or something is in its
 * way. Fans before and behind the boards differ by up to a fifth by design.
 */
export const fanSlow = numberRule<RigView>({
  id: "fanSlow",
  severity: "warning",
  limit: 0.7,
  clear: 0.75,
  below: true,
  unit: "of the other fans",
  holdMs: 10 * MINUTE_MS,
  resolveHoldMs: 10 * MINUTE_MS,
  quietInStop: true,
  inhibitedBy: ["offline", "fanStopped"],
  measure(view) {
    const mining = isMining(view);
    if (mining === undefined) return undefined;
    if (!mining) return "clear";
    const { fansRpm, fanDutyRatio } = view.reading!;
    if (!fansRpm?.length) return undefined;
    if (fansRpm.length < 2 || (fanDutyRatio !== undefined && fanDutyRatio < LEAST_DUTY)) return "clear";
    const median = medianRpm(fansRpm);
    return median > 0 ? slowestFanRpm(fansRpm)! / median : "clear";
  },
  reason: (view, { value, limit }) =>
    `A fan turns at ${percent(value)} of the others (${(view.reading?.fansRpm ?? []).join(", ")} rpm), limit ${percent(limit)}`,
  step: 0.1,
});
