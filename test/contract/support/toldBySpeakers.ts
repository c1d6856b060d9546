import type { RigModel } from "@hashwatt/simulator/models";

/** What a firmware tells of the rig's state, as the agent reads it. */
export interface Told {
  dialect: string;
  /** The model as the firmware names it, where that is not its full name. */
  model?: string;
  /** Fields that the firmware tells nowhere. */
  silent: readonly string[];
  /** Half of its last digit where that is not the usual one; a share of the value for hashrates. */
  off?: Readonly<Record<string, number>>;
}

/** By family, and by model where one differs from its family. */
export const WORDS: Record<RigModel["build"]["family"], Told> & Partial<Record<string, Told>> = {
  antminer: { dialect: "bitmain-stock", silent: ["powerW", "inletTempC"] },
  // Three digits of kSol/s, which are no hashes.
  "Antminer Z9-Mini": {
    dialect: "bitmain-stock",
    silent: ["powerW", "inletTempC", "hashrateThs", "boards.hashrateThs"],
  },
  "Antminer L3+": {
    dialect: "bitmain-stock",
    silent: ["powerW", "inletTempC"],
  },
  whatsminer: { dialect: "btminer-v2", silent: [] },
};
