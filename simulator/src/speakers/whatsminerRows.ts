import type { WhatsminerBuild } from "../models.js";
import { type BoardState, hottestChipC, type PoolState, type RigState } from "../rigState.js";
import { oneDecimal, type Row, twoDecimals } from "./reply.js";
import type { SpokenRig } from "./speaker.js";
import { faultCodes } from "./whatsminerFaults.js";

/** btminer prints rates in MH/s, also under `HS RT`. */
const MHS_PER_THS = 1e6;
const GHS_PER_THS = 1000;

function mhs(hashrateThs: number): number {
  return twoDecimals(hashrateThs * MHS_PER_THS);
}

function elapsedS(state: RigState): number {
  return Math.floor(state.elapsedMs / 1000);
}

function averageMhs(hashedTh: number, state: RigState): number {
  return mhs(hashedTh / Math.max(1, elapsedS(state)));
}

/** Boards that are there: btminer leaves the others out. */
export function presentBoards(state: RigState): BoardState[] {
  return state.boards.filter((board) => board.present);
}

/** Coolest, mean and hottest chip of one board; the coolest sits below the board's own sensor in captures. */
export function chipTemps(board: BoardState): { min: number; mean: number; max: number } {
  const max = oneDecimal(board.chipTempC);
  const min = oneDecimal(Math.min(board.chipTempC, board.boardTempC - 3));
  return { min, mean: oneDecimal((min + max) / 2), max };
}

/** The one object of `summary`, where btminer keeps nearly all. */
export function summaryRow(rig: SpokenRig, build: WhatsminerBuild): Row {
  const { identity, state, nowMs } = rig;
  const { shares, windows, unit } = state;
  const present = presentBoards(state);
  const live = twoDecimals(present.reduce((sum, board) => sum + mhs(board.hashrateThs), 0));
  const chips = present.map(chipTemps);
  const hashedTh = present.reduce((sum, board) => sum + board.hashedTh, 0);
  const faults = faultCodes(rig);
  const mining = state.phase === "mining";
  return {
    Elapsed: elapsedS(state),
    "MHS av": averageMhs(hashedTh, state),
    "MHS 5s": live,
    "MHS 1m": mhs(windows.oneMinuteThs),
    "MHS 5m": mhs(windows.fiveMinutesThs),
    "MHS 15m": mhs(windows.fifteenMinutesThs),
    "HS RT": live,
    Accepted: shares.accepted,
    Rejected: shares.rejected,
    Stale: shares.stale,
    "Difficulty Accepted": shares.accepted * unit.poolDifficulty,
    "Difficulty Rejected": shares.rejected * unit.poolDifficulty,
    "Difficulty Stale": shares.stale * unit.poolDifficulty,
    "Hardware Errors": present.reduce((sum, board) => sum + board.hwErrors, 0),
    "Total MH": Math.round(hashedTh * MHS_PER_THS),
    "Best Share": shares.accepted * unit.poolDifficulty,
    "Pool Rejected%": twoDecimals((100 * shares.rejected) / Math.max(1, shares.accepted + shares.rejected)),
    "Last getwork": Math.floor(nowMs / 1000),
    Temperature: oneDecimal(Math.max(...present.map((board) => board.boardTempC))),
    freq_avg: mining ? identity.model.frequencyMhz : 0,
    "Fan Speed In": state.fansRpm[0],
    "Fan Speed Out": state.fansRpm[1],
    Voltage: 1180,
    Power: Math.round(state.powerW),
    Power_RT: Math.round(state.powerW),
    // Watts per TH/s; there is none without hashing.
    "Power Rate": state.hashrateThs > 0 ? twoDecimals(state.powerW / state.hashrateThs) : undefined,
    Uptime: Math.floor(state.uptimeMs / 1000),
    "Hash Stable": mining && state.load === 1,
    "Target Freq": identity.model.frequencyMhz,
    "Target MHS": mhs(identity.model.hashrateThs),
    "Env Temp": build.generation === 1 ? undefined : oneDecimal(state.inletTempC),
    "Power Mode": "Normal",
    "Factory GHS": Math.round(identity.model.hashrateThs * GHS_PER_THS),
    "Power Limit": build.powerLimitW,
    "Chip Temp Min": Math.min(...chips.map((chip) => chip.min)),
    "Chip Temp Max": oneDecimal(hottestChipC(state)),
    "Chip Temp Avg": oneDecimal(chips.reduce((sum, chip) => sum + chip.mean, 0) / chips.length),
    "Error Code Count": faults.length,
    ...Object.fromEntries(faults.map(({ code }, i) => [`Error Code ${i}`, Number(code)])),
    "Factory Error Code Count": 0,
    "Security Mode": 0,
    "Liquid Cooling": false,
    MAC: identity.mac,
    "Firmware Version": `'${build.firmwareVersion}'`,
    "Upfreq Complete": state.load === 1 ? 1 : 0,
  };
}

/** The one object of `summary` before btminer: two fans, one temperature, an average since the start. */
export function earlySummaryRow({ identity, state }: SpokenRig): Row {
  const { shares, unit } = state;
  const present = presentBoards(state);
  const hashedTh = present.reduce((sum, board) => sum + board.hashedTh, 0);
  return {
    Elapsed: elapsedS(state),
    "MHS av": averageMhs(hashedTh, state),
    Accepted: shares.accepted,
    Rejected: shares.rejected,
    Stale: shares.stale,
    "Difficulty Accepted": shares.accepted * unit.poolDifficulty,
    "Difficulty Rejected": shares.rejected * unit.poolDifficulty,
    "Hardware Errors": present.reduce((sum, board) => sum + board.hwErrors, 0),
    "Total MH": Math.round(hashedTh * MHS_PER_THS),
    Temperature: oneDecimal(Math.max(...present.map((board) => board.boardTempC))),
    freq_avg: state.phase === "mining" ? identity.model.frequencyMhz : 0,
    "Fan Speed In": state.fansRpm[0],
    "Fan Speed Out": state.fansRpm[1],
  };
}

/** One board of `devs` and `edevs`; API 1 has no live rate there. */
export function devsRow(
  { identity, state, nowMs }: SpokenRig,
  board: BoardState,
  index: number,
  build: WhatsminerBuild,
): Row {
  const chips = chipTemps(board);
  const live = mhs(board.hashrateThs);
  const portion = state.hashrateThs > 0 ? board.hashrateThs / state.hashrateThs : 0;
  const accepted = Math.floor(state.shares.accepted * (state.unit.boardShares[board.slot] as number));
  return {
    ASC: index,
    Slot: board.slot,
    Name: "SM",
    ID: index,
    Enabled: "Y",
    Status: "Alive",
    Temperature: oneDecimal(board.boardTempC),
    "Chip Frequency": state.phase === "mining" ? identity.model.frequencyMhz : 0,
    Frequency: state.phase === "mining" ? identity.model.frequencyMhz : 0,
    "Fan Speed In": state.fansRpm[0],
    "Fan Speed Out": state.fansRpm[1],
    "MHS av": averageMhs(board.hashedTh, state),
    "MHS 5s": live,
    "MHS 1m": mhs(state.windows.oneMinuteThs * portion),
    "HS RT": build.generation === 1 ? undefined : live,
    Accepted: accepted,
    Rejected: 0,
    "Hardware Errors": board.hwErrors,
    "Last Valid Work": Math.floor(nowMs / 1000),
    "Upfreq Complete": state.load === 1 ? 1 : 0,
    "Effective Chips": board.chips,
    "PCB SN": identity.boardSerials[board.slot],
    "Factory GHS":
      build.generation === 1
        ? undefined
        : Math.round((identity.model.hashrateThs * GHS_PER_THS) / identity.model.boardCount),
    "Device Elapsed": elapsedS(state),
    "Chip Temp Min": chips.min,
    "Chip Temp Max": chips.max,
    "Chip Temp Avg": chips.mean,
  };
}

/** btminer counts pools from 1, and priorities from 0. */
export function poolRow({ state, nowMs }: SpokenRig, index: number): Row {
  const pool = state.pools[index] as PoolState;
  const { active } = pool;
  const { accepted, rejected, stale, lastShareAgoMs } = pool.shares;
  const host = pool.url.split(/[/:]+/)[1] ?? "";
  return {
    POOL: index + 1,
    URL: pool.url,
    Status: pool.alive ? "Alive" : "Dead",
    Priority: index,
    Quota: 1,
    Accepted: accepted,
    Rejected: rejected,
    Stale: stale,
    User: pool.user,
    "Last Share Time": lastShareAgoMs !== undefined ? Math.floor((nowMs - lastShareAgoMs) / 1000) : 0,
    "Difficulty Accepted": accepted * state.unit.poolDifficulty,
    "Difficulty Rejected": rejected * state.unit.poolDifficulty,
    "Difficulty Stale": stale * state.unit.poolDifficulty,
    "Has Stratum": true,
    "Stratum Active": active && state.phase === "mining",
    "Stratum URL": host,
    "Stratum Difficulty": active ? state.unit.poolDifficulty : 0,
    "Pool Rejected%": 0,
    "Pool Stale%": 0,
  };
}
