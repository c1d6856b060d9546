import { badTuesday } from "./badTuesday.js";
import { boardDies } from "./boardDies.js";
import { clockSkew } from "./clockSkew.js";
import { constant } from "./constant.js";
import { curtailmentDay } from "./curtailmentDay.js";
import { fanFailure } from "./fanFailure.js";
import { firmwareUpdateWave } from "./firmwareUpdateWave.js";
import { flappingNetwork } from "./flappingNetwork.js";
import { garbageReplies } from "./garbageReplies.js";
import { hashrateTheft } from "./hashrateTheft.js";
import { heatWave } from "./heatWave.js";
import { hezeSummer } from "./hezeSummer.js";
import { jilinWinter } from "./jilinWinter.js";
import { partitionOneHour } from "./partitionOneHour.js";
import { poolOutage } from "./poolOutage.js";
import { psuBrownout } from "./psuBrownout.js";
import type { Scenario } from "./scenario.js";
import { siteOutageAndInrush } from "./siteOutageAndInrush.js";
import { slowDegradation } from "./slowDegradation.js";
import { slowRigs } from "./slowRigs.js";
import { steady } from "./steady.js";
import { wrongPool } from "./wrongPool.js";

/** Every scenario that there is, in the order in which a reader meets them. */
export const SCENARIOS: readonly Scenario[] = [
  constant,
  steady,
  hezeSummer,
  jilinWinter,
  heatWave,
  fanFailure,
  boardDies,
  slowDegradation,
  psuBrownout,
  siteOutageAndInrush,
  poolOutage,
  wrongPool,
  firmwareUpdateWave,
  flappingNetwork,
  partitionOneHour,
  slowRigs,
  garbageReplies,
  clockSkew,
  curtailmentDay,
  hashrateTheft,
  badTuesday,
];
