import type { BraiinsBmminerBuild } from "../makes/braiins.js";
import type { AntminerBuild } from "../models.js";
import { averageRate, totalRate } from "./antminerStats.js";
import { x9Row } from "./antminerX9.js";
import { braiinsPages } from "./braiinsWeb.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import { poolRows, summaryRow } from "./cgminerRows.js";
import type { Row, Section } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";

const asAntminer = (build: BraiinsBmminerBuild): AntminerBuild => ({ ...build, family: "antminer" });

function section(command: string, rig: SpokenRig, build: BraiinsBmminerBuild): Section | undefined {
  const keys = asAntminer(build);
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description: `bmminer ${build.name}` }, code, message, key, rows);
  const name = { BMMiner: build.name, Miner: build.name, CompileTime: "", Type: build.platform };
  switch (command) {
    case "version":
      return list(22, "BMMiner versions", "VERSION", [{ ...name, API: "3.1" }]);
    case "summary":
      return list(11, "Summary", "SUMMARY", [
        summaryRow(rig, {
          "GHS 5s": totalRate(rig.state, keys).toFixed(2),
          "GHS av": averageRate(rig.state, keys),
        }),
      ]);
    case "stats": {
      const volts = Object.fromEntries(
        Array.from({ length: 16 }, (_, i) => {
          const board = rig.state.boards.find(({ slot }) => slot + (build.slotsBefore ?? 0) === i);
          return [`voltage${i + 1}`, board?.present ? 8.9 : 0];
        }),
      );
      return list(70, "BMMiner stats", "STATS", [name, { ...x9Row(rig, keys), ...volts }]);
    }
    case "pools":
      return list(7, "3 Pool(s)", "POOLS", poolRows(rig));
    default:
      return undefined;
  }
}

/** Braiins OS of 2018 and 2019: Bitmain's answers under a name of its own; shape from a capture of an S9. */
export const braiinsBmminer: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as BraiinsBmminerBuild;
    return cgminerAnswer(request, {
      description: `bmminer ${build.name}`,
      whenS: Math.floor(rig.nowMs / 1000),
      section: (command) => section(command, rig, build),
    });
  },
  web: braiinsPages(() => undefined),
};
