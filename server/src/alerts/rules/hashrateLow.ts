import { isReporting, type RigView } from "../../fleet/rigView.js";
import { isSettled } from "../memoryFields.js";
import type { RigMemory } from "../rigMemory.js";
import { MINUTE_MS, numberRule, percent, shareOfRevenue, short } from "./numberRule.js";

/** A rig that draws so much of the power that it may draws all of it. */
const AT_LIMIT = 0.93;

/** What the rig should hash, TH/s: what its firmware aims at, else what it was sold for, and no more than its power limit allows it. */
function wantedThs({ reading, record, rig }: RigView, memory: RigMemory | undefined): number | undefined {
  const wanted = reading?.targetThs ?? record.evidence.nominalThs;
  const { powerW, powerLimitW } = reading ?? {};
  if (wanted === undefined || powerW === undefined || !powerLimitW || powerW < AT_LIMIT * powerLimitW)
    return wanted;
  const usual = memory?.usualJPerTh(rig);
  return usual ? Math.min(wanted, powerLimitW / usual) : wanted;
}

/** What it hashes; a rig that stands although nobody stopped it hashes nothing. */
function hashedThs(view: RigView, recentThs: number | undefined): number | undefined {
  const { status, hashrateThs } = view.reading!;
  if (status === "idle" || status === "fault") return hashrateThs ?? 0;
  return recentThs === undefined || hashrateThs === undefined
    ? hashrateThs
    : Math.max(recentThs, hashrateThs);
}

/**
 * Less than 90 % of what the firmware aims at, else of what the rig was sold for, for fifteen minutes, and not in the half hour
 * after a restart. A rig that is stopped by an error or has no work hashes nothing; one that sleeps was told to.
 */
export const hashrateLow = numberRule<RigView>({
  id: "hashrateLow",
  severity: "money",
  limit: 0.9,
  clear: 0.93,
  below: true,
  unit: "of its target",
  holdMs: 15 * MINUTE_MS,
  resolveHoldMs: 10 * MINUTE_MS,
  quietInStop: true,
  inhibitedBy: ["offline", "boardMissing", "throttling", "faults"],
  measure(view, { memory }) {
    if (!isReporting(view)) return undefined;
    const { status, uptimeS } = view.reading!;
    if (status === "sleeping" || status === "starting") return "clear";
    if (status === "mining" && !isSettled(uptimeS)) return "clear";
    const wanted = wantedThs(view, memory);
    const hashed = hashedThs(view, memory?.recentThs(view.rig));
    if (wanted === undefined || hashed === undefined) return undefined;
    return wanted > 0 ? hashed / wanted : "clear";
  },
  reason(view, { value, limit }, { memory }) {
    const wanted = wantedThs(view, memory) ?? 0;
    const by = view.reading?.targetThs === undefined ? "it was sold for" : "its firmware aims at";
    const state = view.reading?.status === "mining" ? "" : `; its state is ${view.reading?.status}`;
    return `Hashes ${short(value * wanted)} TH/s, ${percent(value)} of the ${short(wanted)} that ${by}, limit ${percent(limit)}${state}`;
  },
  siteOf: ({ record }) => record.site,
  lossPerH: (view, value, context) =>
    shareOfRevenue(view, (wantedThs(view, context.memory) ?? 0) * (1 - value), context),
  step: 0.05,
});
