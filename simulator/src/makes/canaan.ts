import type { RigModel } from "../models.js";

/** What a Canaan firmware does in its own way. */
export interface AvalonBuild {
  family: "avalon";
  /**
   * `old`: 7xx to 9xx, `MM ID1` with one fan. `mm`: 10xx to 15xx, one `MM ID0`. `home`: Q and Mini, `MM ID0:Summary` and the chips
   * apart. `lcd`: Nano 3s, whose readings stand on its display alone.
   */
  shape: "old" | "mm" | "home" | "lcd";
  /** `PROD`, `MODEL` and `HWTYPE` of `version`. */
  product: string;
  modelWord: string;
  hardware: string;
  /** What `Ver` begins with, before the firmware's version. */
  versionWord: string;
  firmwareVersion: string;
  core: string;
  /** `PS` has what the supply draws, and `WALLPOWER` beside it. */
  measuresWall: boolean;
  powerLimitW?: number;
  workMode?: number;
}

/**
 * Boards × chips after UpstreamData/pyasic (Apache-2.0) and the captures; hashrate and power are the maker's: 741 7.3 TH/s at
 * 1150 W, 1246 83 TH/s at 3420 W, 1566 194 TH/s at 3731 W (capture), Q 90 TH/s at 1674 W, Mini 3 37.5 TH/s at 800 W, Nano 3s
 * 6 TH/s at 140 W.
 */
function canaan(
  model: string,
  hashrateThs: number,
  powerW: number,
  boards: readonly [count: number, chips: number],
  fanCount: number,
  build: Omit<AvalonBuild, "family" | "core" | "measuresWall"> & Partial<AvalonBuild>,
): RigModel {
  return {
    make: "Canaan",
    model,
    firmware: build.firmwareVersion,
    hashrateThs,
    powerW,
    boardCount: boards[0],
    chipsPerBoard: boards[1],
    fanCount,
    fanMaxRpm: 6600,
    frequencyMhz: 345,
    chipLimitC: 95,
    chipTargetC: 78,
    hostPrefix: "avalon",
    build: { family: "avalon", core: "A3197S", measuresWall: true, ...build },
  };
}

export const CANAAN: readonly RigModel[] = [
  canaan("Avalon 741", 7.3, 1150, [4, 22], 1, {
    shape: "old",
    product: "AvalonMiner 741",
    modelWord: "741",
    hardware: "MM741",
    versionWord: "",
    firmwareVersion: "7411706-3162860",
    measuresWall: false,
  }),
  canaan("Avalon 1246", 83, 3420, [3, 120], 4, {
    shape: "mm",
    product: "AvalonMiner 1246",
    modelWord: "1246",
    hardware: "MM3v2_X3",
    versionWord: "1246-83",
    firmwareVersion: "21072803_4ec6bb0_211fc46",
    core: "A3205",
    measuresWall: false,
  }),
  canaan("Avalon 1566", 194, 3731, [3, 160], 2, {
    shape: "mm",
    product: "AvalonMiner 15-194",
    modelWord: "15-194",
    hardware: "MM4v2_X3",
    versionWord: "15-194",
    firmwareVersion: "24102401_25462b2_9ddf522",
    workMode: 0,
  }),
  canaan("Avalon Q", 90, 1674, [1, 160], 4, {
    shape: "home",
    product: "Avalon Q",
    modelWord: "Q",
    hardware: "Q_MM1v1_X1",
    versionWord: "Q",
    firmwareVersion: "25052801_14a19a2",
    powerLimitW: 1700,
    workMode: 2,
  }),
  canaan("Avalon Mini 3", 37.5, 800, [1, 66], 1, {
    shape: "home",
    product: "Avalon Mini3",
    modelWord: "Mini3",
    hardware: "Mini3_MM1v1_X1",
    versionWord: "Mini3",
    firmwareVersion: "25021401_56abae7",
    workMode: 1,
  }),
  canaan("Avalon Nano 3s", 6, 140, [1, 12], 1, {
    shape: "lcd",
    product: "Avalon Nano3s",
    modelWord: "Nano3s",
    hardware: "N_MM1v1_X1",
    versionWord: "Nano3s",
    firmwareVersion: "25021401_56abae7",
  }),
];
