import type { KnownRule } from "@hashwatt/protocol/alertRules";

/** What to try first, by rule. Each is what a person on the site, or at the prices, can do. */
const ADVICE: Readonly<Record<KnownRule, string>> = {
  siteOutage: "check the site's power and its uplink; its rigs are not told one by one.",
  agentSilent: "check the machine that the agent runs on, its network and its log.",
  offline:
    "check its power and its network cable, and whether others on the same switch or PDU are gone too.",
  overheating: "check its fans, the filter and the air in front of it; stop it if it goes on.",
  hot: "clear the air's way in front of it and look at its fans before it throttles.",
  tempRising: "look at it now: a fan, a pump or the air in front of it has failed or is about to.",
  inletHot: "cool the air of the hall, or take rigs off until it is cooler.",
  inletWarm: "look at the hall's cooling and at hot air that comes back to the front of the racks.",
  coldStart: "warm it before it is switched on, or start it at low power.",
  throttling: "see why it is held back: heat, a power limit or its power supply.",
  fanStopped: "replace the fan, or free it if something blocks it; stop the rig until then.",
  fanSlow: "clean the fan and its cable's plug; it will stop before long.",
  hashrateLow: "restart it; if it stays low, look at its boards, its clock and its pool.",
  hashrateDropped: "see what changed: a board, a temperature or a setting; restart it if nothing did.",
  boardMissing: "restart it once; if the board stays away, reseat its cables or have it repaired.",
  chipsMissing: "restart it once; if chips stay away, plan a repair of that board.",
  hwErrors: "lower its frequency or raise its voltage a little; cool it better.",
  rejects: "check the line to the pool and the pool's difficulty; try another of its servers.",
  poolDown: "check the pool's status page and the firewall; let the rigs fall over to their second pool.",
  poolLatency: "check the line and the pool's status page; try one of its servers that is nearer.",
  wrongPool:
    "compare the pool and the account in its settings with yours; change its password if you did not do this.",
  acceptedLow: "compare with the pool's own figures; look at rejects and at the line.",
  efficiencyDrift: "clean it and look at its boards; a profile may have been changed.",
  powerOverLimit: "lower its power limit, or take load off the circuit.",
  powerMissing:
    "see whether its power supply or meter still tells anything; until then its cost is reckoned.",
  metersDisagree: "see which rigs the meter feeds, and trust the meter for the bill.",
  faults: "look the code up on its page; many say what to replace.",
  rebootLoop: "check its power supply and voltage, then its firmware; take it off until it is mended.",
  stopIgnored: "switch it off by hand or at its PDU: it was to be stopped and draws power.",
  unprofitable: "look at price and hashprice on its page; stop it or lower its power while that lasts.",
  unprofitableAhead: "plan a stop for those hours.",
  priceSpike: "stop the least efficient rigs while it lasts.",
  priceNegative: "run all that can run.",
  demandPeak:
    "stop the least efficient rigs until the stretch is over; its peak is billed for the whole period.",
  carbonHigh: "shift load to later hours where that matters.",
  difficultyStep: "reckon with the new revenue before you decide what runs.",
  inputsStale: "see why the source gives nothing; figures rest on an old value until then.",
  spoolGrowing:
    "check the broker and the line between agent and server; nothing is lost while there is room.",
  clockSkew: "set the clock of that machine: switch NTP on.",
  storeDown: "check the disk and the database; agents keep what they read meanwhile.",
  diskFilling: "make room on the disk, or lower store.maxDiskGb or store.rawDays.",
  identityConflict: "say on the rig's page which rig is which: merge or split.",
};

/** What to try about an alert of a rule; undefined where there is no more to say than the alert does. */
export const adviceOf = (rule: string): string | undefined =>
  Object.hasOwn(ADVICE, rule) ? ADVICE[rule as KnownRule] : undefined;
