import type { SiteFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** The grid emits more than 1.5 times as much for each kWh as it did on average over the last thirty days. */
export const carbonHigh = numberRule<SiteFacts>({
  id: "carbonHigh",
  subject: "site",
  severity: "notice",
  limit: 1.5,
  clear: 1.4,
  unit: "of its mean",
  holdMs: 15 * MINUTE_MS,
  resolveHoldMs: 15 * MINUTE_MS,
  timed: true,
  measure: ({ carbonNow, carbonMean }) =>
    carbonNow === undefined || carbonMean === undefined || carbonMean <= 0
      ? undefined
      : carbonNow / carbonMean,
  reason: ({ carbonNow, carbonMean }) =>
    `The grid emits ${carbonNow?.toFixed(3)} kg CO2e per kWh; over the last thirty days it emitted ${carbonMean?.toFixed(3)} on average`,
  step: 0.1,
});
