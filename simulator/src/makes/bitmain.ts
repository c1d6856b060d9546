import { antminer, type RigModel } from "../models.js";

/**
 * Bitmain's older and other-algorithm rigs. Their `GHS` keys count what the algorithm counts: MH/s on Scrypt, kSol/s on Equihash.
 * Boards × chips after UpstreamData/pyasic (Apache-2.0); hashrate and power are the maker's, L3+ 504 MH/s at 800 W, Z9 mini
 * 10 kSol/s at 300 W, S9 13.5 TH/s at 1323 W.
 */
const X9 = {
  statsShape: "x9",
  cgminerVersion: "4.9.0",
  joinsCommands: true,
} as const;

const S9: RigModel = {
  ...antminer("Antminer S9", 13.5, 1323, 63, 650, {
    ...X9,
    minerVersion: "16.8.1.3",
    compileTime: "Fri Nov 17 17:37:49 CST 2017",
    slotsBefore: 5,
    fansBefore: 4,
  }),
  fanCount: 2,
};
const L3_PLUS: RigModel = {
  ...antminer("Antminer L3+", 504e-6, 800, 72, 384, {
    ...X9,
    minerVersion: "1.0.1.3",
    compileTime: "Thu Aug 16 15:32:48 CST 2018",
    minerKey: "CGMiner",
    statsId: "L30",
    unitThs: 1e-6,
    forgetsComma: true,
  }),
  algorithm: "Scrypt",
  boardCount: 4,
  fanCount: 2,
  poolDifficulty: 0.5,
};
const Z9_MINI: RigModel = {
  ...antminer("Antminer Z9-Mini", 10e-9, 300, 4, 750, {
    ...X9,
    minerVersion: "9.0.0.5",
    compileTime: "Sat May 26 20:42:30 CST 2018",
    minerKey: "CGMiner",
    statsId: "ZCASH0",
    unitThs: 1e-9,
    forgetsComma: true,
  }),
  algorithm: "Equihash",
  fanCount: 1,
  poolDifficulty: 2 ** -17,
};

/** Rigs that bear Bitmain's firmware and are no X17 or later on SHA256. */
export const BITMAIN_OTHERS: readonly RigModel[] = [S9, L3_PLUS, Z9_MINI];
