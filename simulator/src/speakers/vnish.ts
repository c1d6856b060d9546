import type { VnishBuild } from "../makes/antminerFirmwares.js";
import { chipMap, nominalMhz, sensors } from "./antminerStats.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import {
  averageThs,
  bareUrl,
  elapsedS,
  hwErrors,
  isMining,
  presentBoards,
  summaryRow,
} from "./cgminerRows.js";
import { type Row, type Section, twoDecimals } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";
import { consumption, FEE_PERCENT, FEE_SHARE, feeSplit, stateWord } from "./vnishParts.js";
import { vnishWeb } from "./vnishWeb.js";

const DESCRIPTION = "cgminer 4.11.1";
const ghs = (ths: number): number => twoDecimals(ths * 1000);

function boardRow(rig: SpokenRig, index: number, build: VnishBuild): Row {
  const { state, identity } = rig;
  const { model } = identity;
  const board = presentBoards(state)[index]!;
  const n = board.slot + 1;
  const { pcb, chip } = sensors(board, state.inletTempC);
  return {
    [`temp${n}`]: Math.max(...pcb),
    [`temp2_${n}`]: Math.max(...chip),
    [`temp3_${n}`]: Math.max(...chip),
    [`temp_pcb${n}`]: pcb.join("-"),
    [`temp_chip${n}`]: chip.join("-"),
    ...(build.isNew && {
      [`temp_sens${n}`]: "m-m-m-m",
      [`chain_consumption${n}`]: consumption(rig)[index],
      [`chain_state${n}`]: stateWord(rig),
      [`chain_fault${n}`]: "",
    }),
    [`chain_hw${n}`]: board.hwErrors,
    [`chain_rateideal${n}`]: ghs(model.hashrateThs / model.boardCount),
    [`chain_rate${n}`]: ghs(board.hashrateThs),
    [`chain_acn${n}`]: board.chips,
    ...(!build.isNew && { [`chain_acs${n}`]: chipMap(board.chips, 8).trim() }),
    [`freq_avg${n}`]: nominalMhz(rig),
    [`chain_vol${n}`]: build.isNew ? 13_000 : 19_000,
  };
}

function statsRows(rig: SpokenRig, build: VnishBuild): Row[] {
  const { state, identity } = rig;
  const { model } = identity;
  const present = presentBoards(state);
  const head: Row = build.isNew
    ? {
        Type: `${model.model} (Vnish ${build.version})`,
        Miner: build.minerVersion,
        Cgminer: build.version,
        CompileTime: build.compileTime,
      }
    : {
        Cgminer: "4.11.1",
        Miner: build.minerVersion,
        CompileTime: build.compileTime,
        Type: `${model.model} (vnish ${build.version})`,
      };
  const live = ghs(state.hashrateThs);
  return [
    head,
    Object.assign(
      {
        ...(!build.isNew && { STATS: 0, ID: "BTM_S17_0" }),
        Elapsed: elapsedS(state),
        "GHS 5s": build.isNew ? live.toFixed(2) : live,
        "GHS av": ghs(averageThs(state)),
        fan_num: state.fansRpm.length,
        fan_mode: 0,
        fan_pwm: Math.round(state.fanRatio * 100),
      } as Row,
      Object.fromEntries(state.fansRpm.map((rpm, i) => [`fan${i + 1}`, rpm])),
      ...present.map((_, i) => boardRow(rig, i, build)),
      {
        ...(build.isNew
          ? { state: stateWord(rig) }
          : { miner_version: build.minerVersion, build_version: build.version }),
        total_rate: live,
        total_rateideal: ghs(model.hashrateThs),
        total_acn: present.reduce((sum, board) => sum + board.chips, 0),
      },
    ),
  ];
}

/** The rig's pools, and the firmware's own, which takes its fee. */
function poolRows({ state }: SpokenRig): Row[] {
  const { poolDifficulty } = state.unit;
  const split = feeSplit(state);
  const own = state.pools.map((pool, i) => {
    const { active, alive, user, shares } = pool;
    const accepted = split.own[i] as number;
    return {
      POOL: i,
      URL: bareUrl(pool),
      Type: 0,
      User: user,
      Status: alive ? "Alive" : "Dead",
      Diff: active ? `${Math.round(poolDifficulty / 1024)}K` : "",
      Accepted: accepted,
      Rejected: shares.rejected,
      Stale: shares.stale,
      "Last Share Difficulty": active ? poolDifficulty : 0,
      "Last Share Time": active ? "0:00:05" : "0",
      "Stratum Active": active && isMining(state),
      "Has Vmask": true,
      "Difficulty Accepted": accepted * poolDifficulty,
      "Difficulty Rejected": shares.rejected * poolDifficulty,
      "Difficulty Stale": shares.stale * poolDifficulty,
    };
  });
  const mines = isMining(state);
  const fee = {
    POOL: own.length,
    URL: "DevFee",
    Type: 1,
    User: "DevFee",
    Status: "Alive",
    Diff: FEE_SHARE.text,
    Accepted: split.fee.accepted,
    Rejected: 0,
    Stale: 0,
    "Last Share Difficulty": FEE_SHARE.difficulty,
    "Last Share Time": "0:00:14",
    // It is mined for beside the operator's own.
    "Stratum Active": mines,
    "Has Vmask": true,
    "Difficulty Accepted": split.fee.difficulty,
    "Difficulty Rejected": 0,
    "Difficulty Stale": 0,
  };
  return [...own, fee];
}

/** `Accepted` counts the shares of all pools, the firmware's own included, as does `Difficulty Accepted`. */
function summary(rig: SpokenRig, build: VnishBuild): Row {
  const { state } = rig;
  const { own, fee } = feeSplit(state);
  const row = summaryRow(rig, {
    "Device Hardware%": hwErrors(state) * 1e-12,
    "GHS 5s": ghs(state.hashrateThs),
    "GHS av": ghs(averageThs(state)),
    "GHS 30m": ghs(state.windows.thirtyMinutesThs),
  });
  row.Accepted = own.reduce((sum, accepted) => sum + accepted, fee.accepted);
  if (build.isNew) row["Fee Percent"] = FEE_PERCENT;
  return row;
}

function section(command: string, rig: SpokenRig, build: VnishBuild): Section | undefined {
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description: DESCRIPTION }, code, message, key, rows);
  switch (command) {
    case "summary":
      return list(11, "Summary", "SUMMARY", [summary(rig, build)]);
    case "stats":
      return list(70, "CGMiner stats", "STATS", statsRows(rig, build));
    case "pools": {
      const rows = poolRows(rig);
      return list(7, `${rows.length} Pool(s)`, "POOLS", rows);
    }
    default:
      // `version` too: what it is stands in stats.
      return undefined;
  }
}

/** VNish 1.x with its web interface, and 0.9 without; shapes from captures of an S21 Pro (1.2.7) and an S17 (0.9.2). */
export const vnish: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as VnishBuild;
    return cgminerAnswer(request, {
      description: DESCRIPTION,
      whenS: Math.floor(rig.nowMs / 1000),
      section: (command) => section(command, rig, build),
    });
  },
  web: vnishWeb,
};
