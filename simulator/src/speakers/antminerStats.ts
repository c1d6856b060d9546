import type { AntminerBuild } from "../models.js";
import type { BoardState, RigState } from "../rigState.js";
import { type Pairs, type Row, rowOf, twoDecimals } from "./reply.js";
import type { SpokenRig } from "./speaker.js";

/** What one unit under the keys that say GHS is worth in TH/s. */
const GHS = 1e-3;
/** The unit that this build counts in. */
export const unitOf = (build: AntminerBuild): number => build.unitThs ?? GHS;

/** A board's live rate as it is printed. */
function boardRate(board: BoardState, build: AntminerBuild): number {
  return twoDecimals(board.hashrateThs / unitOf(build));
}

/** The whole rig's live rate, from the printed parts, so that they add up to the last digit. */
export function totalRate(state: RigState, build: AntminerBuild): number {
  return twoDecimals(
    state.boards.reduce((sum, board) => (board.present ? sum + boardRate(board, build) : sum), 0),
  );
}

const maps = new Map<number, string>();

/** `" ooo ooo ooo"`: one letter a chip, in groups. */
export function chipMap(chipCount: number, groupSize: number): string {
  const key = chipCount * 64 + groupSize;
  let map = maps.get(key);
  if (map === undefined) {
    map = ` ${"o".repeat(groupSize)}`.repeat(Math.ceil(chipCount / groupSize));
    maps.set(key, map);
  }
  return map;
}

/** Four sensors a board, whole degrees: two where air comes in, two (the hottest last) where it goes out. */
export function sensors(
  board: BoardState,
  inletTempC: number,
): { pcb: number[]; chip: number[]; pic: number[] } {
  const rise = board.boardTempC - inletTempC;
  const above = board.chipTempC - board.boardTempC;
  const pcb = [0.45, 0.52, 0.97, 1].map((part) => inletTempC + rise * part);
  return {
    pcb: pcb.map(Math.round),
    chip: pcb.map((tempC) => Math.round(tempC + above)),
    pic: pcb.map((tempC) => Math.round(tempC - 10)),
  };
}

/** The rate since the daemon's start. */
export function averageRate(state: RigState, build: AntminerBuild): number {
  const hashedTh = state.boards.reduce((sum, board) => sum + board.hashedTh, 0);
  return twoDecimals(hashedTh / unitOf(build) / Math.max(1, Math.floor(state.elapsedMs / 1000)));
}

export function nominalMhz({ identity, state }: SpokenRig): number {
  return state.phase === "mining" ? identity.model.frequencyMhz : 0;
}

/** The keys of one slot, in each of the shapes; made once. */
const keysOf = (number: number) => ({
  acn: `chain_acn${number}`,
  acs: `chain_acs${number}`,
  hw: `chain_hw${number}`,
  rate: `chain_rate${number}`,
  ideal: `chain_rateideal${number}`,
  freq: `freq${number}`,
  freqAvg: `freq_avg${number}`,
  temp: `temp${number}`,
  temp2: `temp2_${number}`,
  temp3: `temp3_${number}`,
  pcb: `temp_pcb${number}`,
  chip: `temp_chip${number}`,
  pic: `temp_pic${number}`,
  fan: `fan${number}`,
});
type SlotKeys = ReturnType<typeof keysOf>;
const SLOTS: readonly SlotKeys[] = Array.from({ length: 16 }, (_, i) => keysOf(i + 1));

/** One slot without a board, in a model that lists four: zeros and empty strings, and no `tempN`. */
function x19Empty(keys: SlotKeys, to: (string | number)[]): void {
  to.push(keys.acn, 0, keys.acs, "", keys.hw, 0, keys.rate, "", keys.freq, 0);
  to.push(keys.pcb, "0-0-0-0", keys.chip, "0-0-0-0", keys.pic, "0-0-0-0");
}

/** The same for a model that lists sixteen, with numbers as strings. */
function x17Empty(keys: SlotKeys, to: (string | number)[]): void {
  to.push(keys.freq, "0", keys.temp, 0, keys.temp2, 0, keys.temp3, 0, keys.pcb, "-", keys.chip, "-");
  to.push(keys.freqAvg, 0, keys.ideal, 0, keys.acn, 0, keys.acs, "", keys.hw, 0, keys.rate, "");
}

const hyphened = ([a, b, c, d]: readonly number[]): string => `${a}-${b}-${c}-${d}`;
const highest = ([a, b, c, d]: readonly number[]): number =>
  Math.max(a as number, b as number, c as number, d as number);

function addFans(state: RigState, listed: number, to: (string | number)[]): void {
  for (let i = 0; i < listed; i++) to.push((SLOTS[i] as SlotKeys).fan, state.fansRpm[i] ?? 0);
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

/** The readings of `stats` on the X19 and X21: four slots, the highest temperatures of those with a board behind them all. */
export function x19Pairs(rig: SpokenRig, build: AntminerBuild): Pairs {
  const { state, identity } = rig;
  const mhz = nominalMhz(rig);
  const { present, chips, hwErrors } = counts(state);
  const average = averageRate(state, build);
  const row: (string | number)[] = [
    "STATS",
    0,
    "ID",
    "BTM_SOC0",
    "Elapsed",
    Math.floor(state.elapsedMs / 1000),
  ];
  row.push(
    "Calls",
    0,
    "Wait",
    0,
    "Max",
    0,
    "Min",
    99999999,
    "GHS 5s",
    totalRate(state, build),
    "GHS av",
    average,
  );
  row.push("rate_30m", twoDecimals(state.windows.thirtyMinutesThs / unitOf(build)), "Mode", 2);
  row.push("miner_count", present, "frequency", mhz, "fan_num", state.fansRpm.length);
  addFans(state, state.fansRpm.length, row);
  row.push("temp_num", present);
  const warmest: (string | number)[] = [];
  for (let slot = 0; slot < X19_SLOTS; slot++) {
    const keys = SLOTS[slot] as SlotKeys;
    const board = state.boards[slot];
    if (!board?.present) {
      x19Empty(keys, row);
      continue;
    }
    const { pcb, chip, pic } = sensors(board, state.inletTempC);
    row.push(keys.acn, board.chips, keys.acs, chipMap(board.chips, 3), keys.hw, board.hwErrors);
    row.push(keys.rate, boardRate(board, build).toFixed(2), keys.freq, mhz);
    row.push(keys.pcb, hyphened(pcb), keys.chip, hyphened(chip), keys.pic, hyphened(pic));
    warmest.push(keys.temp, highest(pcb), keys.temp2, highest(chip));
  }
  row.push(...warmest);
  row.push("total_rateideal", twoDecimals(identity.model.hashrateThs / unitOf(build)), "rate_unit", "GH");
  // `temp_max` is zero in stock builds while boards are at 73 °C.
  row.push("total_freqavg", mhz, "total_acn", chips, "total rate", average, "temp_max", 0);
  row.push("no_matching_work", hwErrors, "miner_version", build.minerVersion, "miner_id", identity.minerId);
  return row;
}

const X19_SLOTS = 4;

/** {@link x19Pairs} as an object, for firmwares that add to it. */
export const x19Row = (rig: SpokenRig, build: AntminerBuild): Row => rowOf(x19Pairs(rig, build));

/** The readings of `stats` on the X17: sixteen slots, lists of sensors, "-" for absent. */
export function x17Pairs(rig: SpokenRig, build: AntminerBuild): Pairs {
  const { state, identity } = rig;
  const { model } = identity;
  const live = totalRate(state, build);
  const mhz = String(nominalMhz(rig));
  const { present, chips, hwErrors } = counts(state);
  const ideal = twoDecimals(model.hashrateThs / unitOf(build) / model.boardCount);
  let warmestC = 0;
  const row: (string | number)[] = [
    "STATS",
    0,
    "ID",
    "BTM_SOC0",
    "Elapsed",
    Math.floor(state.elapsedMs / 1000),
  ];
  row.push("Calls", 0, "Wait", 0, "Max", 0, "Min", 99999999, "GHS 5s", live.toFixed(2));
  row.push("GHS av", averageRate(state, build), "Voltage", "17.80", "Mode", 1, "miner_count", present);
  row.push("frequency", "", "fan_num", state.fansRpm.length);
  addFans(state, 8, row);
  row.push("temp_num", present);
  for (const [slot, keys] of SLOTS.entries()) {
    const board = state.boards[slot];
    if (!board?.present) {
      x17Empty(keys, row);
      continue;
    }
    warmestC = Math.max(warmestC, Math.round(board.boardTempC));
    const { pcb, chip } = sensors(board, state.inletTempC);
    // `temp2_N` is the chip where air comes in, `temp3_N` where it goes out.
    row.push(
      keys.freq,
      mhz,
      keys.temp,
      highest(pcb),
      keys.temp2,
      chip[0] as number,
      keys.temp3,
      highest(chip),
    );
    row.push(keys.pcb, hyphened(pcb), keys.chip, hyphened(chip), keys.freqAvg, 0, keys.ideal, ideal);
    row.push(keys.acn, board.chips, keys.acs, chipMap(board.chips, 8), keys.hw, board.hwErrors);
    row.push(keys.rate, boardRate(board, build).toFixed(2));
  }
  row.push(
    "total_rateideal",
    twoDecimals(model.hashrateThs / unitOf(build)),
    "total_freqavg",
    0,
    "total_acn",
    chips,
  );
  row.push("total_rate", live, "temp_max", warmestC, "Device Hardware%", 0, "no_matching_work", hwErrors);
  row.push("miner_version", build.minerVersion, "miner_id", identity.minerId);
  return row;
}
