import type { SiteFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

const at = ({ prices }: SiteFacts, nowMs: number) =>
  prices.find(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs);

/** Energy costs less than nothing: whoever draws it is paid. */
export const priceNegative = numberRule<SiteFacts>({
  id: "priceNegative",
  subject: "site",
  severity: "notice",
  limit: 0,
  clear: 0,
  below: true,
  unit: "per kWh",
  holdMs: 0,
  resolveHoldMs: MINUTE_MS,
  timed: true,
  measure: (facts, { nowMs }) => at(facts, nowMs)?.value,
  reason: ({ currency }, { value }) => `Energy costs ${value} ${currency}/kWh: whoever draws it is paid`,
  step: 0.01,
});

/** Above 95 % of the hours of the last thirty days, and a fifth above their median: a flat price or a daily peak is no spike. */
export const priceSpike = numberRule<SiteFacts>({
  id: "priceSpike",
  subject: "site",
  severity: "money",
  limit: 1,
  clear: 0.95,
  unit: "of the 95th percentile",
  holdMs: MINUTE_MS,
  resolveHoldMs: 5 * MINUTE_MS,
  timed: true,
  measure(facts, { nowMs }) {
    const price = at(facts, nowMs)?.value;
    const { pastPrices: past } = facts;
    if (price === undefined || !past) return undefined;
    if (past.p95 <= 0 || price <= 1.2 * past.median) return "clear";
    return price / past.p95;
  },
  reason(facts, _now, { nowMs }) {
    const { currency, pastPrices } = facts;
    return `Energy costs ${at(facts, nowMs)?.value} ${currency}/kWh; in 95 % of the last thirty days it cost at most ${pastPrices?.p95.toFixed(4)}`;
  },
  step: 0.1,
});
