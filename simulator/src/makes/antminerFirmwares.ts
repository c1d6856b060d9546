import { type AntminerBuild, antminer, type RigModel } from "../models.js";

/** VNish (AnthillOS). */
export interface VnishBuild {
  family: "vnish";
  version: string;
  compileTime: string;
  minerVersion: string;
  /** 1.x: consumption of each board, and a web interface; `version` is unknown to it. */
  isNew: boolean;
  /** The web interface's name of the model. */
  shortName: string;
  /** Presets are named after their watts. */
  preset: string;
}

/** LuxOS. */
export interface LuxosBuild {
  family: "luxos";
  version: string;
  commit: string;
  compileTime: string;
  controlBoard: string;
  profile: string;
  profileW: number;
}

/** Firmwares that kept all of Bitmain's answers. */
export interface ForkBuild extends Omit<AntminerBuild, "family"> {
  family: "hiveon" | "msk";
}

const base = (model: string, ths: number, powerW: number, chips: number, mhz: number): RigModel =>
  antminer(model, ths, powerW, chips, mhz, { compileTime: "" });

export const VNISH: readonly RigModel[] = [
  {
    ...base("Antminer S21 Pro", 234, 3510, 65, 555),
    firmware: "1.2.7",
    build: {
      family: "vnish",
      version: "1.2.7",
      compileTime: "2025-12-22 19:12:30",
      minerVersion: "0.0.0",
      isNew: true,
      shortName: "s21pro",
      preset: "3550",
    },
  },
  {
    ...base("Antminer S17", 65, 2800, 48, 675),
    firmware: "0.9.2-alpha",
    build: {
      family: "vnish",
      version: "0.9.2-alpha",
      compileTime: "Mon Nov 11 20:40:06 CST 2019",
      minerVersion: "19.10.1.3",
      isNew: false,
      shortName: "s17",
      preset: "",
    },
  },
];

export const LUXOS: readonly RigModel[] = [
  {
    ...base("Antminer S19k Pro", 120, 2760, 77, 580),
    firmware: "2025.4.8.220305",
    build: {
      family: "luxos",
      version: "2025.4.8.220305",
      commit: "57b389c7",
      compileTime: "Tue Apr  8 22:05:35 UTC 2025",
      controlBoard: "cvitek",
      profile: "580MHz",
      profileW: 2800,
    },
  },
];

const X19 = {
  statsShape: "x19",
  cgminerVersion: "1.0.0",
  minerVersion: "49.0.1.3",
  compileTime: "Fri Nov 17 17:37:21 CST 2023",
  joinsCommands: true,
  sendsNul: true,
  devsHaveRates: false,
} as const;

export const HIVEON: readonly RigModel[] = [
  {
    ...base("Antminer S19j Pro", 104, 3068, 126, 545),
    firmware: X19.compileTime,
    build: { ...X19, family: "hiveon" },
  },
];

export const MSK: readonly RigModel[] = [
  {
    ...base("Antminer S19", 95, 3250, 76, 675),
    firmware: X19.compileTime,
    build: { ...X19, family: "msk", cgminerVersion: "4.11.1 rwglr" },
  },
];
