import type { SiteFacts } from "../facts.js";
import { MINUTE_MS, numberRule, percent } from "./numberRule.js";

/** A site of fewer rigs has outages of rigs only. */
const LEAST_RIGS = 3;
const HOLD_MS = 2 * MINUTE_MS;

/**
 * Hardly any rig of a site answers, for two minutes: power, network or agent. Its rigs are told under it, not one by one. Time in
 * which the server could not hear its agents does not count.
 */
export const siteOutage = numberRule<SiteFacts>({
  id: "siteOutage",
  subject: "site",
  severity: "money",
  limit: 0.1,
  clear: 0.5,
  below: true,
  unit: "of its rigs answer",
  holdMs: HOLD_MS,
  resolveHoldMs: MINUTE_MS,
  timed: true,
  measure({ expected, answering, heardSinceMs }, { nowMs }) {
    if (nowMs - heardSinceMs < HOLD_MS) return undefined;
    return expected < LEAST_RIGS ? "clear" : answering / expected;
  },
  reason: ({ expected, answering }, { limit }) =>
    `${answering} of ${expected} rigs answer, limit ${percent(limit)}: power, network or agent`,
  siteOf: ({ site }) => site,
  step: 0.1,
});
