import type { AvalonBuild } from "../makes/canaan.js";
import { mmText, oldMmText } from "./avalonTokens.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import { averageThs, elapsedS, poolRows, rateRow, summaryRow } from "./cgminerRows.js";
import { type Row, type Section, twoDecimals } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker, WebSpeaker } from "./speaker.js";

const DESCRIPTION = "cgminer 4.11.1";
const MHS = 1e-6;
/** The 5 s window is called 30 s on rigs, 5 s on those for the home. */
const windowOf = ({ shape }: AvalonBuild): string => (shape === "mm" ? "30s" : "5s");

function versionRow({ identity }: SpokenRig, build: AvalonBuild): Row {
  const mac = identity.mac.replaceAll(":", "").toLowerCase();
  const base = { CGMiner: "4.11.1", API: "3.7" };
  const dna = dnaOf(identity.minerId);
  if (build.shape === "home" || build.shape === "lcd")
    return {
      ...base,
      PROD: build.product,
      MODEL: build.modelWord,
      HWTYPE: build.hardware,
      SWTYPE: "MM319",
      LVERSION: build.firmwareVersion,
      BVERSION: build.firmwareVersion,
      CGVERSION: build.firmwareVersion,
      DNA: dna,
      MAC: mac,
    };
  return {
    ...base,
    ...(build.shape === "mm" && { STM8: "20.08.01" }),
    PROD: build.product,
    MODEL: build.modelWord,
    HWTYPE: build.hardware,
    SWTYPE: "MM319",
    VERSION: build.firmwareVersion,
    LOADER: "d0d779de.00",
    DNA: dna,
    MAC: mac,
    UPAPI: "2",
  };
}

const dnaOf = (minerId: string): string => `0201${minerId.slice(0, 12)}`;

function devsRow({ state }: SpokenRig, build: AvalonBuild): Row {
  const { accepted, rejected } = state.shares;
  const { poolDifficulty } = state.unit;
  return {
    ASC: 0,
    Name: build.shape === "mm" ? "AVA10" : "AVALON",
    ID: 0,
    Enabled: "Y",
    Status: "Alive",
    // The sensor that cgminer asks for is not there.
    Temperature: build.shape === "mm" ? -273 : 0,
    ...rateRow(state, "MHS", MHS, windowOf(build)),
    Accepted: accepted,
    Rejected: rejected,
    "Hardware Errors": 0,
    "Last Share Pool": 0,
    "Difficulty Accepted": accepted * poolDifficulty,
    "Difficulty Rejected": rejected * poolDifficulty,
    "Device Hardware%": 0,
    "Device Rejected%": 0,
    "Device Elapsed": elapsedS(state),
  };
}

/** The object of `stats` that holds all of the rig in one text, and that of the pool's connection. */
function statsRows(rig: SpokenRig, build: AvalonBuild, lite: boolean): Row[] {
  const dna = dnaOf(rig.identity.minerId);
  const zeros = { Calls: 0, Wait: 0, Max: 0, Min: 99999999 };
  const Elapsed = elapsedS(rig.state);
  const pool = { STATS: 1, ID: "POOL0", Elapsed, ...zeros, "Pool Calls": 0, "Work Had Roll Time": false };
  switch (build.shape) {
    case "old":
      return [
        { STATS: 0, ID: "AV70", Elapsed, ...zeros, "MM ID1": oldMmText(rig, build, dna), "MM Count": 1 },
        pool,
      ];
    case "mm":
      return [
        { STATS: 0, ID: "AVA100", Elapsed, ...zeros, "MM ID0": mmText(rig, build, dna).text, "MM Count": 1 },
        pool,
      ];
    case "home": {
      const { text, chips } = mmText(rig, build, dna);
      const summary = `'STATS':{${text}}`;
      if (lite) return [{ "MM ID0:Summary": summary }];
      return [
        { STATS: 0, ID: "AVALON0", Elapsed, ...zeros, "MM ID0:Summary": summary, HBinfo: `'HB0':{${chips}}` },
        pool,
      ];
    }
    case "lcd":
      return [{ STATS: 0, ID: "AVALON0", Elapsed, ...zeros }, pool];
  }
}

function lcdRow({ state, identity }: SpokenRig): Row {
  const ghs = (ths: number) => twoDecimals(ths * 1000);
  return {
    Elapsed: elapsedS(state),
    "GHS av": ghs(averageThs(state)),
    "GHS 5m": ghs(state.windows.fiveMinutesThs),
    "GHS 5s": ghs(state.hashrateThs),
    Temperature: 0,
    "Last Share Difficulty": state.unit.poolDifficulty,
    "Best Share": Math.round(state.shares.accepted * state.unit.poolDifficulty),
    "Found Blocks": 0,
    "Current Pool": state.pools[state.activePool]?.url,
    User: identity.worker,
  };
}

function section(command: string, rig: SpokenRig, build: AvalonBuild): Section | undefined {
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description: DESCRIPTION }, code, message, key, rows);
  switch (command) {
    case "version":
      return list(22, "CGMiner versions", "VERSION", [versionRow(rig, build)]);
    case "summary":
      return list(11, "Summary", "SUMMARY", [
        summaryRow(rig, rateRow(rig.state, "MHS", MHS, windowOf(build))),
      ]);
    case "devs":
      return list(9, "1 ASC(s)", "DEVS", [devsRow(rig, build)]);
    case "devdetails":
      return list(69, "Device Details", "DEVDETAILS", [
        { DEVDETAILS: 0, Name: "AVALON", ID: 0, Driver: "avalon", Kernel: "", Model: "", "Device Path": "" },
      ]);
    case "stats":
    case "estats":
      return list(70, "CGMiner stats", "STATS", statsRows(rig, build, false));
    case "litestats":
      return build.shape === "home"
        ? list(70, "CGMiner stats", "STATS", statsRows(rig, build, true))
        : undefined;
    case "lcd":
      return list(125, "LCD", "LCD", [lcdRow(rig)]);
    case "pools":
      return list(7, "3 Pool(s)", "POOLS", poolRows(rig));
    case "config":
      return list(33, "CGMiner config", "CONFIG", [
        {
          "ASC Count": 1,
          "PGA Count": 0,
          "Pool Count": 3,
          Strategy: "Failover",
          "Log Interval": 5,
          OS: "Linux",
        },
      ]);
    default:
      return undefined;
  }
}

/** Canaan's page asks for a login of its own in a form, which no reader of ours fills in. */
const web: WebSpeaker = {
  ports: [80],
  answer: (_rig, { path }) =>
    path === "/"
      ? { body: "<html><head><title>Avalon Device</title></head><body>Avalon Device: log in</body></html>" }
      : undefined,
};

/** Canaan's cgminer on the Avalons; shapes from captures of an A1566 and a Q and the vendor's manual. */
export const avalon: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as AvalonBuild;
    return cgminerAnswer(request, {
      description: DESCRIPTION,
      whenS: Math.floor(rig.nowMs / 1000),
      section: (command) => section(command, rig, build),
    });
  },
  web,
};
