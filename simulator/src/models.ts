import type { ForkBuild, LuxosBuild, VnishBuild } from "./makes/antminerFirmwares.js";
import type { BraiinsBmminerBuild, BraiinsBuild } from "./makes/braiins.js";
import type { AvalonBuild } from "./makes/canaan.js";
import type { OtherBuild } from "./makes/others.js";

/** What a Bitmain stock firmware does in its own way. */
export interface AntminerBuild {
  family: "antminer";
  /**
   * `x9`: 16 slots, numbers as strings, no list of sensors. `x17`: the same with lists, "-" for absent. `x19`: 4 slots,
   * "total rate" with a blank.
   */
  statsShape: "x9" | "x17" | "x19";
  /** Slots without a board before the first one; none unless given. An S9 begins at the sixth. */
  slotsBefore?: number;
  /** Connectors without a fan before the first one. */
  fansBefore?: number;
  /** Name of cgminer's version in `version` and `stats`; `BMMiner` unless given. */
  minerKey?: "CGMiner";
  /** `ID` of the readings in `stats`; `BTM_SOC0` unless given. */
  statsId?: string;
  /** TH/s of one unit under the keys that say GHS; 1/1000 unless given. */
  unitThs?: number;
  /** `stats` comes as `}{`, without the comma between its objects. */
  forgetsComma?: boolean;
  /** cgminer's own version, as in `Description` and the `BMMiner` key. */
  cgminerVersion: string;
  minerVersion: string;
  compileTime: string;
  /** Whether `summary+stats` in one request is answered; stock S19 calls it an invalid command. */
  joinsCommands: boolean;
  /** A real S17 Pro closes without the NUL that ends every other reply. */
  sendsNul: boolean;
  /** S21 generation: `devs` has rates, in GH/s under a key that says MHS. S19: zeros. */
  devsHaveRates: boolean;
  /**
   * Of a rig in water: which of a board's lists has the coolant's two ends (pyasic issue 295). `chip`: its first two, and no chip is
   * told. `pcb`: its first and third, the list of chips is empty and a chip heads the third list.
   */
  coolantIn?: "chip" | "pcb";
}

/** What a MicroBT btminer build does in its own way. */
export interface WhatsminerBuild {
  /** `whatsminer-v2v3` has both APIs. */
  family: "whatsminer" | "whatsminer-v3" | "whatsminer-v2v3";
  /** 0: the cgminer before btminer. 1: API 1.4. 2, unless given: API 2. */
  generation?: 0 | 1;
  /** As in `devdetails[].Model`. */
  subModel: string;
  apiVersion: string;
  firmwareVersion: string;
  platform: string;
  psuModel: string;
  powerLimitW: number;
  /** Some builds know only the `cmd` of the vendor's manual and answer E 24 to `command`. */
  knowsCommandKey: boolean;
  /** `version` exists on few builds. */
  answersVersion: boolean;
}

/** What a firmware does in its own way; `family` names its speaker. */
export type Build =
  | AntminerBuild
  | WhatsminerBuild
  | AvalonBuild
  | BraiinsBuild
  | BraiinsBmminerBuild
  | VnishBuild
  | LuxosBuild
  | ForkBuild
  | OtherBuild;

/** What carries the heat away. */
export type Cooling = "air" | "hydro" | "immersion";

/** What carries the heat of a model away. */
export const coolingOf = ({ cooling = "air" }: Pick<RigModel, "cooling">): Cooling => cooling;

/** A model as the vendor sells it; one rig of it varies around these. */
export interface RigModel {
  make: string;
  model: string;
  /** What the firmware calls its version. */
  firmware: string;
  /** What it hashes; SHA256 unless given. */
  algorithm?: string;
  /** What the pool asks of it; the make's usual unless given. */
  poolDifficulty?: number;
  /** What its hostname begins with; the make's usual unless given. */
  hostPrefix?: string;
  hashrateThs: number;
  powerW: number;
  boardCount: number;
  chipsPerBoard: number;
  /** Air unless it is said. */
  cooling?: Cooling;
  /** 0 for a rig in water or oil. */
  fanCount: number;
  fanMaxRpm: number;
  frequencyMhz: number;
  /** The firmware throttles above it and stops when it stays there. */
  chipLimitC: number;
  /** What the firmware steers the fans towards. */
  chipTargetC: number;
  build: Build;
}

/**
 * Nameplates: hashrate and power from the project's `asic-models.json` (each row's sources are there), boards × chips
 * and fans from `rig-hardware.json` (UpstreamData/pyasic at e2b9d35, Apache-2.0). Limits: Bitmain 80 °C board and
 * 95 °C chip (decompiled S19 Pro and godminer configurations); btminer's 70–80 °C board is the same chip, a rise later.
 */
export function antminer(
  model: string,
  hashrateThs: number,
  powerW: number,
  chipsPerBoard: number,
  frequencyMhz: number,
  build: Partial<AntminerBuild> & { compileTime: string },
): RigModel {
  return {
    make: "Bitmain",
    model,
    firmware: build.compileTime,
    hashrateThs,
    powerW,
    boardCount: 3,
    chipsPerBoard,
    fanCount: 4,
    fanMaxRpm: 6150,
    frequencyMhz,
    chipLimitC: 95,
    chipTargetC: 78,
    build: {
      family: "antminer",
      statsShape: "x19",
      cgminerVersion: "1.0.0",
      minerVersion: "49.0.1.3",
      joinsCommands: false,
      sendsNul: true,
      devsHaveRates: false,
      ...build,
    },
  };
}

export function whatsminer(
  model: string,
  hashrateThs: number,
  powerW: number,
  chipsPerBoard: number,
  build: Omit<WhatsminerBuild, "family" | "platform" | "knowsCommandKey" | "answersVersion"> &
    Partial<WhatsminerBuild>,
): RigModel {
  return {
    make: "MicroBT",
    model,
    firmware: build.firmwareVersion,
    hashrateThs,
    powerW,
    boardCount: 3,
    chipsPerBoard,
    fanCount: 2,
    fanMaxRpm: 7200,
    frequencyMhz: 600,
    chipLimitC: 95,
    chipTargetC: 78,
    build: { family: "whatsminer", platform: "H616", knowsCommandKey: true, answersVersion: false, ...build },
  };
}

const S17_PRO = antminer("Antminer S17 Pro", 53, 2094, 48, 535, {
  statsShape: "x17",
  cgminerVersion: "4.9.0",
  minerVersion: "17.10.1.3",
  compileTime: "Wed Apr 10 09:57:06 CST 2019",
  joinsCommands: true,
  sendsNul: false,
});
const S19_PRO = antminer("Antminer S19 Pro", 110, 3250, 114, 525, {
  compileTime: "Tue Dec  6 16:12:30 CST 2022",
});
const S19J_PRO = antminer("Antminer S19j Pro", 104, 3068, 126, 545, {
  compileTime: "Fri Nov 17 17:37:21 CST 2023",
});
const S19_XP = antminer("Antminer S19 XP", 140, 3010, 110, 600, {
  compileTime: "Fri Nov 17 17:37:21 CST 2023",
});
const S21 = antminer("Antminer S21", 200, 3500, 108, 490, {
  compileTime: "Mon Mar 11 10:32:40 CST 2024",
  joinsCommands: true,
  devsHaveRates: true,
});
const T21 = antminer("Antminer T21", 190, 3610, 108, 510, {
  compileTime: "Mon Mar 11 10:32:40 CST 2024",
  joinsCommands: true,
  devsHaveRates: true,
});
const M30S_PLUS_PLUS = whatsminer("Whatsminer M30S++", 112, 3472, 111, {
  subModel: "M30S++VH30",
  apiVersion: "2.0.4",
  firmwareVersion: "20220726.12.REL",
  psuModel: "P221B",
  powerLimitW: 3600,
  answersVersion: true,
});
const M50S = whatsminer("Whatsminer M50S", 126, 3276, 135, {
  subModel: "M50SVH50",
  apiVersion: "2.0.5",
  firmwareVersion: "20230803.11.REL",
  psuModel: "P222B",
  powerLimitW: 3400,
});
const M60S = whatsminer("Whatsminer M60S", 186, 3441, 215, {
  subModel: "M60SVK10",
  apiVersion: "2.0.5",
  firmwareVersion: "20240624.18.REL",
  psuModel: "P222B",
  powerLimitW: 3600,
  knowsCommandKey: false,
});

/** One dozen as a hall is stocked: what is common twice. Every fleet is built of shuffled dozens. */
export const STOCK: readonly RigModel[] = [
  S17_PRO,
  S19_PRO,
  S19_PRO,
  S19J_PRO,
  S19J_PRO,
  S19_XP,
  S21,
  S21,
  T21,
  M30S_PLUS_PLUS,
  M50S,
  M60S,
];
