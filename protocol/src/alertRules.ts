/** How grave an alert is. danger: to equipment; warning: on the way there; money: lost while it lasts; notice: none of these. */
export const SEVERITIES = ["danger", "warning", "money", "notice"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What an alert may be about. A `group` is what several alike alerts are rolled up into; a `market` is what prices come from. */
export const SUBJECT_KINDS = [
  "rig",
  "board",
  "rack",
  "row",
  "group",
  "site",
  "agent",
  "server",
  "pool",
  "market",
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** The rules that come with the server, in the order in which they are told. Rules of an operator's own have other ids. */
export const RULE_IDS = [
  "siteOutage",
  "agentSilent",
  "offline",
  "overheating",
  "hot",
  "tempRising",
  "inletHot",
  "inletWarm",
  "coldStart",
  "throttling",
  "fanStopped",
  "fanSlow",
  "hashrateLow",
  "hashrateDropped",
  "boardMissing",
  "chipsMissing",
  "hwErrors",
  "rejects",
  "poolDown",
  "poolLatency",
  "wrongPool",
  "acceptedLow",
  "efficiencyDrift",
  "powerOverLimit",
  "powerMissing",
  "metersDisagree",
  "faults",
  "rebootLoop",
  "stopIgnored",
  "unprofitable",
  "unprofitableAhead",
  "priceSpike",
  "priceNegative",
  "demandPeak",
  "carbonHigh",
  "difficultyStep",
  "inputsStale",
  "spoolGrowing",
  "clockSkew",
  "storeDown",
  "diskFilling",
  "identityConflict",
] as const;
export type KnownRule = (typeof RULE_IDS)[number];
