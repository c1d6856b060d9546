import type { AntminerBuild, RigModel } from "../models.js";
import { antminer } from "../models.js";

/** What Braiins OS does in its own way, by the age of its build. */
export interface BraiinsBuild {
  /** BOSminer until 2021; BOSer, read by GraphQL until 25.05 and by REST from 25.07 on. */
  family: "bosminer" | "braiins-graphql" | "braiins-rest";
  /** Name and build of the mining program, as in every `Description`. */
  program: string;
  programVersion: string;
  /** The key under which `version` has it. */
  versionKey: string;
  /** `full` of the version: day, commit, name. */
  full: string;
  /** Number of the first hash chain. */
  firstChain: number;
  /** How its sensors are called: `Board` and `Chip`, later `Max Board`. */
  sensorPrefix: "" | "Max ";
  powerLimitW: number;
}

/** Braiins OS before BOSminer: a fork of Bitmain's bmminer that names itself after the platform. */
export interface BraiinsBmminerBuild extends Omit<AntminerBuild, "family"> {
  family: "braiins-bmminer";
  /** `bOS_am1-s9-20190124-0_d3cc7c87`. */
  name: string;
  /** `braiins-am1-s9`. */
  platform: string;
}

function braiins(
  model: string,
  hashrateThs: number,
  powerW: number,
  chipsPerBoard: number,
  frequencyMhz: number,
  build: BraiinsBuild,
  fanCount = 4,
): RigModel {
  return {
    ...antminer(model, hashrateThs, powerW, chipsPerBoard, frequencyMhz, { compileTime: "" }),
    firmware: build.family === "bosminer" ? build.programVersion : build.full,
    hostPrefix: "miner",
    fanCount,
    build,
  };
}

const BOSER = { versionKey: "BOSer", firstChain: 1, sensorPrefix: "Max " } as const;

export const BRAIINS_BMMINER: readonly RigModel[] = [
  {
    ...antminer("Antminer S9", 13.7, 1323, 63, 650, { compileTime: "" }),
    firmware: "bOS_am1-s9-20190124-0_d3cc7c87",
    hostPrefix: "miner",
    fanCount: 2,
    build: {
      family: "braiins-bmminer",
      name: "bOS_am1-s9-20190124-0_d3cc7c87",
      platform: "braiins-am1-s9",
      statsShape: "x9",
      slotsBefore: 5,
      fansBefore: 4,
      cgminerVersion: "bOS_am1-s9-20190124-0_d3cc7c87",
      minerVersion: "bOS_am1-s9-20190124-0_d3cc7c87",
      compileTime: "",
      statsId: "BC50",
      joinsCommands: true,
      sendsNul: true,
      devsHaveRates: false,
    },
  },
];

export const BOSMINER: readonly RigModel[] = [
  braiins("Antminer S17", 56, 2385, 48, 655, {
    family: "bosminer",
    program: "BOSminer bosminer-plus-am2-s17",
    programVersion: "0.8.0-feaec278",
    versionKey: "BOSminer+",
    full: "2020-09-07-0-feaec278-20.09-plus",
    firstChain: 1,
    sensorPrefix: "",
    powerLimitW: 2400,
  }),
];

export const BRAIINS_GRAPHQL: readonly RigModel[] = [
  braiins(
    "Antminer S9",
    13.5,
    1220,
    63,
    600,
    {
      ...BOSER,
      family: "braiins-graphql",
      program: "BOSer boser-openwrt",
      programVersion: "0.1.0-11012d53",
      full: "2022-09-13-0-11012d53-22.08-plus",
      firstChain: 6,
      sensorPrefix: "",
      powerLimitW: 1250,
    },
    2,
  ),
  braiins("Antminer S19j Pro", 104, 3068, 126, 545, {
    ...BOSER,
    family: "braiins-graphql",
    program: "BOSer boser-buildroot",
    programVersion: "0.1.0-424f9a7f",
    full: "2025-04-07-0-424f9a7f-25.03-plus",
    powerLimitW: 3100,
  }),
];

export const BRAIINS_REST: readonly RigModel[] = [
  braiins("Antminer S19 XP", 141, 3010, 110, 600, {
    ...BOSER,
    family: "braiins-rest",
    program: "BOSer boser-buildroot",
    programVersion: "0.1.0-eb658dcd",
    full: "2025-11-21-0-eb658dcd-25.11-plus",
    powerLimitW: 3031,
  }),
];
