import type { OtherBuild } from "../makes/others.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import { elapsedS, poolRows, presentBoards, rateRow, summaryRow } from "./cgminerRows.js";
import { type Row, type Section, toObject } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";
import { secretOf } from "./webLogin.js";

const COMMIT = "d37c5dd4a7f8e4837e63dc99e577620cb5e9361d";
const describe = ({ firmwareVersion }: OtherBuild): string => `FluxOS-${firmwareVersion}-${COMMIT}`;
const hundredths = (value: number): number => Math.round(value * 100) / 100;

function section(command: string, rig: SpokenRig, build: OtherBuild): Section | undefined {
  const { state, identity } = rig;
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description: describe(build) }, code, message, key, rows);
  const present = presentBoards(state);
  switch (command) {
    case "version":
      return list(22, "GCMiner versions", "VERSION", [{ API: "1.0", GCMiner: build.firmwareVersion }]);
    case "summary":
      return list(11, "Summary", "SUMMARY", [summaryRow(rig, rateRow(state, "MHS", 1e-6))]);
    case "devs":
      return list(
        9,
        `${present.length} Dev(s)`,
        "DEVS",
        present.map((board) => ({
          DEV: board.slot + 1,
          ID: board.slot + 1,
          Name: "ASICBoard",
          Enabled: true,
          Status: "Alive",
          Temperature: hundredths(board.boardTempC),
          "MHS 5s": hundredths(board.hashrateThs * 1e6),
          "Hardware Errors": board.hwErrors,
          "Device Elapsed": elapsedS(state),
        })),
      );
    case "devdetails":
      return list(
        69,
        "Device Details",
        "DEVDETAILS",
        present.map((board, i) => ({ DEVDETAILS: i, ID: board.slot + 1, Model: identity.model.model })),
      );
    case "pools":
      return list(7, "3 Pool(s)", "POOLS", poolRows(rig));
    case "asccount":
      return list(104, "ASC count", "ASCCount", [
        {
          AsicCount: present.reduce((sum, { chips }) => sum + chips, 0),
          BoardCount: present.length,
        },
      ]);
    default:
      return undefined;
  }
}

/** What the HTTP side tells, in the same envelope; numbers of the supply are text with their unit. */
function webSection(path: string, rig: SpokenRig, build: OtherBuild): Section | undefined {
  const { state, identity, address } = rig;
  const { model } = identity;
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description: describe(build) }, code, message, key, rows);
  const asleep = state.phase === "sleeping";
  const present = presentBoards(state);
  switch (path) {
    case "/fan":
      return list(
        510,
        `Total fans: ${state.fansRpm.length}`,
        "Fan",
        state.fansRpm.map((Speed, i) => ({
          ID: i + 1,
          Speed,
          Target: Math.round(state.fanRatio * 7700),
          Max: 7700,
        })),
      );
    case "/led":
      return list(530, "Total LEDs 2", "LED", [{ Code: 2, LED1: 1, LED2: 1, Msg: "Normal" }]);
    case "/mode":
      return list(540, `Operating mode: 'custom', sleep: '${asleep}'`, "Mode", [
        {
          Mode: "custom",
          Sleep: asleep ? "on" : "off",
          Power: model.powerW,
          Ths: model.hashrateThs,
        },
      ]);
    case "/psu":
      return list(570, "PSU status", "PSU", [
        {
          PowerIn: `${state.powerW.toFixed(2)}W`,
          PowerOut: `${(state.powerW * 0.94).toFixed(2)}W`,
          PoutMax: "3452.00W",
          Vin: "245.00V",
          Iin: `${(state.powerW / 245).toFixed(2)}A`,
          Vout: "11.53V",
          VoutSet: "11.50V",
          FanSpeed1: "4052.00 RPM",
          FanSpeed2: "4144.00 RPM",
        },
      ]);
    case "/temperature":
      return list(590, "System temperature", "Temperature", [
        {
          ID: 0,
          Name: "Control Board",
          BoardTemp: [{ ID: 0, Temperature: state.inletTempC + 8 }],
          ChipTemp: null as unknown as object,
        },
        ...present.map((board) => ({
          ID: board.slot + 1,
          Name: `Hash Board ${board.slot + 1}`,
          BoardTemp: [board.boardTempC - 18, board.boardTempC].map((tempC, ID) => ({
            ID,
            Temperature: hundredths(tempC),
          })),
          ChipTemp: [board.chipTempC - 3, board.chipTempC].map((Temperature, ID) => ({ ID, Temperature })),
        })),
      ]);
    case "/ipreport":
      return list(620, "IP Report", "IPReport", [
        {
          command: "ipreport",
          ip: address,
          mac: identity.mac.toLowerCase(),
          hostname: identity.hostname,
          version: build.firmwareVersion,
          model: model.model,
          SerialNo: identity.serial,
          CBSerialNo: identity.serial,
          HBSerialNo: [...identity.boardSerials],
        },
      ]);
    case "/frequency":
      return list(
        640,
        "System frequency",
        "Frequency",
        present.map((board) => ({
          ID: board.slot + 1,
          Name: `Hash Board ${board.slot + 1}`,
          ChipFrequency: [{ ID: 0, Frequency: model.frequencyMhz }],
        })),
      );
    case "/voltage":
      return list(
        630,
        "System voltage",
        "Voltage",
        present.map((board) => ({
          ID: board.slot + 1,
          Name: `Hash Board ${board.slot + 1}`,
          ChipVoltage: [{ ID: 0, Voltage: 0.24 }],
        })),
      );
    default:
      return undefined;
  }
}

/** Auradine's FluxOS: cgminer's commands on 4028, the rest over HTTP on 8080; shapes from a capture of an AT1500. */
export const auradine: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as OtherBuild;
    return cgminerAnswer(request, {
      description: describe(build),
      whenS: Math.floor(rig.nowMs / 1000),
      section: (command) => section(command, rig, build),
    });
  },
  web: {
    ports: [8080, 80],
    answer(rig, { path, method }) {
      if (path === "/") return { body: "<html><head><title>Miner UI</title></head><body></body></html>" };
      const build = rig.identity.model.build as OtherBuild;
      if (path === "/token" && method === "POST")
        return {
          body: toObject(
            listed({ description: describe(build) }, 640, "Token", "Token", [
              { Token: secretOf(rig, "token") },
            ]),
            Math.floor(rig.nowMs / 1000),
          ),
        };
      const told = method === "GET" ? webSection(path, rig, build) : undefined;
      return told && { body: toObject(told, Math.floor(rig.nowMs / 1000)) };
    },
  },
};
