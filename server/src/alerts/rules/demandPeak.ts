import { Zone } from "@hashwatt/protocol/zone";
import type { DemandFacts, SiteFacts } from "../facts.js";
import { MINUTE_MS, numberRule, percent, short } from "./numberRule.js";

/** At risk is what comes so near. [A] */
const NEAR = 0.95;
/** So much beyond what it usually draws is no longer as usual: a site that draws the same all day is always near its peak. [A] */
const UNUSUAL = 1.03;
/** A new peak by less is noise of a steady site. */
const BEYOND_PEAK = 1.01;
const CLEAR_BELOW = 0.03;
/** How far above the peak a cost is reckoned for what is only at risk. */
const FOR_EXAMPLE = 0.05;

const BESIDE: Readonly<Record<DemandFacts["beside"], string>> = {
  peak: "of this billing period",
  ratchet: "that are billed in any case, by an earlier period",
  contract: "that are contracted",
};

/** Beyond what share of its most a stretch is at risk: near it and higher than usual, and in any case once it is beyond it. */
export function riskRatio({ beside, most, usual }: DemandFacts): number {
  return Math.min(beside === "contract" ? 1 : BEYOND_PEAK, Math.max(NEAR, (UNUSUAL * usual) / most));
}

/**
 * The running stretch of a demand charge comes near the highest one of the billing period if the site goes on so, or near what was
 * contracted, and above what the site usually draws: a peak costs for the whole period. A peak counts as one from the fourth day of a
 * period, since each of the first ones makes one.
 */
export const demandPeak = numberRule<SiteFacts>({
  id: "demandPeak",
  subject: "site",
  severity: "money",
  limit: NEAR,
  clear: 0.92,
  unit: "of the period's peak",
  holdMs: 0,
  resolveHoldMs: 15 * MINUTE_MS,
  timed: true,
  measure({ demand }, _context, { limit: set = NEAR }) {
    if (!demand) return "clear";
    const value = demand.projected / demand.most;
    if (set !== NEAR) return value;
    const limit = riskRatio(demand);
    return { value, limit, clear: limit - CLEAR_BELOW };
  },
  reason({ demand, currency, zone }) {
    if (!demand) return "Nothing is billed by a peak now";
    const { name, beside, projected, most, endsMs, perUnit, unit, ratchet } = demand;
    const ends = Zone.of(zone).clock(endsMs);
    const than = `${short(most)} ${unit} ${BESIDE[beside]}`;
    const more = projected - most;
    const where = more > 0 ? `above the ${than}` : `${percent(projected / most)} of the ${than}`;
    const cost = (units: number) => `${(units * perUnit!).toFixed(2)} ${currency}`;
    const costs =
      perUnit === undefined
        ? "what exceeds them is not in the tariff"
        : more > 0
          ? `${cost(more)} more`
          : `${percent(FOR_EXAMPLE)} above it would cost ${cost(FOR_EXAMPLE * most)} more`;
    const later =
      ratchet && more > 0
        ? `; ${ratchet.percent} % of it is billed at least in each of the next ${ratchet.months} periods`
        : "";
    return `${name}: ${short(projected)} ${unit} until ${ends} if it goes on so, ${where}: ${costs}${later}`;
  },
  step: 0.01,
});
