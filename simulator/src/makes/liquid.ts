import { antminer, type RigModel, whatsminer } from "../models.js";

const X21 = {
  compileTime: "Mon Mar 11 10:32:40 CST 2024",
  joinsCommands: true,
  devsHaveRates: true,
} as const;
/** 105 °C: where bmminer of the S21+ Hyd stops (decompiled, HashSource). */
const IN_WATER = { cooling: "hydro", fanCount: 0, chipLimitC: 105 } as const;

const S21_HYD: RigModel = {
  ...antminer("Antminer S21 Hyd.", 335, 5360, 216, 545, { ...X21, coolantIn: "chip" }),
  ...IN_WATER,
};
const S21_PLUS_HYD: RigModel = {
  ...antminer("Antminer S21+ Hyd.", 319, 4785, 95, 590, { ...X21, coolantIn: "pcb" }),
  ...IN_WATER,
};

/** API 3 of a rig in water tells its liquid (M63S++ of API 3.0.5, as recorded in tetherto/miningos-wrk-miner-whatsminer). */
const M63S_PLUS_PLUS: RigModel = {
  ...whatsminer("Whatsminer M63S++", 464, 7200, 380, {
    family: "whatsminer-v3",
    subModel: "M63S++_VL20",
    apiVersion: "3.0.5",
    firmwareVersion: "20260312.16.REL3",
    psuModel: "P566Z",
    powerLimitW: 8085,
  }),
  boardCount: 4,
  cooling: "hydro",
  fanCount: 0,
};
const M66S: RigModel = {
  ...whatsminer("Whatsminer M66S", 298, 5513, 384, {
    subModel: "M66SVK30",
    apiVersion: "2.0.5",
    firmwareVersion: "20240624.18.REL",
    psuModel: "P562B",
    powerLimitW: 5600,
  }),
  cooling: "immersion",
  fanCount: 0,
};

/**
 * Rigs that water or oil cools. Nameplates from the project's `asic-models.json`, boards × chips from `rig-hardware.json`
 * (UpstreamData/pyasic at e2b9d35, Apache-2.0).
 */
export const ANTMINER_HYDRO: readonly RigModel[] = [S21_HYD, S21_PLUS_HYD];
export const WHATSMINER_HYDRO: readonly RigModel[] = [M63S_PLUS_PLUS];
export const WHATSMINER_IMMERSION: readonly RigModel[] = [M66S];
export const LIQUID: readonly RigModel[] = [...ANTMINER_HYDRO, ...WHATSMINER_HYDRO, ...WHATSMINER_IMMERSION];
