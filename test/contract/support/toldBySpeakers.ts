import type { RigModel } from "@hashwatt/simulator/models";

/** What a firmware tells of the rig's state, as the agent reads it. */
export interface Told {
  dialect: string;
  /** The model as the firmware names it, where that is not its full name; null where it does not. */
  model?: string | null;
  /** Fields that the firmware tells nowhere. */
  silent: readonly string[];
  /** Whose age it tells where that is not the mining daemon's. */
  clock?: "system";
  /** What becomes of a rig that was put to sleep where that is not a word of its sleep. */
  asleep?: RegExp;
  /** Half of its last digit where that is not the usual one; a share of the value for hashrates. */
  off?: Readonly<Record<string, number>>;
}

/** Firmwares without a word for it have rigs that stand, and do not say why. */
const IDLE = /^idle$/;

/** Of a rig that does not tell its boards apart. */
const BOARDS = ["boards", "boards.hashrateThs", "boards.boardTempC", "boards.chipTempC", "boards.chips"];

const AVALON_HOME: Told = { dialect: "avalon", silent: ["hostname"], off: { "boards.hashrateThs": 0.03 } };

const CGMINER: Told = {
  dialect: "cgminer",
  asleep: IDLE,
  model: null,
  silent: [
    "powerW",
    "inletTempC",
    "chipTempC",
    "boards.chipTempC",
    "boards.chips",
    "mac",
    "hostname",
    "make",
  ],
};

/** By family, and by family and model where one differs from its family. */
export const WORDS: Record<RigModel["build"]["family"], Told> & Partial<Record<string, Told>> = {
  antminer: { dialect: "bitmain-stock", silent: ["powerW", "inletTempC"] },
  // Three digits of kSol/s, which are no hashes.
  "antminer/Antminer Z9-Mini": {
    dialect: "bitmain-stock",
    silent: ["powerW", "inletTempC", "hashrateThs", "boards.hashrateThs"],
  },
  "antminer/Antminer L3+": {
    dialect: "bitmain-stock",
    silent: ["powerW", "inletTempC"],
  },
  // The coolant's two ends stand where others have chips.
  "antminer/Antminer S21 Hyd.": {
    dialect: "bitmain-stock",
    silent: ["powerW", "fansRpm", "chipTempC", "boards.chipTempC"],
  },
  "antminer/Antminer S21+ Hyd.": { dialect: "bitmain-stock", silent: ["powerW", "fansRpm"] },
  whatsminer: { dialect: "btminer-v2", silent: [] },
  "whatsminer/Whatsminer M66S": { dialect: "btminer-v2", silent: ["fansRpm"] },
  // Boards have averages over a minute and more only.
  "whatsminer/Whatsminer M20S": {
    dialect: "btminer-v2",
    silent: ["inletTempC"],
    off: { "boards.hashrateThs": 0.03 },
  },
  "whatsminer/Whatsminer M3": {
    dialect: "btminer-v2",
    // Its only program is off, and nothing else answers.
    asleep: /the rig does not say what it is/,
    model: null,
    silent: ["powerW", "inletTempC", "chipTempC", "mac", "hostname", "firmware", ...BOARDS],
    off: { hashrateThs: 0.03 },
  },
  "whatsminer-v2v3": { dialect: "btminer-v2", silent: [] },
  "whatsminer-v3": { dialect: "btminer-v3", silent: ["shares"], off: { powerW: 0.051 } },
  "whatsminer-v3/Whatsminer M63S++": {
    dialect: "btminer-v3",
    silent: ["shares", "fansRpm"],
    off: { powerW: 0.051 },
  },
  avalon: {
    dialect: "avalon",
    silent: ["boardTempC", "boards.boardTempC", "hostname"],
    // Boards have averages alone.
    off: { powerW: 1, "boards.hashrateThs": 0.03 },
  },
  "avalon/Avalon 741": {
    dialect: "avalon",
    asleep: IDLE,
    silent: ["powerW", "boardTempC", "boards.boardTempC", "boards.hashrateThs", "hostname"],
  },
  "avalon/Avalon Q": AVALON_HOME,
  "avalon/Avalon Mini 3": AVALON_HOME,
  "avalon/Avalon Nano 3s": {
    dialect: "avalon",
    asleep: IDLE,
    silent: ["powerW", "inletTempC", "boardTempC", "chipTempC", "fansRpm", "hostname", ...BOARDS],
  },
  "braiins-bmminer": {
    dialect: "braiins-bmminer",
    asleep: IDLE,
    silent: ["powerW", "inletTempC", "hostname"],
  },
  // A board has its average since the start.
  bosminer: { dialect: "bosminer", silent: ["inletTempC", "hostname"], off: { "boards.hashrateThs": 0.03 } },
  "braiins-graphql": { dialect: "braiins-graphql", silent: ["inletTempC"], clock: "system" },
  "braiins-rest": { dialect: "braiins-rest", silent: ["inletTempC"] },
  vnish: { dialect: "vnish", silent: ["inletTempC"] },
  "vnish/Antminer S17": {
    dialect: "vnish",
    asleep: IDLE,
    silent: ["inletTempC", "powerW", "mac", "hostname"],
  },
  luxos: { dialect: "luxos", silent: ["inletTempC", "chipTempC", "boards.chipTempC"] },
  hiveon: { dialect: "hiveon", silent: ["inletTempC"] },
  msk: { dialect: "msk", silent: ["inletTempC"] },
  epic: {
    dialect: "epic",
    silent: ["inletTempC", "chipTempC", "boards.chipTempC"],
    off: { powerW: 0.001, boardTempC: 0.001, "boards.boardTempC": 0.001 },
  },
  auradine: { dialect: "auradine", silent: ["inletTempC"] },
  axeos: { dialect: "axeos", asleep: IDLE, silent: ["inletTempC"] },
  proto: { dialect: "proto", silent: ["inletTempC", "chipTempC", "boards.chipTempC"] },
  // Pools do not say which of them is in use.
  elphapex: { dialect: "elphapex", silent: ["powerW", "inletTempC", "shares", "pool"] },
  ccminer: {
    dialect: "ccminer",
    asleep: IDLE,
    silent: [
      ...["powerW", "inletTempC"],
      ...["boardTempC", "chipTempC", "boards.boardTempC", "boards.chipTempC"],
    ],
  },
  "ccminer-web": {
    dialect: "ccminer-web",
    asleep: IDLE,
    silent: [
      ...["powerW", "inletTempC", "shares", "pool"],
      ...["boardTempC", "boards.boardTempC", "boards.hashrateThs"],
    ],
  },
  dragonmint: {
    dialect: "dragonmint",
    asleep: IDLE,
    silent: ["powerW", "inletTempC", "fansRpm", "mac", "hostname"],
    off: { "boards.hashrateThs": 0.03 },
  },
  cgminer: { ...CGMINER, silent: [...CGMINER.silent, "fansRpm"] },
  // Six decimals of MH/s, and no word on what they are of.
  "cgminer-text": {
    ...CGMINER,
    silent: [...CGMINER.silent, "algo"],
    off: { hashrateThs: 1e-3, "boards.hashrateThs": 2e-3 },
  },
};
