import type { AntminerBuild } from "../models.js";
import type { BoardState, RigState } from "../rigState.js";
import { type Row, twoDecimals } from "./reply.js";
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

/** `" ooo ooo ooo"`: one letter a chip, in groups. */
export function chipMap(chipCount: number, groupSize: number): string {
  return ` ${"o".repeat(groupSize)}`.repeat(Math.ceil(chipCount / groupSize));
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

/** One slot without a board, in a model that lists four: zeros and empty strings, and no `tempN`. */
function x19Empty(number: number): Row {
  return {
    [`chain_acn${number}`]: 0,
    [`chain_acs${number}`]: "",
    [`chain_hw${number}`]: 0,
    [`chain_rate${number}`]: "",
    [`freq${number}`]: 0,
    [`temp_pcb${number}`]: "0-0-0-0",
    [`temp_chip${number}`]: "0-0-0-0",
    [`temp_pic${number}`]: "0-0-0-0",
  };
}

function x19Slot(rig: SpokenRig, board: BoardState, build: AntminerBuild): Row {
  const number = board.slot + 1;
  const { pcb, chip, pic } = sensors(board, rig.state.inletTempC);
  return {
    [`chain_acn${number}`]: board.chips,
    [`chain_acs${number}`]: chipMap(board.chips, 3),
    [`chain_hw${number}`]: board.hwErrors,
    [`chain_rate${number}`]: boardRate(board, build).toFixed(2),
    [`freq${number}`]: nominalMhz(rig),
    [`temp${number}`]: Math.max(...pcb),
    [`temp2_${number}`]: Math.max(...chip),
    [`temp_pcb${number}`]: pcb.join("-"),
    [`temp_chip${number}`]: chip.join("-"),
    [`temp_pic${number}`]: pic.join("-"),
  };
}

/** The same for a model that lists sixteen, with numbers as strings. */
function x17Empty(number: number): Row {
  return {
    [`freq${number}`]: "0",
    [`temp${number}`]: 0,
    [`temp2_${number}`]: 0,
    [`temp3_${number}`]: 0,
    [`temp_pcb${number}`]: "-",
    [`temp_chip${number}`]: "-",
    [`freq_avg${number}`]: 0,
    [`chain_rateideal${number}`]: 0,
    [`chain_acn${number}`]: 0,
    [`chain_acs${number}`]: "",
    [`chain_hw${number}`]: 0,
    [`chain_rate${number}`]: "",
  };
}

function x17Slot(rig: SpokenRig, board: BoardState, build: AntminerBuild): Row {
  const { model } = rig.identity;
  const number = board.slot + 1;
  const { pcb, chip } = sensors(board, rig.state.inletTempC);
  return {
    [`freq${number}`]: String(nominalMhz(rig)),
    [`temp${number}`]: Math.max(...pcb),
    // `temp2_N` is the chip where air comes in, `temp3_N` where it goes out.
    [`temp2_${number}`]: chip[0],
    [`temp3_${number}`]: Math.max(...chip),
    [`temp_pcb${number}`]: pcb.join("-"),
    [`temp_chip${number}`]: chip.join("-"),
    [`chain_rateideal${number}`]: twoDecimals(model.hashrateThs / unitOf(build) / model.boardCount),
    [`chain_acn${number}`]: board.chips,
    [`chain_acs${number}`]: chipMap(board.chips, 8),
    [`chain_hw${number}`]: board.hwErrors,
    [`chain_rate${number}`]: boardRate(board, build).toFixed(2),
  };
}

/** Every slot that the firmware lists, as if no board were there; made once, because most of them stay so. */
export function emptySlots(count: number, empty: (number: number) => Row): Row {
  return Object.assign({}, ...Array.from({ length: count }, (_, i) => empty(i + 1)));
}

const X19_EMPTY_SLOTS = emptySlots(4, x19Empty);
const X17_EMPTY_SLOTS = emptySlots(16, x17Empty);

export function fans(state: RigState, listed: number): Row {
  return Object.fromEntries(Array.from({ length: listed }, (_, i) => [`fan${i + 1}`, state.fansRpm[i] ?? 0]));
}

export function x19Row(rig: SpokenRig, build: AntminerBuild): Row {
  const { state, identity } = rig;
  const live = totalRate(state, build);
  const present = state.boards.filter((board) => board.present);
  const slots = present.map((board) => x19Slot(rig, board, build));
  // Assigned once rather than spread twice: copying two hundred keys costs more than printing them.
  return Object.assign(
    {
      STATS: 0,
      ID: "BTM_SOC0",
      Elapsed: Math.floor(state.elapsedMs / 1000),
      Calls: 0,
      Wait: 0,
      Max: 0,
      Min: 99999999,
      "GHS 5s": live,
      "GHS av": averageRate(state, build),
      rate_30m: twoDecimals(state.windows.thirtyMinutesThs / unitOf(build)),
      Mode: 2,
      miner_count: present.length,
      frequency: nominalMhz(rig),
      fan_num: state.fansRpm.length,
    },
    fans(state, state.fansRpm.length),
    { temp_num: present.length },
    X19_EMPTY_SLOTS,
    ...slots,
    {
      total_rateideal: twoDecimals(identity.model.hashrateThs / unitOf(build)),
      rate_unit: "GH",
      total_freqavg: nominalMhz(rig),
      total_acn: present.reduce((sum, board) => sum + board.chips, 0),
      "total rate": averageRate(state, build),
      // Zero in stock builds while boards are at 73 °C.
      temp_max: 0,
      no_matching_work: state.boards.reduce((sum, board) => sum + board.hwErrors, 0),
      miner_version: build.minerVersion,
      miner_id: identity.minerId,
    },
  );
}

export function x17Row(rig: SpokenRig, build: AntminerBuild): Row {
  const { state, identity } = rig;
  const live = totalRate(state, build);
  const present = state.boards.filter((board) => board.present);
  const slots = present.map((board) => x17Slot(rig, board, build));
  // Assigned once rather than spread twice: copying two hundred keys costs more than printing them.
  return Object.assign(
    {
      STATS: 0,
      ID: "BTM_SOC0",
      Elapsed: Math.floor(state.elapsedMs / 1000),
      Calls: 0,
      Wait: 0,
      Max: 0,
      Min: 99999999,
      "GHS 5s": live.toFixed(2),
      "GHS av": averageRate(state, build),
      Voltage: "17.80",
      Mode: 1,
      miner_count: present.length,
      frequency: "",
      fan_num: state.fansRpm.length,
    },
    fans(state, 8),
    { temp_num: present.length },
    X17_EMPTY_SLOTS,
    ...slots,
    {
      total_rateideal: twoDecimals(identity.model.hashrateThs / unitOf(build)),
      total_freqavg: 0,
      total_acn: present.reduce((sum, board) => sum + board.chips, 0),
      total_rate: live,
      temp_max: Math.max(0, ...present.map((board) => Math.round(board.boardTempC))),
      "Device Hardware%": 0,
      no_matching_work: state.boards.reduce((sum, board) => sum + board.hwErrors, 0),
      miner_version: build.minerVersion,
      miner_id: identity.minerId,
    },
  );
}
