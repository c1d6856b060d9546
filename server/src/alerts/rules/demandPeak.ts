import type { SiteFacts } from "../facts.js";
import { MINUTE_MS, numberRule, short } from "./numberRule.js";

/**
 * The running stretch of a demand charge will end above the highest one of the billing period, if the site goes on so: that costs for the
 * whole period. Not within the first three days of one, in which every day makes a peak. A share below the peak is no risk for a site
 * that draws the same all day.
 */
export const demandPeak = numberRule<SiteFacts>({
  id: "demandPeak",
  subject: "site",
  severity: "money",
  limit: 1.01,
  clear: 1,
  unit: "of the period's peak",
  holdMs: 0,
  resolveHoldMs: 15 * MINUTE_MS,
  timed: true,
  measure: ({ demand }) => (demand ? demand.projectedKw / demand.peakKw : "clear"),
  reason({ demand, currency, zone }) {
    if (!demand) return "Nothing is billed by a peak now";
    const { name, projectedKw, peakKw, endsMs, perKw } = demand;
    const ends = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hour: "2-digit",
      minute: "2-digit",
    }).format(endsMs);
    const more = Math.max(0, projectedKw - peakKw) * perKw;
    return `${name}: ${short(projectedKw)} kW until ${ends} if it goes on so, above the ${short(peakKw)} kW of this billing period: ${more.toFixed(2)} ${currency} more`;
  },
  step: 0.01,
});
