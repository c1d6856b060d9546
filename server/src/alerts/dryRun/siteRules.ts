import { FACT_RULES } from "../rules/factRules.js";

/** What a rule of sites rests on is kept for these alone. */
const OF_SITES = [
  "siteOutage",
  "unprofitableAhead",
  "priceSpike",
  "priceNegative",
  "demandPeak",
  "carbonHigh",
];
/** Of agents by the gaps in the readings of their rigs, of pools by what rigs said of their way to them, of the network by its heights. */
const OF_OTHERS = ["agentSilent", "poolLatency", "difficultyStep"];

/** What each of the others is judged by, of which there is no history. */
const NOT_KEPT: Readonly<Record<string, string>> = {
  inputsStale: "how old each figure was at a time is not kept, only the figures",
  spoolGrowing:
    "how far an agent was behind is not kept, and what it sent late stands in the history as if it had come in time",
  clockSkew:
    "how far the clock of an agent was off is not kept: readings are stored by a clock that was put right",
  storeDown: "a store that did not work has no history of it",
  diskFilling: "how full the disk was is not kept",
  poolDown: "what rigs said of the pools in their lists is not kept, only the pool that each worked for",
};

/** Why a rule of what is no rig cannot be tried; undefined where it can, or where there is none of this name. */
export function untriable(rule: string): string | undefined {
  const found = Object.values(FACT_RULES)
    .flat()
    .some(({ id }) => id === rule);
  if (!found || isSiteRule(rule) || isOtherRule(rule)) return undefined;
  return `"${rule}" cannot be tried: ${NOT_KEPT[rule] ?? "what it judges by is not kept"}; of what is no rig these can be: ${[...OF_SITES, ...OF_OTHERS].join(", ")}`;
}

/** Whether a rule is one of sites that can be tried. */
export const isSiteRule = (rule: string | undefined): boolean =>
  rule !== undefined && OF_SITES.includes(rule);
/** Whether such a rule goes by rows of each rig of a site, and not by those of the site alone. */
export const readsRigs = (rule: string | undefined): boolean =>
  rule === "siteOutage" || rule === "unprofitableAhead";
/** Whether a rule is one of agents, pools or the network that can be tried. */
export const isOtherRule = (rule: string | undefined): boolean =>
  rule !== undefined && OF_OTHERS.includes(rule);
