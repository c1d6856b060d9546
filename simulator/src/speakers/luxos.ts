import type { LuxosBuild } from "../makes/antminerFirmwares.js";
import type { BoardState } from "../rigState.js";
import { chipMap, nominalMhz } from "./antminerStats.js";
import { cgminerAnswer, listed } from "./cgminerApi.js";
import {
  averageThs,
  elapsedS,
  isMining,
  poolRow,
  presentBoards,
  rateRow,
  summaryRow,
} from "./cgminerRows.js";
import { type Row, type Section, twoDecimals } from "./reply.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";

const ghs = (ths: number): number => twoDecimals(ths * 1000);

/** Four corners of a board, whole degrees: two where air comes in, two where it goes out. */
function corners(board: BoardState, inletTempC: number) {
  const hot = Math.round(board.boardTempC);
  const cold = Math.round(inletTempC + (board.boardTempC - inletTempC) * 0.5);
  return { TopLeft: hot, TopRight: cold, BottomLeft: hot, BottomRight: cold };
}

function devsRow({ identity, state, nowMs }: SpokenRig, board: BoardState, build: LuxosBuild): Row {
  const part = state.hashrateThs > 0 ? board.hashrateThs / state.hashrateThs : 0;
  const mhs = (ths: number) => ths * 1e6;
  return {
    ASC: board.slot,
    Name: "",
    ID: board.slot,
    Board: "BHB56903",
    Connector: `J${6 + board.slot}`,
    SerialNumber: identity.boardSerials[board.slot],
    Profile: build.profile,
    Enabled: "Y",
    Status: isMining(state) ? "Alive" : "Dead",
    IsRamping: state.load > 0 && state.load < 1,
    IsUserShutdown: state.phase === "sleeping",
    Temperature: Math.round(board.boardTempC),
    "MHS av": mhs(board.hashedTh / Math.max(1, elapsedS(state))),
    "MHS 5s": mhs(board.hashrateThs),
    "MHS 1m": mhs(state.windows.oneMinuteThs * part),
    "MHS 5m": mhs(state.windows.fiveMinutesThs * part),
    "MHS 15m": mhs(state.windows.fifteenMinutesThs * part),
    "MHS 30m": mhs(state.windows.thirtyMinutesThs * part),
    "Nominal MHS": mhs(identity.model.hashrateThs / identity.model.boardCount),
    Accepted: 0,
    Rejected: 0,
    "Hardware Errors": board.hwErrors,
    "Hardware Error MHS 15m": 0,
    Utility: 0,
    "Last Share Pool": 0,
    "Last Share Time": Math.floor(nowMs / 1000),
    "Total MH": mhs(board.hashedTh),
    "Device Hardware%": 0,
    "Device Rejected%": 0,
    "Device Elapsed": elapsedS(state),
  };
}

/** Bitmain's flat keys. There is no chip sensor: the board's corners are copied; the sums are wrong, as the firmware's are. */
function statsRow(rig: SpokenRig, build: LuxosBuild): Row {
  const { state, identity } = rig;
  const { model } = identity;
  const slots = Array.from({ length: 4 }, (_, i): Row => {
    const n = i + 1;
    const board = state.boards.find(({ slot, present }) => slot === i && present);
    const at = board && corners(board, state.inletTempC);
    const list = at ? [at.TopLeft, at.TopRight, at.BottomRight, at.BottomLeft].join("-") : "0-0-0-0";
    return {
      [`chain_acn${n}`]: board?.chips ?? 0,
      [`chain_acs${n}`]: board ? chipMap(board.chips, 4) : "",
      [`chain_hw${n}`]: board?.hwErrors ?? 0,
      [`chain_rate${n}`]: board ? ghs(board.hashedTh / Math.max(1, elapsedS(state))).toFixed(2) : "0",
      [`freq${n}`]: board ? nominalMhz(rig) : 0,
      ...(at && { [`temp${n}`]: at.TopLeft, [`temp2_${n}`]: at.TopLeft }),
      [`temp_pcb${n}`]: list,
      [`temp_chip${n}`]: list,
      [`temp_pic${n}`]: list,
    };
  });
  const fans = Object.fromEntries(state.fansRpm.map((rpm, i) => [`fan${i + 1}`, rpm]));
  return Object.assign(
    {
      STATS: 0,
      ID: "BTM_SOC0",
      Elapsed: elapsedS(state),
      Calls: 0,
      Wait: 0,
      Max: 0,
      Min: 99999999,
      "GHS 5s": ghs(state.hashrateThs),
      "GHS av": ghs(averageThs(state)),
      rate_30m: ghs(state.windows.thirtyMinutesThs),
      Mode: 2,
      miner_count: presentBoards(state).length,
      frequency: nominalMhz(rig),
      fan_num: state.fansRpm.length,
    } as Row,
    fans,
    ...slots,
    {
      total_rateideal: ghs(model.hashrateThs),
      rate_unit: "GH",
      total_freqavg: nominalMhz(rig),
      total_acn: 4,
      "total rate": ghs(averageThs(state) / 3),
      temp_max: Math.round(Math.max(...state.boards.map(({ boardTempC }) => boardTempC))),
      no_matching_work: 0,
      miner_version: build.version,
      miner_id: identity.mac.replaceAll(":", "").toLowerCase(),
    },
  );
}

function configRow({ identity, address, state }: SpokenRig, build: LuxosBuild): Row {
  return {
    "ASC Count": presentBoards(state).length,
    ControlBoardType: build.controlBoard,
    Cooling: "Air",
    CurtailMode: state.phase === "sleeping" ? "Sleep" : "None",
    DHCP: true,
    GreenLed: "auto",
    Hostname: identity.hostname,
    IPAddr: address,
    ImmersionMode: false,
    IsAtmEnabled: false,
    IsPowerSupplyOn: state.phase !== "sleeping",
    IsTuning: false,
    MACAddr: identity.mac.toLowerCase(),
    Model: identity.model.model,
    NameplateTHS: identity.model.hashrateThs,
    Netmask: "255.0.0.0",
    OS: "LuxOS",
    "PGA Count": 0,
    PSULabel: "APW121215e",
    "Pool Count": state.pools.length,
    Profile: build.profile,
    ProfileStep: "0",
    RedLed: "auto",
    SerialNumber: identity.serial,
    Strategy: "Failover",
    SystemStatus: "Normal",
  };
}

function section(
  command: string,
  parameter: string | undefined,
  rig: SpokenRig,
  build: LuxosBuild,
): Section | undefined {
  const { state, identity } = rig;
  const { model } = identity;
  const description = `LUXminer ${build.version}-${build.commit}`;
  const list = (code: number, message: string, key: string, rows: Row[]) =>
    listed({ description }, code, message, key, rows);
  const present = presentBoards(state);
  switch (command) {
    case "version":
      return list(22, "LUXminer versions", "VERSION", [
        {
          API: "3.7",
          CompileTime: build.compileTime,
          LUXminer: `${build.version}-${build.commit}`,
          Miner: build.version,
          Type: model.model,
        },
      ]);
    case "summary":
      return list(11, "Summary", "SUMMARY", [
        summaryRow(rig, { ...rateRow(state, "GHS", 1e-3), "GHS 30m": ghs(state.windows.thirtyMinutesThs) }),
      ]);
    case "stats": {
      const head = { CompileTime: build.compileTime, Miner: build.version, Type: model.model };
      return list(70, "LUXminer stats", "STATS", [head, statsRow(rig, build)]);
    }
    case "devs":
      // The last board comes first: they are not sorted.
      return list(
        9,
        `${present.length} ASC(s)`,
        "DEVS",
        present.map((_, i) => devsRow(rig, present[(i + present.length - 1) % present.length]!, build)),
      );
    case "temps":
      return list(
        201,
        `${present.length} Temp(s)`,
        "TEMPS",
        present.map((board, i) => ({ TEMP: i, ID: board.slot, ...corners(board, state.inletTempC) })),
      );
    case "fans":
      return list(
        202,
        `${state.fansRpm.length} Fan(s)`,
        "FANS",
        state.fansRpm.map((RPM, i) => ({
          FAN: `FAN${i + 1}`,
          ID: i,
          RPM,
          Speed: Math.round(state.fanRatio * 100),
        })),
      );
    case "power":
      return list(311, "Power usage", "POWER", [{ PSU: false, Watts: Math.round(state.powerW) }]);
    case "pools":
      return list(
        7,
        `${state.pools.length} Pool(s)`,
        "POOLS",
        state.pools.map((_, i) => ({ GROUP: 0, ...poolRow(rig, i) })),
      );
    case "config":
      return list(33, "LUXminer config", "CONFIG", [configRow(rig, build)]);
    case "profiles":
      return list(310, "Profiles", "PROFILES", [
        {
          "Profile Name": build.profile,
          Frequency: model.frequencyMhz,
          Voltage: 13.2,
          Watts: build.profileW,
          Hashrate: model.hashrateThs,
          Step: "0",
          IsDynamic: true,
          IsTuned: true,
        },
      ]);
    case "tempctrl":
      return list(200, "Temp Ctrl", "TEMPCTRL", [{ Mode: "Automatic", Target: 55, Hot: 65, Dangerous: 70 }]);
    case "events":
      return list(357, "Miner Events", "EVENTS", []);
    case "groups":
      return list(324, "1 Group(s)", "GROUPS", [{ GROUP: 0, Name: "default", Quota: 1 }]);
    case "atm":
      return list(339, "Advanced Thermal Management", "ATM", [{ Enabled: false }]);
    case "voltageget": {
      const board = present.find(({ slot }) => String(slot) === parameter);
      if (board === undefined)
        return { status: { letter: "E", code: 307, message: "Missing board id parameter", description } };
      return list(307, "Get Voltage", "VOLTAGE", [{ Board: board.slot, Voltage: 13.2 }]);
    }
    case "devdetails":
      return list(
        69,
        "Device Details",
        "DEVDETAILS",
        present.map((board, i) => ({
          DEVDETAILS: i,
          ID: board.slot,
          Name: "",
          Driver: "luxminer",
          Kernel: "",
          Model: model.model,
        })),
      );
    default:
      return undefined;
  }
}

/** Luxor's page, which names it to whoever looks. */
const web = {
  ports: [80],
  answer: (_rig: SpokenRig, { path }: { path: string }) =>
    path === "/"
      ? { body: "<html><head><title>Luxor Firmware</title></head><body>Luxor Firmware</body></html>" }
      : undefined,
};

/** LuxOS; shapes from a capture of an S19k Pro (2025.4.8). */
export const luxos: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as LuxosBuild;
    return cgminerAnswer(request, {
      description: `LUXminer ${build.version}-${build.commit}`,
      whenS: Math.floor(rig.nowMs / 1000),
      section: (command, parameter) => section(command, parameter, rig, build),
    });
  },
  web,
};
