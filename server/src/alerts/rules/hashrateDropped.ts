import type { RigView } from "../../fleet/rigView.js";
import { isSettled } from "../memoryFields.js";
import { isMining, MINUTE_MS, numberRule, percent, shareOfRevenue, short } from "./numberRule.js";

/** Less than 85 % of what the rig itself hashed over its last two days, for fifteen minutes, and not in the half hour after a restart. */
export const hashrateDropped = numberRule<RigView>({
  id: "hashrateDropped",
  severity: "money",
  limit: 0.85,
  clear: 0.9,
  below: true,
  unit: "of its own past",
  holdMs: 15 * MINUTE_MS,
  resolveHoldMs: 10 * MINUTE_MS,
  quietInStop: true,
  inhibitedBy: ["offline", "boardMissing", "throttling", "faults", "hashrateLow"],
  measure(view, { memory }) {
    const mining = isMining(view);
    if (mining === undefined || !memory) return undefined;
    // A lower target is what somebody asked for.
    const { uptimeS, targetThs } = view.reading!;
    if (!mining || !isSettled(uptimeS)) return "clear";
    const usual = memory.usualThs(view.rig);
    const recent = memory.recentThs(view.rig);
    if (usual === undefined || recent === undefined) return undefined;
    const { powerW, powerLimitW } = view.reading!;
    const jPerTh = memory.usualJPerTh(view.rig);
    const allowed =
      powerLimitW && jPerTh && powerW !== undefined && powerW > 0.93 * powerLimitW
        ? powerLimitW / jPerTh
        : usual;
    const wanted = Math.min(usual, allowed, targetThs ?? usual);
    return wanted > 0 ? recent / wanted : "clear";
  },
  reason: (view, { value, limit }, { memory }) =>
    `Hashes ${short(memory?.recentThs(view.rig) ?? 0)} TH/s, ${percent(value)} of the ${short(memory?.usualThs(view.rig) ?? 0)} that it did over the last days, limit ${percent(limit)}`,
  siteOf: ({ record }) => record.site,
  lossPerH: (view, value, context) =>
    shareOfRevenue(view, (context.memory?.usualThs(view.rig) ?? 0) * (1 - value), context),
  step: 0.05,
});
