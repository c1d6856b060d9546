import type { AntminerBuild } from "../models.js";
import type { BoardState, RigState } from "../rigState.js";
import { type Row, twoDecimals } from "./reply.js";
import type { SpokenRig } from "./speaker.js";

const GHS_PER_THS = 1000;

/** Each slot's live rate as it is printed; undefined where there is no board. */
export function boardRatesGhs(state: RigState): (number | undefined)[] {
  return state.boards.map((board) =>
    board.present ? twoDecimals(board.hashrateThs * GHS_PER_THS) : undefined,
  );
}

/** The whole rig's rate, from the printed parts, so that they add up to the last digit. */
export function sumGhs(ratesGhs: readonly (number | undefined)[]): number {
  return twoDecimals(ratesGhs.reduce((sum: number, rate) => sum + (rate ?? 0), 0));
}

/** `" ooo ooo ooo"`: one letter a chip, in groups. */
function chipMap(chipCount: number, groupSize: number): string {
  return ` ${"o".repeat(groupSize)}`.repeat(Math.ceil(chipCount / groupSize));
}

/** Four sensors a board, whole degrees: two where air comes in, two (the hottest last) where it goes out. */
function sensors(board: BoardState, inletTempC: number): { pcb: number[]; chip: number[]; pic: number[] } {
  const rise = board.boardTempC - inletTempC;
  const above = board.chipTempC - board.boardTempC;
  const pcb = [0.45, 0.52, 0.97, 1].map((part) => inletTempC + rise * part);
  return {
    pcb: pcb.map(Math.round),
    chip: pcb.map((tempC) => Math.round(tempC + above)),
    pic: pcb.map((tempC) => Math.round(tempC - 10)),
  };
}

function averageGhs(state: RigState): number {
  const hashedTh = state.boards.reduce((sum, board) => sum + board.hashedTh, 0);
  return twoDecimals((hashedTh * GHS_PER_THS) / Math.max(1, Math.floor(state.elapsedMs / 1000)));
}

function nominalMhz({ identity, state }: SpokenRig): number {
  return state.phase === "mining" ? identity.model.frequencyMhz : 0;
}

/** Keys of one slot in a model that lists four; a slot without a board has zeros and empty strings, and no `tempN`. */
function x19Slot(rig: SpokenRig, number: number, rateGhs: number | undefined): Row {
  const { model } = rig.identity;
  const board = rig.state.boards[number - 1];
  if (board === undefined || !board.present || rateGhs === undefined) {
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
  const { pcb, chip, pic } = sensors(board, rig.state.inletTempC);
  return {
    [`chain_acn${number}`]: model.chipsPerBoard,
    [`chain_acs${number}`]: chipMap(model.chipsPerBoard, 3),
    [`chain_hw${number}`]: board.hwErrors,
    [`chain_rate${number}`]: rateGhs.toFixed(2),
    [`freq${number}`]: nominalMhz(rig),
    [`temp${number}`]: Math.max(...pcb),
    [`temp2_${number}`]: Math.max(...chip),
    [`temp_pcb${number}`]: pcb.join("-"),
    [`temp_chip${number}`]: chip.join("-"),
    [`temp_pic${number}`]: pic.join("-"),
  };
}

/** The same for a model that lists sixteen, most of them empty, with numbers as strings. */
function x17Slot(rig: SpokenRig, number: number, rateGhs: number | undefined): Row {
  const { model } = rig.identity;
  const board = rig.state.boards[number - 1];
  const there = board?.present === true && rateGhs !== undefined;
  const { pcb, chip } = there ? sensors(board, rig.state.inletTempC) : { pcb: undefined, chip: undefined };
  return {
    [`freq${number}`]: there ? String(nominalMhz(rig)) : "0",
    [`temp${number}`]: pcb === undefined ? 0 : Math.max(...pcb),
    // `temp2_N` is the chip where air comes in, `temp3_N` where it goes out.
    [`temp2_${number}`]: chip === undefined ? 0 : (chip[0] as number),
    [`temp3_${number}`]: chip === undefined ? 0 : Math.max(...chip),
    [`temp_pcb${number}`]: pcb?.join("-") ?? "-",
    [`temp_chip${number}`]: chip?.join("-") ?? "-",
    [`freq_avg${number}`]: 0,
    [`chain_rateideal${number}`]: there
      ? twoDecimals((model.hashrateThs * GHS_PER_THS) / model.boardCount)
      : 0,
    [`chain_acn${number}`]: there ? model.chipsPerBoard : 0,
    [`chain_acs${number}`]: there ? chipMap(model.chipsPerBoard, 8) : "",
    [`chain_hw${number}`]: there ? board.hwErrors : 0,
    [`chain_rate${number}`]: there ? rateGhs.toFixed(2) : "",
  };
}

function fans(state: RigState, listed: number): Row {
  return Object.fromEntries(Array.from({ length: listed }, (_, i) => [`fan${i + 1}`, state.fansRpm[i] ?? 0]));
}

function x19Row(rig: SpokenRig, build: AntminerBuild): Row {
  const { state, identity } = rig;
  const rates = boardRatesGhs(state);
  const present = state.boards.filter((board) => board.present);
  const slots = [1, 2, 3, 4].map((number) => x19Slot(rig, number, rates[number - 1]));
  return {
    STATS: 0,
    ID: "BTM_SOC0",
    Elapsed: Math.floor(state.elapsedMs / 1000),
    Calls: 0,
    Wait: 0,
    Max: 0,
    Min: 99999999,
    "GHS 5s": sumGhs(rates),
    "GHS av": averageGhs(state),
    rate_30m: twoDecimals(state.windows.thirtyMinutesThs * GHS_PER_THS),
    Mode: 2,
    miner_count: present.length,
    frequency: nominalMhz(rig),
    fan_num: state.fansRpm.length,
    ...fans(state, state.fansRpm.length),
    temp_num: present.length,
    ...Object.assign({}, ...slots),
    total_rateideal: identity.model.hashrateThs * GHS_PER_THS,
    rate_unit: "GH",
    total_freqavg: nominalMhz(rig),
    total_acn: present.length * identity.model.chipsPerBoard,
    "total rate": averageGhs(state),
    // Zero in stock builds while boards are at 73 °C.
    temp_max: 0,
    no_matching_work: state.boards.reduce((sum, board) => sum + board.hwErrors, 0),
    miner_version: build.minerVersion,
    miner_id: identity.minerId,
  };
}

function x17Row(rig: SpokenRig, build: AntminerBuild): Row {
  const { state, identity } = rig;
  const rates = boardRatesGhs(state);
  const present = state.boards.filter((board) => board.present);
  const slots = Array.from({ length: 16 }, (_, i) => x17Slot(rig, i + 1, rates[i]));
  return {
    STATS: 0,
    ID: "BTM_SOC0",
    Elapsed: Math.floor(state.elapsedMs / 1000),
    Calls: 0,
    Wait: 0,
    Max: 0,
    Min: 99999999,
    "GHS 5s": sumGhs(rates).toFixed(2),
    "GHS av": averageGhs(state),
    Voltage: "17.80",
    Mode: 1,
    miner_count: present.length,
    frequency: "",
    fan_num: state.fansRpm.length,
    ...fans(state, 8),
    temp_num: present.length,
    ...Object.assign({}, ...slots),
    total_rateideal: identity.model.hashrateThs * GHS_PER_THS,
    total_freqavg: 0,
    total_acn: present.length * identity.model.chipsPerBoard,
    total_rate: sumGhs(rates),
    temp_max: Math.max(0, ...present.map((board) => Math.round(board.boardTempC))),
    "Device Hardware%": 0,
    no_matching_work: state.boards.reduce((sum, board) => sum + board.hwErrors, 0),
    miner_version: build.minerVersion,
    miner_id: identity.minerId,
  };
}

/** The two objects of `stats`: who it is, and everything else in flat keys. */
export function statsRows(rig: SpokenRig, build: AntminerBuild): Row[] {
  const head: Row = {
    BMMiner: build.cgminerVersion,
    Miner: build.minerVersion,
    CompileTime: build.compileTime,
    Type: rig.identity.model.model,
  };
  return [head, build.statsShape === "x17" ? x17Row(rig, build) : x19Row(rig, build)];
}
