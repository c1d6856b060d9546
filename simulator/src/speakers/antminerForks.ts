import type { ForkBuild } from "../makes/antminerFirmwares.js";
import type { AntminerBuild } from "../models.js";
import { x19Row } from "./antminerStats.js";
import { antminerWeb } from "./antminerWeb.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import { averageThs, poolRows, presentBoards, summaryRow } from "./cgminerRows.js";
import { type Row, type Section, twoDecimals } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";

const ghs = (ths: number): number => twoDecimals(ths * 1000);

/** What each fork adds to `stats`: the boards' estimated power. */
function powerKeys({ state }: SpokenRig, { family }: ForkBuild): Row {
  const total = Math.round(state.powerW);
  // The whole rig as text with its unit.
  if (family === "hiveon") return { chain_power: `${total} W` };
  const present = presentBoards(state);
  return {
    ...Object.fromEntries(
      present.map(({ slot }) => [`chain_power${slot + 1}`, Math.round(total / present.length)]),
    ),
    total_power: total,
  };
}

function section(command: string, rig: SpokenRig, build: ForkBuild): Section | undefined {
  const { state, identity } = rig;
  const keys: AntminerBuild = { ...build, family: "antminer" };
  const description = `cgminer ${build.cgminerVersion}`;
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description }, code, message, key, rows);
  const head = {
    BMMiner: build.cgminerVersion,
    Miner: build.minerVersion,
    CompileTime: build.compileTime,
    Type: build.family === "hiveon" ? `${identity.model.model} Hiveon` : identity.model.model,
  };
  switch (command) {
    case "version":
      return list(22, "CGMiner versions", "VERSION", [{ ...head, API: "3.1" }]);
    case "summary":
      return list(11, "Summary", "SUMMARY", [
        summaryRow(rig, {
          "GHS 5s": ghs(state.hashrateThs),
          "GHS av": ghs(averageThs(state)),
          "GHS 30m": ghs(state.windows.thirtyMinutesThs),
        }),
      ]);
    case "stats":
      return list(70, "CGMiner stats", "STATS", [head, { ...x19Row(rig, keys), ...powerKeys(rig, build) }]);
    case "pools":
      return list(7, "3 Pool(s)", "POOLS", poolRows(rig));
    default:
      return undefined;
  }
}

/** Hiveon and MSK: Bitmain's keys and web interface, and what the boards draw. */
export const antminerFork: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as ForkBuild;
    return cgminerAnswer(request, {
      description: `cgminer ${build.cgminerVersion}`,
      whenS: Math.floor(rig.nowMs / 1000),
      section: (command) => section(command, rig, build),
    });
  },
  web: {
    ports: antminerWeb.ports,
    answer(rig, request) {
      const isMsk = (rig.identity.model.build as ForkBuild).family === "msk";
      // MSK has pages of its own beside Bitmain's.
      if (isMsk && request.path === "/admin/login") return { body: { result: "ok" } };
      if (isMsk && request.path === "/api/info_v1")
        return { body: { network_info: { result: { macaddr: rig.identity.mac } } } };
      return antminerWeb.answer(rig, request);
    },
  },
};
