import type { RigView } from "../../fleet/rigView.js";
import { isSettled } from "../memoryFields.js";
import { isMining, MINUTE_MS, numberRule, percent, short } from "./numberRule.js";

/** 10 % more energy for each TH than the rig itself needed over its last two days, for an hour. */
export const efficiencyDrift = numberRule<RigView>({
  id: "efficiencyDrift",
  severity: "money",
  limit: 1.1,
  clear: 1.07,
  unit: "of its own J/TH",
  holdMs: 60 * MINUTE_MS,
  resolveHoldMs: 30 * MINUTE_MS,
  quietInStop: true,
  inhibitedBy: ["offline", "boardMissing", "throttling", "hashrateLow", "hashrateDropped"],
  measure(view, { memory }) {
    const mining = isMining(view);
    if (mining === undefined || !memory) return undefined;
    if (!mining || !isSettled(view.reading!.uptimeS)) return "clear";
    const usual = memory.usualJPerTh(view.rig);
    const recent = memory.recentJPerTh(view.rig);
    return usual === undefined || recent === undefined || usual <= 0 ? undefined : recent / usual;
  },
  reason: (view, { value, limit }, { memory }) =>
    `Needs ${short(memory?.recentJPerTh(view.rig) ?? 0)} J/TH, ${percent(value)} of the ${short(memory?.usualJPerTh(view.rig) ?? 0)} that it needed over the last days, limit ${percent(limit)}`,
  siteOf: ({ record }) => record.site,
  lossPerH(view, value, context) {
    const { pricePerKwh } = context.rates(view.record.site);
    const powerW = view.reading?.powerW;
    return pricePerKwh === undefined || powerW === undefined
      ? null
      : (powerW / 1_000) * (1 - 1 / value) * pricePerKwh;
  },
  step: 0.02,
});
