import type { OtherBuild } from "../makes/others.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import { chipSpread, elapsedS, poolRows, presentBoards, rateRow, summaryRow } from "./cgminerRows.js";
import type { Row, Section } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";

/** One board with some nine keys for each of its chips: 36 kB in all. */
function chainRow({ state, identity }: SpokenRig, index: number): Row {
  const board = presentBoards(state)[index]!;
  const temps = chipSpread(board.chips, board.chipTempC, 25);
  const chips = temps.map((tempC, chip): Row => {
    const n = String(chip).padStart(2, "0");
    return {
      [`${n} HW errors`]: Math.round(board.hwErrors / Math.max(1, board.chips)),
      [`${n} Stales`]: 0,
      [`${n} Duplicates`]: 0,
      [`${n} Nonces found`]: 2300 + chip,
      [`${n} Nonce ranges`]: 77_149,
      [`${n} Cooldown`]: 0,
      [`${n} Fail count`]: 0,
      [`${n} Fail reset`]: 0,
      [`${n} Temp`]: tempC,
      [`${n} nVol`]: 418,
    };
  });
  return Object.assign(
    {
      STATS: index,
      ID: `DT1${board.slot}`,
      Elapsed: elapsedS(state),
      Calls: 0,
      Wait: 0,
      Max: 0,
      Min: 99999999,
      "Chain ID": board.slot,
      "Num chips": identity.model.chipsPerBoard,
      "Num cores": identity.model.chipsPerBoard * 32,
      "Num active chips": board.chips,
      "Chain skew": 0,
      "Temp max": Math.max(...temps),
      "Temp min": Math.min(...temps),
      "Fan duty": Math.round(state.fanRatio * 100),
      iVid: 25,
      PLL: 301,
      "Voltage Max": 427,
      "Voltage Min": 392,
      "Voltage Avg": 410.557,
      VidOptimal: true,
      pllOptimal: true,
      "Chain num": board.slot,
      "MHS av": (board.hashedTh / Math.max(1, elapsedS(state))) * 1e6,
      Disabled: false,
      Throttled: state.load < 1,
      "Enabled chips": "ffffffffffffffff",
      Temp: Math.round(board.boardTempC),
    } as Row,
    ...chips,
  );
}

/** The firmware is told by the program that mines: `cgminer 4.10.0`. */
function section(command: string, rig: SpokenRig, { firmwareVersion }: OtherBuild): Section | undefined {
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description: firmwareVersion }, code, message, key, rows);
  const present = presentBoards(rig.state);
  switch (command) {
    case "version":
      return list(22, "CGMiner versions", "VERSION", [
        { CGMiner: firmwareVersion.split(" ")[1] ?? "", API: "3.7" },
      ]);
    case "summary":
      return list(11, "Summary", "SUMMARY", [summaryRow(rig, rateRow(rig.state, "MHS", 1e-6))]);
    case "stats": {
      const pool = { STATS: present.length, ID: "POOL0", Elapsed: elapsedS(rig.state), "Pool Calls": 0 };
      return list(70, "CGMiner stats", "STATS", [...present.map((_, i) => chainRow(rig, i)), pool]);
    }
    case "pools":
      return list(7, "3 Pool(s)", "POOLS", poolRows(rig));
    default:
      return undefined;
  }
}

/** Halong's DragonMint T1, which ends its replies without the NUL; shape from a capture. */
export const dragonmint: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as OtherBuild;
    return cgminerAnswer(request, {
      description: build.firmwareVersion,
      whenS: Math.floor(rig.nowMs / 1000),
      section: (command) => section(command, rig, build),
      sendsNoNul: true,
    });
  },
  web: {
    ports: [80],
    answer: (_rig, { path }) =>
      path === "/"
        ? { body: "<html><head><title>DragonMint Miner</title></head><body></body></html>" }
        : undefined,
  },
};
