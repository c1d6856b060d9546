import type { RigView } from "../../fleet/rigView.js";
import { isMining, MINUTE_MS, numberRule } from "./numberRule.js";

/** Chips that answer, and how many there should be: what the firmware expects, else what the rig once showed. */
function chipsOf(view: RigView, most: number): { found: number; expected: number } | undefined {
  let found = 0;
  let expected = 0;
  let told = false;
  for (const { chips, chipsExpected } of view.reading?.boards ?? []) {
    if (chips === undefined) continue;
    told = true;
    found += chips;
    expected += chipsExpected ?? 0;
  }
  return told ? { found, expected: Math.max(expected, most) } : undefined;
}

/** Chips of a rig that mines do not answer, for ten minutes. A whole board that is gone is told by its own rule. */
export const chipsMissing = numberRule<RigView>({
  id: "chipsMissing",
  severity: "notice",
  limit: 0,
  clear: 0,
  unit: "chips missing",
  holdMs: 10 * MINUTE_MS,
  resolveHoldMs: 10 * MINUTE_MS,
  quietInStop: true,
  inhibitedBy: ["offline", "boardMissing"],
  measure(view, { memory }) {
    const mining = isMining(view);
    if (mining === undefined) return undefined;
    if (!mining || (view.reading!.uptimeS ?? Number.POSITIVE_INFINITY) < 600) return "clear";
    const chips = chipsOf(view, memory?.mostChips(view.rig) ?? 0);
    return chips && chips.expected - chips.found;
  },
  reason(view, { value }, { memory }) {
    const chips = chipsOf(view, memory?.mostChips(view.rig) ?? 0);
    return `${value} of ${chips?.expected ?? 0} chips do not answer`;
  },
  step: 1,
});
