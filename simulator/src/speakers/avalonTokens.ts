import type { AvalonBuild } from "../makes/canaan.js";
import { hottestChipC } from "../rigState.js";
import { averageThs, chipSpread, elapsedS, hwErrors, presentBoards } from "./cgminerRows.js";
import type { SpokenRig } from "./speaker.js";

/** What a supply passes on of what it draws. */
const SUPPLY_EFFICIENCY = 0.93;
const SHARE_HASHES = 2 ** 32;

const tokens = (pairs: readonly (readonly [string, string | number | undefined])[]): string =>
  pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}[${value}]`])).join(" ");

const ghs = (hashrateThs: number): string => (hashrateThs * 1000).toFixed(2);

/** Work a minute, counted in shares of difficulty 1. */
const workUtility = (ths: number): string => ((ths * 1e12 * 60) / SHARE_HASHES).toFixed(2);

function stateWord({ state }: SpokenRig): string {
  const works = state.phase === "mining" || state.phase === "starting";
  return `Work: In ${works ? "Work" : "Idle"}, Hash Board: ${presentBoards(state).length} `;
}

/**
 * The one text of an Avalon of 10xx and later, `Key[value]` after `Key[value]`, and the lists with a number for each chip, which
 * come within it or, on rigs for the home, apart from it.
 */
export function mmText(rig: SpokenRig, build: AvalonBuild, dna: string): { text: string; chips: string } {
  const { state, identity } = rig;
  const { model } = identity;
  const present = presentBoards(state);
  const isHome = build.shape === "home";
  const chipsMax = present.map((board) => Math.round(board.chipTempC));
  const hottest = Math.round(hottestChipC(state));
  const duty = Math.round(state.fanRatio * 100);
  const rates = present.map((board) => ghs(board.hashedTh / Math.max(1, elapsedS(state))));
  const boardC = Math.max(...present.map((board) => board.boardTempC));
  const off = state.phase === "sleeping" ? 4 : 0;
  const wall = Math.round(state.powerW);
  const boardsW = Math.round(state.powerW * SUPPLY_EFFICIENCY);
  const perChip = present.map((board, i): [string, string] => [
    `PVT_T${i}`,
    ` ${chipSpread(board.chips, board.chipTempC, 10).join("  ")}`,
  ]);
  const voltages = present.map((board, i): [string, string] => [
    `PVT_V${i}`,
    chipSpread(board.chips, 292, 12).join(" "),
  ]);
  const work = present.map((board, i): [string, string] => [
    `MW${i}`,
    chipSpread(board.chips, 660, 120).join(" "),
  ]);
  const lists = tokens([...perChip, ...voltages, ...work]);
  const each = (value: string | number) => present.map(() => value).join(" ");
  const text = tokens([
    ["Ver", `${build.versionWord}-${build.firmwareVersion}`],
    ...(isHome
      ? ([
          ["LVer", build.firmwareVersion],
          ["CPU", "K230"],
          ["FW", "Release"],
        ] as const)
      : []),
    ["DNA", dna],
    ["MEMFREE", "1392832.1381104"],
    ["NETFAIL", "0 0 0 0 0 0 0 0"],
    ["SYSTEMSTATU", stateWord(rig)],
    ["Elapsed", elapsedS(state)],
    ["BOOTBY", "0x04.00000000"],
    ["LW", elapsedS(state) * 700],
    ["MH", present.map((board) => board.hwErrors).join(" ")],
    ["DHW", 0],
    ["HW", hwErrors(state)],
    ["DH", "1.299%"],
    ...(isHome
      ? ([
          ["ITemp", Math.round(state.inletTempC)],
          ["HBITemp", Math.round(boardC - 8)],
          ["HBOTemp", Math.round(boardC)],
        ] as const)
      : ([["Temp", Math.round(state.inletTempC)]] as const)),
    ["TMax", hottest],
    ["TAvg", hottest - 6],
    ...(isHome ? ([["TarT", model.chipTargetC]] as const) : []),
    ...state.fansRpm.map((rpm, i) => [`Fan${i + 1}`, rpm] as const),
    ["FanR", `${duty}%`],
    ["Vo", 296],
    [
      "PS",
      [0, 1209, 1187, Math.round(boardsW / 11.87), boardsW, 1188, ...(build.measuresWall ? [wall] : [])].join(
        " ",
      ),
    ],
    ["WALLPOWER", build.measuresWall && !isHome ? wall : undefined],
    ["GHSspd", ghs(present.reduce((sum, board) => sum + board.hashrateThs, 0))],
    ["DHspd", "1.299%"],
    ["GHSmm", ghs(model.hashrateThs)],
    ["GHSavg", ghs(averageThs(state))],
    ["WU", workUtility(averageThs(state))],
    ["Freq", state.phase === "mining" ? model.frequencyMhz.toFixed(2) : "0.00"],
    ["Led", 0],
    ["MGHS", rates.join(" ")],
    // One board has no list of its own: the rig's figures are the board's.
    ["MTmax", isHome ? undefined : chipsMax.join(" ")],
    ["MTavg", isHome ? undefined : chipsMax.map((tempC) => tempC - 7).join(" ")],
    ["TA", present.reduce((sum, board) => sum + board.chips, 0)],
    ["Core", build.core],
    ["PING", Math.round(state.pools[state.activePool]?.latencyMs ?? 0)],
    ["POWS", 0],
    ["HASHS", each(0)],
    ["POOLS", 0],
    ["SoftOFF", off],
    ["ECHU", each(0)],
    ["ECMM", 0],
    ["WORKMODE", build.workMode],
    ["WORKLEVEL", isHome ? 0 : undefined],
    ["MPO", build.powerLimitW],
  ]);
  return { text: isHome ? text : `${text} ${lists}`, chips: lists };
}

/** One module of the 7xx to 9xx: one fan, no supply that says anything, no live rate; boards by their spread of temperatures. */
export function oldMmText({ state, identity }: SpokenRig, build: AvalonBuild, dna: string): string {
  const { model } = identity;
  const present = presentBoards(state);
  const spreads = present.map((board) => {
    const max = Math.round(board.chipTempC);
    return `3-${max - 12}/1-${max}/${max - 5}`;
  });
  return tokens([
    ["Ver", build.firmwareVersion],
    ["DNA", dna],
    ["Elapsed", elapsedS(state)],
    ["MW", present.map(() => elapsedS(state) * 5).join(" ")],
    ["LW", elapsedS(state) * 20],
    ["MH", present.map((board) => board.hwErrors).join(" ")],
    ["HW", hwErrors(state)],
    ["DH", "0.000%"],
    ["Temp", Math.round(state.inletTempC)],
    ["TMax", Math.round(hottestChipC(state))],
    ["Fan", state.fansRpm[0] ?? 0],
    ["FanR", `${Math.round(state.fanRatio * 100)}%`],
    ["Vi", present.map(() => 1215).join(" ")],
    ["Vo", present.map(() => 4443).join(" ")],
    ["GHSmm", ghs(model.hashrateThs)],
    ["WU", workUtility(averageThs(state))],
    ["Freq", model.frequencyMhz.toFixed(2)],
    ["PG", 15],
    ["Led", 0],
    ["TA", present.reduce((sum, board) => sum + board.chips, 0)],
    ["ECHU", present.map(() => 0).join(" ")],
    ["ECMM", 0],
    ["PVT_T", spreads.join(" ")],
  ]);
}
