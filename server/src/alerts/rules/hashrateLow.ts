import { isReporting, type RigView } from "../../fleet/rigView.js";
import { isSettled } from "../rigMemory.js";
import { MINUTE_MS, numberRule, percent, shareOfRevenue, short } from "./numberRule.js";

/** What the rig should hash, TH/s: what its firmware aims at, else what it was sold for. */
const wantedThs = ({ reading, record }: RigView): number | undefined =>
  reading?.targetThs ?? record.evidence.nominalThs;

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
  inhibitedBy: ["offline", "boardMissing", "throttling"],
  measure(view, { memory }) {
    if (!isReporting(view)) return undefined;
    const { status, uptimeS } = view.reading!;
    if (status === "sleeping" || status === "starting") return "clear";
    if (status === "mining" && !isSettled(uptimeS)) return "clear";
    const wanted = wantedThs(view);
    const hashed = hashedThs(view, memory?.recentThs(view.rig));
    if (wanted === undefined || hashed === undefined) return undefined;
    return wanted > 0 ? hashed / wanted : "clear";
  },
  reason(view, { value, limit }) {
    const wanted = wantedThs(view) ?? 0;
    const by = view.reading?.targetThs === undefined ? "it was sold for" : "its firmware aims at";
    const state = view.reading?.status === "mining" ? "" : `; its state is ${view.reading?.status}`;
    return `Hashes ${short(value * wanted)} TH/s, ${percent(value)} of the ${short(wanted)} that ${by}, limit ${percent(limit)}${state}`;
  },
  siteOf: ({ record }) => record.site,
  lossPerH: (view, value, context) => shareOfRevenue(view, (wantedThs(view) ?? 0) * (1 - value), context),
  step: 0.05,
});
