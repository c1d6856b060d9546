import type { Hearing } from "../intake/hearing.js";
import type { Rates } from "../rates/rates.js";
import type { RuleContext } from "./rules/rule.js";

/** What rules may look at besides the rig: prices of the time that `nowMs` is set to, and since when agents are heard. */
export function ruleContext(
  hearing: Pick<Hearing, "sinceMs">,
  rates: Pick<Rates, "now">,
  nowMs: number,
  more: Omit<RuleContext, "nowMs" | "heardSinceMs" | "rates"> = {},
): RuleContext {
  const context: RuleContext = {
    ...more,
    nowMs,
    get heardSinceMs() {
      return hearing.sinceMs;
    },
    rates: (site) => rates.now(site, context.nowMs),
  };
  return context;
}
