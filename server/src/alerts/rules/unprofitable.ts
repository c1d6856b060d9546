import { breakEvenPerKwh, isOldFigure } from "../../economics/figures.js";
import { isReporting } from "../../fleet/rigView.js";
import type { Rule } from "./rule.js";

const HOLD_MS = 600_000;
/** A profit that moves by this share of the cost is told at once; a share of the profit itself would be nothing near break-even. */
const STEP_RATIO = 0.05;
/** A firing alert clears only when the profit is this share of the cost: a 1 % move of a rate would flap whole fleets. */
export const UNPROFITABLE_DEAD_BAND = 0.02;

const money = (value: number): string => value.toFixed(4);

/**
 * A mining rig whose energy costs more than it earns, for ten minutes. Unknown when the hashprice of its algorithm is older than a day,
 * since a decision to stop must not rest on it; the simulated fleet is exempt, because its prices are invented anyway.
 */
export const unprofitable: Rule = {
  id: "unprofitable",
  subject: "rig",
  severity: "money",
  holdMs: HOLD_MS,
  samples: 1,
  clearSamples: 1,
  resolveHoldMs: 0,
  timed: false,
  perModel: true,
  inhibitedBy: ["offline"],
  check(view, firing, context) {
    if (!isReporting(view)) return "unknown";
    if (view.reading!.status !== "mining") return "clear";
    const { profitPerH, costPerH } = view.figures;
    if (profitPerH === undefined || costPerH === undefined) return "unknown";
    const rates = context.rates(view.record.site);
    if (!rates.demo && isOldFigure(view.algo, rates)) return "unknown";
    return profitPerH < (firing ? costPerH * UNPROFITABLE_DEAD_BAND : 0) ? "breach" : "clear";
  },
  step: ({ figures }, value) => STEP_RATIO * (figures.costPerH ?? Math.abs(value)),
  describe(view, context) {
    const { profitPerH, costPerH, revenuePerH } = view.figures;
    const { currency, pricePerKwh } = context.rates(view.record.site);
    if (profitPerH === undefined || costPerH === undefined || revenuePerH === undefined)
      return {
        value: null,
        limit: 0,
        unit: `${currency}/h`,
        reason: "Profit is not known any more",
        lossPerH: null,
      };
    const powerW = view.reading?.powerW;
    const even = powerW === undefined ? undefined : breakEvenPerKwh(revenuePerH, powerW);
    const versus =
      even === undefined || pricePerKwh === undefined
        ? ""
        : `; breaks even at ${money(even)} ${currency}/kWh, energy costs ${money(pricePerKwh)}`;
    return {
      value: profitPerH,
      limit: 0,
      unit: `${currency}/h`,
      limitSource: "rule",
      reason: `Earns ${money(revenuePerH)} and costs ${money(costPerH)} ${currency}/h${versus}`,
      lossPerH: Math.max(0, -profitPerH),
      currency,
    };
  },
};
