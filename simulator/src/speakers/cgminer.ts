import type { OtherBuild } from "../makes/others.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import { elapsedS, poolRows, presentBoards, rateRow, summaryRow } from "./cgminerRows.js";
import { type Row, type Section, twoDecimals } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";

/** Six decimals: a card's MH/s of Scrypt are far below one. */
const mhs = (ths: number): number => Math.round(ths * 1e12) / 1e6;

/** A graphics card or an FPGA board, which stands for one of the rig's boards. */
function deviceRow({ state }: SpokenRig, index: number, kind: "GPU" | "PGA"): Row {
  const board = presentBoards(state)[index]!;
  const part = state.unit.boardShares[board.slot] ?? 0;
  const accepted = Math.floor(state.shares.accepted * part);
  return {
    [kind]: index,
    ...(kind === "PGA" && { Name: "ICA", ID: index }),
    Enabled: "Y",
    Status: "Alive",
    Temperature: twoDecimals(board.boardTempC),
    ...(kind === "GPU" && {
      "Fan Speed": state.fansRpm[index] ?? -1,
      "Fan Percent": Math.round(state.fanRatio * 100),
      "GPU Clock": 1065,
      "Memory Clock": 1650,
      "GPU Voltage": 1.09,
      "GPU Activity": 99,
      Powertune: 0,
    }),
    "MHS av": mhs(board.hashedTh / Math.max(1, elapsedS(state))),
    "MHS 5s": mhs(board.hashrateThs),
    Accepted: accepted,
    Rejected: 0,
    "Hardware Errors": board.hwErrors,
    Utility: 0,
    ...(kind === "GPU" && { Intensity: "20" }),
    "Last Share Pool": 0,
    "Total MH": mhs(board.hashedTh),
    "Difficulty Accepted": accepted * state.unit.poolDifficulty,
    "Difficulty Rejected": 0,
  };
}

function section(command: string, rig: SpokenRig, build: OtherBuild): Section | undefined {
  const { state, identity } = rig;
  const [, number = ""] = build.firmwareVersion.split(" ");
  const isText = build.family === "cgminer-text";
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description: build.firmwareVersion }, code, message, key, rows);
  const present = presentBoards(state);
  switch (command) {
    case "version":
      return list(22, "CGMiner versions", "VERSION", [{ CGMiner: number, API: isText ? "1.26" : "3.7" }]);
    case "summary": {
      const rates = { "MHS av": 0, "MHS 5s": mhs(state.hashrateThs) };
      return list(11, "Summary", "SUMMARY", [
        summaryRow(rig, {
          ...(isText ? {} : rateRow(state, "MHS", 1e-6)),
          ...rates,
          "MHS av": mhs(state.boards.reduce((sum, b) => sum + b.hashedTh, 0) / Math.max(1, elapsedS(state))),
        }),
      ]);
    }
    case "devs":
      return list(
        9,
        isText ? `${present.length} GPU(s) - 0 ASC(s) - 0 PGA(s) - ` : `${present.length} PGA(s)`,
        "DEVS",
        present.map((_, i) => deviceRow(rig, i, isText ? "GPU" : "PGA")),
      );
    case "pools":
      return list(7, "3 Pool(s)", "POOLS", poolRows(rig));
    case "stats":
      return list(70, "CGMiner stats", "STATS", [
        { STATS: 0, ID: "POOL0", Elapsed: elapsedS(state), Calls: 0, Wait: 0, Max: 0, Min: 99999999 },
      ]);
    case "coin":
      return isText
        ? undefined
        : list(78, "CGMiner coin", "COIN", [
            { "Hash Method": (identity.model.algorithm ?? "SHA256").toLowerCase(), LP: true },
          ]);
    default:
      return undefined;
  }
}

/** cgminer on a computer: FPGA boards in JSON, or graphics cards of a build that speaks the text form alone. */
export const cgminer: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as OtherBuild;
    return cgminerAnswer(request, {
      description: build.firmwareVersion,
      whenS: Math.floor(rig.nowMs / 1000),
      section: (command) => section(command, rig, build),
      ...(build.family === "cgminer-text" && { textOnly: true as const }),
    });
  },
};
