import { coolingOf, type WhatsminerBuild } from "../models.js";
import { type BoardState, hottestChipC, type PoolState, type RigState } from "../rigState.js";
import { hundredthsText, tenthsText, wholeText } from "./numberText.js";
import { type Halves, hostOf, isUntouched, keptHalves } from "./poolParts.js";
import { oneDecimal, quoted, type Row, type RowText, twoDecimals } from "./reply.js";
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

const mhsText = (hashrateThs: number): string => hundredthsText(hashrateThs * MHS_PER_THS);

const averageOf = (hashedTh: number, state: RigState): number => hashedTh / Math.max(1, elapsedS(state));

const averageMhsText = (hashedTh: number, state: RigState): string => mhsText(averageOf(hashedTh, state));

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

/** The hottest board's temperature. */
function warmest(boards: readonly BoardState[]): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const board of boards) max = Math.max(max, board.boardTempC);
  return max;
}

/** The one object of `summary`, where btminer keeps nearly all. */
export function summaryText(rig: SpokenRig, build: WhatsminerBuild): RowText {
  const { identity, state, nowMs } = rig;
  const { shares, windows, unit } = state;
  const present = presentBoards(state);
  let live = 0;
  let hashedTh = 0;
  let hwErrors = 0;
  let coolest = Number.POSITIVE_INFINITY;
  let means = 0;
  for (const board of present) {
    const { min, mean } = chipTemps(board);
    live += mhs(board.hashrateThs);
    hashedTh += board.hashedTh;
    hwErrors += board.hwErrors;
    coolest = Math.min(coolest, min);
    means += mean;
  }
  const liveText = hundredthsText(live);
  const faults = faultCodes(rig);
  let faultsText = "";
  for (const [i, { code }] of faults.entries()) faultsText += `,"Error Code ${i}":${Number(code)}`;
  const mining = state.phase === "mining";
  const [fanIn, fanOut] = state.fansRpm;
  const acceptedDifficulty = wholeText(shares.accepted * unit.poolDifficulty);
  const powerW = Math.round(state.powerW);
  // Watts per TH/s; there is none without hashing.
  const rate =
    state.hashrateThs > 0 ? `,"Power Rate":${hundredthsText(state.powerW / state.hashrateThs)}` : "";
  const inlet = build.generation === 1 ? "" : `,"Env Temp":${tenthsText(state.inletTempC)}`;
  const calm = state.load === 1;
  const rates = `"MHS av":${averageMhsText(hashedTh, state)},"MHS 5s":${liveText},"MHS 1m":${mhsText(windows.oneMinuteThs)},"MHS 5m":${mhsText(windows.fiveMinutesThs)},"MHS 15m":${mhsText(windows.fifteenMinutesThs)},"HS RT":${liveText}`;
  const counts = `"Accepted":${shares.accepted},"Rejected":${shares.rejected},"Stale":${shares.stale},"Difficulty Accepted":${acceptedDifficulty},"Difficulty Rejected":${wholeText(shares.rejected * unit.poolDifficulty)},"Difficulty Stale":${wholeText(shares.stale * unit.poolDifficulty)},"Hardware Errors":${wholeText(hwErrors)},"Total MH":${wholeText(Math.round(hashedTh * MHS_PER_THS))},"Best Share":${acceptedDifficulty},"Pool Rejected%":${hundredthsText((100 * shares.rejected) / Math.max(1, shares.accepted + shares.rejected))}`;
  const machine = `"Last getwork":${wholeText(Math.floor(nowMs / 1000))},"Temperature":${tenthsText(warmest(present))},"freq_avg":${mining ? identity.model.frequencyMhz : 0}${fansText(fanIn, fanOut)},"Voltage":1180,"Power":${powerW},"Power_RT":${powerW}${rate},"Uptime":${Math.floor(state.uptimeMs / 1000)},"Hash Stable":${mining && calm},"Target Freq":${identity.model.frequencyMhz},"Target MHS":${mhsText(identity.model.hashrateThs)}${inlet}`;
  const chips = `"Chip Temp Min":${tenthsText(coolest)},"Chip Temp Max":${tenthsText(hottestChipC(state))},"Chip Temp Avg":${tenthsText(means / present.length)}`;
  return `{"Elapsed":${elapsedS(state)},${rates},${counts},${machine},"Power Mode":"Normal","Factory GHS":${Math.round(identity.model.hashrateThs * GHS_PER_THS)},"Power Limit":${build.powerLimitW},${chips},"Error Code Count":${faults.length}${faultsText},"Factory Error Code Count":0,"Security Mode":0,"Liquid Cooling":${coolingOf(identity.model) !== "air"},"MAC":${quoted(identity.mac)},"Firmware Version":${quoted(`'${build.firmwareVersion}'`)},"Upfreq Complete":${calm ? 1 : 0}}`;
}

/** Both fans; those that a rig in water or oil does not have stand still. */
const fansText = (fanIn = 0, fanOut = 0): string => `,"Fan Speed In":${fanIn},"Fan Speed Out":${fanOut}`;

/** The one object of `summary` before btminer: two fans, one temperature, an average since the start. */
export function earlySummaryRow({ identity, state }: SpokenRig): Row {
  const { shares, unit } = state;
  const present = presentBoards(state);
  const hashedTh = present.reduce((sum, board) => sum + board.hashedTh, 0);
  return {
    Elapsed: elapsedS(state),
    "MHS av": mhs(averageOf(hashedTh, state)),
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
export function devsText(
  { identity, state, nowMs }: SpokenRig,
  board: BoardState,
  index: number,
  build: WhatsminerBuild,
): RowText {
  const { min, mean, max } = chipTemps(board);
  const { slot } = board;
  const { model } = identity;
  const live = mhsText(board.hashrateThs);
  const portion = state.hashrateThs > 0 ? board.hashrateThs / state.hashrateThs : 0;
  const accepted = Math.floor(state.shares.accepted * (state.unit.boardShares[slot] as number));
  const mhz = state.phase === "mining" ? model.frequencyMhz : 0;
  const [fanIn, fanOut] = state.fansRpm;
  const isOld = build.generation === 1;
  const serial = identity.boardSerials[slot];
  const rates = `"MHS av":${averageMhsText(board.hashedTh, state)},"MHS 5s":${live},"MHS 1m":${mhsText(state.windows.oneMinuteThs * portion)}${isOld ? "" : `,"HS RT":${live}`}`;
  const rated = isOld
    ? ""
    : `,"Factory GHS":${Math.round((model.hashrateThs * GHS_PER_THS) / model.boardCount)}`;
  return `{"ASC":${index},"Slot":${slot},"Name":"SM","ID":${index},"Enabled":"Y","Status":"Alive","Temperature":${tenthsText(board.boardTempC)},"Chip Frequency":${mhz},"Frequency":${mhz}${fansText(fanIn, fanOut)},${rates},"Accepted":${accepted},"Rejected":0,"Hardware Errors":${wholeText(board.hwErrors)},"Last Valid Work":${wholeText(Math.floor(nowMs / 1000))},"Upfreq Complete":${state.load === 1 ? 1 : 0},"Effective Chips":${board.chips}${serial === undefined ? "" : `,"PCB SN":${quoted(serial)}`}${rated},"Device Elapsed":${elapsedS(state)},"Chip Temp Min":${tenthsText(min)},"Chip Temp Max":${tenthsText(max)},"Chip Temp Avg":${tenthsText(mean)}}`;
}

/** What stands before and behind the user; `nowMs` is the rig's clock. */
function halves(
  { url, alive, active, shares }: PoolState,
  index: number,
  state: RigState,
  nowMs: number,
): Halves {
  const { accepted, rejected, stale, lastShareAgoMs } = shares;
  const difficulty = state.unit.poolDifficulty;
  const sharedS = lastShareAgoMs !== undefined ? Math.floor((nowMs - lastShareAgoMs) / 1000) : 0;
  return [
    `{"POOL":${index + 1},"URL":${quoted(url)},"Status":"${alive ? "Alive" : "Dead"}","Priority":${index},"Quota":1,"Accepted":${accepted},"Rejected":${rejected},"Stale":${stale},"User":`,
    `,"Last Share Time":${wholeText(sharedS)},"Difficulty Accepted":${wholeText(accepted * difficulty)},"Difficulty Rejected":${wholeText(rejected * difficulty)},"Difficulty Stale":${wholeText(stale * difficulty)},"Has Stratum":true,"Stratum Active":${active && state.phase === "mining"},"Stratum URL":${quoted(hostOf(url))},"Stratum Difficulty":${active ? difficulty : 0},"Pool Rejected%":0,"Pool Stale%":0}`,
  ];
}

const kept = keptHalves(halves);

/** btminer counts pools from 1, and priorities from 0. */
export function poolText({ state, nowMs }: SpokenRig, index: number): RowText {
  const pool = state.pools[index] as PoolState;
  const [before, behind] = isUntouched(pool)
    ? kept(pool, index, state, nowMs)
    : halves(pool, index, state, nowMs);
  return `${before}${quoted(pool.user)}${behind}`;
}
