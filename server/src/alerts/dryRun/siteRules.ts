import { FACT_RULES } from "../rules/factRules.js";

/** What a rule of sites rests on is kept for these alone. */
const TRIED = ["siteOutage", "unprofitableAhead", "priceSpike", "priceNegative", "demandPeak", "carbonHigh"];

/** Why a rule of what is no rig cannot be tried; undefined where it can, or where there is none of this name. */
export function untriable(rule: string): string | undefined {
  const found = Object.values(FACT_RULES)
    .flat()
    .find(({ id }) => id === rule);
  if (!found || TRIED.includes(rule)) return undefined;
  return `What "${rule}" judges ${found.subject === "site" ? "a site" : `the ${found.subject}`} by is not kept, so that there is no history to try it on; of what is no rig these can be tried: ${TRIED.join(", ")}`;
}

/** Whether a rule is one of sites that can be tried. */
export const isSiteRule = (rule: string | undefined): boolean => rule !== undefined && TRIED.includes(rule);
