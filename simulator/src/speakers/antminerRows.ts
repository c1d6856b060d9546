import type { AntminerBuild } from "../models.js";
import type { PoolState, RigState } from "../rigState.js";
import { averageRateText, hashedTh, totalRateText, unitOf } from "./antminerStats.js";
import { hundredthsText, wholeText } from "./numberText.js";
import { type Halves, hostOf, isUntouched, keptHalves } from "./poolParts.js";
import { quoted, type RowText } from "./reply.js";
import type { SpokenRig } from "./speaker.js";

const perMinuteText = (count: number, { elapsedMs }: RigState): string =>
  hundredthsText(count / Math.max(1, elapsedMs / 60_000));

interface Counters {
  accepted: number;
  rejected: number;
  stale: number;
}

const rejectedText = ({ accepted, rejected }: Counters): string =>
  hundredthsText((100 * rejected) / Math.max(1, accepted + rejected));

/** Share counters and what cgminer derives from them; the same in `summary` and in the active pool. */
function sharesText(shares: Counters, difficulty: number, discarded: number, failures: number): string {
  const { accepted, rejected, stale } = shares;
  const acceptedDifficulty = wholeText(accepted * difficulty);
  // The best share of n is about n times the difficulty.
  return `"Accepted":${accepted},"Rejected":${rejected},"Difficulty Accepted":${acceptedDifficulty},"Difficulty Rejected":${wholeText(rejected * difficulty)},"Difficulty Stale":${wholeText(stale * difficulty)},"Best Share":${acceptedDifficulty},"Discarded":${discarded},"Get Failures":${failures},"Remote Failures":0,"Stale":${stale}`;
}

const discardedBy = ({ elapsedMs }: RigState): number => Math.floor(elapsedMs / 11);

/** The one object of `summary`. */
export function summaryText({ state, nowMs, identity }: SpokenRig, build: AntminerBuild): RowText {
  const { shares, unit, boards } = state;
  const elapsedS = Math.max(1, Math.floor(state.elapsedMs / 1000));
  const hashed = hashedTh(state);
  const isOld = build.statsShape !== "x19";
  const thirty = isOld ? "" : `,"GHS 30m":${hundredthsText(state.windows.thirtyMinutesThs / unitOf(build))}`;
  let hwErrors = 0;
  for (const board of boards) hwErrors += board.hwErrors;
  const counted = sharesText(shares, unit.poolDifficulty, discardedBy(state), 1);
  return `{"Elapsed":${Math.floor(state.elapsedMs / 1000)},"GHS 5s":${totalRateText(state, build, isOld)},"GHS av":${averageRateText(state, build)}${thirty},"Found Blocks":0,"Getwork":${Math.floor(elapsedS / 13)},${counted},"Hardware Errors":${wholeText(hwErrors)},"Utility":${perMinuteText(shares.accepted, state)},"Local Work":${Math.floor(elapsedS * 89.8)},"Network Blocks":${Math.floor(elapsedS / 600)},"Total MH":${wholeText(Math.round(hashed * 1e6))},"Work Utility":${perMinuteText((hashed * 1e12) / 2 ** 32, state)},"Device Hardware%":0,"Device Rejected%":0,"Pool Rejected%":${rejectedText(shares)},"Pool Stale%":0,"Last getwork":${wholeText(Math.floor(nowMs / 1000) - (identity.index % 3))}}`;
}

/** The one object of `devs`. */
export function devsText({ state, nowMs }: SpokenRig, build: AntminerBuild): RowText {
  const { accepted, rejected } = state.shares;
  const { poolDifficulty } = state.unit;
  const lastShareS = Math.floor((nowMs - (state.shares.lastShareAgoMs ?? nowMs)) / 1000);
  // The S21 generation fills the rates in, in GH/s whatever the key says.
  const average = build.devsHaveRates ? averageRateText(state, build) : "0";
  const live = build.devsHaveRates ? totalRateText(state, build, false) : "0";
  // `Tenperature`: misspelt and dead in every stock build. `Last Share Difficulty`: a bug of the firmware's, the time is there.
  return `{"ASC":0,"Name":"BTM_SOC","ID":0,"Enabled":"Y","Status":"Alive","Tenperature":0,"MHS av":${average},"MHS 5s":${live},"Accepted":${accepted},"Rejected":${rejected},"Hardware Errors":0,"Utility":0,"Last Share Pool":0,"Last Share Time":${lastShareS},"Total MH":0,"Diff1 Work":0,"Difficulty Accepted":${wholeText(accepted * poolDifficulty)},"Difficulty Rejected":${wholeText(rejected * poolDifficulty)},"Last Share Difficulty":${lastShareS},"Last Valid Work":${lastShareS},"Device Hardware%":0,"Device Rejected%":0,"Device Elapsed":${Math.floor(state.elapsedMs / 1000)}}`;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, "0"));

/** Age as `h:mm:ss`, the form of stock firmware. */
function clockFace(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1000);
  return `${Math.floor(seconds / 3600)}:${TWO_DIGITS[Math.floor(seconds / 60) % 60]}:${TWO_DIGITS[seconds % 60]}`;
}

/** What stands before and behind the user. */
function halves({ url, alive, active, shares }: PoolState, index: number, state: RigState): Halves {
  const difficulty = state.unit.poolDifficulty;
  const counted = active
    ? sharesText(shares, difficulty, discardedBy(state), 1)
    : sharesText(shares, difficulty, 0, 0);
  const lastAgoMs = shares.lastShareAgoMs;
  const host = active ? hostOf(url) : "";
  const getworks = active ? Math.floor(state.elapsedMs / 13_000) : 3;
  // Two percent signs: stock firmware prints its own format string.
  return [
    `{"POOL":${index},"URL":${quoted(url)},"Status":"${alive ? "Alive" : "Dead"}","Priority":${index},"Quota":1,"Long Poll":"N","Getworks":${getworks},${counted},"Pool Rejected%":${rejectedText(shares)},"User":`,
    `,"Last Share Time":"${lastAgoMs === undefined ? "0" : clockFace(lastAgoMs)}","Diff":"${active ? "524K" : ""}","Diff1 Shares":0,"Proxy Type":"","Proxy":"","Last Share Difficulty":${lastAgoMs === undefined ? 0 : difficulty},"Has Stratum":true,"Stratum Active":${active && state.phase === "mining"},"Stratum URL":${quoted(host)},"Has GBT":false,"Pool Stale%%":0}`,
  ];
}

const kept = keptHalves(halves);

/** One object of `pools`. */
export function poolText({ state }: SpokenRig, index: number): RowText {
  const pool = state.pools[index] as PoolState;
  const [before, behind] = isUntouched(pool) ? kept(pool, index, state) : halves(pool, index, state);
  return `${before}${quoted(pool.user)}${behind}`;
}
