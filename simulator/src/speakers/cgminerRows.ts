import type { BoardState, PoolState, RigState } from "../rigState.js";
import { type Row, twoDecimals } from "./reply.js";
import type { SpokenRig } from "./speaker.js";

/** The host in a pool's url. */
export const hostOf = ({ url }: PoolState): string => url.split(/[/:]+/)[1] ?? "";
/** A pool's url as firmwares print it that leave the scheme out. */
export const bareUrl = ({ url }: PoolState): string => url.replace(/^[a-z0-9+]+:\/\//, "");

export const elapsedS = (state: RigState): number => Math.floor(state.elapsedMs / 1000);
export const presentBoards = (state: RigState): BoardState[] => state.boards.filter((board) => board.present);
export const hashedTh = (state: RigState): number =>
  state.boards.reduce((sum, board) => sum + board.hashedTh, 0);
/** The rate since the daemon's start, TH/s. */
export const averageThs = (state: RigState): number => hashedTh(state) / Math.max(1, elapsedS(state));
export const hwErrors = (state: RigState): number =>
  state.boards.reduce((sum, board) => sum + board.hwErrors, 0);
export const isMining = (state: RigState): boolean => state.phase === "mining";

const percent = (part: number, whole: number): number => Math.round((1e6 * part) / Math.max(1, whole)) / 1e4;

/** Windows of the rate under cgminer's keys, in units of `unitThs` under keys that begin with `label`. */
export function rateRow(state: RigState, label: string, unitThs: number, live = "5s"): Row {
  const rate = (ths: number) => twoDecimals(ths / unitThs);
  return {
    [`${label} av`]: rate(averageThs(state)),
    [`${label} ${live}`]: rate(state.hashrateThs),
    [`${label} 1m`]: rate(state.windows.oneMinuteThs),
    [`${label} 5m`]: rate(state.windows.fiveMinutesThs),
    [`${label} 15m`]: rate(state.windows.fifteenMinutesThs),
  };
}

/** The one object of cgminer's `summary`; `rates` come after the age, as cgminer prints them. */
export function summaryRow({ state, nowMs }: SpokenRig, rates: Row): Row {
  const { accepted, rejected, stale } = state.shares;
  const { poolDifficulty } = state.unit;
  const minutes = Math.max(1, state.elapsedMs / 60_000);
  return {
    Elapsed: elapsedS(state),
    ...rates,
    "Found Blocks": 0,
    Getworks: Math.floor(elapsedS(state) / 30),
    Accepted: accepted,
    Rejected: rejected,
    "Hardware Errors": hwErrors(state),
    Utility: twoDecimals(accepted / minutes),
    Discarded: Math.floor(elapsedS(state) / 11),
    Stale: stale,
    "Get Failures": 0,
    "Local Work": Math.floor(elapsedS(state) * 5),
    "Remote Failures": 0,
    "Network Blocks": Math.floor(elapsedS(state) / 600),
    "Total MH": Math.round(hashedTh(state) * 1e6),
    "Work Utility": twoDecimals((hashedTh(state) * 1e12) / 2 ** 32 / minutes),
    "Difficulty Accepted": accepted * poolDifficulty,
    "Difficulty Rejected": rejected * poolDifficulty,
    "Difficulty Stale": stale * poolDifficulty,
    "Best Share": Math.round(accepted * poolDifficulty),
    "Device Hardware%": 0,
    "Device Rejected%": percent(rejected, accepted + rejected),
    "Pool Rejected%": percent(rejected, accepted + rejected),
    "Pool Stale%": percent(stale, accepted + rejected + stale),
    "Last getwork": Math.floor(nowMs / 1000),
  };
}

/** One object of cgminer's `pools`, counted from 0. */
export function poolRow({ state, nowMs }: SpokenRig, index: number): Row {
  const pool = state.pools[index] as PoolState;
  const { active } = pool;
  const { accepted, rejected, stale, lastShareAgoMs } = pool.shares;
  const { poolDifficulty } = state.unit;
  return {
    POOL: index,
    URL: pool.url,
    Status: pool.alive ? "Alive" : "Dead",
    Priority: index,
    Quota: 1,
    "Long Poll": "N",
    Getworks: active ? Math.floor(elapsedS(state) / 30) : 0,
    Accepted: accepted,
    Rejected: rejected,
    Works: active ? Math.floor(elapsedS(state) * 5) : 0,
    Discarded: active ? Math.floor(elapsedS(state) / 11) : 0,
    Stale: stale,
    "Get Failures": 0,
    "Remote Failures": 0,
    User: pool.user,
    "Last Share Time": lastShareAgoMs !== undefined ? Math.floor((nowMs - lastShareAgoMs) / 1000) : 0,
    "Diff1 Shares": Math.round(accepted * poolDifficulty),
    "Proxy Type": "",
    Proxy: "",
    "Difficulty Accepted": accepted * poolDifficulty,
    "Difficulty Rejected": rejected * poolDifficulty,
    "Difficulty Stale": stale * poolDifficulty,
    "Last Share Difficulty": active ? poolDifficulty : 0,
    "Work Difficulty": active ? poolDifficulty : 0,
    "Has Stratum": true,
    "Stratum Active": active && isMining(state),
    "Stratum URL": active ? hostOf(pool) : "",
    "Stratum Difficulty": active ? poolDifficulty : 0,
    "Has GBT": false,
    "Best Share": Math.round(accepted * poolDifficulty),
    "Pool Rejected%": percent(rejected, accepted + rejected),
    "Pool Stale%": percent(stale, accepted + rejected + stale),
  };
}

/** All pools. */
export const poolRows = (rig: SpokenRig): Row[] => rig.state.pools.map((_, index) => poolRow(rig, index));

/** Numbers around `mean` with `highest` among them, one for each of `count` chips: a board's chips, always the same ones. */
export function chipSpread(count: number, highest: number, below: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    Math.round(i === count - 1 ? highest : highest - below * (0.2 + 0.8 * (((i * 7) % 11) / 11))),
  );
}
