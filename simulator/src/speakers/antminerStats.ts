import type { AntminerBuild } from "../models.js";
import type { BoardState, RigState } from "../rigState.js";
import { type BoardSensors, inWater, STANDING_FANS } from "./antminerHydro.js";
import { hundredthsText, inOnePiece, numberText, twoDigitsText, wholeText } from "./numberText.js";
import { quoted, type Row, type RowText, rowOf, twoDecimals } from "./reply.js";
import type { SpokenRig } from "./speaker.js";

/** What one unit under the keys that say GHS is worth in TH/s. */
const GHS = 1e-3;
/** The unit that this build counts in. */
export const unitOf = (build: AntminerBuild): number => build.unitThs ?? GHS;

/** A board's live rate as it is printed. */
function boardRate(board: BoardState, build: AntminerBuild): number {
  return twoDecimals(board.hashrateThs / unitOf(build));
}

/** The rates of its boards as they are printed, together. */
function ratesOf({ boards }: RigState, build: AntminerBuild): number {
  let sum = 0;
  for (const board of boards) if (board.present) sum += boardRate(board, build);
  return sum;
}

/** The whole rig's live rate, from the printed parts, so that they add up to the last digit. */
export const totalRate = (state: RigState, build: AntminerBuild): number =>
  twoDecimals(ratesOf(state, build));

/** The same as JSON: a number, or a text of two decimals where the firmware has them all. */
export const totalRateText = (state: RigState, build: AntminerBuild, asText: boolean): string => {
  const rate = ratesOf(state, build);
  return asText ? `"${twoDigitsText(rate)}"` : hundredthsText(rate);
};

const maps = new Map<number, string>();

/** `" ooo ooo ooo"`: one letter a chip, in groups. */
export function chipMap(chipCount: number, groupSize: number): string {
  const key = chipCount * 64 + groupSize;
  let map = maps.get(key);
  if (map === undefined) {
    map = inOnePiece(` ${"o".repeat(groupSize)}`.repeat(Math.ceil(chipCount / groupSize)));
    maps.set(key, map);
  }
  return map;
}

/** Four sensors a board, whole degrees: two where air comes in, two (the hottest last) where it goes out. */
export function sensors(board: BoardState, inletTempC: number): BoardSensors {
  const rise = board.boardTempC - inletTempC;
  const above = board.chipTempC - board.boardTempC;
  const pcb = [FIRST, SECOND, THIRD, 1].map((part) => inletTempC + rise * part);
  return {
    pcb: pcb.map(Math.round),
    chip: pcb.map((tempC) => Math.round(tempC + above)),
    pic: pcb.map((tempC) => Math.round(tempC - 10)),
  };
}

/** The same as this build lists them. */
export function listedSensors(
  board: BoardState,
  state: RigState,
  { coolantIn }: AntminerBuild,
): BoardSensors {
  const own = sensors(board, state.inletTempC);
  return coolantIn === undefined ? own : inWater(own, state, coolantIn);
}

/** Speeds of the fans that this build lists. */
export const listedFans = ({ fansRpm }: RigState, { coolantIn }: AntminerBuild): readonly number[] =>
  coolantIn === undefined ? fansRpm : STANDING_FANS;

/** What all boards have hashed since the daemon's start, TH. */
export function hashedTh({ boards }: RigState): number {
  let sum = 0;
  for (const board of boards) sum += board.hashedTh;
  return sum;
}

const averageOf = (state: RigState, build: AntminerBuild): number =>
  hashedTh(state) / unitOf(build) / Math.max(1, Math.floor(state.elapsedMs / 1000));

/** The rate since the daemon's start. */
export const averageRate = (state: RigState, build: AntminerBuild): number =>
  twoDecimals(averageOf(state, build));

/** The same as JSON. */
export const averageRateText = (state: RigState, build: AntminerBuild): string =>
  hundredthsText(averageOf(state, build));

export function nominalMhz({ identity, state }: SpokenRig): number {
  return state.phase === "mining" ? identity.model.frequencyMhz : 0;
}

const allInOnePiece = <T extends Record<string, string>>(texts: T): T =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, inOnePiece(text)])) as T;

/** The keys of one slot as they stand in JSON, in each of the shapes; made once. */
const keysOf = (number: number) =>
  allInOnePiece({
    acn: `,"chain_acn${number}":`,
    acs: `,"chain_acs${number}":"`,
    hw: `,"chain_hw${number}":`,
    rate: `,"chain_rate${number}":"`,
    ideal: `,"chain_rateideal${number}":`,
    freq: `,"freq${number}":`,
    freqText: `,"freq${number}":"`,
    freqAvg: `,"freq_avg${number}":0`,
    temp: `,"temp${number}":`,
    temp2: `,"temp2_${number}":`,
    temp3: `,"temp3_${number}":`,
    pcb: `,"temp_pcb${number}":"`,
    chip: `,"temp_chip${number}":"`,
    pic: `,"temp_pic${number}":"`,
    fan: `,"fan${number}":`,
  });
/** One slot without a board, in a model that lists four: zeros and empty strings, and no `tempN`. */
const x19Empty = (n: number): string =>
  `,"chain_acn${n}":0,"chain_acs${n}":"","chain_hw${n}":0,"chain_rate${n}":"","freq${n}":0,"temp_pcb${n}":"0-0-0-0","temp_chip${n}":"0-0-0-0","temp_pic${n}":"0-0-0-0"`;
/** The same for a model that lists sixteen, with numbers as strings. */
const x17Empty = (n: number): string =>
  `,"freq${n}":"0","temp${n}":0,"temp2_${n}":0,"temp3_${n}":0,"temp_pcb${n}":"-","temp_chip${n}":"-","freq_avg${n}":0,"chain_rateideal${n}":0,"chain_acn${n}":0,"chain_acs${n}":"","chain_hw${n}":0,"chain_rate${n}":""`;
const SLOTS = Array.from({ length: 16 }, (_, i) => ({
  ...keysOf(i + 1),
  x19Empty: inOnePiece(x19Empty(i + 1)),
  x17Empty: inOnePiece(x17Empty(i + 1)),
}));
type Slot = (typeof SLOTS)[number];
/** All slots from each one on without a board. */
const X17_EMPTY = SLOTS.map((_, from) =>
  inOnePiece(
    SLOTS.slice(from)
      .map((slot) => slot.x17Empty)
      .join(""),
  ),
);

/** Lists of four temperatures that came up before; a hall's rigs have some hundred of them. */
const fours = new Map<number, string>();
const MOST_FOURS = 8192;

/** `71-72-75-76`, whole degrees. */
function four(a: number, b: number, c: number, d: number): string {
  // Colder or hotter than this the key would not tell them apart.
  if (Math.min(a, b, c, d) < 0 || Math.max(a, b, c, d) > 255) return `${a}-${b}-${c}-${d}`;
  const key = ((a * 256 + b) * 256 + c) * 256 + d;
  let text = fours.get(key);
  if (text === undefined) {
    text = `${a}-${b}-${c}-${d}`;
    if (fours.size >= MOST_FOURS) fours.clear();
    fours.set(key, text);
  }
  return text;
}

/** Where the four sensors of a board stand between inlet and board. */
const FIRST = 0.45;
const SECOND = 0.52;
const THIRD = 0.97;

/** Four temperatures of a board, each by `aboveC` warmer than its own sensor there. */
const fourOf = (inletTempC: number, rise: number, aboveC: number): string =>
  four(
    Math.round(inletTempC + rise * FIRST + aboveC),
    Math.round(inletTempC + rise * SECOND + aboveC),
    Math.round(inletTempC + rise * THIRD + aboveC),
    Math.round(inletTempC + rise + aboveC),
  );

/** The highest of the four: the last, or the first of a board that is colder than what it breathes. */
const highestOf = (inletTempC: number, rise: number, aboveC: number): number =>
  Math.round(Math.max(inletTempC + rise * FIRST + aboveC, inletTempC + rise + aboveC));

function fansText({ fansRpm }: RigState, listed: number): string {
  let text = "";
  for (let i = 0; i < listed; i++) text += `${(SLOTS[i] as Slot).fan}${fansRpm[i] ?? 0}`;
  return text;
}

/** Sums over the boards that are there: how many, their chips, and the hardware errors of all. */
function counts({ boards }: RigState): { present: number; chips: number; hwErrors: number } {
  const sums = { present: 0, chips: 0, hwErrors: 0 };
  for (const board of boards) {
    sums.hwErrors += board.hwErrors;
    if (!board.present) continue;
    sums.present++;
    sums.chips += board.chips;
  }
  return sums;
}

/** How both begin. */
const begun = ({ elapsedMs }: RigState): string =>
  `{"STATS":0,"ID":"BTM_SOC0","Elapsed":${Math.floor(elapsedMs / 1000)},"Calls":0,"Wait":0,"Max":0,"Min":99999999,"GHS 5s":`;

/** The readings of `stats` on the X19 and X21: four slots, the highest temperatures of those with a board behind them all. */
export function x19Text(rig: SpokenRig, build: AntminerBuild): RowText {
  const { state, identity } = rig;
  const { boards, inletTempC } = state;
  const fans = listedFans(state, build).length;
  const mhz = numberText(nominalMhz(rig));
  const { present, chips, hwErrors } = counts(state);
  const average = averageRateText(state, build);
  const unit = unitOf(build);
  let text = `${begun(state)}${totalRateText(state, build, false)},"GHS av":${average},"rate_30m":${hundredthsText(state.windows.thirtyMinutesThs / unit)},"Mode":2,"miner_count":${present},"frequency":${mhz},"fan_num":${fans}${fansText(state, fans)},"temp_num":${present}`;
  let warmest = "";
  for (let slot = 0; slot < X19_SLOTS; slot++) {
    const keys = SLOTS[slot] as Slot;
    const board = boards[slot];
    if (!board?.present) {
      text += keys.x19Empty;
      continue;
    }
    text += `${keys.acn}${board.chips}${keys.acs}${chipMap(board.chips, 3)}"${keys.hw}${wholeText(board.hwErrors)}${keys.rate}${twoDigitsText(board.hashrateThs / unit)}"${keys.freq}${mhz}`;
    if (build.coolantIn !== undefined) {
      const { pcb, chip, pic } = listedSensors(board, state, build);
      text += `${keys.pcb}${pcb.join("-")}"${keys.chip}${chip.join("-")}"${keys.pic}${pic.join("-")}"`;
      warmest += `${keys.temp}${Math.max(...pcb)}${keys.temp2}${Math.max(...chip)}`;
      continue;
    }
    const rise = board.boardTempC - inletTempC;
    const above = board.chipTempC - board.boardTempC;
    text += `${keys.pcb}${fourOf(inletTempC, rise, 0)}"${keys.chip}${fourOf(inletTempC, rise, above)}"${keys.pic}${fourOf(inletTempC, rise, -10)}"`;
    warmest += `${keys.temp}${highestOf(inletTempC, rise, 0)}${keys.temp2}${highestOf(inletTempC, rise, above)}`;
  }
  // `temp_max` is zero in stock builds while boards are at 73 °C.
  return `${text}${warmest},"total_rateideal":${hundredthsText(identity.model.hashrateThs / unit)},"rate_unit":"GH","total_freqavg":${mhz},"total_acn":${chips},"total rate":${average},"temp_max":0,"no_matching_work":${wholeText(hwErrors)},"miner_version":${quoted(build.minerVersion)},"miner_id":${quoted(identity.minerId)}}`;
}

const X19_SLOTS = 4;

/** {@link x19Text} as an object, for firmwares that add to it. */
export const x19Row = (rig: SpokenRig, build: AntminerBuild): Row => rowOf(x19Text(rig, build));

/** The readings of `stats` on the X17: sixteen slots, lists of sensors, "-" for absent. */
export function x17Text(rig: SpokenRig, build: AntminerBuild): RowText {
  const { state, identity } = rig;
  const { model } = identity;
  const { boards, inletTempC, fansRpm } = state;
  const mhz = numberText(nominalMhz(rig));
  const { present, chips, hwErrors } = counts(state);
  const unit = unitOf(build);
  const ideal = hundredthsText(model.hashrateThs / unit / model.boardCount);
  let warmestC = 0;
  let text = `${begun(state)}${totalRateText(state, build, true)},"GHS av":${averageRateText(state, build)},"Voltage":"17.80","Mode":1,"miner_count":${present},"frequency":"","fan_num":${fansRpm.length}${fansText(state, 8)},"temp_num":${present}`;
  for (let slot = 0; slot < boards.length; slot++) {
    const keys = SLOTS[slot] as Slot;
    const board = boards[slot] as BoardState;
    if (!board.present) {
      text += keys.x17Empty;
      continue;
    }
    warmestC = Math.max(warmestC, Math.round(board.boardTempC));
    const rise = board.boardTempC - inletTempC;
    const above = board.chipTempC - board.boardTempC;
    // `temp2_N` is the chip where air comes in, `temp3_N` where it goes out.
    text += `${keys.freqText}${mhz}"${keys.temp}${highestOf(inletTempC, rise, 0)}${keys.temp2}${Math.round(inletTempC + rise * FIRST + above)}${keys.temp3}${highestOf(inletTempC, rise, above)}`;
    text += `${keys.pcb}${fourOf(inletTempC, rise, 0)}"${keys.chip}${fourOf(inletTempC, rise, above)}"${keys.freqAvg}${keys.ideal}${ideal}`;
    text += `${keys.acn}${board.chips}${keys.acs}${chipMap(board.chips, 8)}"${keys.hw}${wholeText(board.hwErrors)}${keys.rate}${twoDigitsText(board.hashrateThs / unit)}"`;
  }
  return `${text}${X17_EMPTY[boards.length] ?? ""},"total_rateideal":${hundredthsText(model.hashrateThs / unit)},"total_freqavg":0,"total_acn":${chips},"total_rate":${totalRateText(state, build, false)},"temp_max":${warmestC},"Device Hardware%":0,"no_matching_work":${wholeText(hwErrors)},"miner_version":${quoted(build.minerVersion)},"miner_id":${quoted(identity.minerId)}}`;
}
