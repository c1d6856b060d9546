import { acceptedLow } from "./acceptedLow.js";
import { boardMissing } from "./boardMissing.js";
import { chipsMissing } from "./chipsMissing.js";
import { coldStart } from "./coldStart.js";
import { efficiencyDrift } from "./efficiencyDrift.js";
import { fanSlow } from "./fanSlow.js";
import { fanStopped } from "./fanStopped.js";
import { faults } from "./faults.js";
import { hashrateDropped } from "./hashrateDropped.js";
import { hashrateLow } from "./hashrateLow.js";
import { hot } from "./hot.js";
import { hwErrors } from "./hwErrors.js";
import { identityConflict } from "./identityConflict.js";
import { inletHot, inletWarm } from "./inletHot.js";
import { metersDisagree } from "./metersDisagree.js";
import { offline } from "./offline.js";
import { overheating } from "./overheating.js";
import { powerMissing } from "./powerMissing.js";
import { powerOverLimit } from "./powerOverLimit.js";
import { rebootLoop } from "./rebootLoop.js";
import { rejects } from "./rejects.js";
import type { Rule } from "./rule.js";
import { stopIgnored } from "./stopIgnored.js";
import { tempRising } from "./tempRising.js";
import { throttling } from "./throttling.js";
import { unprofitable } from "./unprofitable.js";
import { wrongPool } from "./wrongPool.js";

/** Every alert rule of rigs. One that inhibits others comes before them. */
export const RULES: readonly Rule[] = [
  offline,
  overheating,
  hot,
  tempRising,
  inletHot,
  inletWarm,
  coldStart,
  fanStopped,
  fanSlow,
  boardMissing,
  chipsMissing,
  throttling,
  hashrateLow,
  hashrateDropped,
  hwErrors,
  wrongPool,
  rejects,
  acceptedLow,
  efficiencyDrift,
  powerOverLimit,
  powerMissing,
  metersDisagree,
  faults,
  rebootLoop,
  stopIgnored,
  identityConflict,
  unprofitable,
];
