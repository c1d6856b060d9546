import type { RigView } from "../../fleet/rigView.js";
import { isMining, MINUTE_MS, numberRule, percent, shareOfHashed } from "./numberRule.js";
import type { RuleContext } from "./rule.js";

/** Fewer shares than this say nothing of a rate. */
const LEAST_SHARES = 200;
/** A sound rig's, of which chance makes more now and then: only what lies so many standard deviations beyond it is no chance. [A] */
const HEALTHY = 0.005;
const SIGMAS = 4;

/** Shares rejected or stale of the last four hours over all; undefined where too few are known. */
function rejectedOf(
  view: RigView,
  { memory, nowMs }: RuleContext,
): { ratio: number; all: number; isChance: boolean } | undefined {
  const work = memory?.work(view.rig, nowMs);
  if (!work) return undefined;
  const all = work.accepted + work.rejected;
  if (all < LEAST_SHARES) return undefined;
  const healthy = HEALTHY * all;
  const isChance = work.rejected <= healthy + SIGMAS * Math.sqrt(healthy);
  return { ratio: work.rejected / all, all, isChance };
}

/** More than 1.5 % of the shares of the last four hours were rejected or came too late, and more than chance makes of healthy ones (D-Central: healthy below 0.5 %, a problem above 1.5 %). */
export const rejects = numberRule<RigView>({
  id: "rejects",
  severity: "money",
  limit: 0.015,
  clear: 0.01,
  unit: "of its shares",
  holdMs: 15 * MINUTE_MS,
  resolveHoldMs: 30 * MINUTE_MS,
  quietInStop: true,
  measure(view, context, _settings, firing) {
    const mining = isMining(view);
    if (mining === undefined || !context.memory) return undefined;
    if (!mining) return "clear";
    const rejected = rejectedOf(view, context);
    return !firing && rejected?.isChance ? "clear" : rejected?.ratio;
  },
  reason: (view, { value, limit }, context) =>
    `${percent(value)} of ${rejectedOf(view, context)?.all ?? "its"} shares of the last 4 h were rejected or came too late, limit ${percent(limit)}`,
  siteOf: ({ record }) => record.site,
  lossPerH: (view, value, context) => shareOfHashed(view, value, context),
  step: 0.005,
});
