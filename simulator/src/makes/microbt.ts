import { type RigModel, whatsminer } from "../models.js";

/** MicroBT's API 1.4, as M20S and M30S had it until 2021; factory rate and power of the M20S capture's shape. */
const M20S: RigModel = whatsminer("Whatsminer M20S", 68, 3360, 105, {
  subModel: "M20SV10",
  apiVersion: "whatsminer v1.4.0",
  firmwareVersion: "20210322.22.REL",
  psuModel: "P21",
  powerLimitW: 3500,
  generation: 1,
});

/** Before btminer: a cgminer that knows no power and no board of its own. */
const M3: RigModel = whatsminer("Whatsminer M3", 12, 2145, 99, {
  subModel: "M3",
  apiVersion: "",
  firmwareVersion: "",
  psuModel: "",
  powerLimitW: 0,
  generation: 0,
});

/** API 3 alone. */
const M60S: RigModel = {
  ...whatsminer("Whatsminer M60S", 181, 3420, 75, {
    family: "whatsminer-v3",
    subModel: "M60S_VK40",
    apiVersion: "3.0.2",
    firmwareVersion: "20251209.16.Rel2",
    psuModel: "P221B",
    powerLimitW: 3600,
  }),
};

/** Both APIs, as newer firmware comes. */
const M60S_BOTH: RigModel = {
  ...whatsminer("Whatsminer M60S", 181, 3420, 75, {
    family: "whatsminer-v2v3",
    subModel: "M60S_VK40",
    apiVersion: "2.0.6",
    firmwareVersion: "20251209.16.Rel2",
    psuModel: "P221B",
    powerLimitW: 3600,
  }),
};

/** Generations of MicroBT's firmware beside API 2. */
export const MICROBT_OTHERS: readonly RigModel[] = [M20S, M3];
export const MICROBT_V3: readonly RigModel[] = [M60S, M60S_BOTH];
