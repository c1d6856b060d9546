/** English of what stands behind "why?": how a figure was reckoned, and what is missing for it. */
export const enWhy = {
  "why.label": "Why is {what} this?",
  "why.noInput": "{what} is not set.",
  "why.noPower": "The rig reports no power, and none is modelled.",
  "why.noHashrate": "The rig reports no hashrate.",
  "why.zeroHashrate": "The rig hashes nothing now.",
  "why.nameplateJPerTh": "the nameplate's J/TH",
  "why.nameplate":
    "By the nameplate, from the boards that run, the power mode and the hashrate; never above the nameplate.",
  "why.atNameplate":
    "By the nameplate, and never above it: it hashes above nominal, so only the nominal counts.",
  "why.meter": "{meter} of this rig: {power}.",
  "why.meterShared": "{meter} of {n} rigs: {power}, divided by what these draw by their own account.",
  "why.ownPower": "The rig itself: {power}, {source}.",
  "why.ratedMode": "In the mode {mode} its running boards draw what the nameplate says, whatever they hash.",
  "why.byTarget":
    "The nameplate's J/TH times the {target} that the firmware aims at, for the boards that run; never above the nameplate's power.",
  "why.lostChips":
    "The nameplate's J/TH times the hashrate, where chips that a board has lost count as if they hashed: they still draw. Never above the nameplate's power.",
  "why.standby":
    "It does not hash: about 20 W for control board and power supply, and the fans by their speed.",
  "why.standbyAndFans": "standby + fans",
  "why.unknown": "{what} is unknown.",
  "why.otherAlgo": "The hashprice is for SHA-256; this rig mines {algo}.",
  "alert.judgedBy": "judged by:",
} as const;
