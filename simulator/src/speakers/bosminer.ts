import type { BraiinsBuild } from "../makes/braiins.js";
import { braiinsPages } from "./braiinsWeb.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import {
  averageThs,
  elapsedS,
  isMining,
  poolRows,
  presentBoards,
  rateRow,
  summaryRow,
} from "./cgminerRows.js";
import type { Row, Section } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";

const MHS = 1e-6;
/** Sensors count in sixteenths of a degree. */
const sixteenths = (tempC: number): number => Math.round(tempC * 16) / 16;

/** What a hash chain is expected to make at its clock, MH/s. */
export const nominalMhs = ({ identity: { model } }: SpokenRig): number =>
  (model.hashrateThs / model.boardCount) * 1e6;

function devsRow(rig: SpokenRig, index: number, slot: number, build: BraiinsBuild): Row {
  const { state } = rig;
  const board = presentBoards(state)[index]!;
  const part = state.hashrateThs > 0 ? board.hashrateThs / state.hashrateThs : 0;
  const mhs = (ths: number) => ths / MHS;
  return {
    ASC: index,
    Name: "",
    ID: build.firstChain + slot,
    Enabled: "Y",
    Status: "Alive",
    // Never filled in: `temps` has them.
    Temperature: 0,
    "MHS av": mhs(board.hashedTh / Math.max(1, elapsedS(state))),
    "MHS 5s": mhs(board.hashrateThs),
    "MHS 1m": mhs(state.windows.oneMinuteThs * part),
    "MHS 5m": mhs(state.windows.fiveMinutesThs * part),
    "MHS 15m": mhs(state.windows.fifteenMinutesThs * part),
    Accepted: 0,
    Rejected: 0,
    "Hardware Errors": board.hwErrors,
    Utility: 0,
    "Last Share Pool": -1,
    "Total MH": mhs(board.hashedTh),
    "Device Hardware%": 0,
    "Device Rejected%": 0,
    "Device Elapsed": elapsedS(state),
    "Nominal MHS": nominalMhs(rig),
  };
}

function section(command: string, rig: SpokenRig, build: BraiinsBuild): Section | undefined {
  const { state, identity } = rig;
  const { model } = identity;
  const description = `${build.program} ${build.programVersion}`;
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description }, code, message, key, rows);
  const present = presentBoards(state);
  switch (command) {
    case "version":
      return list(22, `${build.versionKey} versions`, "VERSION", [
        { [build.versionKey]: `${build.program.split(" ")[1]} ${build.programVersion}`, API: "3.7" },
      ]);
    case "summary":
      return list(11, "Summary", "SUMMARY", [
        summaryRow(rig, { ...rateRow(state, "MHS", MHS), "MHS av": averageThs(state) / MHS }),
      ]);
    case "devs":
      return list(
        9,
        `${present.length} ASC(s)`,
        "DEVS",
        present.map((board, i) => devsRow(rig, i, board.slot, build)),
      );
    case "temps":
      return list(
        201,
        `${present.length} Temp(s)`,
        "TEMPS",
        present.map((board, i) => ({
          TEMP: i,
          ID: build.firstChain + board.slot,
          Board: sixteenths(board.boardTempC),
          Chip: sixteenths(board.chipTempC),
        })),
      );
    case "fans": {
      // Four slots whatever the rig has.
      const fans = Array.from({ length: 4 }, (_, i) => ({
        FAN: i,
        ID: i,
        Speed: Math.round(state.fanRatio * 100),
        RPM: state.fansRpm[i] ?? 0,
      }));
      return list(202, "4 Fan(s)", "FANS", fans);
    }
    case "tempctrl":
      return list(200, "Temperature control", "TEMPCTRL", [
        { TEMPCTRL: 0, Mode: "Automatic", Target: model.chipTargetC, Hot: model.chipLimitC, Dangerous: 110 },
      ]);
    case "devdetails":
      if (!isMining(state)) return { status: { letter: "E", code: 69, message: "Unavailable", description } };
      return list(
        69,
        "Device Details",
        "DEVDETAILS",
        present.map((board, i) => ({
          DEVDETAILS: i,
          Name: `HashchainManager ${build.firstChain + board.slot}`,
          ID: build.firstChain + board.slot,
          Driver: "",
          Kernel: "",
          Model: model.model,
          "Device Path": "",
          Voltage: 19.3,
          Frequency: model.frequencyMhz * 1_000_000,
          Chips: board.chips,
          Cores: board.chips * 672,
        })),
      );
    case "tunerstatus":
      return list(203, "Tuner Status", "TUNERSTATUS", [tunerRow(rig, build)]);
    case "pools":
      return list(7, "3 Pool(s)", "POOLS", poolRows(rig));
    case "stats":
      return list(70, "Stats", "STATS", [
        { STATS: 0, ID: "", Elapsed: 0, Calls: 0, Wait: 0, Max: 0, Min: 0 },
      ]);
    case "config":
      return list(33, "Config", "CONFIG", [
        { "ASC Count": present.length, "PGA Count": 0, "Pool Count": 3, Strategy: "Failover", OS: "Linux" },
      ]);
    default:
      return undefined;
  }
}

/** The tuner's estimates: of the whole rig, and of its chains, which do not count fans and controller. */
function tunerRow({ state }: SpokenRig, build: BraiinsBuild): Row {
  const present = presentBoards(state);
  const chainW = Math.round((state.powerW * 0.97) / Math.max(1, present.length));
  return {
    TunerRunning: true,
    PowerLimit: build.powerLimitW,
    ApproximateMinerPowerConsumption: Math.round(state.powerW),
    ApproximateChainPowerConsumption: chainW * present.length,
    DynamicPowerScaling: "Disabled",
    TunerChainStatus: present.map((board) => ({
      HashchainIndex: build.firstChain + board.slot,
      Status: "Stable",
      ApproximatePowerConsumptionWatt: chainW,
      PowerLimitWatt: Math.round(build.powerLimitW / present.length),
    })),
  };
}

/** The cgminer API of BOSminer and of BOSer after it; a chain that is not there is in none of its answers. */
export function braiinsApi(rig: SpokenRig, request: Buffer): Answer {
  const build = rig.identity.model.build as BraiinsBuild;
  return cgminerAnswer(request, {
    description: `${build.program} ${build.programVersion}`,
    whenS: Math.floor(rig.nowMs / 1000),
    section: (command) => section(command, rig, build),
  });
}

/** Braiins OS of 2019 to 2021; shapes from captures of an S17 (0.8.0). */
export const bosminer: TcpSpeaker = { answer: braiinsApi, web: braiinsPages(() => undefined) };
