import { isSha256 } from "../../economics/figures.js";
import type { RigView } from "../../fleet/rigView.js";
import { isMining, MINUTE_MS, numberRule, percent, shareOfHashed, short } from "./numberRule.js";
import type { RuleContext } from "./rule.js";

/** Hashes that make one share of difficulty 1; other algorithms than SHA-256 count theirs otherwise. */
const HASHES_PER_DIFF = 2 ** 32;
const LEAST_SHARES = 100;
/** Shares come by chance: only what lies so many standard deviations below is no chance. */
const SIGMAS = 4;

/** Accepted over reported work of the last four hours, and what chance alone may make of it; undefined where too few shares are known. */
function acceptedOf(
  view: RigView,
  { memory, nowMs }: RuleContext,
): { ratio: number; chance: number } | undefined {
  const work = memory?.work(view.rig, nowMs);
  if (!work?.hashedTh || work.accepted < LEAST_SHARES || work.acceptedDiff <= 0) return undefined;
  return {
    ratio: (work.acceptedDiff * HASHES_PER_DIFF) / (work.hashedTh * 1e12),
    chance: SIGMAS / Math.sqrt(work.accepted),
  };
}

/**
 * The pool accepts less than 90 % of the work that the rig reports, over four hours and beyond what chance makes of it: the firmware
 * reports too much, or pays part of the work to somebody else.
 */
export const acceptedLow = numberRule<RigView>({
  id: "acceptedLow",
  severity: "money",
  limit: 0.9,
  clear: 0.93,
  below: true,
  unit: "of the reported work",
  holdMs: 30 * MINUTE_MS,
  resolveHoldMs: 30 * MINUTE_MS,
  quietInStop: true,
  inhibitedBy: ["offline", "rejects"],
  measure(view, context) {
    const mining = isMining(view);
    if (mining === undefined || !context.memory) return undefined;
    const isSha = isSha256(view.algo);
    if (!mining || isSha === false) return "clear";
    if (!isSha) return undefined;
    const accepted = acceptedOf(view, context);
    // What chance may explain is no theft, however low.
    return accepted && (1 - accepted.ratio > accepted.chance ? accepted.ratio : 1);
  },
  reason(view, _now, context) {
    const accepted = acceptedOf(view, context);
    return `The pool accepted ${percent(accepted?.ratio ?? 0)} of the work that the rig reported over the last 4 h; chance explains ${short((accepted?.chance ?? 0) * 100)} points of it`;
  },
  siteOf: ({ record }) => record.site,
  lossPerH: (view, value, context) => shareOfHashed(view, 1 - value, context),
  step: 0.02,
});
