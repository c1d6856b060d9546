import type { RigModel } from "../models.js";

/** Firmwares that one make alone has. */
export interface OtherBuild {
  family:
    | "epic"
    | "auradine"
    | "axeos"
    | "proto"
    | "elphapex"
    | "ccminer"
    | "ccminer-web"
    | "dragonmint"
    | "cgminer"
    | "cgminer-text";
  firmwareVersion: string;
  /** The chip, as the firmware names it. */
  asic?: string;
}

type Sizes = readonly [hashrateThs: number, powerW: number, boards: number, chips: number, fans: number];

function other(
  make: string,
  model: string,
  [hashrateThs, powerW, boardCount, chipsPerBoard, fanCount]: Sizes,
  build: OtherBuild,
  more: Partial<RigModel> = {},
): RigModel {
  return {
    make,
    model,
    firmware: build.firmwareVersion,
    hashrateThs,
    powerW,
    boardCount,
    chipsPerBoard,
    fanCount,
    fanMaxRpm: 6150,
    frequencyMhz: 525,
    chipLimitC: 95,
    chipTargetC: 78,
    hostPrefix: make.toLowerCase(),
    build,
    ...more,
  };
}

const SCRYPT = { algorithm: "Scrypt", poolDifficulty: 8 } as const;

/**
 * Hashrate and power are the makers': AT1500 160 TH/s and 2900 W; Bitaxe Gamma 1.07 TH/s at its clock, 18 W; Proto Rig 145 TH/s at
 * 3400 W (capture); DG1+ 14.2 GH/s and 3920 W; Hammer D10 5 GH/s; VolcMiner D1 17 GH/s; DragonMint T1 16 TH/s and 1480 W. What
 * ccminer's rigs draw is not known: 2,500 and 3,900 W stand in.
 */
export const EPIC: readonly RigModel[] = [
  other("Bitmain", "Antminer S19 XP", [143, 3010, 3, 110, 4], {
    family: "epic",
    firmwareVersion: "PowerPlay-BMS v1.5.13",
    asic: "BM1366",
  }),
];
export const AURADINE: readonly RigModel[] = [
  other("Auradine", "AT1500", [160, 2900, 3, 132, 4], {
    family: "auradine",
    firmwareVersion: "2024-06.11",
  }),
];
export const AXEOS: readonly RigModel[] = [
  other(
    "Bitaxe",
    "Bitaxe Gamma",
    [1.071, 18, 1, 1, 1],
    { family: "axeos", firmwareVersion: "v2.9.0", asic: "BM1370" },
    { poolDifficulty: 1024, chipTargetC: 60, chipLimitC: 75 },
  ),
];
export const PROTO: readonly RigModel[] = [
  other("Proto", "Proto Rig", [145, 3400, 4, 120, 4], { family: "proto", firmwareVersion: "1.8.0" }),
];
export const ELPHAPEX: readonly RigModel[] = [
  other(
    "Elphapex",
    "Elphapex DG1+",
    [0.014229, 3920, 4, 204, 4],
    { family: "elphapex", firmwareVersion: "DG1+_SW_V1.0.2" },
    SCRYPT,
  ),
];
export const CCMINER: readonly RigModel[] = [
  other(
    "Hammer",
    "Hammer D10",
    [0.005, 2500, 3, 108, 4],
    { family: "ccminer", firmwareVersion: "2023-05-28 17-20-35 CST" },
    SCRYPT,
  ),
];
export const CCMINER_WEB: readonly RigModel[] = [
  other(
    "VolcMiner",
    "VolcMiner D1",
    [0.017, 3900, 3, 120, 4],
    { family: "ccminer-web", firmwareVersion: "2025-10-08 04-26-50 CST" },
    SCRYPT,
  ),
];
export const DRAGONMINT: readonly RigModel[] = [
  other("Halong", "DragonMint T1", [16, 1480, 3, 63, 2], {
    family: "dragonmint",
    firmwareVersion: "cgminer 4.10.0",
  }),
];
export const CGMINER: readonly RigModel[] = [
  other(
    "PC",
    "FPGA rig",
    [0.0015, 120, 4, 1, 1],
    { family: "cgminer", firmwareVersion: "cgminer 4.9.2" },
    { poolDifficulty: 1 },
  ),
  other(
    "PC",
    "GPU rig",
    [1.3e-6, 600, 2, 1, 2],
    { family: "cgminer-text", firmwareVersion: "cgminer 3.3.1" },
    { algorithm: "Scrypt", poolDifficulty: 2 ** -10 },
  ),
];
