import type { AntminerBuild } from "../models.js";
import type { BoardState } from "../rigState.js";
import { averageRate, chipMap, nominalMhz, sensors, totalRate, unitOf } from "./antminerStats.js";
import { type Row, twoDecimals } from "./reply.js";
import type { SpokenRig } from "./speaker.js";

const SLOTS = 16;

/** What a slot tells: its board, whole degrees where air comes out; zeros and an empty rate where there is none. */
function slotRow(rig: SpokenRig, board: BoardState | undefined, number: number, build: AntminerBuild): Row {
  const { model } = rig.identity;
  const warm = board && sensors(board, rig.state.inletTempC);
  return {
    [`freq_avg${number}`]: board ? nominalMhz(rig) : 0,
    [`temp${number}`]: warm ? Math.max(...warm.pcb) : 0,
    [`temp2_${number}`]: warm ? Math.max(...warm.chip) : 0,
    [`chain_acn${number}`]: board ? board.chips : 0,
    [`chain_acs${number}`]: board ? chipMap(board.chips, Math.min(8, model.chipsPerBoard)) : "",
    [`chain_hw${number}`]: board?.hwErrors ?? 0,
    [`chain_rate${number}`]: board ? twoDecimals(board.hashrateThs / unitOf(build)).toFixed(2) : "",
  };
}

/** The readings of `stats` on the S9 and what was built with it: every slot and connector is listed, most of them empty. */
export function x9Row(rig: SpokenRig, build: AntminerBuild): Row {
  const { state, identity } = rig;
  const { slotsBefore = 0, fansBefore = 0 } = build;
  const present = state.boards.filter((board) => board.present);
  const slots = Array.from({ length: SLOTS }, (_, i) =>
    slotRow(
      rig,
      present.find(({ slot }) => slot + slotsBefore === i),
      i + 1,
      build,
    ),
  );
  const fans = Array.from({ length: 8 }, (_, i) => [`fan${i + 1}`, state.fansRpm[i - fansBefore] ?? 0]);
  return Object.assign(
    {
      STATS: 0,
      ID: build.statsId ?? "BTM_SOC0",
      Elapsed: Math.floor(state.elapsedMs / 1000),
      Calls: 0,
      Wait: 0,
      Max: 0,
      Min: 99999999,
      "GHS 5s": totalRate(state, build).toFixed(2),
      "GHS av": averageRate(state, build),
      miner_count: present.length,
      frequency: String(nominalMhz(rig)),
      fan_num: state.fansRpm.length,
    },
    Object.fromEntries(fans) as Row,
    { temp_num: present.length },
    ...slots,
    {
      total_rateideal: twoDecimals(identity.model.hashrateThs / unitOf(build)),
      total_freqavg: nominalMhz(rig),
      total_acn: present.reduce((sum, board) => sum + board.chips, 0),
      total_rate: totalRate(state, build),
      temp_max: Math.max(0, ...present.map((board) => Math.round(board.boardTempC))),
      "Device Hardware%": 0,
      no_matching_work: state.boards.reduce((sum, board) => sum + board.hwErrors, 0),
      miner_version: build.minerVersion,
      miner_id: identity.minerId,
    },
  );
}
