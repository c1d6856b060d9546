import { isReporting, type RigView } from "../../fleet/rigView.js";
import { degrees, MINUTE_MS, type NumberRule, numberRule } from "./numberRule.js";

const INLET: Pick<NumberRule<RigView>, "unit" | "resolveHoldMs" | "measure" | "step"> = {
  unit: "°C",
  resolveHoldMs: 10 * MINUTE_MS,
  // A rig that answers without an inlet sensor has nothing to be judged by, now or later: that is unknown.
  measure: (view) => (isReporting(view) ? view.reading!.inletTempC : undefined),
  step: 1,
};

/** Inlet air above 47 °C, where an S21 stops by itself (HackerNoon and BTCWire, test of the S21). */
export const inletHot = numberRule<RigView>({
  ...INLET,
  id: "inletHot",
  severity: "danger",
  limit: 47,
  clear: 45,
  holdMs: MINUTE_MS,
  reason: (_view, { value, limit }) =>
    `Inlet air ${degrees(value)}, limit ${degrees(limit)}: rigs stop by themselves`,
});

/** Inlet air above 40 °C, where an S21 begins to slow its clock (the same test; makers rate most air-cooled rigs to 40 °C). */
export const inletWarm = numberRule<RigView>({
  ...INLET,
  id: "inletWarm",
  severity: "warning",
  limit: 40,
  clear: 38,
  holdMs: 2 * MINUTE_MS,
  inhibitedBy: ["offline", "inletHot"],
  reason: (_view, { value, limit }) => `Inlet air ${degrees(value)}, limit ${degrees(limit)}`,
});
