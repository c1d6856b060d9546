import { isReporting, type RigView } from "../../fleet/rigView.js";
import { MINUTE_MS, short } from "./numberRule.js";
import type { Rule, RuleContext } from "./rule.js";

/** A rig that is stopped and answers still draws this much for its control board and idle supply. */
const STANDBY_W = 200;

/** What it draws; undefined where it mines and tells no power, null where it does nothing in a stop that it should not. */
function drawn(view: RigView, context: RuleContext): { powerW: number | undefined } | null {
  if (context.stop?.(view)?.phase !== "stopped" || !isReporting(view)) return null;
  const { powerW, status } = view.reading!;
  return powerW === undefined && status !== "mining" ? null : { powerW };
}

/** A rig that draws power in a planned stop, ten minutes after it has begun. */
export const stopIgnored: Rule = {
  id: "stopIgnored",
  subject: "rig",
  severity: "money",
  limit: STANDBY_W,
  clear: STANDBY_W,
  unit: "W",
  holdMs: 10 * MINUTE_MS,
  samples: 2,
  clearSamples: 2,
  resolveHoldMs: MINUTE_MS,
  timed: false,
  inhibitedBy: ["offline"],
  check(view, firing, context, settings) {
    const now = drawn(view, context);
    if (!now) return "clear";
    const limitW = (firing ? settings.clear : settings.limit) ?? STANDBY_W;
    return now.powerW === undefined || now.powerW > limitW ? "breach" : "clear";
  },
  step: () => 100,
  describe(view, context, _sinceMs, _before, settings) {
    const stop = context.stop?.(view);
    const powerW = view.reading?.powerW;
    const does = powerW === undefined ? "mines" : `draws ${short(powerW)} W`;
    const { currency } = context.rates(view.record.site);
    const { costPerH } = view.figures;
    return {
      value: powerW ?? null,
      limit: settings.limit ?? STANDBY_W,
      unit: "W",
      limitSource: settings.setBy ?? "rule",
      reason: `It ${does} in a planned stop${stop ? ` ("${stop.name}")` : ""}`,
      lossPerH: costPerH ?? null,
      ...(costPerH !== undefined && { currency }),
    };
  },
};
