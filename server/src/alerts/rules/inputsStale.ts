import type { SiteFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

const stale = ({ inputs, demo }: SiteFacts) => (demo ? [] : inputs.filter((input) => input.stale));

/** A figure that the site's money rests on is older than it should be, for ten minutes. The simulated fleet's are invented anyway. */
export const inputsStale = numberRule<SiteFacts>({
  id: "inputsStale",
  subject: "site",
  severity: "notice",
  limit: 0,
  clear: 0,
  unit: "inputs",
  holdMs: 10 * MINUTE_MS,
  resolveHoldMs: MINUTE_MS,
  timed: true,
  measure: (facts) => stale(facts).length,
  reason: (facts) =>
    `Older than they should be: ${stale(facts)
      .map(
        ({ kind, source, asOfMs }) =>
          `${kind} (${source}${asOfMs === null ? "" : `, of ${new Date(asOfMs).toISOString().slice(0, 10)}`})`,
      )
      .join(", ")}`,
  step: 1,
});
