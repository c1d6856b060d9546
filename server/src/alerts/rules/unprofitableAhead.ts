import { Zone } from "@hashwatt/protocol/zone";
import type { Slot } from "../../rates/slot.js";
import type { SiteFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** So far ahead it is of use to know. */
const AHEAD_MS = 12 * 3_600_000;

/** The first hours from now on in which the site's rigs would not earn their energy; undefined where there are none. */
function firstLoss(
  { prices, breakEvenPerKwh }: SiteFacts,
  nowMs: number,
): { fromMs: number; toMs: number; price: number } | undefined {
  if (breakEvenPerKwh === undefined) return undefined;
  let loss: ReturnType<typeof firstLoss>;
  for (const { startMs, endMs, value } of prices) {
    if (endMs <= nowMs || startMs > nowMs + AHEAD_MS) continue;
    if (value <= breakEvenPerKwh || (loss && startMs > loss.toMs)) {
      if (loss) break;
      continue;
    }
    loss = loss
      ? { ...loss, toMs: endMs, price: Math.max(loss.price, value) }
      : { fromMs: Math.max(startMs, nowMs), toMs: endMs, price: value };
  }
  return loss;
}

const isNow = (prices: readonly Slot[], nowMs: number): number | undefined =>
  prices.find(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs)?.value;

/**
 * Within twelve hours, as far as the tariff is known ahead, energy will cost more than the site's rigs earn by it; they are still
 * profitable now. By marginal cost: energy alone decides whether to run.
 */
export const unprofitableAhead = numberRule<SiteFacts>({
  id: "unprofitableAhead",
  subject: "site",
  severity: "notice",
  limit: 1,
  clear: 0.97,
  unit: "of break-even",
  holdMs: 10 * MINUTE_MS,
  resolveHoldMs: 10 * MINUTE_MS,
  timed: true,
  measure(facts, { nowMs }) {
    const { breakEvenPerKwh: even, prices } = facts;
    if (even === undefined || even <= 0 || !prices.length) return undefined;
    const now = isNow(prices, nowMs);
    if (now !== undefined && now > even) return "clear";
    const loss = firstLoss(facts, nowMs);
    return loss ? loss.price / even : 0;
  },
  reason(facts, _now, { nowMs }) {
    const loss = firstLoss(facts, nowMs);
    const { currency, zone, breakEvenPerKwh } = facts;
    if (!loss || breakEvenPerKwh === undefined) return "No hour ahead costs more than the rigs earn";
    return `From ${Zone.of(zone).clock(loss.fromMs)} to ${Zone.of(zone).clock(loss.toMs)} energy costs ${loss.price.toFixed(4)} ${currency}/kWh, and the rigs earn ${breakEvenPerKwh.toFixed(4)} by it`;
  },
  siteOf: ({ site }) => site,
  lossPerH({ miningW, breakEvenPerKwh: even }, value) {
    return even === undefined ? null : Math.max(0, ((value - 1) * even * miningW) / 1_000);
  },
  step: 0.05,
});
